package kernels

import (
	"os"
	"os/exec"
	"regexp"
	"testing"
)

// On arm64 the compiler fuses x*y + z unless the product is converted: there must be no fused instruction.
func TestNothingFuses(t *testing.T) {
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("needs the go command")
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
