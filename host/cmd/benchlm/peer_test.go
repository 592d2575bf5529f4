package main

import (
	"strings"
	"testing"
)

// TestScript: the commands that are sent are those that the script knows.
func TestScript(t *testing.T) {
	if want := `COMMANDS = ("describe", "load", "check", "train", "record", "corpus", "epoch", "cell", "free")`; !strings.Contains(string(scriptText), want) {
		t.Errorf("the script has no line %s", want)
	}
	for _, mode := range []string{native, eager, scripted} {
		if !strings.Contains(string(scriptText), `"`+mode+`"`) {
			t.Errorf("the script does not know the mode %s", mode)
		}
	}
	if !strings.Contains(string(scriptText), "import torch_cell\n") || script.Modules["torch_cell.py"] == nil {
		t.Error("the script comes without the module that it imports")
	}
}
