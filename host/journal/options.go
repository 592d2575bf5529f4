package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Options say how a journal is kept. Its zero value is not usable: start from
// Default.
type Options struct {
	// SyncRecords is the number of appended records after which Append commits
	// by itself. Default 64; at least 1.
	SyncRecords int
	// KeepPolicies is the number of newest policy snapshots that are kept.
	// Default 3; at least 1.
	KeepPolicies int
	// KeepEvery keeps, besides, every snapshot whose version it divides.
	// Default 100; 0: none.
	KeepEvery int
	// Program, Kernels and Workers describe this session in study.json.
	Program string
	Kernels string
	Workers int
	// Config, if it is not empty, takes the place of the configuration in
	// study.json when Open goes on with a study; the study's first event keeps
	// what it began with.
	Config json.RawMessage
	// Clock tells the time of sessions. Default time.Now.
	Clock func() time.Time
	// Files is where everything is written. Default: the disk.
	Files Files
}

// Default are the Options that suit a local disk.
func Default() Options {
	return Options{SyncRecords: 64, KeepPolicies: 3, KeepEvery: 100, Clock: time.Now, Files: disk{}}
}

// Validate reports every problem of o at once.
func (o Options) Validate() error {
	var problems []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			problems = append(problems, fmt.Errorf("journal: options: "+format, args...))
		}
	}
	check(o.SyncRecords >= 1, "SyncRecords is %d, want at least 1", o.SyncRecords)
	check(o.KeepPolicies >= 1, "KeepPolicies is %d, want at least 1", o.KeepPolicies)
	check(o.KeepEvery >= 0, "KeepEvery is %d, want 0 (none) or more", o.KeepEvery)
	check(o.Clock != nil, "Clock is nil; start from Default")
	check(o.Files != nil, "Files is nil; start from Default")
	return errors.Join(problems...)
}
