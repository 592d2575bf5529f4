package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/espalier-nas/espalier/host/terminal"
	"github.com/espalier-nas/espalier/kernels"
	"github.com/espalier-nas/espalier/wasm/sandbox"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// app is what all sub-commands share.
type app struct {
	term    terminal.Terminal
	env     func(string) string
	environ []string
	out     *results
	command string // what this program was called as, such as bin/espalier
	args    []string

	quiet    bool
	verbose  bool
	json     bool
	progress string
	lockFile string         // given by --lock; empty: the one in the current folder, if any
	limits   sandbox.Limits // given by --plugin-limits
}

func newApp(out, err *os.File, env func(string) string, environ []string) *app {
	a := &app{term: terminal.Detect(out, err, env), env: env, environ: environ}
	a.out = &results{to: a.term.Out}
	a.term.Out = a.out
	return a
}

// called writes the commands in a hint, each at the beginning of a line, as this
// program was called, so that they can be pasted.
func (a *app) called(hint string) string {
	lines := strings.Split(hint, "\n")
	for i, line := range lines {
		text := strings.TrimLeft(line, " ")
		if rest, ok := strings.CutPrefix(text, "espalier "); ok && a.command != "" {
			lines[i] = line[:len(line)-len(text)] + shellQuote(a.command) + " " + rest
		}
	}
	return strings.Join(lines, "\n")
}

// results is standard output. It remembers a failed write, so that results
// which were lost are not taken for a success.
type results struct {
	to  io.Writer
	err error
}

func (r *results) Write(b []byte) (int, error) {
	n, err := r.to.Write(b)
	if r.err == nil {
		r.err = err
	}
	return n, err
}

// run executes one command line and returns its exit code.
func (a *app) run(ctx context.Context, args []string) int {
	root := a.root()
	a.args = args
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil && a.out.err != nil {
		err = fmt.Errorf("the results could not be written: %w", a.out.err)
	}
	if err == nil {
		return exitOK
	}
	return a.complain(err)
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "espalier",
		Short: "Search for neural network architectures by reinforcement learning",
		Long: `Espalier searches for neural network architectures as in Zoph & Le, "Neural
Architecture Search with Reinforcement Learning" (2017): a controller proposes
networks, each is trained, and the reward bends the next proposals.

  espalier search             a first search on embedded data, nothing to download
  espalier search --control   the same, beside random search at equal budget
  espalier search --data grammar   recurrent cells on an embedded text
  espalier train --net RUN    train the best network of a study anew
  espalier ls                 the studies in ./runs
  espalier show RUN           one study: its best network and its trials`,
		Version:       version,
		SilenceUsage:  true,
		SilenceErrors: true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return a.prepare(cmd)
		},
	}
	root.SetOut(a.term.Out)
	root.SetErr(a.term.Err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return flagError(cmd, err)
	})
	flags := root.PersistentFlags()
	flags.BoolVarP(&a.quiet, "quiet", "q", false, "print results only")
	flags.BoolVarP(&a.verbose, "verbose", "v", false, "print a line for every trial and update")
	flags.BoolVar(&a.json, "json", false, "print results as JSON")
	flags.StringVar(&a.progress, "progress", string(terminal.Auto), "how to show progress: auto, plain or none")
	root.AddCommand(
		a.searchCommand(), a.randomCommand(), a.trainCommand(), a.resumeCommand(), a.controlCommand(), a.replayCommand(), a.serveCommand(),
		a.showCommand(), a.lsCommand(), a.dataCommand(), a.pluginCommand(), a.benchCommand(),
		a.doctorCommand(), a.versionCommand(), exitCodesTopic(),
	)
	for _, cmd := range root.Commands() {
		requireKnownSubcommand(cmd)
	}
	requireKnownSubcommand(root)
	return root
}

// requireKnownSubcommand makes a command that only groups others answer an
// unknown name with the nearest known one.
func requireKnownSubcommand(cmd *cobra.Command) {
	if !cmd.HasSubCommands() || cmd.RunE != nil {
		return
	}
	cmd.Args = cobra.ArbitraryArgs
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		var names []string
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() {
				names = append(names, sub.Name())
			}
		}
		return usagef("unknown command %q for %q%s", args[0], cmd.CommandPath(), spec.Suggest(args[0], names))
	}
}

