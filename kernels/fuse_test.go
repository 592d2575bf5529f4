package kernels

import (
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"testing"
)

// On arm64 the compiler fuses x*y + z unless the product is converted: there must be no fused instruction.
func TestNothingFuses(t *testing.T) {
	if runtime.GOOS == "js" {
		t.Skip("SKIPPED: WebAssembly cannot start a process")
	}
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(goTool, "build", "-gcflags=-S", ".")
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm64")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if !regexp.MustCompile(`\sFMULS\s`).Match(out) {
		t.Fatal("the listing has no multiplication")
	}
	for _, line := range regexp.MustCompile(`.*\sFN?M(ADD|SUB)[SD]\s.*`).FindAll(out, -1) {
		t.Errorf("fused: %s", line)
	}
}
