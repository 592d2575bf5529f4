package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/espalier-nas/espalier/host/child"
	"github.com/espalier-nas/espalier/host/search"
	"github.com/espalier-nas/espalier/host/supply"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// document is a study configuration that is being put together: the members
// that some layer has set. Layers are applied from the weakest to the
// strongest: what suits the data set, a configuration file, the environment,
// flags, --set.
type document map[string]any

// set puts a value at a path such as "recipe.optimizer.lr".
func (d document) set(path string, value any) error {
	names := strings.Split(path, ".")
	at := map[string]any(d)
	for i, name := range names[:len(names)-1] {
		switch next := at[name].(type) {
		case nil:
			made := map[string]any{}
			at[name], at = made, made
		case map[string]any:
			at = next
		default:
			return usagef("%s: %s is %v and has no members", path, strings.Join(names[:i+1], "."), next)
		}
	}
	at[names[len(names)-1]] = value
	return nil
}

// text is a member of a member, "" if it is not set to a string.
func (d document) text(object, member string) string {
	inner, _ := d[object].(map[string]any)
	s, _ := inner[member].(string)
	return s
}

// merge lays b over d, member by member.
func (d document) merge(b map[string]any) {
	for name, value := range b {
		inner, isObject := value.(map[string]any)
		old, wasObject := d[name].(map[string]any)
		if isObject && wasObject {
			document(old).merge(inner)
			continue
		}
		d[name] = value
	}
}

// decode checks the document and returns the configuration that it describes.
func (d document) decode() (search.Config, error) {
	b, err := json.Marshal(d)
	if err != nil {
		return search.Config{}, err
	}
	c, err := search.Decode(b)
	if err == nil {
		err = c.Validate()
	}
	if err != nil {
		return c, &exitError{code: exitUsage, err: err, next: "espalier search --print-config shows every member with its value"}
	}
	limits, err := studyLimits(c)
	c.PluginLimits = limits.String()
	return c, err
}

// setting is a flag that sets one member of the configuration.
type setting struct {
	flag, path, help string
	text             bool // the value is a string, never read as JSON
	training         bool // it also describes the training of a single network
}

var settings = []setting{
	{flag: "name", path: "name", help: "what to call the study", text: true},
	{flag: "seed", path: "seed", help: "key of every random number of the study"},
	{flag: "trials", path: "trials", help: "how many architectures to try"},
	{flag: "limit", path: "data.limit", help: "use only the first so many images or tokens", training: true},
	{flag: "valid", path: "data.valid", help: "training images held out for validation", training: true},
	{flag: "layers", path: "space.params.layers", help: "number of layers that the search space decides on"},
	{flag: "params", path: "space.params", help: "parameters of the search space, a JSON object"},
	{flag: "shaper-params", path: "shaper.params", help: "parameters of the reward shaper, a JSON object"},
	{flag: "strategy", path: "strategy.name", help: "reinforce or random", text: true},
	{flag: "strategy-params", path: "strategy.params", help: "parameters of the strategy, a JSON object"},
	{flag: "epochs", path: "recipe.epochs", help: "epochs that each child is trained for", training: true},
	{flag: "batch", path: "recipe.batch", help: "images of one training step, or streams of a text", training: true},
	{flag: "lr", path: "recipe.optimizer.lr", help: "peak learning rate of the children", training: true},
	{flag: "mode", path: "mode", help: "deterministic (the same for any number of workers) or async", text: true},
	{flag: "lag", path: "lag", help: "trials that may be sampled ahead in deterministic mode"},
	{flag: limitsFlagName, path: limitsMember, help: limitsHelp, text: true},
	{flag: "duplicates", path: "duplicates", help: "networks that were tried before: reuse or retrain", text: true},
}

// studyFlags are the flags that describe a study.
type studyFlags struct {
	cmd     *cobra.Command
	config  string
	data    string
	dataDir string
	space   string
	shaper  string
	recipe  string
	depth   string
	set     []string
}

func addStudyFlags(cmd *cobra.Command) *studyFlags {
	f := &studyFlags{cmd: cmd}
	f.add(func(setting) bool { return true })
	flags := cmd.Flags()
	flags.StringVar(&f.config, "config", "", "study configuration (JSON), or the study.json of a run to repeat")
	flags.StringVar(&f.space, "space", "", "search space as PLUGIN:SPACE, e.g. cnn:v1; PLUGIN is a bundled name, a .wasm file or sha256:HASH; or a space written as a .json file")
	flags.StringVar(&f.shaper, "shaper", "", "reward shaper as PLUGIN:SHAPER, e.g. rewards:accuracy")
	flags.StringVar(&f.depth, "depth", "", "let the layers grow: START:STEP:EVERY:MAX, e.g. 6:2:1600:20")
	return f
}

