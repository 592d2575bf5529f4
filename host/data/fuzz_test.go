package data

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"testing/fstest"
)

// fuzzOpen opens a set in which one file is hostile: no panic, no memory out
// of proportion, a *FileError or a sound set.
func fuzzOpen(t *testing.T, name string, fsys fstest.MapFS, hostile []byte) {
	t.Helper()
	var d *Dataset
	var err error
	// What a gzip file may unpack to, the copies made of it, and gzip's own
	// tables. A mutated gzip seed of a few bytes may use the first mebibyte.
	most := uint64(4*(maxRatio*len(hostile)+1<<20)) + 8<<20
	if len(hostile) < 2 || hostile[0] != 0x1f || hostile[1] != 0x8b {
		most = uint64(16*len(hostile)) + 1<<20
	}
	if got := allocated(func() { d, err = Open(Options{Name: name, FS: fsys}) }); got > most {
		t.Errorf("%d bytes allocated for a file of %d, want at most %d", got, len(hostile), most)
	}
	if err != nil {
		var known *FileError
		if !errors.As(err, &known) || known.File == "" || known.Problem == "" || known.Fix == "" {
			t.Errorf("%v does not say all it should", err)
		}
		return
	}
	if err := d.Train.Validate(10); err != nil {
		t.Error(err)
	}
	if len(d.Hash) != 64 {
		t.Errorf("hash %q", d.Hash)
	}
}

func FuzzCIFAR(f *testing.F) {
	whole := cifarBytes(2, 3)
	f.Add(whole)
	f.Add(whole[:cifarRecord+1])
	f.Add(append(slices.Clone(whole), 255))
	f.Add(bytes.Repeat([]byte{10}, cifarRecord))
	f.Add([]byte{})
	f.Add(zipped(whole))
	f.Fuzz(func(t *testing.T, file []byte) {
		fuzzOpen(t, "cifar10", tree(member{"data_batch_1.bin", file}), file)
	})
}

func FuzzArchive(f *testing.F) {
	whole := tarred(member{"cifar-10-batches-bin/data_batch_2.bin", cifarBytes(1, 3)}, member{"test_batch.bin", cifarBytes(1, 0)})
	f.Add(whole)
	f.Add(zipped(whole))
	f.Add(whole[:700])
	f.Fuzz(func(t *testing.T, file []byte) {
		fuzzOpen(t, "cifar10", tree(member{cifarArchive, file}), file)
	})
}

func FuzzMNISTImages(f *testing.F) {
	f.Add(images28(3))
	f.Add(images28(3)[:500])
	f.Add(zipped(images28(3)))
	f.Add(zipped(images28(3))[:40])
	f.Add(idxFile(make([]byte, 12), 3, 2, 2))
	f.Add(idxFile(nil, 1<<24, 256, 256))
	f.Add(idxFile(nil, 1<<32-1, 1<<32-1, 1<<32-1))
	f.Fuzz(func(t *testing.T, file []byte) {
		fuzzOpen(t, "mnist", tree(member{"train-images-idx3-ubyte", file}, member{"train-labels-idx1-ubyte", labels(3)}), file)
	})
}

func FuzzMNISTLabels(f *testing.F) {
	f.Add(labels(3))
	f.Add(labels(4))
	f.Add(labels(3)[:9])
	f.Add(zipped(labels(3)))
	f.Add(idxFile([]byte{1, 2, 11}, 3))
	f.Add(idxFile(nil, 1<<32-1))
	f.Fuzz(func(t *testing.T, file []byte) {
		fuzzOpen(t, "mnist", tree(member{"train-images-idx3-ubyte", images28(3)}, member{"train-labels-idx1-ubyte", file}), file)
	})
}
