package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
)

// Causes of a cancelled context: which signal asked the program to stop.
var (
	errInterrupted = errors.New("interrupted")
	errTerminated  = errors.New("terminated")
)

// interruptible returns a context that the first SIGINT or SIGTERM cancels, so
// that the study is checkpointed. A second signal ends the process at once.
func interruptible(parent context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case s := <-signals:
			signal.Stop(signals) // the next one has its default effect
			if s == syscall.SIGTERM {
				cancel(errTerminated)
			} else {
				cancel(errInterrupted)
			}
		case <-ctx.Done():
		}
	}()
	return ctx, func() { signal.Stop(signals); cancel(nil) }
}

// goOnUnheard makes a command that takes long go on when nobody reads what it
// prints any more: an interruption also ends the tee behind it, and must not end
// the study before it is checkpointed.
func goOnUnheard() { signal.Ignore(syscall.SIGPIPE) }