// addTrainingFlags adds those of the flags that describe the training of a
// single network.
func addTrainingFlags(cmd *cobra.Command) *studyFlags {
	f := &studyFlags{cmd: cmd}
	f.add(func(s setting) bool { return s.training })
	return f
}

func (f *studyFlags) add(wanted func(setting) bool) {
	flags := f.cmd.Flags()
	for _, s := range settings {
		if wanted(s) {
			flags.String(s.flag, "", s.help)
		}
	}
	flags.StringVar(&f.data, "data", "", dataHelp)
	dataDirFlag(f.cmd, &f.dataDir)
	flags.StringVar(&f.recipe, "recipe", "", "how children are trained: "+strings.Join(child.Presets(), ", "))
	flags.StringArrayVar(&f.set, "set", nil, "set any member of the configuration, e.g. recipe.optimizer.momentum=0.8 (may be repeated)")
}

// dataHelp describes --data.
const dataHelp = "data set: images (shapes, cifar10, mnist) or a text (grammar, ptb, ptb-char, text:PATH); see espalier data ls"

// document puts the layers together.
func (f *studyFlags) document(a *app) (document, error) {
	file := document{}
	if f.config != "" {
		if err := readConfig(f.config, file); err != nil {
			return nil, err
		}
	}
	return f.over(a, file)
}

// over puts the flags over a configuration, and both over what suits them.
func (f *studyFlags) over(a *app, file document) (document, error) {
	flags := document{}
	if err := f.flagLayer(a, flags, file); err != nil {
		return nil, err
	}
	// What is chosen decides the weakest layer, so it has to be known first.
	chosen := document{}
	chosen.merge(file)
	chosen.merge(flags)
	d := suited(chosen, f.recipe)
	d.merge(file)
	d.merge(flags)
	return d, nil
}

// recipeObject is a preset as JSON members.
func recipeObject(name string) map[string]any {
	recipe, known := child.Preset(name)
	if !known {
		panic("espalier: an unknown recipe was named by the program itself")
	}
	return recipeMembers(recipe)
}

// recipeMembers is a recipe as JSON members.
func recipeMembers(recipe child.Recipe) map[string]any {
	object := map[string]any{}
	if err := json.Unmarshal(recipeJSON(recipe), &object); err != nil {
		panic("espalier: a recipe is not JSON")
	}
	return object
}

// recipeJSON is a recipe with all its members, those that are zero too: what is
// left out of a configuration has its default.
func recipeJSON(recipe child.Recipe) json.RawMessage {
	var whole struct {
		Recipe json.RawMessage `json:"recipe"`
	}
	b, err := json.Marshal(search.Config{Recipe: recipe})
	if err == nil {
		err = json.Unmarshal(b, &whole)
	}
	if err != nil {
		panic("espalier: a recipe is not JSON")
	}
	return whole.Recipe
}

// largestConfig bounds the size of a configuration in bytes.
const largestConfig = 16 << 20

// readConfig lays a file over d: a configuration, or a study.json that holds
// one.
func readConfig(path string, d document) error {
	f, err := os.Open(path)
	if err != nil {
		return &exitError{code: exitUsage, err: fmt.Errorf("--config: %w", err)}
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, largestConfig+1))
	if err != nil {
		return &exitError{code: exitUsage, err: fmt.Errorf("--config: %w", err)}
	}
	if len(b) > largestConfig {
		return usagef("--config %s: it has more than %d bytes, which no configuration has", path, largestConfig)
	}
	var object map[string]any
	if err := json.Unmarshal(b, &object); err != nil {
		return usagef("--config %s: %v", path, err)
	}
	if inner, ok := object["config"].(map[string]any); ok && object["sessions"] != nil {
		object = inner
	}
	d.merge(object)
	return nil
}

