package view

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/wasm/spec"
)

func ids(t *Table) []int {
	got := []int{}
	for i := range t.Len() {
		got = append(got, t.Trial(i).ID)
	}
	return got
}

func TestFilter(t *testing.T) {
	var table Table
	table.Follow(small(t))
	for filter, want := range map[string][]int{
		"":                              {1, 2, 3, 4, 5, 6},
		"  ":                            {1, 2, 3, 4, 5, 6},
		"reward>0.5":                    {1, 4, 5},
		"reward>=75%":                   {1, 4, 5},
		"reward<0.75 reward>0.1":        {3},
		"accuracy:0.25":                 {3},
		"accuracy=80%":                  {4},
		"params:2k..4k":                 {2, 3, 4},
		"params<=1e3":                   {1},
		"params<1_001":                  {1},
		"id:2..":                        {2, 3, 4, 5, 6},
		"id:..2":                        {1, 2},
		"id:1,3,5..9":                   {1, 3, 5, 6},
		"-id:1,3":                       {2, 4, 5, 6},
		"id!=1":                         {2, 3, 4, 5, 6},
		"-id!=1":                        {1},
		"status:failed":                 {2},
		"STATUS:Failed,running":         {2, 6},
		"status!=ok":                    {2, 6},
		"is:duplicate":                  {5},
		"-is:duplicate status:ok":       {1, 3, 4},
		"is:best":                       {1, 4},
		"top:2":                         {1, 4},
		"top:99":                        {1, 3, 4, 5},
		"duplicate:1":                   {5},
		"loss":                          {2},
		"LOSS":                          {2},
		`"loss is NaN"`:                 {2},
		`reason:"epoch 1:"`:             {2},
		"reason=diverged":               {},
		`answers:"[0,3]"`:               {3},
		"answers=\"0 [0,1]\"":           {1},
		"[0,3]":                         {3},
		"seconds>2s":                    {1, 3, 4, 5},
		"seconds<2000ms":                {2},
		"sampled>2s":                    {3, 4, 5, 6},
		"epochs>0":                      {1, 3, 4, 5},
		"part_accuracy>0.7 status:ok":   {1, 4, 5},
		"-":                             {},
		"network:f":                     {6},
		"reward>0.5 -is:duplicate id>1": {4},
	} {
		if err := table.Filter(filter); err != nil {
			t.Errorf("%q: %v", filter, err)
			continue
		}
		if got := ids(&table); !slices.Equal(got, want) {
			t.Errorf("%q keeps %v, want %v", filter, got, want)
		}
	}
}

// TestFilterRefused: every mistake is named with its place, and leaves the
// table as it is.
func TestFilterRefused(t *testing.T) {
	var table Table
	table.Follow(small(t))
	if err := table.Filter("status:ok"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		filter   string
		from, to int
		want     string
	}{
		{"rewrad>1", 0, 6, `no field "rewrad"; did you mean "reward"? The fields are accuracy, answers,`},
		{"id:3 xyzzy:1", 5, 10, `no field "xyzzy"; the fields are`},
		{"-xyzzy:1", 1, 6, `put it in quotes`},
		{"é é reward>x", 11, 12, `"x" is not a number, which reward wants`},
		{"reward>", 0, 7, "reward> needs a value, such as reward>1"},
		{"status:", 0, 7, "such as status:running"},
		{"status:broken", 7, 13, "status is one of running, ok, failed"},
		{"status>ok", 6, 7, "status is a text and cannot be compared with >; use status:ok"},
		{"id:12..3", 3, 8, "smaller end first"},
		{"id>1..3", 3, 7, "a range goes with a colon, as in id:1..3"},
		{"id>1,3", 3, 6, "a list goes with a colon"},
		{"id:1,z", 5, 6, `"z" is not a number`},
		{"id:1..z", 6, 7, `"z" is not a number`},
		{`reason:"no end`, 7, 14, `put a " behind it`},
		{"is:good", 3, 7, "is: takes best"},
		{"is>best", 2, 3, "write is:best"},
		{"top:-1", 0, 6, "as in top:20"},
		{"top:", 0, 4, "such as top:20"},
		{"reward>NaN", 7, 10, "not a number"},
	} {
		err := table.Filter(c.filter)
		var f *FilterError
		if !errors.As(err, &f) || !strings.Contains(f.Problem, c.want) || f.From != c.from || f.To != c.to {
			t.Errorf("%q: error %+v, want one from %d to %d with %q", c.filter, err, c.from, c.to, c.want)
		}
		if table.Filtered() != "status:ok" || table.Len() != 4 {
			t.Fatalf("%q changed the table", c.filter)
		}
	}
}

