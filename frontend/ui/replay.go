package ui

import (
	"fmt"
	"strconv"
	"time"

	"github.com/espalier-nas/espalier/frontend/view"
	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/report"
)

// Replay plays a study again, as it was after each of its events. It trains
// nothing and asks the server nothing: what was is a part of what is known.
type Replay struct {
	App  *App
	On   bool
	seq  int64 // of the event that is shown last
	at   time.Duration
	pace float64 // seconds of the study in one second

	table  view.Replay
	whole  *event.State
	shown  *event.State
	last   time.Time // of the tick before
	cancel func()    // of the next tick; nil: it does not play
}

// longestPause is how long a replay waits where the study did.
const longestPause = 5 * time.Second

// paces are the speeds that can be chosen.
var paces = []float64{1, 5, 20, 100, 500}

// fastest is the highest pace that an address can ask for.
const fastest = 1e6

// defaultPace is that of a replay that says nothing else.
const defaultPace = 20

// Follow takes the state of the study, and what its address asks for: at is the
// number of an event, "" without a replay, and play a pace.
func (c *Replay) Follow(whole *event.State, at, play string) {
	seq, err := strconv.ParseInt(at, 10, 64)
	if err != nil || whole == nil {
		c.leave()
		return
	}
	if c.pace == 0 {
		c.pace = defaultPace
	}
	c.Grow(whole)
	seq = min(max(seq, 1), c.table.Events())
	if !c.On || c.seq != seq && c.cancel == nil {
		c.show(seq)
		c.at = c.table.Elapsed(seq)
	}
	starting := !c.On
	c.On = true
	if pace, err := strconv.ParseFloat(play, 64); starting && err == nil && pace > 0 {
		c.pace = min(pace, fastest)
		c.play()
	}
}

// Grow takes in what has come of the study meanwhile, and reports whether
// anything has.
func (c *Replay) Grow(whole *event.State) (grown bool) {
	if whole == nil || c.whole == whole && c.table.Events() == whole.Seq {
		return false
	}
	c.whole, c.table = whole, view.ReplayOf(whole, longestPause)
	if c.On && c.seq > c.table.Events() { // another study has taken its name
		c.show(c.table.Events())
	}
	return true
}

// leave shows what is again.
func (c *Replay) leave() {
	c.pause()
	*c = Replay{App: c.App, pace: c.pace}
}

// State is the state at the event that is shown, or the whole one.
func (c *Replay) State(whole *event.State) *event.State {
	if !c.On || c.shown == nil {
		return whole
	}
	return c.shown
}

func (c *Replay) show(seq int64) {
	c.seq, c.shown = seq, c.whole.At(seq)
	c.App.Soon()
}

func (c *Replay) pause() {
	if c.cancel != nil {
		c.cancel()
		c.cancel = nil
	}
}

// Toggle plays, or pauses.
func (c *Replay) Toggle() {
	if c.cancel != nil {
		c.pause()
		c.App.Rebuild()
		return
	}
	if c.seq == c.table.Events() {
		c.show(1)
		c.at = 0
	}
	c.play()
	c.App.Rebuild()
}

func (c *Replay) play() {
	c.last = c.App.Now()
	c.tick()
}

// tick shows what has come since the tick before.
func (c *Replay) tick() {
	c.cancel = c.App.After(pause, func() {
		if c.cancel == nil || !c.On {
			return
		}
		now := c.App.Now()
		c.at += time.Duration(float64(now.Sub(c.last)) * c.pace)
		c.last = now
		if seq := max(c.table.Seq(c.at), 1); seq != c.seq {
			c.show(seq)
		}
		if c.seq == c.table.Events() {
			c.pause()
			c.App.Rebuild()
			return
		}
		c.tick()
	})
}

// Seek shows the event of a number.
func (c *Replay) Seek(text string) {
	seq, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return
	}
	c.show(min(max(seq, 1), c.table.Events()))
	c.at = c.table.Elapsed(c.seq)
}

// Step goes a stride on, or back.
func (c *Replay) Step(stride view.Stride, back bool) {
	c.pause()
	if back {
		c.show(max(c.table.Previous(c.seq, stride), 1))
	} else {
		c.show(c.table.Next(c.seq, stride))
	}
	c.at = c.table.Elapsed(c.seq)
	c.App.Rebuild()
}

// StepTrial and StepUpdate go to the next end of a trial, or update of the
// policy; BackTrial to the one before.
func (c *Replay) StepTrial() { c.Step(view.StrideTrial, false) }

// StepUpdate is described with StepTrial.
func (c *Replay) StepUpdate() { c.Step(view.StrideUpdate, false) }

// BackTrial is described with StepTrial.
func (c *Replay) BackTrial() { c.Step(view.StrideTrial, true) }

// Button is what the play button says.
func (c *Replay) Button() string {
	if c.cancel != nil {
		return "Pause"
	}
	return "Play"
}

// Seq and Events are the ends of the slider's way.
func (c *Replay) Seq() int64 { return c.seq }

// Events is described with Seq.
func (c *Replay) Events() int64 { return c.table.Events() }

// Sentence says where the replay is.
func (c *Replay) Sentence() string {
	return fmt.Sprintf("Replay: event %s of %s, %s of %s.", report.Grouped(c.seq), report.Grouped(c.table.Events()),
		report.Duration(c.table.Elapsed(c.seq).Round(time.Second)), report.Duration(c.table.Length().Round(time.Second)))
}

// Pace is a speed that can be chosen.
type Pace struct {
	Label, Pressed string
	Value          float64
}

// Paces are the speeds.
func (c *Replay) Paces() []Pace {
	var list []Pace
	for _, p := range paces {
		list = append(list, Pace{fmt.Sprintf("%v×", p), strconv.FormatBool(p == c.pace), p})
	}
	return list
}

// SetPace chooses a speed.
func (c *Replay) SetPace(p Pace) { c.pace = p.Value }