// flagLayer sets what the flags and the environment say, over a configuration.
func (f *studyFlags) flagLayer(a *app, d, file document) error {
	var problems []error
	note := func(err error) { problems = append(problems, err) }
	if f.recipe != "" {
		if _, known := child.Preset(f.recipe); !known {
			return usagef("--recipe %q: known are %s%s", f.recipe, strings.Join(child.Presets(), ", "), spec.Suggest(f.recipe, child.Presets()))
		}
		d["recipe"] = recipeObject(f.recipe)
	}
	for _, s := range settings {
		if flag := f.cmd.Flags().Lookup(s.flag); flag != nil && flag.Changed {
			note(d.set(s.path, s.value(flag)))
		}
	}
	name, path, _ := strings.Cut(f.data, ":")
	if f.data != "" {
		note(d.set("data.name", name))
	}
	if path != "" && name != "text" {
		note(usagef("--data %q: only text has a path, as text:PATH; name the folder of %s with --data-dir", f.data, name))
	}
	dir := cmp.Or(path, f.dataDir)
	if dir == "" && (f.data != "" || file.text("data", "name") != "text") {
		dir = a.dataDir("") // where a text lies is not where data sets do
	}
	if dir != "" {
		// The study may be resumed from another folder.
		absolute, err := filepath.Abs(dir)
		note(err)
		note(d.set("data.dir", absolute))
	}
	text, given := d[limitsMember].(string)
	if !given {
		text, _ = file[limitsMember].(string)
	}
	limits, err := studyLimits(search.Config{PluginLimits: text})
	if err != nil {
		return err
	}
	note(setOffer(d, "space", f.space, limits.FileBytes))
	note(setOffer(d, "shaper", f.shaper, limits.FileBytes))
	note(setDepth(d, f.depth))
	for _, assignment := range f.set {
		path, value, ok := strings.Cut(assignment, "=")
		if !ok || path == "" {
			note(usagef("--set %q: want MEMBER=VALUE, e.g. recipe.optimizer.momentum=0.8", assignment))
			continue
		}
		note(d.set(path, parseValue(value)))
	}
	return errors.Join(problems...)
}

func (s setting) value(flag *pflag.Flag) any {
	if s.text {
		return flag.Value.String()
	}
	return parseValue(flag.Value.String())
}

// parseValue reads a value as JSON, or else as a plain string.
func parseValue(s string) any {
	decoder := json.NewDecoder(strings.NewReader(s))
	decoder.UseNumber() // keeps large seeds exact
	var v any
	if decoder.Decode(&v) != nil || decoder.More() {
		return s
	}
	return v
}

// setOffer splits PLUGIN:NAME at the last colon, so that a path may hold one.
// The name may be left out where the plugin offers just one. Limit is that of a
// plugin's file in bytes.
func setOffer(d document, member, value string, limit int) error {
	if value == "" {
		return nil
	}
	if member == "space" && isDocument(value) {
		return setDocument(d, value)
	}
	plugin, name := supply.Split(value)
	if member == "space" && isDocument(plugin) {
		return usagef("--space %q: a document is one space; write just %s", value, plugin)
	}
	if plugin != "" && name == "" {
		offers := offered(member, plugin, limit)
		if len(offers) > 1 {
			return usagef("--%s %q: which one? %s offers %s, e.g. %s:%s", member, value, plugin, strings.Join(offers, ", "), plugin, offers[0])
		}
		name = strings.Join(offers, "")
	}
	if plugin == "" || name == "" {
		return usagef("--%s %q: want PLUGIN:NAME, e.g. cnn:v1 or my-plugin.wasm:name", member, value)
	}
	if supply.IsFile(plugin) {
		absolute, err := filepath.Abs(plugin)
		if err != nil {
			return err
		}
		plugin = absolute
	}
	if supply.IsHash(plugin) { // the beginning of a hash may become that of two
		p, err := openPlugin(plugin, limit)
		if err != nil {
			return err
		}
		plugin = supply.HashPrefix + p.Hash
	}
	return errors.Join(d.set(member+".plugin", plugin), d.set(member+".name", name))
}

// offered lists the spaces or shapers that a plugin's manifest names, without
// running it; nothing if there is no manifest to be read.
func offered(member, plugin string, limit int) []string {
	p, err := openPlugin(plugin, limit)
	manifest := supply.Describe(p).Manifest
	if err != nil || manifest == nil {
		return nil
	}
	offers := manifest.Spaces
	if member == "shaper" {
		offers = manifest.Shapers
	}
	return offerNames(offers)
}

// offerNames are the names of spaces or shapers.
func offerNames(offers []spec.Offer) []string {
	names := make([]string, len(offers))
	for i, o := range offers {
		names[i] = o.Name
	}
	return names
}

func setDepth(d document, value string) error {
	if value == "" {
		return nil
	}
	parts := strings.Split(value, ":")
	numbers := make([]int, len(parts))
	for i, part := range parts {
		n, err := strconv.Atoi(part)
		if err != nil || len(parts) != 4 {
			return usagef("--depth %q: want START:STEP:EVERY:MAX, e.g. 6:2:1600:20", value)
		}
		numbers[i] = n
	}
	d["depth"] = map[string]any{"param": "layers", "start": numbers[0], "step": numbers[1], "every": numbers[2], "max": numbers[3]}
	return nil
}
