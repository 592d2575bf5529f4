package conformance

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/wasm/sandbox/sandboxtest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// TestFindingsRepeat: what a finding says to do shows it again, by itself.
func TestFindingsRepeat(t *testing.T) {
	wasm := faulty(t)
	for _, fault := range []string{"S01", "S02", "S03", "S04", "S06", "S08", "S09 late", "S10", "S11", "S12", "S13", "B01", "B02", "B03", "B04", "X02", "X05", "X06", "R04", "R05", "R06"} {
		o := options()
		o.Space = "s"
		if fault[0] == 'R' {
			o.Space, o.Shaper = "", "r"
		}
		o.Params, o.Rules, o.Seed = spec.Raw(`{"fault":"`+fault+`"}`), []string{fault[:3]}, 7
		findings := check(t, wasm, o).Findings()
		if len(findings) != 1 {
			t.Fatalf("%s: findings %v", fault, findings)
		}
		f := findings[0]
		o.Rules, o.Space, o.Shaper, o.Params, o.Only = []string{f.Code}, f.Space, f.Shaper, spec.Raw(f.Params), f.Walks
		again := check(t, wasm, o).Findings()
		if len(again) != 1 || again[0].Code != f.Code {
			t.Errorf("%s: %v does not repeat it: %v", fault, f.Args(), again)
		}
	}
}

func TestArgs(t *testing.T) {
	f := Finding{Code: "S12", Space: "s", Params: `{"a":1}`, Seed: 7, Walks: []int{3, 512}}
	want := `--rule S12 --space s --params {"a":1} --seed 7 --walk 3,512`
	if got := strings.Join(f.Args(), " "); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := (Finding{Code: "R04", Shaper: "r", Seed: DefaultSeed}).Args(); !slices.Equal(got, []string{"--rule", "R04", "--shaper", "r"}) {
		t.Errorf("%q", got)
	}
}

// TestSeeds: a check is a function of its seed.
func TestSeeds(t *testing.T) {
	wasm := faulty(t)
	sent := map[uint64]string{}
	for _, seed := range []uint64{1, 2, 1} {
		o := options()
		o.Walks, o.Only, o.Seed, o.Space, o.Rules = 20, []int{11}, seed, "s", []string{"B02"}
		o.Params = spec.Raw(`{"fault":"B02"}`)
		findings := check(t, wasm, o).Findings()
		if len(findings) != 1 || sent[seed] != "" && sent[seed] != findings[0].Sent {
			t.Fatalf("seed %d: %v, before %s", seed, findings, sent[seed])
		}
		sent[seed] = findings[0].Sent
	}
	if sent[1] == sent[2] {
		t.Errorf("two seeds walk alike: %s", sent[1])
	}
}

// TestFindingsAreReported: each rule's first breach once, when it is found.
func TestFindingsAreReported(t *testing.T) {
	o := options()
	var reported []string
	o.Report = func(f Finding) { reported = append(reported, f.Code) }
	o.Space, o.Params, o.Rules = "s", spec.Raw(`{"fault":"S06"}`), cheap("S06")
	v := check(t, faulty(t), o)
	if !slices.Equal(reported, []string{"S06"}) {
		t.Errorf("reported %v", reported)
	}
	for _, r := range v.Results {
		if r.Code == "S06" && (r.Broken < 100 || len(r.Findings) != 1) {
			t.Errorf("broken %d times, %d findings", r.Broken, len(r.Findings))
		}
	}
}

func TestOptions(t *testing.T) {
	wasm := faulty(t)
	for _, c := range []struct {
		what   string
		change func(o *Options)
		is     error
		want   string
	}{
		{"an unknown rule", func(o *Options) { o.Rules = []string{"S4"} }, nil, `unknown rule "S4"; did you mean "S04"?`},
		{"negative walks", func(o *Options) { o.Walks = -1 }, nil, "walks is -1"},
		{"an unknown space", func(o *Options) { o.Space = "r" }, ErrUnknown, "it has s, r"},
		{"walks that there are not", func(o *Options) { o.Space, o.Only, o.Rules = "s", []int{67, 999}, []string{"S12"} }, ErrWalk, "numbered from 0 to 66"},
		{"metrics that there are not", func(o *Options) { o.Shaper, o.Only = "r", []int{70} }, ErrWalk, "numbered from 0 to 69"},
		{"refused params", func(o *Options) { o.Space, o.Params = "s", spec.Raw(`{"depth":9}`) }, ErrParams, "depth is not in 1..4"},
	} {
		o := options()
		c.change(&o)
		_, err := Check(background, "p.wasm", wasm, o)
		if err == nil || !strings.Contains(err.Error(), c.want) || c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s: %v", c.what, err)
		}
	}
}

// TestEndlessPlugin: a plugin whose every decision is an endless loop is not
// asked for thousands of them.
func TestEndlessPlugin(t *testing.T) {
	const described = `{"ok":{"manifest":{"abi":"1.0","name":"p","version":"1","spaces":[{"name":"s","task":"image"}]},` +
		`"name":"s","version":"1","task":"image","max_steps":3,"kinds":[{"id":"k","type":"choice","options":["a","b"]}],"params":{}}}`
	g := sandboxtest.Guest{Answers: map[int]string{0: described}}
	g.Call = func(usual []byte) []byte {
		return sandboxtest.Code(sandboxtest.Get(0), sandboxtest.I32(2), sandboxtest.Equal, sandboxtest.If, sandboxtest.Forever, sandboxtest.End, usual)
	}
	o := options()
	o.Sandbox.CacheDir = ""
	o.Sandbox.Limits.Fuel.Next = 1e6
	v := check(t, g.Wasm(), o)
	if !v.Cut || v.Calls > 100 || !slices.Contains(v.Broken(), "S04") || !slices.Contains(v.Broken(), "P01") {
		t.Errorf("cut %v after %d calls: %v", v.Cut, v.Calls, v.Broken())
	}
}

// TestEndlessParser: a plugin whose parser never ends on what is cut short is not
// given a hundred such payloads.
func TestEndlessParser(t *testing.T) {
	g := sandboxtest.Guest{Answers: map[int]string{0: simple}}
	g.Call = func(usual []byte) []byte {
		isZero := sandboxtest.Op(0x45)
		end := sandboxtest.Code(sandboxtest.Get(1), sandboxtest.Get(2), sandboxtest.Add, sandboxtest.I32(-1), sandboxtest.Add, sandboxtest.Load8)
		return sandboxtest.Code(end, sandboxtest.I32('}'), sandboxtest.Equal, isZero, sandboxtest.If, sandboxtest.Forever, sandboxtest.End, usual)
	}
	o := options()
	o.Sandbox.CacheDir, o.Rules = "", []string{"X01"}
	o.Sandbox.Limits.Fuel.Describe = 1e6
	v := check(t, g.Wasm(), o)
	if len(v.Results) != 1 || v.Results[0].Tested > 2*maxStops || !slices.Contains(v.Broken(), "X01") {
		t.Errorf("%+v", v.Results)
	}
}

// TestInterrupted ends a check while it walks.
func TestInterrupted(t *testing.T) {
	why := errors.New("enough")
	ctx, cancel := context.WithCancelCause(background)
	o := options()
	o.Progress = func(done, _ int, _ string) {
		if done == 5 {
			cancel(why)
		}
	}
	if v, err := Check(ctx, "p.wasm", faulty(t), o); v != nil || !errors.Is(err, why) {
		t.Errorf("verdict %v, error %v", v, err)
	}
}
