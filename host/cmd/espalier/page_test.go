package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/wasm/sandbox/sandboxtest"
)

// commandLine finds the commands of a page: in an indented line, or in back
// quotes.
var commandLine = regexp.MustCompile("(?m)(?:^    (?:\\$ |next: )?|`)(espalier [^`\n#>]*)")

// quoted matches what a shell takes for one word.
var quoted = regexp.MustCompile(`'[^']*'`)

// TestAuthorsPages: every command that the pages for authors of plugins show is
// one, with flags that it has.
func TestAuthorsPages(t *testing.T) {
	root, err := sandboxtest.Root()
	if err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob(filepath.Join(root, "plugins", "templates", "*", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	commands := 0
	for _, page := range append(pages, filepath.Join(root, "plugins", "README.md")) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range commandLine.FindAllStringSubmatch(string(text), -1) {
			line := match[1]
			if strings.HasPrefix(line, "espalier  ") {
				continue // not a command, but what the program is
			}
			commands++
			words := strings.Fields(quoted.ReplaceAllString(line, "{}"))
			a := newApp(os.Stdout, os.Stderr, func(string) string { return "" }, nil)
			cmd, args, err := a.root().Find(words[1:])
			if err == nil && cmd.HasSubCommands() {
				t.Errorf("%s: %q names no command", page, line)
				continue
			}
			if err == nil {
				err = cmd.ParseFlags(args)
			}
			if err == nil && cmd.Args != nil {
				err = cmd.Args(cmd, cmd.Flags().Args())
			}
			if err != nil {
				t.Errorf("%s: %q: %v", page, line, err)
			}
		}
	}
	if commands < 30 {
		t.Errorf("only %d commands are found", commands)
	}
}
