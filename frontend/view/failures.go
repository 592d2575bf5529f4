package view

import (
	"fmt"
	"strings"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/report"
)

// Failures are the failed trials by their reasons, the most frequent first;
// reasons that differ only in where a child diverged count as one.
type Failures []event.Failure

// FailuresOf are the failures of a study.
func FailuresOf(s *event.State) Failures { return report.Alike(s.Failures()) }

// Sentence says what became of failed trials i, such as "12 trials failed: …".
func (f Failures) Sentence(i int) string {
	return fmt.Sprintf("%s failed: %s", plural(len(f[i].Trials), "trial"), f[i].Reason)
}

// Filter is the filter of the trial table that shows failures i: by their
// reason, or by their numbers where the reason has a quotation mark.
func (f Failures) Filter(i int) string {
	reason := f[i].Reason
	if kind, _, ok := strings.Cut(reason, atEpoch); ok {
		reason = kind + atEpoch
	}
	if !strings.Contains(reason, `"`) && reason != "" {
		return `reason:"` + reason + `"`
	}
	return "id:" + f.numbers(i)
}

// atEpoch is where the reasons of children that diverged begin to differ.
const atEpoch = " at epoch "

func (f Failures) numbers(i int) string {
	ids := make([]string, len(f[i].Trials))
	for j, id := range f[i].Trials {
		ids[j] = whole(id)
	}
	return strings.Join(ids, ",")
}

// Data is the table of failures.
func (f Failures) Data() Data {
	return Data{Columns: []string{"reason", "count", "trials"}, Rows: len(f), Row: func(i int) []string {
		return []string{f[i].Reason, whole(len(f[i].Trials)), f.numbers(i)}
	}}
}
