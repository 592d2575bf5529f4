//go:build !js

package acceptance

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/journal"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// large is a finished study of 20,000 trials, which no search ran: it is the
// demo over and over, with other rewards.
const large = "large"

const largeTrials = 20_000

// largeStudy makes the large study beside the demo.
var largeStudy = sync.OnceValue(func() error {
	if _, err := home(); err != nil {
		return err
	}
	return writeLarge(runDir(large), true)
})

// writeLarge writes the large study; slim without networks.
func writeLarge(dir string, slim bool) error {
	all, err := events(runDir(demo))
	if err != nil {
		return err
	}
	started := *all[0].Started
	started.Name, started.Trials = large, largeTrials
	o := journal.Default()
	o.SyncRecords = 4096
	j, err := journal.Create(dir, started, o)
	if err != nil {
		return err
	}
	w := writer{j: j, at: all[0].Time}
	w.add(event.Event{Type: event.StudyStarted, Started: &started})
	var sampled []event.Sampled
	done := map[int]event.Done{}
	for _, e := range all {
		if slim {
			e = event.Slim(e)
		}
		switch {
		case e.Sampled != nil:
			sampled = append(sampled, *e.Sampled)
		case e.Done != nil:
			done[e.Done.Trial] = *e.Done
		}
	}
	for trial := 1; trial <= largeTrials; trial++ {
		s := sampled[(trial-1)%len(sampled)]
		d := done[s.Trial]
		// Whatever the demo's trial was, this one is of a policy that learned
		// nothing, and no duplicate.
		s.Trial, s.Version, s.DuplicateOf, s.Seed = trial, 0, 0, uint64(trial)*0x9E3779B97F4A7C15
		d.Trial, d.DuplicateOf = trial, 0
		if d.Status == event.OK {
			d.Reward = spec.Reward{Reward: float64(trial*7919%10_007) / 10_007}
		}
		w.add(event.Event{Type: event.TrialSampled, Sampled: &s})
		w.add(event.Event{Type: event.TrialDone, Done: &d})
	}
	state, err := journal.ReadState(dir)
	if w.err == nil && err == nil {
		w.add(event.Event{Type: event.StudyEnded, Ended: &event.Ended{Reason: event.EndBudget, Counts: state.Counts, Best: state.BestID, BestReward: state.Best().Reward.Reward}})
		w.err = j.SetState(event.StudyDone, "")
	}
	if w.err != nil {
		return w.err
	}
	return j.Close()
}

// writer numbers events and appends them to a journal, a millisecond apart.
type writer struct {
	j   *journal.Journal
	at  time.Time
	seq int64
	err error
}

func (w *writer) add(e event.Event) {
	if w.err != nil {
		return
	}
	w.seq++
	w.at = w.at.Add(time.Millisecond)
	e.Seq, e.Time = w.seq, w.at
	w.err = w.j.Append(e)
}

// events are those of a finished study.
func events(dir string) ([]event.Event, error) {
	f, err := journal.OpenReader(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var all []event.Event
	for {
		e, err := f.Next()
		if err != nil || e.Ended != nil {
			return all, nil
		}
		all = append(all, e)
	}
}

// TestTable: of 20,000 trials those are shown that are asked for, wherever the
// list is scrolled to and however it is filtered and sorted.
func TestTable(t *testing.T) {
	home := address(t)
	if err := largeStudy(); err != nil {
		t.Fatal(err)
	}
	s := state(t, large)
	b := open(t, at(home, "study/%s", large))
	b.until(`document.getElementById("shown")?.textContent === "20,000 trials."`)

	all := make([]int, largeTrials)
	for i := range all {
		all[i] = i + 1
	}
	for _, fraction := range []float64{0, 0.25, 0.5, 0.99999, 1, 0.5} {
		b.shows(all, fraction)
	}

	b.write("#filter", "reward>0.5 status:ok")
	var good []int
	for i := range s.Trials {
		if trial := &s.Trials[i]; trial.Status == event.OK && trial.Reward.Reward > 0.5 {
			good = append(good, trial.ID)
		}
	}
	b.until(fmt.Sprintf(`document.getElementById("shown").textContent.startsWith("%s of 20,000 trials")`, grouped(len(good))))
	for _, fraction := range []float64{0, 0.5, 1} {
		b.shows(good, fraction)
	}

	b.press(`.list-head button[aria-label^="Sort by reward"]`)
	b.until(`location.hash.includes("sort=reward") || location.hash.includes("sort=-reward")`)
	if !value[bool](b, `location.hash.includes("sort=-reward")`) {
		b.press(`.list-head button[aria-label^="Sort by reward"]`)
		b.until(`location.hash.includes("sort=-reward")`)
	}
	slices.SortStableFunc(good, func(x, y int) int {
		switch a, b := s.Trial(x).Reward.Reward, s.Trial(y).Reward.Reward; {
		case a > b:
			return -1
		case a < b:
			return 1
		}
		return 0
	})
	for _, fraction := range []float64{0, 1, 0.3} {
		b.shows(good, fraction)
	}
}

// shows scrolls the list to a fraction of its way, and waits until the rows that
// can be seen are those of the trials ids that belong there.
func (b *tab) shows(ids []int, fraction float64) {
	b.Helper()
	b.do(run(fmt.Sprintf(`{ const l = document.getElementById("trials"); l.scrollTop = %g * (l.scrollHeight - l.clientHeight); }`, fraction)))
	const shown = `[...document.querySelectorAll("#trials [data-key]")].filter((r) => {
		const box = r.getBoundingClientRect(), list = document.getElementById("trials").getBoundingClientRect();
		return r.checkVisibility() && box.top >= list.top - 1 && box.bottom <= list.bottom + 1;
	}).map((r) => r.dataset.key + " " + r.children[0].textContent + " " + (r.getAttribute("aria-rowindex") - 2)).join()`
	first := int(fraction * float64(len(ids)-16))
	var tried string
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		tried = value[string](b, shown)
		if problem := misplaced(tried, ids, first); problem == "" {
			return
		}
	}
	b.Fatalf("at %g of the list: %s; it shows %s", fraction, misplaced(tried, ids, first), tried)
}

// misplaced says what is wrong with the rows that are seen: each is the key of
// its trial, the number that it shows, and its place in the list.
func misplaced(seen string, ids []int, first int) string {
	rows := strings.Split(seen, ",")
	if len(rows) < 14 {
		return fmt.Sprintf("%d rows are seen, want 14 or more", len(rows))
	}
	for i, row := range rows {
		var key, number string
		var place int
		if n, _ := fmt.Sscan(row, &key, &number, &place); n != 3 || place < 0 || place >= len(ids) {
			return fmt.Sprintf("%q is no row", row)
		}
		if want := fmt.Sprint(ids[place]); key != want || strings.ReplaceAll(number, ",", "") != want {
			return fmt.Sprintf("%q, want trial %s", row, want)
		}
		if i == 0 && (place < first-2 || place > first+2) {
			return fmt.Sprintf("the first row is number %d, want about %d", place, first)
		}
	}
	return ""
}

// grouped writes a number as the page does.
func grouped(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", grouped(n/1000), n%1000)
}
