package conformance

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/wasm/sandbox"
	"github.com/espalier-nas/espalier/wasm/sandbox/sandboxtest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

var background = context.Background()

// options keep the compiled code of guests where other tests of this project do.
func options() Options {
	o := Options{Sandbox: sandbox.Default(), Walks: 60}
	dir, err := os.UserCacheDir()
	if err != nil {
		dir = os.TempDir()
	}
	o.Sandbox.CacheDir = filepath.Join(dir, "espalier", "test")
	return o
}

// withManifest appends the manifest that a module describes.
func withManifest(t testing.TB, wasm []byte) []byte {
	t.Helper()
	box, err := sandbox.New(background, options().Sandbox)
	if err != nil {
		t.Fatal(err)
	}
	defer box.Close(background)
	m, err := box.Load(background, "p", wasm)
	if err != nil {
		t.Fatal(err)
	}
	wasm, err = spec.AppendManifest(wasm, m.Manifest())
	if err != nil {
		t.Fatal(err)
	}
	return wasm
}

// faulty builds the guest of testdata/faulty.
func faulty(t testing.TB) []byte {
	t.Helper()
	return withManifest(t, sandboxtest.Build(t, "host/conformance/testdata/faulty"))
}

func check(t testing.TB, wasm []byte, o Options) *Verdict {
	t.Helper()
	v, err := Check(background, "p.wasm", wasm, o)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// expect checks that a plugin breaks the rules of these codes and no others,
// and that every finding is fit to be read.
func expect(t testing.TB, what string, v *Verdict, codes ...string) {
	t.Helper()
	got := slices.Sorted(slices.Values(append(v.Broken(), v.Warned()...)))
	if !slices.Equal(got, codes) {
		t.Errorf("%s: it breaks %v, want %v", what, got, codes)
		for _, f := range v.Findings() {
			t.Logf("%s\n  sent %s\n  got %s\n%s", f, f.Sent, f.Got, f.Output)
		}
	}
	for _, f := range v.Findings() {
		if f.Problem == "" || f.Fix == "" || f.Rule.Text == "" || f.Code != f.Rule.Code {
			t.Errorf("%s: an incomplete finding %+v", what, f)
		}
	}
}

// TestSoundPlugin: the guest breaks no rule as long as it is not told to.
func TestSoundPlugin(t *testing.T) {
	o := options()
	var units, total int
	o.Progress = func(done, all int, _ string) { units, total = max(units, done), all }
	v := check(t, faulty(t), o)
	expect(t, "sound", v)
	if units != total || units == 0 {
		t.Errorf("progress ends at %d of %d", units, total)
	}
	if v.Name != "faulty" || len(v.Hash) != 64 || len(v.Played) != 2 || v.Played[0].Settings != 3 || v.Played[0].Longest != 9 {
		t.Errorf("verdict %+v", v)
	}
	for _, r := range rules {
		i := slices.IndexFunc(v.Results, func(x Result) bool { return x.Code == r.Code })
		if i < 0 || v.Results[i].Tested == 0 {
			t.Errorf("rule %s is not tested", r.Code)
		}
	}
}

// cheap are the rules but for those that take seconds, and one of these.
func cheap(and string) []string {
	list := []string{and}
	for _, r := range rules {
		if !slices.Contains([]string{"X04", "X06", "X07", "X08", "X09"}, r.Code) && r.Code != and {
			list = append(list, r.Code)
		}
	}
	return list
}

// TestSpaceRules has the guest break one rule of a space at a time.
func TestSpaceRules(t *testing.T) {
	wasm := faulty(t)
	for _, fault := range []string{
		"S01", "S02", "S03", "S04", "S04 trap", "S05", "S06", "S07", "S08", "S09", "S09 late", "S10", "S10 taken", "S11", "S12", "S13", "S14",
		"B01", "B02", "B02 task", "B03", "B04", "X02", "X05", "X06", "X09", "X09 slow",
	} {
		o := options()
		o.Space, o.Params, o.Rules = "s", spec.Raw(`{"fault":"`+fault+`"}`), cheap(fault[:3])
		expect(t, fault, check(t, wasm, o), fault[:3])
	}
}

// TestLateGarbage: memory that grows once, and late, is no leak.
func TestLateGarbage(t *testing.T) {
	o := options()
	o.Space, o.Params, o.Rules = "s", spec.Raw(`{"fault":"late"}`), []string{"X09"}
	v := check(t, faulty(t), o)
	expect(t, "late", v)
	if len(v.Results) != 1 || v.Results[0].Tested == 0 {
		t.Errorf("not tested: %+v", v.Results)
	}
}

// TestShaperRules has the guest break one rule of a shaper at a time.
func TestShaperRules(t *testing.T) {
	wasm := faulty(t)
	for _, fault := range []string{"R01", "R02", "R03", "R04", "R04 trap", "R05", "R06"} {
		o := options()
		o.Shaper, o.Params, o.Rules = "r", spec.Raw(`{"fault":"`+fault+`"}`), cheap(fault[:3])
		want := []string{fault[:3]}
		if fault == "R04 trap" {
			want = append(want, "X01") // a mutated payload has no epochs, either
		}
		expect(t, fault, check(t, wasm, o), want...)
	}
}

// TestRulesWithoutParams breaks those rules that a param cannot ask for.
func TestRulesWithoutParams(t *testing.T) {
	wasm := bytes.Replace(faulty(t), []byte("faulty mode: none   "), []byte("faulty mode: broken "), 1)
	o := options()
	o.Rules = cheap("X04")
	expect(t, "broken", check(t, wasm, o), "B05", "X01", "X03", "X04")
}

// TestBudgetRules lowers the limits until the sound guest comes near them, and
// beyond.
func TestBudgetRules(t *testing.T) {
	wasm := faulty(t)
	o := options()
	o.Walks, o.Rules = 8, []string{"P01", "P02", "P03", "P04", "P05"}
	used := map[string]Highest{}
	for _, h := range check(t, wasm, o).Worst {
		used[h.Op] = h
	}
	near := func(h Highest) int64 { return h.Fuel + h.Fuel/4 }
	fuel := &o.Sandbox.Limits.Fuel
	fuel.Next, fuel.Build, fuel.Reward, fuel.Describe = near(used["next"]), near(used["build"]), near(used["reward"]), near(used["describe"])
	o.Sandbox.Limits.MemoryBytes = used["build"].MemoryBytes + 1<<20
	v := check(t, wasm, o)
	expect(t, "near the limits", v, "P01", "P02", "P03", "P04", "P05")
	if broken := v.Broken(); len(broken) > 0 {
		t.Errorf("near the limits: %v fail, and do not warn only", broken)
	}
	fuel.Next = used["next"].Fuel - 1
	if got := check(t, wasm, o).Broken(); !slices.Equal(got, []string{"P01"}) {
		t.Errorf("beyond the limit: %v", got)
	}
}

// TestSmallPayloads: where hosts take short payloads only, long ones are not held
// against a plugin.
func TestSmallPayloads(t *testing.T) {
	o := options()
	o.Walks, o.Rules, o.Sandbox.Limits.InputBytes = 8, []string{"X04"}, 1024
	expect(t, "small payloads", check(t, faulty(t), o))
}

// TestReplayRules doctors what was recorded, since neither the engine nor its
// pool can be made to err.
func TestReplayRules(t *testing.T) {
	wasm := faulty(t)
	for code, replay := range map[string]func(*checker, context.Context){"X07": (*checker).interpreted, "X08": (*checker).together} {
		box, err := sandbox.New(background, options().Sandbox)
		if err != nil {
			t.Fatal(err)
		}
		c := &checker{o: options(), file: "p", wasm: wasm, worst: map[int]worst{}, results: map[string]*Result{}, verdict: &Verdict{}}
		if c.o.fill() != nil || !c.load(background, box) {
			t.Fatal("the guest is not loaded")
		}
		c.tape.kept[0].got = []byte(`{"ok":{}}`)
		replay(c, background)
		c.verdict.sum(c.results)
		expect(t, code, c.verdict, code)
		if err := box.Close(background); err != nil {
			t.Error(err)
		}
	}
}

// TestEveryRuleIsExplained: codes are in order and unique, texts are complete.
func TestEveryRuleIsExplained(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Rules() {
		if seen[r.Code] || len(r.Code) != 3 || !strings.Contains("LSBRXP", r.Code[:1]) || r.Text == "" || r.Why == "" || r.Fix == "" {
			t.Errorf("rule %+v", r)
		}
		seen[r.Code] = true
	}
}
