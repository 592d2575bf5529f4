package main

import (
	"context"
	"fmt"
	"time"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/journal"
	"github.com/espalier-nas/espalier/host/search"
)

// inboxEvery is how often a study looks for requests. Looking takes some ten
// microseconds.
const inboxEvery = 50 * time.Millisecond

// inbox passes on what is asked of a study through its run directory.
type inbox struct {
	app      *app
	log      *journal.Journal
	passed   map[string]bool
	requests chan search.Request
}

// openInbox begins with an extension, if there is one, and what waits in the run
// directory. The inbox is closed by calling stop.
func (a *app) openInbox(log *journal.Journal, more extension) (requests <-chan search.Request, stop func()) {
	in := &inbox{app: a, log: log, passed: map[string]bool{}}
	var first []search.Request
	if trials := more.of(log.Study().Trials); trials > 0 {
		c := event.Controlled{Action: event.Extend, Trials: trials, By: more.by}
		first = append(first, search.Request{Controlled: c, Answer: func(refusal error) error { return refusal }})
	}
	first = append(first, in.read()...)
	in.requests = make(chan search.Request, len(first))
	for _, q := range first {
		in.requests <- q
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		in.watch(ctx)
	}()
	return in.requests, func() { cancel(); <-ended }
}

// watch passes requests on until ctx ends.
func (in *inbox) watch(ctx context.Context) {
	tick := time.NewTicker(inboxEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		for _, q := range in.read() {
			select {
			case in.requests <- q:
			case <-ctx.Done():
				return
			}
		}
	}
}

// read returns the requests that have not been passed on.
func (in *inbox) read() []search.Request {
	asked, err := in.log.Requests()
	if err != nil {
		if !in.passed[""] { // say it once
			fmt.Fprintf(in.app.info(), "warning: %v; as long as that is so, nothing can be asked of the study\n", err)
		}
		in.passed[""] = true
		return nil
	}
	var all []search.Request
	for _, c := range asked {
		if in.passed[c.Request] {
			continue
		}
		in.passed[c.Request] = true
		all = append(all, search.Request{Controlled: c, Answer: func(refusal error) error {
			return in.log.Answer(c.Request, refusal)
		}})
	}
	return all
}
