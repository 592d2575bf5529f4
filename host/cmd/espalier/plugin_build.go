package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/espalier-nas/espalier/host/compiler"
	"github.com/espalier-nas/espalier/host/supply"
	"github.com/espalier-nas/espalier/wasm/sandbox"
	"github.com/espalier-nas/espalier/wasm/spec"
)

func (a *app) pluginBuildCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "build [DIR | FILE.wasm]",
		Short: "Build a plugin from its sources",
		Long: `Build the plugin in a folder, the current one if none is given, with the compiler
of its language. The compiler's output goes to build/; if the sandbox accepts it
as a plugin, the finished NAME.wasm, named after the folder, lies beside the
sources. What lay there before stays if anything fails.

Of a module that some other compiler made it takes the file: it has it describe
itself in the sandbox, and appends that description to it.`,
		Example: `  espalier plugin build sapling
  espalier plugin build ./zig-out/bin/sapling.wasm`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("%s takes one folder or file, but was given %q; see %s --help", cmd.CommandPath(), strings.Join(args, " "), cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			path := "."
			if len(args) == 1 {
				path = filepath.Clean(args[0])
			}
			return a.pluginBuild(cmd.Context(), path)
		},
	}
	limitsFlag(cmd)
	return cmd
}

// buildView is what `espalier plugin build --json` prints.
type buildView struct {
	Schema   string        `json:"schema"` // "espalier.plugin-build/1"
	File     string        `json:"file"`
	Bytes    int           `json:"bytes"`
	SHA256   string        `json:"sha256"`
	Language string        `json:"language,omitempty"` // empty: some other compiler made it
	Dir      string        `json:"dir,omitempty"`      // where the command ran
	Command  string        `json:"command,omitempty"`  // as a shell reads it
	Manifest spec.Manifest `json:"manifest"`
}

// pluginBuild builds the plugin in a folder, or finishes a module.
func (a *app) pluginBuild(ctx context.Context, path string) error {
	v := buildView{Schema: "espalier.plugin-build/1"}
	var wasm []byte
	info, err := os.Stat(path)
	if err == nil && !info.IsDir() {
		if !info.Mode().IsRegular() || filepath.Ext(path) != ".wasm" {
			return usagef("%s is neither a folder of sources nor a .wasm file", path)
		}
		v.File = path
		wasm, err = supply.ReadFile(path, a.limits.FileBytes)
	} else {
		wasm, err = a.compile(ctx, path, &v)
	}
	if err == nil {
		wasm, v.Manifest, err = a.finishModule(ctx, v.File, wasm)
	}
	if err == nil {
		err = compiler.Replace(v.File, wasm)
	}
	if err != nil {
		if _, e := os.Stat(v.File); e == nil {
			fmt.Fprintf(a.info(), "note: %s is left as it was\n", v.File)
		}
		return err
	}
	v.Bytes, v.SHA256 = len(wasm), supply.Hash(wasm)
	if a.json {
		return a.printJSON(v)
	}
	a.printBuild(v)
	return nil
}

// compile runs the compiler of the plugin in dir and returns what it made.
func (a *app) compile(ctx context.Context, dir string, v *buildView) ([]byte, error) {
	language, err := compiler.Detect(dir)
	if err != nil {
		return nil, &exitError{code: exitUsage, err: err, next: "espalier plugin new --help"}
	}
	full, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	name := filepath.Base(full) + ".wasm"
	v.File = filepath.Join(dir, name)
	out := filepath.Join(dir, "build", name)
	if err := os.MkdirAll(filepath.Dir(out), 0o777); err != nil {
		return nil, fmt.Errorf("%w; the compiler writes there: build in a copy of the folder", err)
	}
	command, err := language.Command(dir, "build/"+name)
	if err != nil {
		return nil, err
	}
	v.Language, v.Dir, v.Command = string(language), dir, shellLine(command)
	if dir != "." {
		fmt.Fprintf(a.info(), "cd %s && ", shellQuote(dir))
	}
	fmt.Fprintln(a.info(), v.Command)
	if err := command.Run(ctx, a.term.Err); err != nil {
		if ctx.Err() != nil {
			return nil, interruption(err, "espalier plugin build "+shellQuote(dir))
		}
		return nil, err
	}
	return supply.ReadFile(out, a.limits.FileBytes)
}

// finishModule makes a plugin of a module.
func (a *app) finishModule(ctx context.Context, name string, wasm []byte) ([]byte, spec.Manifest, error) {
	box, err := sandbox.New(ctx, sandboxOptions(a.limits))
	if err != nil {
		return nil, spec.Manifest{}, pluginError(err)
	}
	defer box.Close(ctx)
	wasm, manifest, err := compiler.Finish(ctx, box, name, wasm)
	var e *sandbox.Error
	if errors.As(err, &e) {
		err = &exitError{code: exitPlugin, err: errors.New(e.Report())}
	}
	return wasm, manifest, err
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
	hint := "espalier plugin check " + shellQuote(path)
	if len(m.Spaces) > 0 {
		data := ""
		if m.Spaces[0].Task == spec.TaskText {
			data = " --data grammar"
		}
		hint += "\n      espalier search --space " + shellQuote(path+":"+m.Spaces[0].Name) + data
	} else if len(m.Shapers) > 0 {
		hint += "\n      espalier search --shaper " + shellQuote(path+":"+m.Shapers[0].Name)
	}
	fmt.Fprintf(a.info(), "next: %s\n", a.called(hint))
}
