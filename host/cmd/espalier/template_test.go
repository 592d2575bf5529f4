package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/espalier-nas/espalier/host/compiler"
	"github.com/espalier-nas/espalier/wasm/sandbox"
	"github.com/espalier-nas/espalier/wasm/sandbox/sandboxtest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// TestTemplates takes the template of every language from plugin new to a
// search: see testdata/template.
func TestTemplates(t *testing.T) {
	root, err := sandboxtest.Root()
	if err != nil {
		t.Fatal(err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	home, err := os.UserHomeDir()
	if err != nil {
		t.Fatal(err)
	}
	modules := filepath.Join(root, ".cache", "assemblyscript", "node_modules")
	for _, l := range compiler.Languages() {
		t.Run(string(l), func(t *testing.T) {
			t.Parallel()
			wantCompiler(t, l, modules)
			testscript.Run(t, testscript.Params{
				Dir: "testdata/template",
				Setup: func(env *testscript.Env) error {
					env.Setenv("HOME", env.WorkDir)
					env.Setenv("XDG_CACHE_HOME", cache)
					env.Setenv("RUSTUP_HOME", cmp.Or(os.Getenv("RUSTUP_HOME"), filepath.Join(home, ".rustup")))
					env.Setenv("GOPROXY", "off") // an author may have no network
					env.Setenv("GOFLAGS", "")
					env.Setenv("LANGUAGE", string(l))
					env.Setenv("NODE_MODULES", modules)
					return nil
				},
				Condition: func(cond string) (bool, error) {
					return cond == string(l), nil
				},
				Cmds: map[string]func(*testscript.TestScript, bool, []string){
					"code":     wantCode,
					"unittest": runUnitTests,
					"alike":    wantAlike,
				},
			})
		})
	}
}

// wantCompiler skips a test whose language this machine cannot compile.
func wantCompiler(t *testing.T, l compiler.Language, modules string) {
	t.Helper()
	dir := t.TempDir()
	if l == compiler.AssemblyScript {
		if err := os.Symlink(modules, filepath.Join(dir, "node_modules")); err != nil {
			t.Fatal(err)
		}
	}
	_, err := l.Command(dir, "out.wasm")
	switch {
	case err == nil:
	case os.Getenv("CI") == "true":
		t.Fatalf("%v; make test installs it where it can, and CI skips nothing", err)
	default:
		t.Skipf("SKIPPED: the template in %s is not tested: %v; make test installs it where it can", l.Title(), err)
	}
}

// runUnitTests runs, in a plugin's folder, the first command that its README
// names under Test: unittest DIR
func runUnitTests(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: unittest DIR")
	}
	readme := ts.ReadFile(filepath.Join(args[0], "README.md"))
	_, section, found := strings.Cut(readme, "\n## Test\n\n    ")
	if !found {
		ts.Fatalf("the README names no command under Test")
	}
	line, _, _ := strings.Cut(section, "\n")
	ts.Check(ts.Exec("sh", "-c", "cd "+args[0]+" && "+line))
}

// wantAlike compares a template's module with the Go template's: alike FILE
func wantAlike(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: alike FILE")
	}
	ctx := context.Background()
	box, err := sandbox.New(ctx, sandbox.Default())
	ts.Check(err)
	defer box.Close(ctx)
	load := func(name string, wasm []byte) *sandbox.Module {
		m, err := box.Load(ctx, name, wasm)
		ts.Check(err)
		return m
	}
	root, err := sandboxtest.Root()
	ts.Check(err)
	command, err := compiler.GoBuild(root, "./plugins/templates/go", filepath.Join(ts.MkAbs("."), "reference.wasm"))
	ts.Check(err)
	ts.Check(command.Run(ctx, os.Stderr))
	want := load("the reference", []byte(ts.ReadFile("reference.wasm")))
	got := load("the template", []byte(ts.ReadFile(args[0])))
	if g, w := got.Manifest(), want.Manifest(); !reflect.DeepEqual(g, w) {
		ts.Fatalf("the manifest is\n%+v\nwant\n%+v", g, w)
	}
	ts.Check(alikeSpaces(ctx, got, want))
	ts.Check(alikeRewards(ctx, got, want))
	ts.Check(alikeRefusals(ctx, got, want))
}

