package kernels

import (
	"errors"
	"math"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
)

func TestUse(t *testing.T) {
	levels := Levels()
	if levels[0] != Generic {
		t.Fatalf("the first level is %q", levels[0])
	}
	before := Active()
	for _, l := range levels {
		restore, err := Use(l)
		if err != nil || Active() != l {
			t.Errorf("Use(%q): %v, active is %q", l, err, Active())
		}
		if restore(); Active() != before {
			t.Errorf("%q is active after restoring %q", Active(), before)
		}
	}
	if _, err := Use("sse9"); err == nil || !strings.Contains(err.Error(), `"sse9"`) || !strings.Contains(err.Error(), string(levels[len(levels)-1])) {
		t.Errorf("an unknown level: %v", err)
	}
	if Active() != before {
		t.Errorf("a failed Use left %q active", Active())
	}
}

// The test binary, run again with the variable set, prints what it did to it.
func TestEnvLevel(t *testing.T) {
	if os.Getenv("KERNELS_TEST_PRINT") != "" {
		os.Stdout.WriteString("level " + string(Active()) + "\n")
		if err := InitError(); err != nil {
			os.Stdout.WriteString("error " + err.Error() + "\n")
		}
		return
	}
	if runtime.GOOS == "js" {
		t.Skip("SKIPPED: WebAssembly cannot start a process")
	}
	best := Levels()[len(Levels())-1]
	for value, want := range map[string]string{
		"generic": "level generic\n",
		"":        "level " + string(best) + "\n",
		"none":    "level " + string(best) + "\nerror ESPALIER_KERNELS: kernels: level \"none\" is unknown",
	} {
		cmd := again(t, "-test.run=^TestEnvLevel$")
		cmd.Env = append(os.Environ(), "KERNELS_TEST_PRINT=1", EnvLevel+"="+value)
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), want) {
			t.Errorf("%s=%q: %v, %q", EnvLevel, value, err, out)
		}
		if value != "none" && strings.Contains(string(out), "error") {
			t.Errorf("%s=%q: %q", EnvLevel, value, out)
		}
	}
}

// again returns the command that runs the test binary with other arguments. Where that is another machine's, which the
// system itself cannot run, an emulator does.
func again(t *testing.T, args ...string) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOARCH == "arm64" && errors.Is(exec.Command(self, "-test.run=^$").Run(), syscall.ENOEXEC) {
		emulator := "qemu-aarch64"
		if _, err := exec.LookPath(emulator); err != nil {
			emulator += "-static"
		}
		return exec.Command(emulator, append([]string{self}, args...)...)
	}
	return exec.Command(self, args...)
}

// The generic level's bits are the same on every machine, and level simd128's are the same: these were written down once.
func TestGenericBits(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		if l := Active(); l == Generic || l == SIMD128 {
			genericBits(t)
		}
	})
}

func genericBits(t *testing.T) {
	r := newRand()
	g := layer{batch: 2, h: 9, w: 8, in: 60, out: 13, kh: 3, kw: 3, sh: 2, same: true}.conv()
	x, y := newGuarded(t, r, "x", g.Batch*g.InH*g.InW*g.InC).x, make([]float32, g.Batch*g.OutH*g.OutW*g.OutC)
	w := newGuarded(t, r, "w", g.KernelH*g.KernelW*g.InC*g.OutC).x
	dx, dw := make([]float32, len(x)), make([]float32, len(w))
	s := NewScratch()
	convForward(s, g, y, whole(g, x), w)
	Scale(y, 0.05)
	convBackwardData(s, g, whole(g, dx), y, w)
	ConvBackwardWeights(s, g, dw, y, whole(g, x))
	rows, cols := len(y)/g.OutC, g.OutC
	gamma, mean, invStd := newGuarded(t, r, "gamma", cols).x, make([]float32, cols), make([]float32, cols)
	z, dz := make([]float32, len(y)), make([]float32, len(y))
	batchNormForward(z, y, gamma, gamma, mean, invStd, rows, cols, 1e-5, true)
	batchNormBackward(dz, mean, mean, z, y, gamma, gamma, mean, invStd, rows, cols, true)
	Tanh(y, y)
	Exp(x, x)
	Sigmoid(dx, dx)
	Sin(dw, dw)
	Adam(w, dw, slices.Clone(dw), x, 0.01, 0.9, 0.999, 1e-8, 1e-4, 0.1, 0.001)
	loss, _ := SoftmaxCrossEntropy(z, z, make([]int32, rows), rows, cols, 0.5)

	h := uint64(14695981039346656037) // FNV-1a
	for _, v := range [][]float32{y, x, dx, dw, w, z, dz, mean, invStd, {Dot(dw, w)}} {
		for _, f := range v {
			h = (h ^ uint64(math.Float32bits(f))) * 1099511628211
		}
	}
	h = (h ^ math.Float64bits(loss)) * 1099511628211
	if want := uint64(0xb2124e34fdbd9030); h != want {
		t.Errorf("bits hash to %#x, want %#x", h, want)
	}
}
