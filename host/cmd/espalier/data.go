package main

import (
	"cmp"
	"errors"
	"fmt"
	"image/png"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/espalier-nas/espalier/host/data"
	"github.com/espalier-nas/espalier/host/report"
	"github.com/espalier-nas/espalier/wasm/spec"
)

func dataDirFlag(cmd *cobra.Command, dir *string) {
	cmd.Flags().StringVar(dir, "data-dir", "", "folder that holds the files of real data sets (default $ESPALIER_DATA)")
}

// dataDir is the folder of real data: the flag, or what ESPALIER_DATA names.
func (a *app) dataDir(flag string) string {
	if flag != "" {
		return flag
	}
	return a.env("ESPALIER_DATA")
}

func dataOptions(name, dir string) data.Options {
	if path, found := strings.CutPrefix(name, "text:"); found {
		name, dir = "text", cmp.Or(path, dir)
	}
	return withFiles(data.Options{Name: name, Dir: dir})
}

// dataError gives the errors of package data their exit code.
func dataError(err error) error {
	var file *data.FileError
	if errors.As(err, &file) {
		return &exitError{code: exitData, err: err, next: "espalier data ls"}
	}
	return &exitError{code: exitUsage, err: err}
}

func (a *app) dataCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "data",
		Short: "List, check and look at data sets",
	}
	cmd.AddCommand(a.dataLsCommand(), a.dataVerifyCommand(), a.dataShowCommand())
	requireKnownSubcommand(cmd)
	return cmd
}

// dataListing is what `espalier data ls --json` prints.
type dataListing struct {
	Schema string    `json:"schema"` // "espalier.data/1"
	Sets   []setView `json:"sets"`
}

// setView is a data set in a listing.
type setView struct {
	Name    string        `json:"name"`
	Summary string        `json:"summary"`
	Task    spec.TaskType `json:"task"` // "image" or "text"
	Source  string        `json:"source,omitempty"`
	Licence string        `json:"licence,omitempty"`
	Files   []string      `json:"files"` // empty: it needs none
}

func (a *app) dataLsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "ls",
		Short: "List the data sets",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			if a.json {
				list := dataListing{Schema: "espalier.data/1"}
				for _, set := range data.Known() {
					list.Sets = append(list.Sets, setView{set.Name, set.Summary, set.Task, set.Source, set.Licence, append([]string{}, set.Files...)})
				}
				return a.printJSON(list)
			}
			for i, set := range data.Known() {
				if i > 0 {
					fmt.Fprintln(a.term.Out)
				}
				fmt.Fprintf(a.term.Out, "%s: %s\n", set.Name, set.Summary)
				for _, fact := range []struct{ title, text string }{
					{"task", string(set.Task)}, {"files", strings.Join(set.Files, " ")}, {"from", set.Source}, {"licence", set.Licence},
				} {
					if fact.text != "" {
						fmt.Fprintf(a.term.Out, "  %-8s %s\n", fact.title, fact.text)
					}
				}
			}
			return nil
		},
	}
}

// verification is what `espalier data verify --json` prints.
type verification struct {
	Schema string     `json:"schema"` // "espalier.verify/1"
	Name   string     `json:"name"`
	OK     bool       `json:"ok"`
	Files  []fileView `json:"files"`
}

// fileView is what was found out about one file.
type fileView struct {
	File     string        `json:"file"`
	Bytes    int64         `json:"bytes"`
	Records  int           `json:"records"`
	SHA256   string        `json:"sha256,omitempty"`
	Standing data.Standing `json:"standing"`
	Problem  string        `json:"problem,omitempty"`
}

func viewFile(r data.FileReport) fileView {
	v := fileView{File: r.File, Bytes: r.Bytes, Records: r.Records, SHA256: r.SHA256, Standing: r.Standing}
	if r.Problem != nil {
		v.Problem = r.Problem.Error()
	}
	return v
}

func (a *app) dataVerifyCommand() *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "verify NAME",
		Short: "Check the files of a data set one by one",
		Args:  oneDataset,
		RunE: func(_ *cobra.Command, args []string) error {
			return a.verify(args[0], a.dataDir(dir))
		},
	}
	dataDirFlag(cmd, &dir)
	return cmd
}

func oneDataset(cmd *cobra.Command, args []string) error {
	if len(args) == 1 {
		return nil
	}
	var names []string
	for _, set := range data.Known() {
		names = append(names, set.Name)
	}
	return usagef("%s takes the name of one data set: %s", cmd.CommandPath(), strings.Join(names, ", "))
}

func (a *app) verify(name, dir string) error {
	options := dataOptions(name, dir)
	files, err := data.Verify(options)
	if err != nil {
		return dataError(err)
	}
	v := verification{Schema: "espalier.verify/1", Name: name}
	table := report.Table{Columns: []report.Column{
		{Title: "file"}, {Title: "standing"}, {Title: "records", Right: true}, {Title: "bytes", Right: true, Drop: 2}, {Title: "sha-256", Drop: 3},
	}}
	var problems []error
	missing := false
	for _, f := range files {
		v.Files = append(v.Files, viewFile(f))
		switch {
		case f.Standing == data.Missing:
			missing = true
		case f.Problem != nil:
			problems = append(problems, f.Problem)
		}
		table.Rows = append(table.Rows, []string{
			f.File, string(f.Standing), report.Grouped(int64(f.Records)), report.Grouped(f.Bytes), f.SHA256,
		})
	}
	if missing && problems == nil {
		if err := canBeRead(options); err != nil {
			problems = append(problems, err)
		}
	}
	v.OK = problems == nil
	if a.json {
		if err := a.printJSON(v); err != nil {
			return err
		}
	} else {
		fmt.Fprint(a.term.Out, table.Render(a.screen()))
	}
	if !v.OK {
		return dataError(errors.Join(problems...))
	}
	return nil
}

