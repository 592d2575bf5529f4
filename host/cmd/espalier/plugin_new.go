package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/espalier-nas/espalier/host/compiler"
	"github.com/espalier-nas/espalier/plugins/templates"
	"github.com/espalier-nas/espalier/wasm/spec"
)

func (a *app) pluginNewCommand() *cobra.Command {
	var language, dir string
	cmd := &cobra.Command{
		Use:   "new NAME",
		Short: "Write a small plugin to start from",
		Long: `Write a small plugin to start from: a search space, a reward shaper, their tests
and a README, in a folder of its own. It builds and works as it is. Nothing is
downloaded.`,
		Example: `  espalier plugin new sapling
  espalier plugin new sapling --lang rust
  espalier plugin new sapling --lang c --dir plugins/sapling`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("%s takes one name, but was given %q; see %s --help", cmd.CommandPath(), strings.Join(args, " "), cmd.CommandPath())
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.pluginNew(args[0], language, dir) },
	}
	cmd.Flags().StringVar(&language, "lang", string(compiler.Go), "language: "+languageNames(", "))
	cmd.Flags().StringVar(&dir, "dir", "", "folder to write to, new or empty (default: the plugin's name)")
	return cmd
}

func languageNames(separator string) string {
	var names []string
	for _, l := range compiler.Languages() {
		names = append(names, string(l))
	}
	return strings.Join(names, separator)
}

// newPluginView is what `espalier plugin new --json` prints.
type newPluginView struct {
	Schema   string   `json:"schema"` // "espalier.plugin-new/1"
	Name     string   `json:"name"`
	Language string   `json:"language"`
	Dir      string   `json:"dir"`
	Files    []string `json:"files"`
}

func (a *app) pluginNew(name, language, dir string) error {
	if err := templates.CheckName(name); err != nil {
		return &exitError{code: exitUsage, err: err}
	}
	files, err := templates.Files(language, name)
	if err != nil {
		return usagef("--lang %q: known are %s%s", language, languageNames(", "), spec.Suggest(language, strings.Fields(languageNames(" "))))
	}
	dir = cmp.Or(dir, name)
	if err := writeNew(dir, files); err != nil {
		return err
	}
	l := compiler.Language(language)
	if a.json {
		v := newPluginView{Schema: "espalier.plugin-new/1", Name: name, Language: language, Dir: dir}
		for _, f := range files {
			v.Files = append(v.Files, f.Path)
		}
		return a.printJSON(v)
	}
	fmt.Fprintf(a.term.Out, "%s: a plugin in %s\n", dir, l.Title())
	vendored := 0
	for _, f := range files {
		if strings.HasPrefix(f.Path, "vendor/") {
			vendored++
			continue
		}
		fmt.Fprintf(a.term.Out, "  %s\n", f.Path)
	}
	if vendored > 0 {
		fmt.Fprintf(a.term.Out, "  vendor  (the SDK, %s)\n", plural(vendored, "file"))
	}
	fmt.Fprintf(a.info(), "next: %s\n      and read %s\n", a.called("espalier plugin build "+shellQuote(dir)), filepath.Join(dir, "README.md"))
	return nil
}

// writeNew writes files into a folder that is new or empty.
func writeNew(dir string, files []templates.File) error {
	entries, err := os.ReadDir(dir)
	switch {
	case len(entries) > 0:
		return usagef("%s is not empty; nothing was written; name a new folder with --dir", dir)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return &exitError{code: exitUsage, err: fmt.Errorf("%w; nothing was written; name a new folder with --dir", err)}
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("%w; nothing was written; name another folder with --dir", err)
	}
	for _, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f.Path))
		err := os.MkdirAll(filepath.Dir(path), 0o777)
		if err == nil {
			err = os.WriteFile(path, f.Data, 0o666)
		}
		if err != nil {
			return fmt.Errorf("%w; %s is incomplete: remove it before the next attempt", err, dir)
		}
	}
	return nil
}
