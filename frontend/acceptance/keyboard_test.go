//go:build !js

package acceptance

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestKeyboard goes through every view by Tab. Each link, button, field, list
// and chart must get the focus in its turn, and show that it has it.
func TestKeyboard(t *testing.T) {
	home := address(t)
	b := open(t, home)
	b.do(media("prefers-reduced-motion", "reduce")) // what has the focus is in sight at once
	for _, v := range views {
		b.do(navigate(at(home, "%s", strings.Replace(v.address, "/failed", fmt.Sprintf("/%d", failedTrial(t)), 1))))
		b.until(v.done)
		b.until(`!document.querySelector(".loading")`)
		b.do(settled, run(named))
		var got []string
		for len(got) < 200 {
			b.do(chromedp.KeyEvent(kb.Tab))
			name := value[string](b, focused)
			if name == "" {
				break
			}
			if seen, at := strings.CutSuffix(name, " (unseen)"); at {
				t.Errorf("%s: nothing shows that %s has the focus", v.name, seen)
				name = seen
			}
			got = append(got, name)
		}
		want := value[[]string](b, reachable)
		for _, name := range want {
			if !slices.Contains(got, name) {
				t.Errorf("%s: the keyboard does not reach %s", v.name, name)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%s: Tab stops at %d elements, want %d:\n%s", v.name, len(got), len(want), strings.Join(got, "\n"))
		}
	}
	b.forgive("404")
}

// named makes the function that names elements.
const named = `globalThis.espalierName = (e) => e.tagName + " " + (e.id || e.getAttribute("aria-label") || e.textContent).trim().slice(0, 60)`

// reachable are the names of the elements that somebody who sees the page could
// use.
const reachable = `[...document.querySelectorAll("a[href], button, input, select, summary, [role=grid], .picture, .wide, .network")].filter((e) => e.checkVisibility() && !e.disabled).map(espalierName)`

// focused is the name of the element that has the focus; "" for none.
const focused = `(() => {
	const e = document.activeElement;
	if (!e || e === document.body) return "";
	const s = getComputedStyle(e), r = e.getBoundingClientRect();
	const seen = s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2 && r.width > 0 && r.bottom > 0 && r.top < innerHeight && r.right > 0 && r.left < innerWidth;
	return espalierName(e) + (seen ? "" : " (unseen)");
})()`

// TestKeys uses the page without a pointer: from the list to a study, through
// its chart and its table to a trial, and back.
func TestKeys(t *testing.T) {
	b := open(t, address(t))
	b.until(views[0].done)
	b.focus(`table.studies a[href="#study/demo"]`)
	b.keys(kb.Enter)
	b.until(`location.hash === "#study/demo" && document.querySelectorAll("#trials [data-key]").length > 10 && !!document.querySelector("#progress canvas")`)
	b.until(`document.activeElement.id === "main"`)

	// The chart: a trial on, and one more; Enter opens it.
	b.focus("#progress")
	b.keys(kb.Home)
	b.until(`document.getElementById("pointed").textContent.startsWith("Trial 1:")`)
	b.keys(kb.ArrowRight)
	b.until(`document.getElementById("pointed").textContent.startsWith("Trial 2:")`)
	b.keys(kb.End + kb.ArrowLeft)
	b.until(`document.getElementById("pointed").textContent.startsWith("Trial 59:")`)
	b.keys(kb.Enter)
	b.until(`location.hash === "#study/demo/trial/59" && document.activeElement.id === "main"`)
	b.do(back)

	// The table: to its end, a row up, and into that trial.
	b.until(`location.hash === "#study/demo" && document.querySelectorAll("#trials [data-key]").length > 10`)
	b.focus("#trials")
	b.keys(kb.End)
	b.until(`document.querySelector("#trials [aria-selected=true]")?.dataset.key === "60"`)
	b.keys(kb.ArrowUp)
	b.until(`document.querySelector("#trials [aria-selected=true]")?.dataset.key === "59"`)
	b.until(`document.getElementById(document.getElementById("trials").getAttribute("aria-activedescendant"))?.dataset.key === "59"`)
	b.keys(kb.Enter)
	b.until(`location.hash === "#study/demo/trial/59"`)
	b.do(back)

	// Sorting by the space bar; filtering by "/" and Enter.
	b.until(`!!document.querySelector(".list-head button")`)
	b.focus(".list-head button")
	b.keys(" ")
	b.until(`location.hash.includes("sort=")`)
	b.until(`document.activeElement.closest(".list-head") !== null`)
	b.do(command(input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: "keyDown", Key: "/", Code: "Slash", Text: "/"}))
	b.until(`document.activeElement.id === "filter"`)
	b.keys("id<4" + kb.Enter)
	b.until(`document.getElementById("shown").textContent === "3 of 60 trials."`)
	b.until(`document.activeElement.id === "filter"`)

	// The scrubber goes by its own keys, and by the page's.
	b.do(navigate(at(address(t), "study/demo/policy?v=3")))
	b.until(`document.getElementById("sentence").textContent.startsWith("Version 3 ")`)
	b.focus("#scrubber")
	b.keys(kb.ArrowRight)
	b.until(`document.getElementById("sentence").textContent.startsWith("Version 4 ") && document.activeElement.id === "scrubber"`)
	b.focus("#policy-entropy")
	b.keys(kb.ArrowLeft + kb.ArrowLeft)
	b.until(`document.getElementById("sentence").textContent.startsWith("Version 2 ")`)

	// The link that skips to the content goes to no other view.
	b.do(navigate(at(address(t), "study/demo")))
	b.until(`document.querySelectorAll("#trials [data-key]").length > 10`)
	b.focus(".skip")
	b.keys(kb.Enter)
	b.until(`document.activeElement.id === "main" && document.getElementById("heading").textContent === "demo"`)
}

// TestStill: who wants no motion gets none.
func TestStill(t *testing.T) {
	b := open(t, at(address(t), "study/demo"))
	b.do(media("prefers-reduced-motion", "reduce"))
	b.until(`document.querySelectorAll("#trials [data-key]").length > 10`)
	if moving := value[[]string](b, `[...document.querySelectorAll("*")].filter((e) => {
		const s = getComputedStyle(e);
		return s.scrollBehavior === "smooth" || s.animationName !== "none" || s.transitionDuration.split(",").some((d) => parseFloat(d) > 0);
	}).map((e) => e.tagName + " " + e.className)`); len(moving) > 0 {
		t.Errorf("these move: %s", strings.Join(moving, ", "))
	}
}

// keys presses keys, one after the other.
func (b *tab) keys(keys string) {
	b.Helper()
	b.do(chromedp.KeyEvent(keys))
}

// focus moves the focus to the element that a selector finds.
func (b *tab) focus(selector string) {
	b.Helper()
	b.do(run(fmt.Sprintf("document.querySelector(%q).focus()", selector)))
}
