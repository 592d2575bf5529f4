package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/espalier-nas/espalier/host/server"
	"github.com/espalier-nas/espalier/host/server/page"
)

// serving says where the dashboard is shown, and to whom.
type serving struct {
	addr     string
	token    string
	hosts    []string
	open     bool
	headless bool
	beside   bool // a search; otherwise serving is all the command does
}

const defaultAddr = "127.0.0.1:7777"

func (v *serving) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&v.addr, "addr", defaultAddr, "address of the dashboard; of a busy port the next free one is taken")
	flags.StringVar(&v.token, "token", "", "what a browser must know to be let in (or ESPALIER_TOKEN); on any address but this machine's own one is made")
	flags.StringArrayVar(&v.hosts, "allow-host", nil, "another name under which browsers reach the dashboard, such as a proxy's (may be repeated)")
	flags.BoolVar(&v.open, "open", false, "open the dashboard in the browser")
	flags.BoolVar(&v.headless, "headless", false, "serve the API and the metrics only, without the page")
}

// addBeside adds the flags of a command that serves besides what it does.
func (v *serving) addBeside(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&v.beside, "serve", false, "show the study in the browser while it runs; see espalier serve")
	v.add(cmd)
}

// leastToken is the shortest token in bytes that is taken: guessing 16
// characters takes for ever.
const leastToken = 16

func (v *serving) check() error {
	if v.token != "" && len(v.token) < leastToken {
		return usagef("--token has %d characters, and fewer than %d can be guessed; leave it out, and one is made", len(v.token), leastToken)
	}
	if strings.ContainsFunc(v.token, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`",;\&#%+`, r) }) {
		return usagef(`--token has characters that an address or a cookie cannot carry: use letters, digits and - _ . ~`)
	}
	if _, _, err := net.SplitHostPort(v.addr); err != nil {
		return usagef("--addr %q: want an address with a port, such as %s", v.addr, defaultAddr)
	}
	return nil
}

func (a *app) serveCommand() *cobra.Command {
	var v serving
	var runs string
	cmd := &cobra.Command{
		Use:   "serve [RUN ...]",
		Short: "Show studies in the browser, while they run and after",
		Long: `Show studies in the browser, while they run and after: those that are named, or
all in the runs folder. They may be run by any other process of this machine;
the dashboard reads their directories, and pauses, stops or extends them on
request.

On this machine's own address nobody is asked for anything. On any other one
everybody needs the token, which is part of the address that is printed. Nothing
is encrypted: over a network, use "ssh -L" or a proxy that speaks TLS.

Prometheus finds its metrics at /metrics, other programs the API at /api.`,
		Example: `  espalier serve
  espalier serve --open cifar-7
  espalier serve --addr 0.0.0.0:7777`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.serve(cmd.Context(), v, runs, args)
		},
	}
	runsFlag(cmd, &runs)
	v.add(cmd)
	return cmd
}

// serveView is what `espalier serve --json` prints.
type serveView struct {
	Schema  string `json:"schema"` // "espalier.serve/1"
	Address string `json:"address"`
}

func (a *app) serve(ctx context.Context, v serving, runs string, args []string) error {
	var dirs []string
	for _, arg := range args {
		dir, err := findRun(runs, arg)
		if err != nil {
			return err
		}
		dirs = append(dirs, dir)
	}
	var none error // why there is no folder of runs
	if len(dirs) > 0 {
		runs = ""
	} else if info, err := os.Stat(runs); err == nil && !info.IsDir() {
		return usagef("--runs %s is no folder", runs)
	} else {
		none = err
	}
	d, err := a.newDashboard(v, runs, dirs)
	if err != nil {
		return err
	}
	if none != nil {
		fmt.Fprintf(a.info(), "note: there is no folder %s yet; studies appear in the dashboard when they begin\n", runs)
	}
	return a.show(ctx, v, d)
}

// show says where the dashboard is, and serves it until it is interrupted.
func (a *app) show(ctx context.Context, v serving, d *dashboard) error {
	if a.json {
		if err := a.printJSON(serveView{"espalier.serve/1", d.address}); err != nil {
			return err
		}
	} else {
		fmt.Fprintln(a.term.Out, d.address)
	}
	if !a.quiet {
		d.hints(a)
		fmt.Fprintln(a.info(), "Ctrl-C ends it")
	}
	if v.open {
		a.browse(d.address)
	}
	return d.server.Serve(ctx, d.listener)
}

