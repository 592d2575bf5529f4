package main

import (
	"strings"
	"testing"
)

// TestScript: the commands that are sent are those that the script knows.
func TestScript(t *testing.T) {
	if want := `COMMANDS = ("describe", "load", "check", "train", "free")`; !strings.Contains(string(script), want) {
		t.Errorf("the script has no line %s", want)
	}
	for _, layout := range layouts {
		if !strings.Contains(string(script), `"`+layout+`": torch.`) {
			t.Errorf("the script does not know the layout %s", layout)
		}
	}
}
