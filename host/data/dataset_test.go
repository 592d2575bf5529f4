package data

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/espalier-nas/espalier/wasm/spec"
)

func numberedSet(n int) *Dataset {
	d := &Dataset{Name: "numbers", Classes: mnistClasses, Train: numbered(n), test: numbered(3)}
	d.seal()
	return d
}

func TestSplit(t *testing.T) {
	d := numberedSet(500)
	train, valid, err := d.Split(7, 50)
	if err != nil {
		t.Fatal(err)
	}
	if train.N != 450 || valid.N != 50 {
		t.Fatalf("parts of %d and %d, want 450 and 50", train.N, valid.N)
	}
	for _, part := range []*Images{train, valid} {
		if err := part.Validate(10); err != nil {
			t.Error(err)
		}
		if !slices.IsSorted(part.numbers()) {
			t.Error("a part is not in the order of the files")
		}
		for i, number := range part.numbers() {
			if int(part.Labels[i]) != number%10 {
				t.Errorf("image %d has label %d", number, part.Labels[i])
			}
		}
	}
	union := slices.Sorted(slices.Values(append(train.numbers(), valid.numbers()...)))
	if !slices.Equal(union, d.Train.numbers()) {
		t.Error("the parts are not a partition of the training images")
	}
}

func TestSplitSeeds(t *testing.T) {
	held := func(seed uint64) string {
		_, valid, err := numberedSet(100).Split(seed, 10)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(valid.numbers())
	}
	if first, second := held(1), held(1); first != second {
		t.Errorf("seed 1 holds out %s, then %s", first, second)
	}
	different := map[string]bool{}
	for seed := range uint64(20) {
		different[held(seed)] = true
	}
	if len(different) != 20 {
		t.Errorf("20 seeds make only %d splits", len(different))
	}
}

func TestSplitRefuses(t *testing.T) {
	d := numberedSet(20)
	for _, valid := range []int{-1, 0, 20, 5000} {
		_, _, err := d.Split(1, valid)
		if err == nil || !strings.Contains(err.Error(), "choose 1 to 19") {
			t.Errorf("valid %d: %v, want the range 1 to 19", valid, err)
		}
		if other := strings.Contains(err.Error(), "or set no limit"); other != (valid >= 20) {
			t.Errorf("valid %d: %v: more images help only where there are too few", valid, err)
		}
	}
	for _, valid := range []int{1, 19} {
		if _, _, err := d.Split(1, valid); err != nil {
			t.Error(err)
		}
	}
}

func TestSplitTooFew(t *testing.T) {
	for _, valid := range []int{0, 1, 5} {
		_, _, err := numberedSet(1).Split(1, valid)
		if err == nil || strings.Contains(err.Error(), "choose") || !strings.Contains(err.Error(), "a larger limit") {
			t.Errorf("valid %d: %v, want a larger limit", valid, err)
		}
	}
}

func TestLockedTest(t *testing.T) {
	d := numberedSet(20)
	if d.TestCount() != 3 || len(d.TestReads()) != 0 {
		t.Fatalf("count %d, reads %v: want 3 and none", d.TestCount(), d.TestReads())
	}
	if _, err := d.Test(""); err == nil {
		t.Error("opened without a reason")
	}
	for _, reason := range []string{"final evaluation of study 7", "once more"} {
		m, err := d.Test(reason)
		if err != nil || m.N != 3 {
			t.Fatalf("Test: %v, %v", m, err)
		}
	}
	reads := d.TestReads()
	if want := []string{"final evaluation of study 7", "once more"}; !slices.Equal(reads, want) {
		t.Errorf("reads %q, want %q", reads, want)
	}
	reads[0] = "forged"
	if d.TestReads()[0] == "forged" {
		t.Error("the record can be changed from outside")
	}
}

func TestLockedTestHammer(t *testing.T) {
	d := numberedSet(20)
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			if _, err := d.Test(fmt.Sprint("reader ", i)); err != nil {
				t.Error(err)
			}
			d.TestReads()
		})
	}
	wg.Wait()
	if got := len(d.TestReads()); got != 50 {
		t.Errorf("%d reads recorded, want 50", got)
	}
}

func TestTask(t *testing.T) {
	task := numberedSet(20).Task()
	if task.Type != spec.TaskImage || !slices.Equal(task.Input, []int{1, 2, 1}) || task.Classes != 10 {
		t.Errorf("task %+v", task)
	}
}

// TestHash: whatever changes what children learn from changes the hash.
func TestHash(t *testing.T) {
	base := numberedSet(20).Hash
	if len(base) != 64 || base != numberedSet(20).Hash {
		t.Fatalf("hash %q is not a reproducible SHA-256", base)
	}
	for name, change := range map[string]func(*Dataset){
		"name":       func(d *Dataset) { d.Name = "other" },
		"pixel":      func(d *Dataset) { d.Train.Pixels[7]++ },
		"label":      func(d *Dataset) { d.Train.Labels[7]++ },
		"shape":      func(d *Dataset) { d.Train.H, d.Train.W = 2, 1 },
		"test pixel": func(d *Dataset) { d.test.Pixels[1]++ },
		"no test":    func(d *Dataset) { d.test = nil },
		"classes":    func(d *Dataset) { d.Classes = d.Classes[:9] },
	} {
		d := numberedSet(20)
		change(d)
		if d.seal(); d.Hash == base {
			t.Errorf("another %s has the same hash", name)
		}
	}
}
