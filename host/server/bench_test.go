package server

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/espalier-nas/espalier/host/journal"
)

// Settings of the measurements, which make bench-server makes larger than a
// test needs.
var (
	benchReaders = flag.Int("readers", 40, "websockets of the measurement of delivery")
	benchRate    = flag.Int("rate", 200, "events a second")
	benchSeconds = flag.Int("seconds", 1, "how long")
	benchProgram = flag.String("espalier", "", "the program whose search is timed with readers and without")
)

// serveEnv makes the test binary a server: it shows the folder that the
// variable names until its standard input ends.
const serveEnv = "SERVER_TEST_RUNS"

func TestMain(m *testing.M) {
	runs := os.Getenv(serveEnv)
	if runs == "" {
		os.Exit(m.Run())
	}
	l, err := Listen("127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(l.Addr())
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	s := New(Options{Runs: runs, Log: func(line string) { fmt.Fprintln(os.Stderr, line) }})
	if err := s.Serve(ctx, l); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// process is a server in a process of its own, so that what it takes can be
// told from what its readers take.
type process struct {
	t       testing.TB
	cmd     *exec.Cmd
	stdin   io.Closer
	address string
}

func startProcess(t testing.TB, runs string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(os.Args[0])}
	p.cmd.Env = append(os.Environ(), serveEnv+"="+runs)
	p.cmd.Stderr = os.Stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	p.address = strings.TrimSpace(line)
	return p
}

// end ends the server and returns the processor time that it took.
func (p *process) end() time.Duration {
	p.t.Helper()
	_ = p.stdin.Close()
	if err := p.cmd.Wait(); err != nil {
		p.t.Fatal(err)
	}
	return p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()
}

// metric reads one of the server's metrics without labels.
func (p *process) metric(name string) float64 {
	p.t.Helper()
	answer, err := http.Get("http://" + p.address + "/metrics")
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	_, after, found := strings.Cut(string(text), "\n"+name+" ")
	value, _, _ := strings.Cut(after, "\n")
	v, err := strconv.ParseFloat(value, 64)
	if !found || err != nil {
		p.t.Fatalf("%s is %q", name, value)
	}
	return v
}

// listener is a reader that measures how old events are when they arrive.
type listener struct {
	conn *websocket.Conn
	at   int64           // last event
	ages []time.Duration // of every event
	err  error
}

// listen reads events up to the number last, which none may be missing of.
func (l *listener) listen(last int64) {
	for l.at < last && l.err == nil {
		var text []byte
		_, text, l.err = l.conn.ReadMessage()
		now := time.Now()
		if !bytes.HasPrefix(text, []byte(`{"type":"events"`)) {
			continue
		}
		for {
			var seq, at string
			if _, text, _ = bytes.Cut(text, []byte(`"seq":`)); text == nil {
				break
			}
			seq, _, _ = strings.Cut(string(text[:min(20, len(text))]), ",")
			_, rest, _ := bytes.Cut(text, []byte(`"time":"`))
			at, _, _ = strings.Cut(string(rest[:min(40, len(rest))]), `"`)
			sent, err := time.Parse(time.RFC3339Nano, at)
			if seq != strconv.FormatInt(l.at+1, 10) || err != nil {
				l.err = fmt.Errorf("after event %d comes %q of %q", l.at, seq, at)
				return
			}
			l.at++
			l.ages = append(l.ages, now.Sub(sent))
		}
	}
}

// TestDelivery lets many readers follow a study whose events come fast: every
// one gets every event. With -v it prints how long that took, and what the
// server took for it.
func TestDelivery(t *testing.T) {
	runs := t.TempDir()
	r := begin(t, runs, "one")
	r.clock = time.Now
	p := startProcess(t, runs)
	readers := make([]*listener, *benchReaders)
	for i := range readers {
		conn, _, err := websocket.DefaultDialer.Dial("ws://"+p.address+"/ws?study=one&from=1", nil)
		if err != nil {
			t.Fatalf("reader %d: %v", i, err)
		}
		defer conn.Close()
		readers[i] = &listener{conn: conn, at: 1}
	}
	last := 1 + int64(*benchRate**benchSeconds)
	var all sync.WaitGroup
	for _, l := range readers {
		all.Go(func() { l.listen(last) })
	}
	before, begun := p.metric("espalier_websocket_messages_total"), time.Now()
	for n := range last - 1 {
		time.Sleep(time.Until(begun.Add(time.Duration(n) * time.Second / time.Duration(*benchRate))))
		if n%2 == 0 {
			r.sample()
		} else {
			r.finish()
		}
	}
	memory, frames := p.metric("go_memstats_sys_bytes"), p.metric("espalier_websocket_messages_total")-before
	all.Wait()
	took := time.Since(begun)
	used := p.end()
	var ages []time.Duration
	for i, l := range readers {
		if l.err != nil {
			t.Fatalf("reader %d: %v", i, l.err)
		}
		ages = append(ages, l.ages...)
	}
	slices.Sort(ages)
	at := func(fraction float64) time.Duration {
		return ages[int(fraction*float64(len(ages)-1))].Round(time.Millisecond)
	}
	t.Logf("%d readers, %d events a second, %d s: delivered after %v (median), %v (99 %%), %v (slowest)", len(readers), *benchRate, *benchSeconds, at(0.5), at(0.99), at(1))
	t.Logf("the server: %.0f MiB, %.0f messages a second, %.0f %% of one core", memory/(1<<20), frames/took.Seconds(), 100*used.Seconds()/took.Seconds())
}

// BenchmarkSearchBeside times a search with readers, one of whom never reads,
// and without.
func BenchmarkSearchBeside(t *testing.B) {
	if *benchProgram == "" {
		t.Fatal("-args -espalier names the program whose search is timed; make bench-server does")
	}
	runs := t.TempDir()
	once := func(name string) time.Duration {
		cmd := exec.Command(*benchProgram, "search", "--runs", runs, "--name", name, "--trials", "40", "--quiet")
		begun := time.Now()
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return time.Since(begun)
	}
	once("warm")
	var without, with []time.Duration
	var used time.Duration
	for n := range 5 {
		without = append(without, once(fmt.Sprint("without", n)))
		p := startProcess(t, runs)
		name := fmt.Sprint("with", n)
		stop := watchSearch(t, p, filepath.Join(runs, name), name)
		with = append(with, once(name))
		stop()
		used += p.end()
	}
	t.Logf("a search takes %v without and %v with 5 readers and one that never reads (the quickest of %d): %+.1f %%; the server takes %.1f %% of one core",
		slices.Min(without).Round(time.Millisecond), slices.Min(with).Round(time.Millisecond), len(with),
		100*(slices.Min(with).Seconds()/slices.Min(without).Seconds()-1), 100*used.Seconds()/sum(with).Seconds())
}

func sum(all []time.Duration) (s time.Duration) {
	for _, d := range all {
		s += d
	}
	return s
}

// watchSearch lets readers follow a study as soon as it has begun. It returns a
// function that ends them.
func watchSearch(t testing.TB, p *process, dir, id string) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	all.Go(func() {
		for ctx.Err() == nil {
			if _, err := journal.ReadStudy(dir); err == nil {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		for n := 0; n < 6 && ctx.Err() == nil; {
			conn, _, err := websocket.DefaultDialer.DialContext(ctx, "ws://"+p.address+"/ws?study="+id, nil)
			if err != nil {
				time.Sleep(10 * time.Millisecond) // it is not in the list yet
				continue
			}
			n++
			context.AfterFunc(ctx, func() { _ = conn.Close() })
			if n == 6 {
				break // never reads
			}
			all.Go(func() {
				for {
					if _, _, err := conn.ReadMessage(); err != nil {
						return
					}
				}
			})
		}
	})
	return func() {
		cancel()
		all.Wait()
	}
}