// FuzzParseFilter: no text makes the parser or its condition panic, and
// mistakes lie within the text.
func FuzzParseFilter(f *testing.F) {
	for _, s := range []string{"reward>0.8 status:failed params<1e6 id:12..40 text", `-"a b" is:best top:3 id:1,2`, "é:>", `"`} {
		f.Add(s)
	}
	s := small(f)
	columns := Columns(s)
	f.Fuzz(func(t *testing.T, text string) {
		filter, err := ParseFilter(text, columns)
		var mistake *FilterError
		if errors.As(err, &mistake) {
			if n := len([]rune(text)); mistake.From < 0 || mistake.From > mistake.To || mistake.To > n {
				t.Fatalf("%q: the mistake lies from %d to %d of %d", text, mistake.From, mistake.To, n)
			}
			return
		}
		bound := filter.on(s)
		for i := range s.Trials {
			bound.keeps(&s.Trials[i])
		}
	})
}

func TestSort(t *testing.T) {
	var table Table
	table.Follow(small(t))
	for _, c := range []struct {
		keys []SortKey
		want []int
	}{
		{nil, []int{1, 2, 3, 4, 5, 6}},
		{[]SortKey{{"id", true}}, []int{6, 5, 4, 3, 2, 1}},
		{[]SortKey{{"reward", true}}, []int{4, 1, 5, 3, 2, 6}}, // 2 failed with reward 0, 6 has none yet
		{[]SortKey{{"reward", false}}, []int{2, 3, 1, 5, 4, 6}},
		{[]SortKey{{"accuracy", true}}, []int{4, 1, 5, 3, 2, 6}},
		{[]SortKey{{"status", false}, {"reward", true}}, []int{2, 4, 1, 5, 3, 6}},
		{[]SortKey{{"duplicate", true}, {"id", true}}, []int{5, 6, 4, 3, 2, 1}},
		{[]SortKey{{"reason", true}}, []int{2, 1, 3, 4, 5, 6}},
	} {
		if err := table.Sort(c.keys...); err != nil {
			t.Fatal(err)
		}
		if got := ids(&table); !slices.Equal(got, c.want) {
			t.Errorf("by %v: %v, want %v", c.keys, got, c.want)
		}
	}
	if err := table.Sort(SortKey{Key: "beauty"}); err == nil || !reflect.DeepEqual(table.Sorted(), []SortKey{{"reason", true}}) {
		t.Errorf("error %v, sorted %v", err, table.Sorted())
	}
	for _, c := range []struct {
		click string
		want  string
	}{
		{"reward", "[{reward true} {reason true}]"},
		{"reward", "[{reward false} {reason true}]"},
		{"params", "[{params false} {reward false} {reason true}]"},
		{"id", "[{id false} {params false} {reward false}]"},
	} {
		if err := table.SortBy(c.click); err != nil || fmt.Sprint(table.Sorted()) != c.want {
			t.Errorf("after %s: %v, %v", c.click, table.Sorted(), err)
		}
	}
	if table.Index(3) != 2 || table.Index(99) != -1 {
		t.Errorf("trial 3 is in row %d, trial 99 in %d", table.Index(3), table.Index(99))
	}
}

