package data

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func smallMNIST() fstest.MapFS {
	return tree(
		member{"train-images-idx3-ubyte", images28(12)}, member{"train-labels-idx1-ubyte", labels(12)},
		member{"t10k-images-idx3-ubyte", images28(3)}, member{"t10k-labels-idx1-ubyte", labels(3)},
	)
}

func TestMNIST(t *testing.T) {
	d, err := Open(Options{Name: "mnist", FS: smallMNIST()})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Train.Validate(10); err != nil {
		t.Error(err)
	}
	if got := fmt.Sprint(d.Train.N, d.Train.H, d.Train.W, d.Train.C, d.TestCount()); got != "12 28 28 1 3" {
		t.Errorf("shape and test count %s", got)
	}
	if !slices.Equal(d.Train.Labels[8:], []int32{8, 9, 0, 1}) || d.Train.Image(11)[783] != 11 {
		t.Error("labels or pixels are not those of the file")
	}
	if notes := strings.Join(d.Notes, "\n"); !strings.Contains(notes, "train-images-idx3-ubyte holds 12 records, the official file 60000.") {
		t.Errorf("notes %s", notes)
	}
}

// TestMNISTPlaces: the same images are the same set, however they are named
// and packed.
func TestMNISTPlaces(t *testing.T) {
	want, err := Open(Options{Name: "mnist", FS: smallMNIST()})
	if err != nil {
		t.Fatal(err)
	}
	rename := func(how func(name string, content []byte) (string, []byte)) fstest.MapFS {
		all := fstest.MapFS{}
		for name, file := range smallMNIST() {
			name, content := how(name, file.Data)
			all[name] = &fstest.MapFile{Data: content}
		}
		return all
	}
	for what, fsys := range map[string]fstest.MapFS{
		"gzip":     rename(func(n string, c []byte) (string, []byte) { return n + ".gz", zipped(c) }),
		"dots":     rename(func(n string, c []byte) (string, []byte) { return strings.Replace(n, "-idx", ".idx", 1), c }),
		"below":    rename(func(n string, c []byte) (string, []byte) { return "mnist/" + n, c }),
		"raw":      rename(func(n string, c []byte) (string, []byte) { return "MNIST/raw/" + n, zipped(c) }),
		"misnamed": rename(func(n string, c []byte) (string, []byte) { return n + ".gz", c }),
	} {
		got, err := Open(Options{Name: "mnist", FS: fsys})
		if err != nil {
			t.Errorf("%s: %v", what, err)
		} else if got.Hash != want.Hash {
			t.Errorf("%s: another data set", what)
		}
	}
}

func TestMNISTLimit(t *testing.T) {
	d, err := Open(Options{Name: "mnist", FS: smallMNIST(), Limit: 5})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Train.Validate(10); err != nil {
		t.Error(err)
	}
	if d.Train.N != 5 || d.TestCount() != 3 || !strings.Contains(strings.Join(d.Notes, "\n"), "first 5 of 12") {
		t.Errorf("%d and %d images, notes %q", d.Train.N, d.TestCount(), d.Notes)
	}
}

func TestMNISTErrors(t *testing.T) {
	good := smallMNIST()
	const images, names = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
	image, label := good[images].Data, good[names].Data
	ten := slices.Clone(label)
	ten[8+7] = 10
	packed := zipped(image)
	for name, c := range map[string]struct {
		fsys fstest.MapFS
		fault
	}{
		"no images":      {without(good, images), fault{ErrMissing, images + ".gz", -1, []string{"packed or unpacked"}}},
		"no labels":      {without(good, names), fault{ErrMissing, names + ".gz", -1, nil}},
		"no test labels": {without(good, "t10k-labels-idx1-ubyte"), fault{ErrMissing, "t10k-labels-idx1-ubyte.gz", -1, nil}},
		"nothing":        {fstest.MapFS{}, fault{ErrMissing, "the data folder", -1, []string{"neither itself nor in mnist or MNIST/raw"}}},
		"swapped":        {with(good, images, label), fault{ErrCorrupt, images, 0, []string{"starts with 00 00 08 01, expected 00 00 08 03", "not an IDX file of images"}}},
		"count":          {with(good, names, labels(11)), fault{ErrCorrupt, names, 4, []string{"11 labels for the 12 images of " + images}}},
		"label":          {with(good, names, ten), fault{ErrCorrupt, names, 8 + 7, []string{"label 10, expected 0 to 9"}}},
		"cut short":      {with(good, images, image[:1000]), fault{ErrCorrupt, images, 1000, []string{"announces 12 images of 28x28, which is 9424 bytes"}}},
		"trailing":       {with(good, names, append(slices.Clone(label), 1, 2)), fault{ErrCorrupt, names, 8 + 12, []string{"2 bytes follow after 12 labels"}}},
		"half a header":  {with(good, images, image[:15]), fault{ErrCorrupt, images, 15, []string{"within its header of 16 bytes"}}},
		"huge": {with(good, images, idxFile(nil, 1<<31, 28, 28)), fault{ErrCorrupt, images, 4,
			[]string{"announces 2147483648 items"}}},
		"huge sides":     {with(good, images, idxFile(nil, 1, 1<<16, 1<<16)), fault{ErrCorrupt, images, 8, []string{"65536x65536"}}},
		"no sides":       {with(good, images, idxFile(nil, 1, 0, 28)), fault{ErrCorrupt, images, 8, []string{"0x28"}}},
		"no items":       {with(good, names, idxFile(nil, 0)), fault{ErrCorrupt, names, 4, []string{"0 items"}}},
		"empty":          {with(good, names, nil), fault{ErrCorrupt, names, 0, []string{"empty"}}},
		"packed, cut":    {with(good, images, packed[:len(packed)-9]), fault{ErrCorrupt, images, int64(len(image)), []string{"gzip data is damaged or cut short"}}},
		"gzip header":    {with(good, images, packed[:7]), fault{ErrCorrupt, images, 0, []string{"gzip header"}}},
		"test size":      {with(good, "t10k-images-idx3-ubyte", idxFile(make([]byte, 3*4), 3, 2, 2)), fault{ErrCorrupt, "t10k-images-idx3-ubyte", 8, []string{"2x2, expected 28x28"}}},
		"gzip bomb":      {with(good, images, zipped(make([]byte, 8<<20))), fault{ErrCorrupt, images, 0, nil}},
		"bomb of images": {with(good, images, zipped(idxFile(make([]byte, 8<<20), 8<<10, 32, 32))), fault{ErrCorrupt, images, bombLimit(idxFile(make([]byte, 8<<20), 8<<10, 32, 32)), []string{"unpacks to more than 64 times its size"}}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(Options{Name: "mnist", FS: c.fsys})
			c.check(t, err)
		})
	}
}

func bombLimit(content []byte) int64 { return int64(len(zipped(content)))*maxRatio + 1<<20 }

// TestMNISTWithoutTest: training needs no test images.
func TestMNISTWithoutTest(t *testing.T) {
	fsys := without(without(smallMNIST(), "t10k-images-idx3-ubyte"), "t10k-labels-idx1-ubyte")
	d, err := Open(Options{Name: "mnist", FS: fsys})
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.Test("final")
	fault{ErrMissing, "t10k-images-idx3-ubyte.gz", -1, []string{"no test images"}}.check(t, err)
}
