package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/espalier-nas/espalier/host/compiler"
	"github.com/espalier-nas/espalier/wasm/sandbox"
	"github.com/espalier-nas/espalier/wasm/spec"
)

func (a *app) pluginBuildCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "build [DIR]",
		Short: "Build a plugin from its sources",
		Long: `Build the plugin in a folder, the current one if none is given, with the compiler
of its language. The compiler's output goes to build/; if the sandbox accepts it
as a plugin, the finished NAME.wasm, named after the folder, lies beside the
sources. What lay there before stays if anything fails.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("%s takes one folder, but was given %q; see %s --help", cmd.CommandPath(), strings.Join(args, " "), cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "."
			if len(args) == 1 {
				dir = filepath.Clean(args[0])
			}
			return a.pluginBuild(cmd.Context(), dir)
		},
	}
}

// buildView is what `espalier plugin build --json` prints.
type buildView struct {
	Schema   string        `json:"schema"` // "espalier.plugin-build/1"
	File     string        `json:"file"`
	Bytes    int           `json:"bytes"`
	SHA256   string        `json:"sha256"`
	Language string        `json:"language"`
	Dir      string        `json:"dir"`     // where the command ran
	Command  string        `json:"command"` // as a shell reads it
	Manifest spec.Manifest `json:"manifest"`
}

func (a *app) pluginBuild(ctx context.Context, dir string) error {
	language, err := compiler.Detect(dir)
	if err != nil {
		return &exitError{code: exitUsage, err: err, next: "espalier plugin new --help"}
	}
	full, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	file := filepath.Base(full) + ".wasm"
	compiled := filepath.Join("build", file)
	command, err := language.Command(dir, filepath.ToSlash(compiled))
	if err != nil {
		return err
	}
	wasm, manifest, err := a.compile(ctx, command, compiled)
	finished := filepath.Join(dir, file)
	if err != nil {
		if _, e := os.Stat(finished); e == nil {
			fmt.Fprintf(a.info(), "note: %s is left as it was\n", finished)
		}
		return err
	}
	if err := compiler.Replace(finished, wasm); err != nil {
		return err
	}
	sum := sha256.Sum256(wasm)
	v := buildView{Schema: "espalier.plugin-build/1", File: finished, Bytes: len(wasm), SHA256: hex.EncodeToString(sum[:]),
		Language: string(language), Dir: dir, Command: shellLine(command), Manifest: manifest}
	if a.json {
		return a.printJSON(v)
	}
	a.printBuild(v)
	return nil
}

// compile runs a command and makes a plugin of what it compiled.
func (a *app) compile(ctx context.Context, command compiler.Command, compiled string) ([]byte, spec.Manifest, error) {
	path := filepath.Join(command.Dir, compiled)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return nil, spec.Manifest{}, err
	}
	line := shellLine(command)
	if command.Dir != "." {
		line = "cd " + shellQuote(command.Dir) + " && " + line
	}
	fmt.Fprintln(a.info(), line)
	if err := command.Run(ctx, a.term.Err); err != nil {
		if ctx.Err() != nil {
			return nil, spec.Manifest{}, interruption(err, "espalier plugin build "+shellQuote(command.Dir))
		}
		return nil, spec.Manifest{}, err
	}
	wasm, err := os.ReadFile(path)
	if err != nil {
		return nil, spec.Manifest{}, err
	}
	box, err := sandbox.New(ctx, sandbox.Default())
	if err != nil {
		return nil, spec.Manifest{}, pluginError(err)
	}
	defer box.Close(ctx)
	wasm, manifest, err := compiler.Finish(ctx, box, path, wasm)
	if err != nil {
		var e *sandbox.Error
		if errors.As(err, &e) {
			err = &exitError{code: exitPlugin, err: errors.New(e.Report())}
		}
		return nil, manifest, err
	}
	return wasm, manifest, nil
}

// shellLine is a command as one would type it in its folder.
func shellLine(c compiler.Command) string {
	words := append([]string(nil), c.Env...)
	for _, word := range append([]string{c.Tool}, c.Args...) {
		words = append(words, shellQuote(word))
	}
	return strings.Join(words, " ")
}

func (a *app) printBuild(v buildView) {
	m := v.Manifest
	fmt.Fprintf(a.term.Out, "%s  %s %s, %s\nsha256 %s\n", v.File, m.Name, m.Version, plural(v.Bytes, "byte"), v.SHA256)
	offers := func(title string, list []spec.Offer) {
		for _, o := range list {
			fmt.Fprintf(a.term.Out, "  %-6s  %-10s  %s\n", title, o.Name, o.Summary)
		}
	}
	offers("space", m.Spaces)
	offers("shaper", m.Shapers)
	path := filepath.Clean(v.File)
	if !filepath.IsAbs(path) {
		path = "." + string(filepath.Separator) + path
	}
	hint := "next:\nespalier plugin check " + shellQuote(path)
	if len(m.Spaces) > 0 {
		data := ""
		if m.Spaces[0].Task == spec.TaskText {
			data = " --data grammar"
		}
		hint += "\nespalier search --space " + shellQuote(path+":"+m.Spaces[0].Name) + data
	} else if len(m.Shapers) > 0 {
		hint += "\nespalier search --shaper " + shellQuote(path+":"+m.Shapers[0].Name)
	}
	fmt.Fprintln(a.info(), a.called(hint))
}
