// This guest does what a plugin must not do. Each mode, named by the param
// "mode", is one misdeed; what came of it is the name of the decision asked.
// It speaks ABI 1 without the SDK, which leaves out what it does not need.
package main

import (
	crand "crypto/rand"
	"encoding/hex"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"time"
	"unsafe"
)

const describe = `{"ok":{"manifest":{"abi":"1.0","name":"hostile","version":"1"},"name":"s","version":"1","task":"image","max_steps":9,` +
	`"kinds":[{"id":"k","type":"choice","options":["a","b"]}],"params":{}}}`

var (
	inputs = map[uint32][]byte{}
	answer []byte
	calls  int
	hoard  [][]byte
)

func main() {}

//go:wasmexport esp_abi
func abi() uint32 { return 1 << 16 }

//go:wasmexport esp_alloc
func alloc(n uint32) uint32 {
	b := make([]byte, n)
	p := uint32(uintptr(unsafe.Pointer(unsafe.SliceData(b))))
	inputs[p] = b
	return p
}

//go:wasmexport esp_free
func free(p, _ uint32) { delete(inputs, p) }

//go:wasmexport esp_call
func call(op, p, n uint32) uint64 {
	calls++
	payload := string(inputs[p][:n])
	answer = []byte(describe)
	if op == 2 {
		_, mode, _ := strings.Cut(payload, `"mode":"`)
		mode, _, _ = strings.Cut(mode, `"`)
		answer = []byte(`{"ok":{"decision":{"kind":"k","name":"` + misbehave(mode) + `"}}}`)
	}
	return uint64(uintptr(unsafe.Pointer(unsafe.SliceData(answer))))<<32 | uint64(len(answer))
}

func misbehave(mode string) string {
	switch mode {
	case "panic":
		panic("out of ideas")
	case "index":
		return mode[len(hoard)+99:]
	case "loop":
		for i := 0; ; i++ {
			calls ^= i
		}
	case "hoard":
		for {
			hoard = append(hoard, make([]byte, 1<<20))
		}
	case "recursion":
		return recurse(mode)
	case "deadlock":
		<-make(chan int)
	case "exit":
		os.Exit(3)
	case "count":
		return strings.Repeat("I", calls)
	case "random":
		var b [8]byte
		_, _ = crand.Read(b[:])
		return hex.EncodeToString(b[:]) + hex.EncodeToString([]byte{byte(rand.Uint32()), byte(rand.Uint32()), byte(rand.Uint32())})
	case "map":
		m := map[int]bool{}
		for i := range 26 {
			m[i] = true
		}
		order := ""
		for i := range m {
			order += string(rune('a' + i))
		}
		return order
	case "clock":
		return time.Now().UTC().Format(time.RFC3339Nano)
	case "sleep":
		start := time.Now()
		time.Sleep(1000 * time.Hour)
		return time.Since(start).Round(time.Hour).String()
	case "timeout":
		select {
		case <-time.After(time.Hour):
			return "an hour"
		case <-time.After(time.Minute):
			return "a minute"
		}
	case "files":
		return files()
	case "network":
		_, err := net.Dial("tcp", "127.0.0.1:80")
		return outcome(err)
	case "environment":
		host, err := os.Hostname()
		return strings.Join(os.Environ(), ",") + "|" + strings.Join(os.Args, ",") + "|" + host + "|" + outcome(err)
	case "print":
		println("to standard error")
		_, _ = os.Stdout.WriteString("to standard output\n")
		return "printed"
	}
	return "idle"
}

func recurse(s string) string { return s + recurse(s+"x") }

func files() string {
	_, open := os.Open("/etc/passwd")
	_, create := os.Create("stolen")
	_, list := os.ReadDir(".")
	_, stat := os.Stat("/")
	return strings.Join([]string{outcome(open), outcome(create), outcome(list), outcome(stat), outcome(os.Remove("x")), outcome(os.Mkdir("d", 0o700))}, ", ")
}

func outcome(err error) string {
	if err == nil {
		return "success"
	}
	text := err.Error()
	return text[strings.LastIndex(text, ": ")+2:]
}
