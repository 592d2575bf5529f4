package child

import (
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"testing"
)

// TestNothingFuses: on arm64 the compiler fuses x*y + z unless the product is
// converted. What decides a study's numbers outside package kernels, which has
// a test like this one, must have no fused instruction, or they would depend on
// the architecture.
func TestNothingFuses(t *testing.T) {
	if os.Getenv("ESPALIER_LONG") != "1" {
		t.Skip("compiles much of the standard library for arm64; set ESPALIER_LONG=1")
	}
	if runtime.GOOS == "js" {
		t.Skip("SKIPPED: WebAssembly cannot start a process")
	}
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(goTool, "build", "-gcflags=-S", ".", "../controller", "../strategy")
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm64")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if !regexp.MustCompile(`\sFMULD\s`).Match(out) {
		t.Fatal("the listing has no multiplication")
	}
	for _, line := range regexp.MustCompile(`.*\sFN?M(ADD|SUB)[SD]\s.*`).FindAll(out, -1) {
		t.Errorf("fused: %s", line)
	}
}
