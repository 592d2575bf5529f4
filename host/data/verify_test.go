package data

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
)

// verified maps each report's file to its standing and records.
func verified(t *testing.T, name string, fsys fstest.MapFS) map[string]string {
	t.Helper()
	reports, err := Verify(Options{Name: name, FS: fsys, Dir: "d"})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, r := range reports {
		all[strings.TrimPrefix(r.File, "d/")] = fmt.Sprint(r.Standing, " ", r.Records)
		bad := r.Standing == Damaged || r.Standing == Missing
		if bad != (r.Problem != nil) {
			t.Errorf("%s is %s with problem %v", r.File, r.Standing, r.Problem)
		}
		if !bad && (len(r.SHA256) != 64 || r.Bytes == 0) {
			t.Errorf("%s: %d bytes, sum %q", r.File, r.Bytes, r.SHA256)
		}
	}
	return all
}

func expect(t *testing.T, got, want map[string]string) {
	t.Helper()
	for file, standing := range want {
		if got[file] != standing {
			t.Errorf("%s: %q, want %q", file, got[file], standing)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d reports, want %d: %v", len(got), len(want), got)
	}
}

func TestVerifyCIFAR(t *testing.T) {
	fsys := with(smallCIFAR(), "data_batch_2.bin", cifarBytes(cifarRecords, 0))
	fsys = with(fsys, "data_batch_4.bin", []byte{1, 2, 3})
	expect(t, verified(t, "cifar10", fsys), map[string]string{
		"data_batch_1.bin": "not official 3", "data_batch_2.bin": "official size 10000", "data_batch_3.bin": "not official 2",
		"data_batch_4.bin": "damaged 0", "data_batch_5.bin": "missing 0", "test_batch.bin": "not official 2",
	})
}

func TestVerifyArchive(t *testing.T) {
	archive := tarred(member{"data_batch_1.bin", cifarBytes(2, 0)}, member{"test_batch.bin", cifarBytes(1, 0)})
	expect(t, verified(t, "cifar10", tree(member{"cifar-10-binary.tar.gz", zipped(archive)})), map[string]string{
		"cifar-10-binary.tar.gz": "not official 3", "data_batch_2.bin": "missing 0", "data_batch_3.bin": "missing 0",
		"data_batch_4.bin": "missing 0", "data_batch_5.bin": "missing 0",
	})
	torn := zipped(archive)
	got := verified(t, "cifar10", tree(member{"cifar-10-binary.tar.gz", torn[:len(torn)-100]}))
	expect(t, got, map[string]string{"cifar-10-binary.tar.gz": "damaged 0"})
}

func TestVerifyMNIST(t *testing.T) {
	fsys := without(smallMNIST(), "t10k-labels-idx1-ubyte")
	fsys = with(fsys, "train-labels-idx1-ubyte.gz", zipped(labels(12)))
	fsys = with(fsys, "t10k-images-idx3-ubyte", images28(3)[:50])
	expect(t, verified(t, "mnist", fsys), map[string]string{
		"train-images-idx3-ubyte": "not official 12", "train-labels-idx1-ubyte.gz": "not official 12",
		"t10k-images-idx3-ubyte": "damaged 3", "t10k-labels-idx1-ubyte.gz": "missing 0",
	})
}

func TestVerifyNothing(t *testing.T) {
	for _, name := range []string{"cifar10", "mnist", "ptb", "ptb-char", "text"} {
		if _, err := Verify(Options{Name: name, FS: fstest.MapFS{}}); !errors.Is(err, ErrMissing) {
			t.Errorf("%s in an empty folder: %v", name, err)
		}
	}
}

func TestVerifyShapes(t *testing.T) {
	reports, err := Verify(Options{Size: 20, Noise: -1})
	if err != nil || len(reports) != 1 {
		t.Fatal(reports, err)
	}
	if r := reports[0]; r.Standing != Official || r.SHA256 != shapesHash || r.Problem != nil {
		t.Errorf("%+v: this machine draws other shapes", r)
	}
}

func TestVerifyPTB(t *testing.T) {
	fsys := with(without(smallPTB(), "ptb.test.txt"), "ptb.valid.txt", []byte("a\nb\xff"))
	for _, name := range []string{"ptb", "ptb-char"} {
		expect(t, verified(t, name, fsys), map[string]string{
			"ptb.train.txt": "not official 2", "ptb.valid.txt": "damaged 0", "ptb.test.txt": "missing 0",
		})
	}
}

func TestVerifyText(t *testing.T) {
	fsys := tree(member{"a.txt", []byte("one\ntwo")}, member{"b.txt", []byte("\x00")}, member{"c.md", []byte("other")})
	expect(t, verified(t, "text", fsys), map[string]string{"a.txt": "readable 2", "b.txt": "damaged 0"})
}

func TestVerifyGrammar(t *testing.T) {
	reports, err := Verify(Options{Name: "grammar", Seed: 3})
	if err != nil || len(reports) != 1 {
		t.Fatal(reports, err)
	}
	if r := reports[0]; r.Standing != Official || r.SHA256 != grammarHash || r.Problem != nil || r.Records < 5000 {
		t.Errorf("%+v: this machine draws other sentences", r)
	}
}