// prepare applies what holds for every command: the environment's share of the
// flags, and the checks of values that cobra does not know.
func (a *app) prepare(cmd *cobra.Command) error {
	if err := a.applyEnvironment(cmd); err != nil {
		return err
	}
	if err := kernels.InitError(); err != nil {
		return usagef("%v", err)
	}
	if err := a.readLimits(cmd); err != nil {
		return err
	}
	modes := make([]string, 0, 3)
	for _, mode := range terminal.Modes() {
		modes = append(modes, string(mode))
		if a.progress == string(mode) {
			return nil
		}
	}
	return usagef("--progress %q: known are %s", a.progress, strings.Join(modes, ", "))
}

func (a *app) progressMode() terminal.Mode {
	if a.quiet {
		return terminal.None
	}
	return terminal.Mode(a.progress)
}

// info is where hints and warnings go: standard error, or nowhere with -q.
func (a *app) info() io.Writer {
	if a.quiet {
		return io.Discard
	}
	return a.term.Err
}

// otherVariables are the variables that are not the environment's form of a
// flag.
var otherVariables = []string{
	"ESPALIER_KERNELS", // forces a level of package kernels
	"ESPALIER_DATA",    // the default of --data-dir
	"ESPALIER_LONG",    // runs the long tests
}

// variable is the environment's name for a flag: --data-dir is
// ESPALIER_DATA_DIR. Only --data differs: ESPALIER_DATA names the folder that
// holds data sets, so the data set's name is ESPALIER_DATASET.
func variable(flag string) string {
	if flag == "data" {
		return "ESPALIER_DATASET"
	}
	return "ESPALIER_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// typedOnly marks flags that the environment does not set.
const typedOnly = "typed only"

func isTypedOnly(f *pflag.Flag) bool {
	_, typed := f.Annotations[typedOnly]
	return typed
}

// applyEnvironment sets every flag that the command line leaves out and the
// environment names. A variable that no flag of any command knows is refused,
// since a misspelt one would otherwise be silently without effect.
func (a *app) applyEnvironment(cmd *cobra.Command) error {
	var problems []error
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		value := a.env(variable(f.Name))
		if f.Changed || value == "" || f.Name == "help" || isTypedOnly(f) {
			return
		}
		if err := cmd.Flags().Set(f.Name, value); err != nil {
			problems = append(problems, usagef("%s=%q: %v", variable(f.Name), value, err))
		}
	})
	known := append([]string(nil), otherVariables...)
	eachFlag(cmd.Root(), func(f *pflag.Flag) {
		if !isTypedOnly(f) {
			known = append(known, variable(f.Name))
		}
	})
	for _, pair := range a.environ {
		name, value, _ := strings.Cut(pair, "=")
		if value != "" && strings.HasPrefix(name, "ESPALIER_") && !slices.Contains(known, name) {
			problems = append(problems, usagef("unknown environment variable %s%s", name, spec.Suggest(name, known)))
		}
	}
	return errors.Join(problems...)
}

func eachFlag(cmd *cobra.Command, visit func(*pflag.Flag)) {
	cmd.PersistentFlags().VisitAll(visit)
	cmd.Flags().VisitAll(visit)
	for _, sub := range cmd.Commands() {
		eachFlag(sub, visit)
	}
}

// flagError turns pflag's complaint into one that names the nearest flag.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) {
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
		cmd.InheritedFlags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
		name := unknown.GetSpecifiedName()
		if unknown.GetSpecifiedShortnames() != "" {
			return usagef("unknown flag -%s; see %s --help", name, cmd.CommandPath())
		}
		return usagef("unknown flag --%s%s; see %s --help", name, spec.Suggest("--"+name, names), cmd.CommandPath())
	}
	return usagef("%v; see %s --help", err, cmd.CommandPath())
}

func exitCodesTopic() *cobra.Command {
	return &cobra.Command{
		Use:   "exit-codes",
		Short: "What the exit codes mean",
		Long:  "Exit codes:\n\n" + exitCodesHelp,
	}
}
