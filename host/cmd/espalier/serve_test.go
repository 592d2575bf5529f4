package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/espalier-nas/espalier/host/server"
)

var dashboardAddress = regexp.MustCompile(`http://\S+`)

// askDashboard runs a command that serves, asks its API for the studies as soon
// as it names its address, and interrupts it if it does nothing else. It has to
// end well: dashboard serve ...
func askDashboard(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: dashboard COMMAND [ARG ...]")
	}
	cmd := program(ts, args)
	r, w, err := os.Pipe()
	ts.Check(err)
	cmd.Stdout, cmd.Stderr = w, w
	ts.Check(cmd.Start())
	ts.Check(w.Close())
	var said bytes.Buffer
	out := bufio.NewReader(io.TeeReader(r, &said))
	address := ""
	for address == "" {
		line, err := out.ReadString('\n')
		address = dashboardAddress.FindString(line)
		if err != nil && address == "" {
			ts.Fatalf("it names no address: %v\n%s", err, said.Bytes())
		}
	}
	answer, err := http.Get(address + "api/studies")
	ts.Check(err)
	var studies []server.Summary
	err = json.NewDecoder(answer.Body).Decode(&studies)
	_ = answer.Body.Close()
	if err != nil {
		ts.Fatalf("GET %sapi/studies: %s: %v", address, answer.Status, err)
	}
	for _, s := range studies {
		ts.Logf("study %s: %s, %+v", s.ID, s.State, s.Counts)
	}
	if args[0] == "serve" {
		ts.Check(cmd.Process.Signal(os.Interrupt))
	}
	_, err = io.Copy(io.Discard, out)
	ts.Check(err)
	if err := cmd.Wait(); err != nil {
		ts.Fatalf("it ended with %v\n%s", err, said.Bytes())
	}
	ts.Logf("%s", said.Bytes())
}

func TestServingFlags(t *testing.T) {
	for token, ok := range map[string]bool{"": true, server.NewToken(): true, "only-15-letters": false, strings.Repeat("a", 16): true, "with a space in it": false, "semicolon;semicolon": false, "größer-als-sechzehn": false} {
		v := serving{addr: defaultAddr, token: token}
		if err := v.check(); (err == nil) != ok {
			t.Errorf("the token %q: %v", token, err)
		}
	}
}

// TestReachable: the address that is printed leads to the server.
func TestReachable(t *testing.T) {
	at := func(ip string) net.Addr { return &net.TCPAddr{IP: net.ParseIP(ip), Port: 7777} }
	for _, c := range [][3]string{
		{"127.0.0.1", "127.0.0.1", "127.0.0.1:7777"}, {"localhost", "127.0.0.1", "localhost:7777"}, {"::1", "::1", "[::1]:7777"}, {"dash.example.org", "192.168.1.7", "dash.example.org:7777"},
	} {
		if got := reachable(c[0], at(c[1])); got != c[2] {
			t.Errorf("%s at %s is reached as %s", c[0], c[1], got)
		}
	}
	for _, everywhere := range []string{"0.0.0.0", "::"} {
		host, port, err := net.SplitHostPort(reachable("", at(everywhere)))
		if ip := net.ParseIP(host); err != nil || port != "7777" || host != "localhost" && (ip == nil || ip.IsUnspecified() || ip.IsLoopback()) {
			t.Errorf("%s is reached as %s:%s (%v)", everywhere, host, port, err)
		}
	}
}
