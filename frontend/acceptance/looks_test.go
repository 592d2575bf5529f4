//go:build !js

package acceptance

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// view is a view of the dashboard, and what shows that it is complete.
type view struct{ name, address, done string }

// views are all of them.
var views = []view{
	{"studies", "", `document.querySelectorAll("table.studies tbody tr").length > 0`},
	{"study", "study/demo", `document.querySelectorAll("#trials [data-key]").length > 10 && !!document.querySelector("#progress canvas")`},
	{"study-filtered", "study/demo?filter=reward%3E0.2&sort=-reward&axis=time", `document.querySelectorAll("#trials [data-key]").length > 0`},
	{"study-wrong-filter", "study/demo?filter=reward%3E%3E1", `!!document.getElementById("wrong")`},
	{"replay", "study/demo?at=60", `!!document.getElementById("replay-slider") && !!document.querySelector("#progress canvas")`},
	{"trial", "study/demo/trial/8", `!!document.querySelector("#network svg") && !!document.querySelector("#curve-loss canvas")`},
	{"trial-failed", "study/demo/trial/failed", `document.body.innerText.includes("Why it failed")`},
	{"diff", "study/demo/diff/1/8", `document.querySelectorAll("#network-a svg, #network-b svg").length === 2`},
	{"policy", "study/demo/policy?v=3", `!!document.querySelector("#policy-heat canvas")`},
	{"explain", "study/demo/explain/4", `!!document.querySelector("#explain-logits canvas")`},
	{"compare", "compare?studies=demo&controls=1", `!!document.getElementById("verdict")`},
	{"gone", "study/no-such-study", `document.body.innerText.includes("no-such-study") && !!document.querySelector(".problem")`},
}

// TestLooks opens every view, light and dark, wide and as narrow as a telephone.
// None may be wider than its window, have buttons that are smaller than a
// fingertip, or have a serious fault of accessibility. With SCREENSHOTS set to a
// folder, pictures of all are left there for people to look at: make
// screenshots.
func TestLooks(t *testing.T) {
	home := address(t)
	pictures := os.Getenv("SCREENSHOTS")
	axe := axeSource(t)
	b := open(t, home)
	for _, v := range views {
		b.do(navigate(at(home, "%s", strings.Replace(v.address, "/failed", fmt.Sprintf("/%d", failedTrial(t)), 1))))
		b.until(v.done)
		if axe != "" {
			b.do(run(axe + ";0"))
		}
		for _, as := range []struct {
			scheme string
			width  int64
		}{{"light", 1280}, {"dark", 1280}, {"dark", 360}, {"light", 360}} {
			b.as(as.width, 900, as.scheme)
			b.until(`document.documentElement.scrollWidth <= window.innerWidth`)
			name := fmt.Sprintf("%s-%s-%d", v.name, as.scheme, as.width)
			if as.width == 360 {
				b.smallTargets(name)
			}
			if axe != "" && (as.scheme == "light") == (as.width == 1280) {
				b.accessible(name)
			}
			if pictures == "" {
				continue
			}
			b.do(settled)
			if err := os.MkdirAll(pictures, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(pictures, name+".png"), b.picture(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	b.forgive("404")
}

// settled waits until the page has been drawn twice more.
var settled = chromedp.Evaluate[chromedp.Void](`new Promise((drawn) => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(() => drawn())), 150))`, chromedp.EvalAwaitPromise)

// smallTargets fails for each control that stands alone and is smaller than
// 44 pixels, which a finger does not hit. Links within sentences and tables are
// as large as their text.
func (b *tab) smallTargets(name string) {
	b.Helper()
	for _, small := range value[[]string](b, `[...document.querySelectorAll("button, input, select, summary, a.button, header a, .crumbs a")]
		.filter((e) => e.checkVisibility() && !e.closest("td, .list-head"))
		.map((e) => [e, e.getBoundingClientRect()])
		.filter(([e, r]) => r.width > 0 && (r.height < 43.5 || r.width < 24))
		.map(([e, r]) => e.outerHTML.slice(0, 120) + " is " + Math.round(r.width) + " by " + Math.round(r.height))`) {
		b.Errorf("%s: too small for a finger: %s", name, small)
	}
}

// accessible fails for each serious or critical fault that axe-core finds.
func (b *tab) accessible(name string) {
	b.Helper()
	for _, fault := range value[[]string](b, `axe.run(document, {resultTypes: ["violations"]}).then((r) => r.violations
		.filter((v) => ["serious", "critical"].includes(v.impact))
		.map((v) => v.impact + " " + v.id + ": " + v.help + ": " + v.nodes.slice(0, 4).map((n) => n.target.join(" ") + " (" + n.failureSummary.replaceAll("\n", " ").slice(0, 240) + ")").join("; ")))`) {
		b.Errorf("%s: %s", name, fault)
	}
}

// axeSource is the program that judges accessibility; "" if it is not here.
func axeSource(t *testing.T) string {
	t.Helper()
	source, err := os.ReadFile("../../.cache/axe-core/node_modules/axe-core/axe.min.js")
	switch {
	case err == nil:
		return string(source)
	case os.Getenv("CI") == "true":
		t.Fatalf("accessibility cannot be judged, and CI skips nothing: %v; frontend/acceptance/tools.sh fetches it", err)
	}
	t.Log("SKIPPED: nobody judged accessibility: axe-core is missing; frontend/acceptance/tools.sh fetches it")
	return ""
}
