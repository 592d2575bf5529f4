//go:build !js

package acceptance

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// pages are the views of which pictures are taken, with what shows that they are
// complete.
var pages = []struct{ name, address, done string }{
	{"studies", "", `document.querySelectorAll("table.studies tbody tr").length === 1`},
	{"study", "study/demo", `document.querySelectorAll("#trials [data-key]").length > 10`},
	{"study-filtered", "study/demo?filter=reward%3E0.2&sort=-reward&axis=time", `document.querySelectorAll("#trials [data-key]").length > 0`},
	{"trial", "study/demo/trial/9", `!!document.querySelector("#network svg")`},
	{"diff", "study/demo/diff/3/9", `document.querySelectorAll("#network-a svg, #network-b svg").length === 2`},
	{"policy", "study/demo/policy?v=3", `!!document.querySelector("#policy-heat canvas")`},
	{"explain", "study/demo/explain/4", `!!document.querySelector("#explain-logits canvas")`},
	{"compare", "compare?studies=demo&controls=1", `!!document.getElementById("verdict")`},
	{"gone", "study/no-such-study", `document.body.innerText.includes("no-such-study") && !!document.querySelector(".problem")`},
}

// TestScreenshots takes a picture of every view, light and dark, wide and as
// narrow as a telephone, for people to look at: make screenshots. It fails where
// a view is wider than its window.
func TestScreenshots(t *testing.T) {
	folder := os.Getenv("SCREENSHOTS")
	if folder == "" {
		folder = t.TempDir()
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	address := serve(t, search(t, "demo", "--trials", "60", "--control"))
	b := open(t, address)
	for _, p := range pages {
		for _, scheme := range []string{"light", "dark"} {
			for _, width := range []int64{1280, 360} {
				b.as(width, 900, scheme)
				b.do(navigate(at(address, "%s", p.address)))
				b.until(p.done)
				if p.name != "gone" {
					b.until(`document.querySelectorAll(".problem").length === 0`)
				}
				b.until(`document.documentElement.scrollWidth <= window.innerWidth`)
				file := filepath.Join(folder, fmt.Sprintf("%s-%s-%d.png", p.name, scheme, width))
				if err := os.WriteFile(file, b.picture(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	b.forgive("404")
}