// canBeRead says why a data set cannot be read; some do without some of their
// files.
func canBeRead(o data.Options) (err error) {
	if set, _ := data.Find(o.Name); set.Task == spec.TaskText {
		_, err = data.OpenCorpus(o)
	} else {
		_, err = data.Open(o)
	}
	return err
}

// dataLook is what `espalier data show` is asked to show.
type dataLook struct {
	options data.Options
	out     string
	count   int // 0: as many as usual
}

func (a *app) dataShowCommand() *cobra.Command {
	var dir, tokens string
	var vocabulary int
	var look dataLook
	cmd := &cobra.Command{
		Use:   "show NAME",
		Short: "Describe a data set, draw a sheet of its images or print its first lines",
		Example: `  espalier data show shapes --out sheet.png
  espalier data show text --data-dir book.txt --tokens character`,
		Args: oneDataset,
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("count") && (look.count < 1 || look.count > 10_000) {
				return usagef("--count %d: want 1 to 10,000", look.count)
			}
			look.options = dataOptions(args[0], a.dataDir(dir))
			look.options.Tokens, look.options.Vocabulary = data.Unit(tokens), vocabulary
			if set, _ := data.Find(look.options.Name); set.Task == spec.TaskText {
				return a.showText(look)
			}
			return a.showImages(look)
		},
	}
	dataDirFlag(cmd, &dir)
	cmd.Flags().StringVar(&look.out, "out", "", "write a sheet of the first images to this PNG file")
	cmd.Flags().IntVar(&look.count, "count", 0, "how many images the sheet shows (default 100), or lines of text are printed (default 5)")
	cmd.Flags().StringVar(&tokens, "tokens", "", "what a token of the data set text is: word (default) or character")
	cmd.Flags().IntVar(&vocabulary, "vocabulary", 0, "how many tokens of the data set text are told apart (default 10,000)")
	return cmd
}

func (a *app) showImages(look dataLook) error {
	set, err := data.Open(look.options)
	if err != nil {
		return dataError(err)
	}
	out, count := look.out, cmp.Or(look.count, 100)
	images := set.Train
	if a.json {
		if err := a.printJSON(viewData(set)); err != nil {
			return err
		}
		return a.writeSheet(images, out, count)
	}
	fmt.Fprintf(a.term.Out, "%s: %s training and %s test images, %d pixels high and %d wide, of %s; %d classes\n", set.Name,
		report.Grouped(int64(images.N)), report.Grouped(int64(set.TestCount())), images.H, images.W, plural(images.C, "channel"), len(set.Classes))
	table := report.Table{Columns: []report.Column{{Title: "class"}, {Title: "training images", Right: true}}}
	for i, n := range images.Counts(len(set.Classes)) {
		table.Rows = append(table.Rows, []string{set.Classes[i], report.Grouped(int64(n))})
	}
	fmt.Fprint(a.term.Out, table.Render(a.screen()))
	for _, note := range set.Notes {
		fmt.Fprintln(a.info(), "note:", note)
	}
	return a.writeSheet(images, out, count)
}

// datasetView is what `espalier data show --json` prints.
type datasetView struct {
	Schema   string   `json:"schema"` // "espalier.dataset/1"
	Name     string   `json:"name"`
	Hash     string   `json:"hash"` // SHA-256, hex
	Train    int      `json:"train"`
	Test     int      `json:"test"`
	Height   int      `json:"height"`
	Width    int      `json:"width"`
	Channels int      `json:"channels"`
	Classes  []string `json:"classes"`
	Counts   []int    `json:"counts"` // training images of each class
	Notes    []string `json:"notes"`
}

func viewData(d *data.Dataset) datasetView {
	return datasetView{
		Schema: "espalier.dataset/1", Name: d.Name, Hash: d.Hash, Train: d.Train.N, Test: d.TestCount(),
		Height: d.Train.H, Width: d.Train.W, Channels: d.Train.C,
		Classes: d.Classes, Counts: d.Train.Counts(len(d.Classes)), Notes: append([]string{}, d.Notes...),
	}
}

// writeSheet draws the first images into a PNG file, if one is named.
func (a *app) writeSheet(images *data.Images, out string, count int) error {
	if out == "" {
		return nil
	}
	f, err := os.Create(out)
	if err != nil {
		return fmt.Errorf("data show: %w", err)
	}
	first := make([]int, min(count, images.N))
	for i := range first {
		first[i] = i
	}
	err = errors.Join(png.Encode(f, data.Sheet(images.Subset(first), 20)), f.Close())
	if err != nil {
		return fmt.Errorf("data show: write %s: %w", out, err)
	}
	fmt.Fprintf(a.info(), "wrote %s\n", out)
	return nil
}