// alikeSpaces walks through both modules' spaces with the same answers.
func alikeSpaces(ctx context.Context, got, want *sandbox.Module) error {
	task := spec.Task{Type: spec.TaskImage, Input: []int{16, 16, 3}, Classes: 10}
	r := rand.New(rand.NewPCG(1, 2))
	for _, layers := range []int{1, 2, 3, 7, 16} {
		params := json.RawMessage(fmt.Sprintf(`{"layers": %d}`, layers))
		g, err := got.Space(ctx, "stack", params)
		if err != nil {
			return err
		}
		w, err := want.Space(ctx, "stack", params)
		if err != nil {
			return err
		}
		if !reflect.DeepEqual(g.Info(), w.Info()) {
			return fmt.Errorf("the space is %+v, want %+v", g.Info(), w.Info())
		}
		for range 10 {
			answers, err := alikeWalk(ctx, r, g, w)
			if err != nil {
				return err
			}
			a, err := g.Build(ctx, answers, task)
			if err != nil {
				return err
			}
			b, err := w.Build(ctx, answers, task)
			if err != nil {
				return err
			}
			if !reflect.DeepEqual(a, b) {
				return fmt.Errorf("the network of %v is\n%+v\nwant\n%+v", answers, a, b)
			}
		}
	}
	return nil
}

// alikeWalk is one random episode in two spaces.
func alikeWalk(ctx context.Context, r *rand.Rand, g, w *sandbox.Space) (spec.Answers, error) {
	var answers spec.Answers
	for {
		a, err := g.Next(ctx, spec.Step{}, answers)
		if err != nil {
			return nil, err
		}
		b, err := w.Next(ctx, spec.Step{}, answers)
		if err != nil {
			return nil, err
		}
		if !reflect.DeepEqual(a, b) {
			return nil, fmt.Errorf("after %v comes %+v, want %+v", answers, a, b)
		}
		if a.Done {
			return answers, nil
		}
		if kind, _ := g.Info().Kind(a.Decision.Kind); kind.Type == spec.Choice {
			answers = append(answers, spec.Pick(r.IntN(len(kind.Options))))
			continue
		}
		var picked []int
		for _, c := range a.Decision.Candidates {
			if r.IntN(2) == 1 {
				picked = append(picked, c)
			}
		}
		answers = append(answers, spec.PickSet(picked...))
	}
}

// alikeRewards compares rewards to 15 digits, as the template in C writes them.
func alikeRewards(ctx context.Context, got, want *sandbox.Module) error {
	nan := math.NaN()
	r := rand.New(rand.NewPCG(3, 4))
	for i := range 200 {
		m := spec.Metrics{Params: int64(r.ExpFloat64() * 1e5), MACs: 1e6, Failed: i%10 == 0}
		for range i % 4 {
			e := spec.Epoch{Epoch: 1, TrainLoss: nan, TrainAccuracy: nan, ValidLoss: r.ExpFloat64(), ValidAccuracy: r.Float64()}
			if r.IntN(4) == 0 {
				e.ValidAccuracy = nan
			}
			m.Epochs = append(m.Epochs, e)
		}
		var rewards [2]spec.Reward
		for k, module := range []*sandbox.Module{got, want} {
			s, err := module.Shaper(ctx, "thrifty", json.RawMessage(`{"half_at": 12345}`))
			if err != nil {
				return err
			}
			if rewards[k], err = s.Reward(ctx, m); err != nil {
				return err
			}
		}
		a, b := rewards[0], rewards[1]
		same := len(a.Parts) == len(b.Parts) && math.Abs(a.Reward-b.Reward) <= 1e-14*b.Reward
		for k := range b.Parts {
			same = same && a.Parts[k].Name == b.Parts[k].Name && math.Abs(a.Parts[k].Value-b.Parts[k].Value) <= 1e-14*b.Parts[k].Value
		}
		if !same {
			return fmt.Errorf("the reward of %+v is %+v, want %+v", m, a, b)
		}
	}
	return nil
}

