//go:build !js

package acceptance

import "testing"

// TestViews goes through the views of a finished study as a reader would.
func TestViews(t *testing.T) {
	b := open(t, address(t))
	b.says("60 of 60")
	b.follow(demo)
	b.until(`document.getElementById("shown").textContent === "60 trials."`)
	b.until(`document.querySelectorAll("#trials [data-key]").length >= 15`)
	b.press(`#trials [data-key="3"]`)
	b.until(`document.getElementById("heading").textContent === "Trial 3"`)
	b.until(`document.querySelectorAll("#network svg rect").length > 3`)
	b.says("filter_height")
	b.follow("Compare with the best")
	b.until(`document.querySelectorAll("#network-a svg, #network-b svg").length === 2`)
	b.says("Layers and nodes that differ")
	b.follow(demo)
	b.until(`location.hash === "#study/demo"`)
	b.until(`document.getElementById("shown") && document.getElementById("shown").textContent === "60 trials."`)
	b.follow("Against random")
	b.until(`(document.getElementById("verdict")?.textContent ?? "").includes("random")`)
	b.do(back)
	b.until(`location.hash === "#study/demo"`)
}

// TestFilter: the table is narrowed and sorted, the address keeps both, and a
// wrong filter is told apart from one that nothing fits.
func TestFilter(t *testing.T) {
	b := open(t, at(address(t), "study/demo?filter=id:5..9&sort=-id"))
	b.until(`document.getElementById("shown")?.textContent === "5 of 60 trials."`)
	b.until(`[...document.querySelectorAll("#trials [data-key]")].filter((r) => !r.hidden).map((r) => r.dataset.key).join() === "9,8,7,6,5"`)
	b.write("#filter", "reward>>1")
	b.until(`(document.getElementById("wrong")?.textContent ?? "") !== ""`)
	b.write("#filter", "id<1")
	b.until(`document.getElementById("shown").textContent.startsWith("None of 60 trials")`)
	b.write("#filter", "")
	b.until(`document.getElementById("shown").textContent === "60 trials."`)
	b.until(`!location.hash.includes("filter")`)
}
