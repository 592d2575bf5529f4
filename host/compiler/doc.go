// Package compiler turns the sources of a plugin into a finished module: it
// knows the languages of the templates, finds the compiler of each and its
// command line, and appends to what a compiler made the description that the
// plugin gives of itself.
//
//	language, err := compiler.Detect(dir)
//	command, err := language.Command(dir, "build/name.wasm")
//	err = command.Run(ctx, os.Stderr)
//	wasm, manifest, err := compiler.Finish(ctx, box, "name", wasm)
//
// A command is data, so that it can be shown before it is run and typed by hand.
package compiler
