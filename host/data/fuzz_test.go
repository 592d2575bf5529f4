package data

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"testing/fstest"
	"unicode/utf8"
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

// fuzzCorpus opens a text of which one file is hostile, as fuzzOpen does.
func fuzzCorpus(t *testing.T, o Options, hostile []byte) {
	t.Helper()
	var c *Corpus
	var err error
	// Every two bytes may be a word of its own, with its place in a map.
	most := uint64(256*len(hostile)) + 1<<20
	if len(hostile) >= 2 && hostile[0] == 0x1f && hostile[1] == 0x8b {
		most = 256*uint64(maxRatio*len(hostile)+1<<20) + 8<<20
	}
	if got := allocated(func() { c, err = OpenCorpus(o) }); got > most {
		t.Errorf("%d bytes allocated for a file of %d, want at most %d", got, len(hostile), most)
	}
	if err != nil {
		var known *FileError
		if !errors.As(err, &known) || known.File == "" || known.Problem == "" || known.Fix == "" {
			t.Errorf("%v does not say all it should", err)
		}
		return
	}
	c.check(t)
	for _, part := range [][]int32{c.Train, c.Valid, c.test} {
		if !utf8.ValidString(c.Text(part)) {
			t.Error("a part is no text")
		}
	}
}

func FuzzText(f *testing.F) {
	for _, text := range [][]byte{
		numberedLines(40), bytes.Repeat([]byte("\r\n"), 300), bytes.Repeat([]byte("a b"), 300), []byte("caf\xe9"),
		zipped(numberedLines(50)), bytes.Repeat([]byte("\u4f60 \u0301\n"), 99), {}, []byte("\ufeff"), bytes.Repeat([]byte("<unk> <eos> "), 99),
	} {
		f.Add(text, true, 3, uint64(1))
		f.Add(text, false, 100, uint64(2))
	}
	f.Fuzz(func(t *testing.T, file []byte, words bool, vocabulary int, seed uint64) {
		o := Options{Name: "text", FS: tree(member{"a.txt", file}), Tokens: Character, Vocabulary: 3 + abs(vocabulary%1000), Seed: seed, Shuffle: seed%3 == 0}
		if words {
			o.Tokens = Word
		}
		fuzzCorpus(t, o, file)
	})
}

func FuzzPTB(f *testing.F) {
	for _, file := range smallPTB() {
		f.Add(file.Data, "ptb")
		f.Add(file.Data, "ptb-char")
	}
	f.Add([]byte("what else\r\n"), "ptb")
	f.Add([]byte("\n \n"), "ptb-char")
	f.Add(zipped([]byte("the cat")), "ptb")
	f.Fuzz(func(t *testing.T, file []byte, name string) {
		if name != "ptb-char" {
			name = "ptb"
		}
		for _, hostile := range []string{"ptb.train.txt", "ptb.valid.txt"} {
			fuzzCorpus(t, Options{Name: name, FS: with(smallPTB(), hostile, file)}, file)
		}
	})
}
