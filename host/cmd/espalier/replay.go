package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/journal"
	"github.com/espalier-nas/espalier/host/report"
	"github.com/espalier-nas/espalier/host/server"
	"github.com/espalier-nas/espalier/host/server/page"
)

func (a *app) replayCommand() *cobra.Command {
	var v serving
	var runs string
	var speed float64
	var terminal bool
	cmd := &cobra.Command{
		Use:   "replay RUN",
		Short: "Play a study again from its journal",
		Long: `Play a study again from its journal, without training anything, as it looked
while it ran: in the browser, through the page that espalier serve shows, where
it can be paused, stepped and played at any speed. With --terminal, with --speed
0 and in a program without the page it is played here; with --json the events
themselves are printed, one a line.`,
		Example: `  espalier replay latest
  espalier replay latest --speed 100 --terminal`,
		Args: oneRun,
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, err := findRun(runs, args[0])
			if err != nil {
				return err
			}
			if !(speed >= 0) {
				return usagef("--speed %v: want 0 (at once) or more", speed)
			}
			if _, err := page.Open(); errors.Is(err, page.ErrNone) && !terminal && !a.json && speed > 0 {
				fmt.Fprintln(a.info(), "note:", err)
				terminal = true
			}
			if terminal || a.json || speed == 0 {
				return a.replay(cmd.Context(), dir, speed)
			}
			return a.replayPage(cmd.Context(), v, dir, speed)
		},
	}
	runsFlag(cmd, &runs)
	cmd.Flags().Float64Var(&speed, "speed", 20, "how many times faster than it ran; 0: at once")
	cmd.Flags().BoolVar(&terminal, "terminal", false, "play it here instead of in the browser")
	v.add(cmd)
	return cmd
}

// replayPage serves the page, opened where the study begins to play.
func (a *app) replayPage(ctx context.Context, v serving, dir string, speed float64) error {
	s, err := journal.ReadState(dir)
	if err != nil {
		return storageError(err)
	}
	if s.Started == nil {
		return &exitError{code: exitData, err: fmt.Errorf("there is nothing to play in %s: the study has not begun", dir), next: "espalier ls"}
	}
	d, err := a.newDashboard(v, "", []string{dir})
	if err != nil {
		return err
	}
	query := url.Values{"at": {"1"}, "play": {strconv.FormatFloat(speed, 'g', -1, 64)}}
	d.address += "#study/" + url.PathEscape(server.StudyID(dir)) + "?" + query.Encode()
	return a.show(ctx, v, d)
}

func (a *app) replay(ctx context.Context, dir string, speed float64) error {
	r, err := journal.OpenReader(dir)
	if err != nil {
		return storageError(err)
	}
	defer r.Close()
	watch := a.newWatcher("replay", 0)
	defer watch.Close()
	clock := pace{speed: speed}
	for {
		e, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return storageError(err)
		}
		if err := clock.wait(ctx, e.Time); err != nil {
			return interruption(err, "")
		}
		if a.json {
			line, err := event.AppendLine(nil, e)
			if err != nil {
				return err
			}
			if _, err := a.term.Out.Write(line); err != nil {
				return err
			}
			continue
		}
		watch.Observe(e)
	}
	watch.Close()
	if watch.problem != nil {
		return &exitError{code: exitData, err: fmt.Errorf("%s: %w", dir, watch.problem)}
	}
	if a.json {
		return nil
	}
	o, err := openRun(dir)
	if err != nil {
		return err
	}
	a.printStudy(a.term.Out, o, report.MeasureTrend([]report.Run{report.RunOf(o.state)}, 0.95))
	return nil
}

// pace waits between events as long as the study did, divided by speed.
type pace struct {
	speed float64
	last  time.Time
}

func (p *pace) wait(ctx context.Context, at time.Time) error {
	last := p.last
	p.last = at
	if p.speed == 0 || last.IsZero() || !at.After(last) {
		return context.Cause(ctx)
	}
	timer := time.NewTimer(time.Duration(float64(at.Sub(last)) / p.speed))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// interruption turns the cause of a cancelled context into an exit code; next
// is the command that goes on from here.
func interruption(cause error, next string) error {
	code := exitInterrupted
	if cause == errTerminated {
		code = exitTerminated
	}
	return &exitError{code: code, err: cause, next: next}
}
