package guest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// maxGuest is what a bundled plugin may take when built as the package doc says;
// declared, which is an interpreter, may take more.
const (
	maxGuest    = 2 << 20
	maxDeclared = 35 << 16
)

// TestBundledPluginsAreSmall builds the plugins as an author would.
func TestBundledPluginsAreSmall(t *testing.T) {
	if os.Getenv("ESPALIER_LONG") == "" {
		t.Skip("builds guests with the go command; set ESPALIER_LONG=1 to run it")
	}
	for _, plugin := range []string{"baselines", "cells", "cnn", "declared", "mlp", "rewards", "rnncell"} {
		file := filepath.Join(t.TempDir(), plugin+".wasm")
		cmd := exec.Command("go", "build", "-buildmode=c-shared", "-trimpath", "-ldflags=-s", "-o", file, "./plugins/"+plugin+"/guest")
		cmd.Dir = filepath.Join("..", "..")
		cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", plugin, err, out)
		}
		wasm, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d bytes", plugin, len(wasm))
		most := maxGuest
		if plugin == "declared" {
			most = maxDeclared
		}
		if len(wasm) >= most {
			t.Errorf("%s takes %d bytes, at most %d are allowed; what does it link?", plugin, len(wasm), most)
		}
		for _, name := range []string{"memory", "esp_abi", "esp_alloc", "esp_free", "esp_call", "_initialize"} {
			if !strings.Contains(string(wasm), string(rune(len(name)))+name) {
				t.Errorf("%s does not export %s", plugin, name)
			}
		}
	}
}

// TestSmallLinks holds that the SDK links none of the packages that make a
// guest large.
func TestSmallLinks(t *testing.T) {
	for _, plugin := range []string{"baselines", "cells", "cnn", "declared", "mlp", "rewards", "rnncell"} {
		cmd := exec.Command("go", "list", "-deps", "./plugins/"+plugin+"/guest")
		cmd.Dir = filepath.Join("..", "..")
		cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v", plugin, err)
		}
		linked := " " + strings.Join(strings.Fields(string(out)), " ") + " "
		for _, heavy := range []string{"fmt", "encoding/json", "reflect", "os", "io", "time", "unicode", "strings", "bytes", "embed", "crypto/sha256"} {
			if strings.Contains(linked, " "+heavy+" ") {
				t.Errorf("%s links %s", plugin, heavy)
			}
		}
	}
}
