// Command espalier searches for neural network architectures by reinforcement
// learning, on this machine, from search spaces that are sandboxed plugins.
//
// Results go to standard output; progress, warnings and hints go to standard
// error. The exit codes are listed beside their names in exit.go and in
// `espalier help exit-codes`.
package main

import (
	"context"
	"os"
)

// version is set by the build.
var version = "development"

func main() {
	ctx, stop := interruptible(context.Background())
	app := newApp(os.Stdout, os.Stderr, os.Getenv, os.Environ())
	app.command = os.Args[0]
	code := app.run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}
