package report

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

func studies() Table {
	return Table{
		Columns: []Column{{Title: "study"}, {Title: "status", Drop: 1}, {Title: "trials", Right: true}, {Title: "best", Right: true}, {Title: "note", Wrap: true}},
		Rows: [][]string{
			{"shapes-7", "done", "100", Percent(0.8312), ""},
			{"cifar10-paper", "running", "12,800", Percent(0.9), "six layers to start with, two more after every 1,600 children"},
			{"mnist", "failed", "3"},
		},
	}
}

func TestTableGolden(t *testing.T) {
	golden(t, "table-80", studies().Render(screen80))
	golden(t, "table-40", studies().Render(screen40))
}

func TestTableLayout(t *testing.T) {
	words := strings.Fields("a bb ccc dddd-eeee 0 12,345 層層層 \x1b[31m naïve supercalifragilistic")
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 200 {
		table := Table{}
		for c := range r.IntN(7) {
			table.Columns = append(table.Columns, Column{
				Title: strings.Repeat("t", r.IntN(9)), Right: r.IntN(2) == 0, Drop: r.IntN(4), Wrap: r.IntN(3) == 0 && c > 0,
			})
		}
		for range r.IntN(6) {
			var row []string
			for range r.IntN(len(table.Columns) + 1) {
				text := ""
				for range r.IntN(6) {
					text += words[r.IntN(len(words))] + " "
				}
				row = append(row, text)
			}
			table.Rows = append(table.Rows, row)
		}
		if len(table.Columns) == 0 {
			continue
		}
		table.Rows = append(table.Rows, []string{fmt.Sprint(i)})
		checkLayout(t, 1+r.IntN(130), table.Render)
	}
}

// TestTableKeepsAllWords: wrapping loses nothing.
func TestTableKeepsAllWords(t *testing.T) {
	got := studies().Render(screen40)
	for _, word := range strings.Fields("six layers to start with, two more after every 1,600 children") {
		if !strings.Contains(got, word) {
			t.Errorf("%q is missing in\n%s", word, got)
		}
	}
	if strings.Contains(got, "status") {
		t.Errorf("the status column should have been dropped from\n%s", got)
	}
}

func TestTableWithoutColumns(t *testing.T) {
	if got := (Table{}).Render(screen80); got != "" {
		t.Errorf("an empty table draws %q", got)
	}
}
