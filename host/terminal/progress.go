package terminal

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/espalier-nas/espalier/host/report"
)

// Mode says how progress is shown.
type Mode string

const (
	Auto  Mode = "auto"  // a bar on a terminal, lines elsewhere
	Plain Mode = "plain" // one line every LineEvery
	None  Mode = "none"
)

// Modes lists the modes, the default first.
func Modes() []Mode { return []Mode{Auto, Plain, None} }

// LineEvery is how often a line of progress is printed where a bar cannot be
// drawn.
const LineEvery = 30 * time.Second

// Progress shows how far a job of Total steps has come. Its methods may be
// called by several goroutines.
type Progress struct {
	mu      sync.Mutex
	bar     *progressbar.ProgressBar // nil: lines
	draw    func(total int) *progressbar.ProgressBar
	w       io.Writer // nil: silent
	now     func() time.Time
	title   string
	total   int
	base    int // steps that were done before this process began
	done    int
	part    float64 // of further steps
	note    string
	started time.Time
	printed time.Time
}

// NewProgress starts showing. done steps are finished already (a resumed job);
// they do not count towards the estimated time.
func (t Terminal) NewProgress(mode Mode, title string, total, done int, now func() time.Time) *Progress {
	p := &Progress{now: now, title: title, total: total, base: done, done: done, started: now(), printed: now()}
	if mode == None {
		return p
	}
	p.w = t.Err
	if mode == Plain || !t.Live {
		fmt.Fprintf(p.w, "%s: %d of %d\n", title, done, total)
		return p
	}
	p.draw = func(total int) *progressbar.ProgressBar { return t.bar(title, total) }
	p.bar = p.draw(total)
	_ = p.bar.Set(done)
	return p
}

// bar is an empty bar of that many steps.
func (t Terminal) bar(title string, total int) *progressbar.ProgressBar {
	theme := progressbar.Theme{Saucer: "=", SaucerHead: ">", SaucerPadding: " ", BarStart: "[", BarEnd: "]"}
	if t.Unicode {
		theme = progressbar.Theme{Saucer: "█", SaucerHead: "█", SaucerPadding: "░", BarStart: "", BarEnd: ""}
	}
	return progressbar.NewOptions(total,
		progressbar.OptionSetWriter(t.Err),
		progressbar.OptionSetDescription(title),
		progressbar.OptionSetTheme(theme),
		progressbar.OptionSetWidth(max(8, min(30, t.Width-70))),
		progressbar.OptionShowCount(),
		progressbar.OptionShowDescriptionAtLineEnd(), // its length changes, the bar stays
		progressbar.OptionSetElapsedTime(false),
		progressbar.OptionSetPredictTime(false),
		progressbar.OptionUseANSICodes(true),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetRenderBlankState(true),
	)
}

// Update says that done steps are finished; note is what a person wants to
// know beside it, such as the best result so far.
func (p *Progress) Update(done int, note string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done, p.note = done, note
	p.show()
}

// Resize changes how many steps there are.
func (p *Progress) Resize(total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.total == total {
		return
	}
	p.total = total
	switch {
	case p.bar == nil:
	case p.bar.IsFinished(): // it would draw nothing more
		p.bar = p.draw(total)
	default:
		p.bar.ChangeMax(total)
	}
}

// UnderWay says how much of further steps is done, such as 1.5 where one is about
// done and another half done.
func (p *Progress) UnderWay(part float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.part = part
	p.show()
}

func (p *Progress) show() {
	now := p.now()
	switch {
	case p.w == nil:
	case p.bar != nil:
		p.bar.Describe(fmt.Sprintf("%s  %s", p.title, strings.Join(p.facts(now), "  ")))
		_ = p.bar.Set(p.done)
	case now.Sub(p.printed) >= LineEvery || p.done == p.total:
		p.printed = now
		fmt.Fprintf(p.w, "%s: %d of %d  %s\n", p.title, p.done, p.total, strings.Join(p.facts(now), "  "))
	}
}

// Line prints a message above the bar.
func (p *Progress) Line(message string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.w == nil {
		return
	}
	if p.bar != nil {
		_ = p.bar.Clear()
	}
	fmt.Fprintln(p.w, message)
	if p.bar != nil {
		_ = p.bar.RenderBlank()
	}
}

// Close ends the bar's line.
func (p *Progress) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		_ = p.bar.Exit()
		fmt.Fprintln(p.w)
	}
	p.w, p.bar = nil, nil
}

func (p *Progress) facts(now time.Time) []string {
	var facts []string
	if p.note != "" {
		facts = append(facts, p.note)
	}
	if p.part >= 0.1 {
		facts = append(facts, fmt.Sprintf("%.1f more under way", p.part))
	}
	if fresh := float64(p.done-p.base) + p.part; fresh > 0 && p.done < p.total {
		left := now.Sub(p.started).Seconds() / fresh * (float64(p.total-p.done) - p.part)
		if left := time.Duration(left * float64(time.Second)); left >= time.Second {
			facts = append(facts, "about "+report.Duration(left)+" left")
		}
	}
	return facts
}