// TestFollow: a table that follows a study as it grows has the rows of one that
// looks at it as a whole, whatever the filter and the order.
func TestFollow(t *testing.T) {
	filters := []string{"", "status:ok reward>0.3", "is:best", "top:7", "-id:3,5", "status:running", "diverged", "accuracy>0.5"}
	r := rand.New(rand.NewPCG(3, 4))
	for round, filter := range filters {
		var table Table
		s := begin(t, 1, 200)
		table.Follow(&s.state)
		if err := table.Filter(filter); err != nil {
			t.Fatal(err)
		}
		keys := []SortKey{{[]string{"reward", "id", "answers", "status"}[round%4], round%2 == 0}, {"params", true}}
		if err := table.Sort(keys...); err != nil {
			t.Fatal(err)
		}
		var open []int
		for step := range 400 {
			switch k := r.IntN(3); {
			case k == 0 || len(open) == 0:
				open = append(open, s.sample(func(p *event.Sampled) { p.Answers = spec.Answers{spec.Pick(r.IntN(3))} }))
			case k == 1:
				live := event.Event{Type: event.TrialEpoch, Epoch: &event.Epoch{Trial: open[0], Epoch: spec.Epoch{Epoch: step + 1, ValidAccuracy: r.Float64()}}}
				if err := s.state.Apply(live); err != nil {
					t.Fatal(err)
				}
			case r.IntN(4) == 0:
				s.failed(open[0], "diverged")
				open = open[1:]
			default:
				s.ok(open[0], float64(r.IntN(10))/10)
				open = open[1:]
			}
			if r.IntN(3) == 0 {
				continue
			}
			table.Follow(&s.state)
			var fresh Table
			fresh.text, fresh.sorts = filter, keys
			fresh.Follow(&s.state)
			if got, want := ids(&table), ids(&fresh); !slices.Equal(got, want) || len(table.Columns()) != len(fresh.Columns()) {
				t.Fatalf("%q by %v, step %d: rows %v, want %v", filter, keys, step, got, want)
			}
		}
		end := s.state.Seq
		for seq := int64(0); seq <= end; seq += 1 + seq%7 {
			past := s.state.At(seq)
			table.Follow(past)
			var fresh Table
			fresh.text, fresh.sorts = filter, keys
			fresh.Follow(past)
			if got, want := ids(&table), ids(&fresh); !slices.Equal(got, want) {
				t.Fatalf("%q by %v, played to event %d: rows %v, want %v", filter, keys, seq, got, want)
			}
		}
		s.state = *s.state.At(60) // in place
		if table.Follow(&s.state); table.Total() != len(s.state.Trials) || slices.Max(append(ids(&table), 0)) > table.Total() {
			t.Errorf("%q: back in the past there are %d trials, rows %v", filter, table.Total(), ids(&table))
		}
		past := s.state.At(50)
		table.Follow(past)
		if table.Total() != len(past.Trials) || table.Filtered() != filter {
			t.Errorf("back in the past there are %d trials, want %d; filter %q", table.Total(), len(past.Trials), table.Filtered())
		}
	}
}

// TestNewColumn: a fact that the first of many trials has gets its column.
func TestNewColumn(t *testing.T) {
	var table Table
	s := begin(t, 1, 60)
	for range 50 {
		s.failed(s.sample(nil), "diverged")
	}
	table.Follow(&s.state)
	if table.Column("part_accuracy") != nil {
		t.Fatal("there is a column for a part that no reward has")
	}
	s.ok(s.sample(nil), 0.5)
	if table.Follow(&s.state); table.Column("part_accuracy") == nil || table.Len() != 51 {
		t.Error("the part of a reward has no column")
	}
}

// TestHelp: every example of the help is a filter.
func TestHelp(t *testing.T) {
	columns := Columns(small(t))
	for line := range strings.SplitSeq(FilterHelp, "\n") {
		example, _, found := strings.Cut(line, "  ")
		if _, err := ParseFilter(example, columns); err != nil || !found {
			t.Errorf("%q: %v", line, err)
		}
	}
}

