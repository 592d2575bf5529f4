//go:build !js

package acceptance

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"
)

// BenchmarkPage measures the page with the large study, networks and all, and
// prints each number beside its goal. It fails only where nothing can be
// measured: what else a machine does, nobody knows.
func BenchmarkPage(t *testing.B) {
	home := address(t)
	if err := writeLarge(runDir(large), false); err != nil {
		t.Fatal(err)
	}
	b := open(t, home)
	b.do(command(performance.Enable, performance.EnableParams{TimeDomain: performance.EnableTimeDomainThreadTicks}))
	b.until(fmt.Sprintf(`[...document.querySelectorAll("table.studies tr")].some((r) => r.textContent.includes(%q) && r.textContent.includes("20,000 of"))`, large))
	study := at(home, "study/%s", large)
	const shown = `document.getElementById("shown")?.textContent === "20,000 trials." && !!document.querySelector("#progress canvas") && document.querySelectorAll("#trials [data-key]").length > 10`

	var first []float64
	for range 5 {
		b.do(chromedp.Navigate("about:blank"), chromedp.Navigate(study))
		first = append(first, value[float64](b, `new Promise((done) => { const look = () => { `+shown+` ? requestAnimationFrame(() => done(performance.now())) : setTimeout(look, 5); }; look(); })`))
	}
	report(t, "first view, ms", slices.Min(first), "under 2000")

	before := b.busy()
	frames := value[[]float64](b, `new Promise((done) => {
		const list = document.getElementById("trials"), times = [];
		let at = 0;
		const step = (now) => {
			times.push(now);
			list.scrollTop = (at += 211);
			times.length < 240 ? requestAnimationFrame(step) : done(times);
		};
		requestAnimationFrame(step);
	})`)
	report(t, "processor time of a frame, ms", 1000*(b.busy()-before)/float64(len(frames)), "")
	report(t, "frames a second while the table scrolls", 1000*float64(len(frames)-1)/(frames[len(frames)-1]-frames[0]), "at least 50")
	var gaps []float64
	for i := 1; i < len(frames); i++ {
		gaps = append(gaps, frames[i]-frames[i-1])
	}
	slices.Sort(gaps)
	report(t, "longest of 99 % of these frames, ms", gaps[len(gaps)*99/100], "")

	var filtered []float64
	for i := range 10 {
		filtered = append(filtered, value[float64](b, fmt.Sprintf(`new Promise((done) => {
			const field = document.getElementById("filter"), told = document.getElementById("shown"), was = told.textContent;
			field.value = "reward>0.%d status:ok";
			const begun = performance.now();
			new MutationObserver((_, o) => { if (told.textContent !== was) { o.disconnect(); done(performance.now() - begun); } }).observe(told, {childList: true, characterData: true, subtree: true});
			field.dispatchEvent(new Event("change", {bubbles: true}));
		})`, i+1)))
	}
	slices.Sort(filtered)
	report(t, "filter, median of 10, ms", filtered[len(filtered)/2], "under 100")

	b.do(chromedp.Sleep(2 * time.Second))
	const rest = 10 * time.Second
	before = b.busy()
	b.do(chromedp.Sleep(rest))
	report(t, "page at rest, % of a core", 100*(b.busy()-before)/rest.Seconds(), "under 2")
}

// report prints a measurement beside its goal.
func report(t testing.TB, what string, v float64, goal string) {
	t.Helper()
	if goal != "" {
		goal = "(goal: " + goal + ")"
	}
	t.Logf("%-42s %8.1f  %s", what, v, goal)
}

// busy is how many seconds of a processor the page's main thread has taken.
func (b *tab) busy() float64 {
	b.Helper()
	var all performance.GetMetricsResult
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) (err error) {
		all, err = cdp.Call(ctx, t, performance.GetMetrics, cdp.Empty{})
		return err
	}))
	for _, m := range all.Metrics {
		if m.Name == "TaskDuration" {
			return m.Value
		}
	}
	b.Fatal("the browser does not say how busy the page is")
	return 0
}