// dashboard is a server that listens and has not begun to answer.
type dashboard struct {
	server   *server.Server
	listener net.Listener
	address  string // for the browser, with the token
	wanted   string // the address that was asked for
}

// newDashboard opens the address and prepares to show the studies in a folder
// and in some run directories.
func (a *app) newDashboard(v serving, runs string, dirs []string) (*dashboard, error) {
	if err := v.check(); err != nil {
		return nil, err
	}
	o := server.Options{
		Runs: runs, Dirs: dirs, Token: v.token, Hosts: v.hosts, Program: version,
		Commands: func(dir string) (reproduce, resume string) {
			return a.called(repetitionWhole(dir)), a.called("espalier resume " + shellQuote(dir))
		},
		Log: func(line string) { fmt.Fprintln(a.info(), "dashboard:", line) },
	}
	if !v.headless {
		var err error
		if o.Page, err = page.Open(); err != nil {
			return nil, &exitError{code: exitFailed, err: err, next: "make build"}
		}
	}
	l, err := server.Listen(v.addr)
	if err != nil {
		return nil, &exitError{code: exitUsage, err: err, next: "name another address with --addr"}
	}
	host, _, _ := net.SplitHostPort(v.addr) // check has seen that it can be split
	if !server.Loopback(l.Addr()) && o.Token == "" {
		o.Token = server.NewToken()
	}
	o.Hosts = append(o.Hosts, host)
	d := &dashboard{server: server.New(o), listener: l, wanted: v.addr}
	d.address = "http://" + reachable(host, l.Addr()) + "/"
	if o.Token != "" {
		d.address += "?token=" + o.Token
	}
	return d, nil
}

// reachable is the host and port under which a browser finds a listener: of one
// that listens everywhere, an address of this machine that others see.
func reachable(host string, at net.Addr) string {
	tcp, ok := at.(*net.TCPAddr)
	if !ok {
		return at.String()
	}
	if tcp.IP.IsUnspecified() {
		host = "localhost"
		addresses, _ := net.InterfaceAddrs() // none is as good as an error
		for _, a := range addresses {
			if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && n.IP.IsGlobalUnicast() {
				host = n.IP.String()
				break
			}
		}
	}
	return net.JoinHostPort(host, fmt.Sprint(tcp.Port))
}

// hints says what a person needs to know to reach the dashboard.
func (d *dashboard) hints(a *app) {
	_, wanted, _ := net.SplitHostPort(d.wanted)
	_, port, _ := net.SplitHostPort(d.listener.Addr().String())
	if wanted != port && wanted != "0" {
		fmt.Fprintf(a.info(), "note: port %s is in use, so this is port %s\n", wanted, port)
	}
	if to := strings.Fields(a.env("SSH_CONNECTION")); len(to) == 4 && server.Loopback(d.listener.Addr()) {
		host := to[2]
		if to[3] != "22" {
			host = "-p " + to[3] + " " + host
		}
		fmt.Fprintf(a.info(), "note: to reach it from where you are, run there: ssh -L %s:%s %s\n", port, d.listener.Addr(), host)
	}
}

// browse opens an address in the browser.
func (a *app) browse(address string) {
	command := map[string][]string{
		"darwin":  {"open"},
		"windows": {"rundll32", "url.dll,FileProtocolHandler"},
	}[runtime.GOOS]
	if command == nil {
		command = []string{"xdg-open"}
	}
	cmd := exec.Command(command[0], append(command[1:], address)...)
	if err := cmd.Start(); err != nil {
		fmt.Fprintf(a.info(), "note: no browser could be opened: %v\n", err)
		return
	}
	go func() { _ = cmd.Wait() }() // it lives as long as it likes
}

// beside shows the studies in a folder while do runs, if --serve asks for it. On
// a terminal it goes on after do until it is interrupted, so that a person can
// look at the result.
func (a *app) beside(ctx context.Context, v serving, runs string, do func() error) error {
	if !v.beside {
		return do()
	}
	d, err := a.newDashboard(v, runs, nil)
	if err != nil {
		return err
	}
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	var server sync.WaitGroup
	var failed error
	server.Go(func() { failed = d.server.Serve(serving, d.listener) })
	fmt.Fprintln(a.info(), "dashboard:", d.address)
	d.hints(a)
	if v.open {
		a.browse(d.address)
	}
	err = do()
	if a.term.Live && ctx.Err() == nil {
		fmt.Fprintf(a.info(), "the dashboard stays at %s until Ctrl-C\n", d.address)
		<-ctx.Done()
	}
	stop()
	server.Wait()
	return errors.Join(err, failed)
}