// TestBeforeTheStudy: what a table is asked before it follows a study holds
// afterwards, and in states of the study that do not have a column yet.
func TestBeforeTheStudy(t *testing.T) {
	var table Table
	if err := errors.Join(table.Filter("part_accuracy>0.5"), table.Sort(SortKey{"reward", true})); err != nil {
		t.Fatal(err)
	}
	s := small(t)
	for _, c := range []struct {
		s    *event.State
		want []int
	}{{s, []int{4, 1, 5}}, {s.At(3), []int{}}, {s, []int{4, 1, 5}}} {
		if table.Follow(c.s); !slices.Equal(ids(&table), c.want) {
			t.Errorf("at event %d there are %v, want %v", c.s.Seq, ids(&table), c.want)
		}
	}
	var wrong Table
	if err := wrong.Filter("beauty>1"); err != nil || wrong.Len() != 0 {
		t.Errorf("%v, %d rows", err, wrong.Len())
	}
	if wrong.Follow(s); wrong.Len() != 6 || wrong.Filter(wrong.Filtered()) == nil {
		t.Errorf("a filter that is wrong keeps %d of 6 trials", wrong.Len())
	}
}

func TestCells(t *testing.T) {
	var table Table
	if table.Len() != 0 || table.Total() != 0 || table.Sentence() != "No trial has been sampled yet." {
		t.Error("a table of nothing has something")
	}
	table.Follow(small(t))
	var shown []Column
	for _, c := range table.Columns() {
		if c.Shown {
			shown = append(shown, c)
		}
	}
	got := table.Cells(0, 2, shown)
	want := [][]string{
		{"1", "ok", "0.750", "75.0 %", "1.0k", "1.0M", "3.0 s", "0", "0 [0,1]", ""},
		{"2", "failed", "0.00", "-", "2.0k", "1.0M", "1.0 s", "0", "1 [0,2]", "diverged at epoch 1: loss is NaN"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("cells\n%q, want\n%q", got, want)
	}
	for _, window := range [][2]int{{-5, 3}, {4, 100}, {100, 5}, {0, -1}} {
		table.Cells(window[0], window[1], shown) // must not panic
	}
	if n := len(table.Cells(4, 100, shown)); n != 2 {
		t.Errorf("there are %d rows from the fifth on, want 2", n)
	}
	for filter, want := range map[string]string{"": "6 trials.", "id:1": "1 of 6 trials.", "id:99": "None of 6 trials fits the filter id:99."} {
		if err := table.Filter(filter); err != nil || table.Sentence() != want {
			t.Errorf("%q: %q, %v", filter, table.Sentence(), err)
		}
	}
}

func TestTableCSV(t *testing.T) {
	var table Table
	table.Follow(small(t))
	if err := table.Filter("id:2,3"); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(table.Data().CSV()), "\n")
	if len(lines) != 4 || !strings.HasPrefix(lines[0], "id,status,reward,accuracy,params,") || !strings.Contains(lines[0], ",part_accuracy,part_odd name,") {
		t.Fatalf("%q", lines)
	}
	if !strings.HasPrefix(lines[1], "2,failed,0,,2000,1000000,1,0,0,0,,,,\"1 [0,2]\",diverged at epoch 1: loss is NaN,") {
		t.Errorf("%q", lines[1])
	}
}

// BenchmarkTable filters, sorts and follows a table of 20,000 trials.
func BenchmarkTable(b *testing.B) {
	s := large(b, 20_000)
	filters := []string{"reward>0.8", "status:failed", "reward>0.5 params<1e6 id:12..18000", "12", "top:100", ""}
	for _, filter := range filters {
		b.Run("filter/"+filter, func(b *testing.B) {
			var table Table
			table.Follow(&s.state)
			for b.Loop() {
				if err := table.Filter(filter); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	for _, key := range []string{"reward", "accuracy", "answers", "status"} {
		b.Run("sort/"+key, func(b *testing.B) {
			var table Table
			table.Follow(&s.state)
			for b.Loop() {
				if err := table.Sort(SortKey{key, true}); err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				if err := table.Sort(); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
		})
	}
	b.Run("replay", func(b *testing.B) {
		var table Table
		if err := table.Sort(SortKey{"reward", true}); err != nil {
			b.Fatal(err)
		}
		seq := s.state.Seq / 2
		for b.Loop() {
			table.Follow(s.state.At(seq))
			seq = min(seq+100, s.state.Seq)
		}
	})
	b.Run("follow", func(b *testing.B) {
		var table Table
		table.Follow(&s.state)
		if err := table.Sort(SortKey{"reward", true}); err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			s.ok(s.sample(nil), 0.5)
			table.Follow(&s.state)
		}
	})
}
