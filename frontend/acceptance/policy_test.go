//go:build !js

package acceptance

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/host/journal"
	"github.com/espalier-nas/espalier/host/policy"
)

// TestPolicy: the scrubber shows, version by version, what the engine says when
// it is asked here.
func TestPolicy(t *testing.T) {
	want, err := playerOf(t, demo).Map(t.Context(), 8, 200)
	if err != nil {
		t.Fatal(err)
	}
	b := open(t, at(address(t), "study/%s/policy?trial=8", demo))
	b.press("#policy-heat ~ .bar button")
	for i, version := range want.Versions {
		b.do(run(fmt.Sprintf(`{ const s = document.getElementById("scrubber"); s.value = %d; s.dispatchEvent(new Event("input", {bubbles: true})); }`, i)))
		b.until(fmt.Sprintf(`document.getElementById("sentence").textContent.startsWith("Version %d of %d, along the answers of trial 8:")`, version, want.Newest))
		rows := b.rows("#policy-heat-data")
		at := 0
		for _, d := range want.Decisions {
			for k, label := range d.Options {
				if at == len(rows) {
					t.Fatalf("version %d: the page shows %d options, the engine has more", version, len(rows))
				}
				row := rows[at]
				at++
				if row[0] != d.Name || row[2] != label || row[4] != strconv.FormatBool(slices.Contains(d.Chosen, k)) {
					t.Fatalf("version %d: the page shows %q, want %s, option %s", version, row, d.Name, label)
				}
				equal(t, row, row[3], d.Probs[i][k])
				equal(t, row, row[5], d.Entropy[i])
			}
		}
	}
	b.until(fmt.Sprintf(`location.hash.includes("v=%d")`, want.Newest))
}

// TestExplain: the explanation of a sample shows the engine's gradient, which is
// that of the formula beside it.
func TestExplain(t *testing.T) {
	const trial = 8
	want, err := playerOf(t, demo).Explain(t.Context(), trial)
	if err != nil {
		t.Fatal(err)
	}
	u := want.Update
	if u == nil {
		t.Fatalf("the policy has not learned from trial %d", trial)
	}
	b := open(t, at(address(t), "study/%s/explain/%d", demo, trial))
	b.press("#explain-gradient ~ .bar button")
	b.until(`document.querySelectorAll("#explain-gradient-data tbody tr").length > 0`)
	rows := b.rows("#explain-gradient-data")
	for _, d := range want.Decisions {
		for k, label := range d.Options {
			if len(rows) == 0 {
				t.Fatalf("the page does not show %s, option %s", d.Name, label)
			}
			row := rows[0]
			rows = rows[1:]
			chosen := slices.Contains(d.Chosen, k)
			if row[0] != d.Name || row[1] != label || row[2] != strconv.FormatBool(chosen) {
				t.Fatalf("the page shows %q, want %s, option %s", row, d.Name, label)
			}
			for i, v := range []float64{d.Before.Logits[k], d.After.Logits[k], d.Before.Probs[k], d.After.Probs[k],
				d.Gradient.Total[k], d.Gradient.Reward[k], d.Gradient.Entropy[k], d.Gradient.WithoutBaseline[k]} {
				equal(t, row, row[3+i], v)
			}
			// A/m · (1[a=k] − p), unless temperature or clip are in the way.
			hit := 0.0
			if chosen {
				hit = 1
			}
			closed := u.Advantage / float64(len(u.Trials)) * (hit - d.Before.Probs[k])
			if u.Temperature == 1 && u.LogitClip == 0 && math.Abs(closed-d.Gradient.Reward[k]) > 1e-6 {
				t.Errorf("%s, option %s: the formula gives %g, the engine %g", d.Name, label, closed, d.Gradient.Reward[k])
			}
		}
	}
	if len(rows) > 0 {
		t.Errorf("the page shows %d options that the engine does not have", len(rows))
	}
	b.says("A/m")
	before := value[string](b, `document.getElementById("formula").textContent`)
	b.press("#bare")
	b.says("without a baseline")
	b.until(fmt.Sprintf(`document.getElementById("formula").textContent !== %q`, before))
}

// playerOf brings back the policy of a finished study from its journal.
func playerOf(t *testing.T, name string) *policy.Player {
	t.Helper()
	address(t)
	f, err := journal.OpenReader(runDir(name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	first, err := f.Next()
	if err != nil {
		t.Fatal(err)
	}
	p, err := policy.New(*first.Started)
	if err != nil {
		t.Fatal(err)
	}
	for {
		e, err := f.Next()
		if err != nil {
			return p
		}
		if err := p.Apply(e); err != nil {
			t.Fatal(err)
		}
	}
}

// rows are the texts of a table of data, row by row.
func (b *tab) rows(selector string) [][]string {
	b.Helper()
	return value[[][]string](b, fmt.Sprintf(`[...document.querySelectorAll("%s tbody tr")].map((r) => [...r.children].map((c) => c.textContent))`, selector))
}

// equal fails if a number in a row is another one. Both come from the same
// engine and are written in full.
func equal(t *testing.T, row []string, got string, want float64) {
	t.Helper()
	if v, err := strconv.ParseFloat(got, 64); err != nil || v != want {
		t.Errorf("%s: the page shows %q, the engine says %v", strings.Join(row, " "), got, want)
	}
}