// alikeRefusals sends what is wrong in many ways: both modules refuse it, with
// the same code, at the same position.
func alikeRefusals(ctx context.Context, got, want *sandbox.Module) error {
	calls := map[string]int{
		`{"space":"stack","prefix":[3]}`:                                                        spec.OpCodeNext,
		`{"space":"stack","prefix":[0,-1]}`:                                                     spec.OpCodeNext,
		`{"space":"stack","prefix":[0,1.5]}`:                                                    spec.OpCodeNext,
		`{"space":"stack","prefix":[0,"1"]}`:                                                    spec.OpCodeNext,
		`{"space":"stack","prefix":[0,0,0]}`:                                                    spec.OpCodeNext,
		`{"space":"stack","prefix":[0,0,[],0,0,[0]]}`:                                           spec.OpCodeNext,
		`{"space":"stack","prefix":[0,0,[],0,0,[],0,0,[0,0]]}`:                                  spec.OpCodeNext,
		`{"space":"stack","params":{"layers":1},"prefix":[0,0,[],0]}`:                           spec.OpCodeNext,
		`{"space":"stack","params":{"layers":17}}`:                                              spec.OpCodeNext,
		`{"space":"stack","params":{"layers":1.5}}`:                                             spec.OpCodeNext,
		`{"space":"stack","params":{"layers":"1"}}`:                                             spec.OpCodeDescribe,
		`{"space":"stack","params":{"layer":1}}`:                                                spec.OpCodeDescribe,
		`{"space":"stack","params":[]}`:                                                         spec.OpCodeDescribe,
		`{"space":"stock"}`:                                                                     spec.OpCodeDescribe,
		`{"shaper":"stack"}`:                                                                    spec.OpCodeDescribe,
		`{"shaper":"thrifty","params":{"half_at":0},"metrics":{}}`:                              spec.OpCodeReward,
		`{"space":"stack","prefix":[0],"task":{"type":"image","input":[16,16,3],"classes":10}}`: spec.OpCodeBuild,
		`{"space":"stack","params":{"layers":1},"prefix":[0,0,[]],"task":{"type":"text","input":[5],"classes":5}}`:      spec.OpCodeBuild,
		`{"space":"stack","params":{"layers":1},"prefix":[0,0,[]],"task":{"type":"image","input":[16,16],"classes":5}}`: spec.OpCodeBuild,
		`{"space":"stack"}`: 9,
	}
	for payload, op := range calls {
		a, err := faultOf(ctx, got, op, payload)
		if err != nil {
			return err
		}
		b, err := faultOf(ctx, want, op, payload)
		if err != nil {
			return err
		}
		if a.Code != b.Code || a.At != b.At {
			return fmt.Errorf("operation %d, %.100s: %v, want %v", op, payload, a, b)
		}
	}
	for _, payload := range []string{
		`{"space":"stack","prefix":[0}`, `{"space":"stack","x":01}`, `{"space":"stack"} x`, "null", "\xff\xfe",
		strings.Repeat(`[`, 100_000), `{"x":` + strings.Repeat(`[`, 100) + strings.Repeat(`]`, 100) + `}`, `"` + strings.Repeat(`x`, 1_000_000),
	} {
		for op := range 5 {
			if _, err := faultOf(ctx, got, op, payload); err != nil {
				return err
			}
		}
	}
	return nil
}

// faultOf is how a module refuses a call.
func faultOf(ctx context.Context, m *sandbox.Module, op int, payload string) (*spec.Fault, error) {
	answer, _, err := m.Call(ctx, op, []byte(payload))
	if err != nil {
		return nil, err
	}
	var envelope struct{ Err *spec.Fault }
	if err := json.Unmarshal(answer, &envelope); err != nil {
		return nil, fmt.Errorf("operation %d, %.100s: the answer %.100s: %w", op, payload, answer, err)
	}
	if envelope.Err == nil {
		return nil, errors.New("operation " + fmt.Sprint(op) + " accepts " + payload)
	}
	return envelope.Err, nil
}
