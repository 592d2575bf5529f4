package data

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func smallCIFAR() fstest.MapFS {
	return tree(
		member{"data_batch_1.bin", cifarBytes(3, 4)},
		member{"data_batch_3.bin", cifarBytes(2, 8)},
		member{"test_batch.bin", cifarBytes(2, 1)},
	)
}

func TestCIFAR(t *testing.T) {
	d, err := Open(Options{Name: "cifar10", FS: smallCIFAR()})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Train.Validate(10); err != nil {
		t.Error(err)
	}
	if !slices.Equal(d.Train.Labels, []int32{4, 5, 6, 8, 9}) {
		t.Errorf("labels %v", d.Train.Labels)
	}
	if d.Classes[4] != "deer" || len(d.Classes) != 10 {
		t.Errorf("classes %v", d.Classes)
	}
	test, err := d.Test("test")
	if err != nil || !slices.Equal(test.Labels, []int32{1, 2}) {
		t.Errorf("test labels %v, %v", test.Labels, err)
	}
	// Planes become interleaved channels: pixel (y, x) of record r is
	// (v, v+100, v+200) with v = r + 32y + x.
	for _, at := range []struct{ image, y, x, record int }{{0, 0, 0, 0}, {2, 31, 31, 2}, {4, 5, 9, 1}} {
		v := byte(at.record + 32*at.y + at.x)
		got := d.Train.Image(at.image)[(at.y*32+at.x)*3:][:3]
		if want := []byte{v, v + 100, v + 200}; !slices.Equal(got, want) {
			t.Errorf("image %d, pixel (%d, %d) is %v, want %v", at.image, at.y, at.x, got, want)
		}
	}
	notes := strings.Join(d.Notes, "\n")
	for _, part := range []string{
		"data_batch_1.bin holds 3 records, the official file 10000.",
		"test_batch.bin holds 2 records, the official file 10000.",
		"The official set also has data_batch_2.bin, data_batch_4.bin, data_batch_5.bin.",
	} {
		if !strings.Contains(notes, part) {
			t.Errorf("the notes do not say %q but:\n%s", part, notes)
		}
	}
}

// TestCIFARPlaces: the same images are the same set wherever they lie.
func TestCIFARPlaces(t *testing.T) {
	flat := smallCIFAR()
	below, disorder := fstest.MapFS{}, []member{{"cifar-10-batches-bin/readme.html", []byte("hello")}}
	for _, name := range []string{"test_batch.bin", "data_batch_3.bin", "data_batch_1.bin"} {
		below["cifar-10-batches-bin/"+name] = flat[name]
		disorder = append(disorder, member{"cifar-10-batches-bin/" + name, flat[name].Data})
	}
	packed := tree(member{"cifar-10-binary.tar.gz", zipped(tarred(disorder...))})
	unzipped := tree(member{"cifar-10-binary.tar.gz", tarred(disorder...)})
	want, err := Open(Options{Name: "cifar10", FS: flat})
	if err != nil {
		t.Fatal(err)
	}
	for name, fsys := range map[string]fstest.MapFS{"below": below, "packed": packed, "unzipped": unzipped} {
		got, err := Open(Options{Name: "cifar10", FS: fsys})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got.Hash != want.Hash || !slices.Equal(got.Notes, want.Notes) {
			t.Errorf("%s: another data set: %v", name, got.Notes)
		}
	}
}

func TestCIFARLimit(t *testing.T) {
	for limit, want := range map[int][]int32{1: {4}, 4: {4, 5, 6, 8}, 5: {4, 5, 6, 8, 9}, 99: {4, 5, 6, 8, 9}} {
		d, err := Open(Options{Name: "cifar10", FS: smallCIFAR(), Limit: limit})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(d.Train.Labels, want) || d.TestCount() != min(2, limit) {
			t.Errorf("limit %d: labels %v and %d test images", limit, d.Train.Labels, d.TestCount())
		}
		noted := strings.Contains(strings.Join(d.Notes, "\n"), "of 5 training images are used")
		if noted != (limit < 5) {
			t.Errorf("limit %d: notes %q", limit, d.Notes)
		}
	}
}

func TestCIFARWithoutTest(t *testing.T) {
	d, err := Open(Options{Name: "cifar10", FS: without(smallCIFAR(), "test_batch.bin"), Dir: "pictures"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.Test("final")
	fault{ErrMissing, "pictures/test_batch.bin", -1, []string{"no test images", "cifar-10-binary.tar.gz"}}.check(t, err)
	if d.TestCount() != 0 || len(d.TestReads()) != 0 {
		t.Errorf("%d test images, reads %v", d.TestCount(), d.TestReads())
	}
}

func TestCIFARErrors(t *testing.T) {
	good := smallCIFAR()
	batch := good["data_batch_1.bin"].Data
	spoilt := slices.Clone(batch)
	spoilt[2*cifarRecord] = 10
	packed := func(members ...member) fstest.MapFS {
		return tree(member{"cifar-10-binary.tar.gz", zipped(tarred(members...))})
	}
	archive := packed(member{"x/data_batch_1.bin", batch})["cifar-10-binary.tar.gz"].Data
	for name, c := range map[string]struct {
		fsys fstest.MapFS
		fault
	}{
		"cut short": {with(good, "data_batch_3.bin", batch[:2*cifarRecord+17]),
			fault{ErrCorrupt, "data_batch_3.bin", 2 * cifarRecord, []string{"the last record has 17 of 3073 bytes", "replace the file"}}},
		"label": {with(good, "data_batch_1.bin", spoilt),
			fault{ErrCorrupt, "data_batch_1.bin", 2 * cifarRecord, []string{"label 10, expected 0 to 9"}}},
		"empty file":   {with(good, "test_batch.bin", nil), fault{ErrCorrupt, "test_batch.bin", 0, []string{"empty"}}},
		"folder":       {with(good, "data_batch_2.bin/x", nil), fault{ErrCorrupt, "data_batch_2.bin", -1, []string{"is a folder"}}},
		"only test":    {tree(member{"test_batch.bin", batch}), fault{ErrMissing, "the data folder", -1, []string{"none of the training files"}}},
		"empty folder": {tree(member{"readme.txt", nil}), fault{ErrMissing, "the data folder", -1, []string{"neither itself nor in cifar-10-batches-bin", "get https://www.cs.toronto.edu", "into the data folder"}}},
		"archive label": {packed(member{"x/data_batch_1.bin", spoilt}),
			fault{ErrCorrupt, "cifar-10-binary.tar.gz:data_batch_1.bin", 2 * cifarRecord, []string{"label 10"}}},
		"archive twice": {packed(member{"x/data_batch_1.bin", batch}, member{"y/data_batch_1.bin", batch}),
			fault{ErrCorrupt, "cifar-10-binary.tar.gz", -1, []string{"data_batch_1.bin twice"}}},
		"archive without": {packed(member{"readme", batch}), fault{ErrMissing, "the data folder", -1, []string{"none of the training files"}}},
		"archive empty member": {packed(member{"data_batch_1.bin", nil}),
			fault{ErrCorrupt, "cifar-10-binary.tar.gz:data_batch_1.bin", 0, []string{"empty"}}},
		"archive checksum": {tree(member{"cifar-10-binary.tar.gz", append(slices.Clone(archive[:len(archive)-8]), 1, 2, 3, 4, 5, 6, 7, 8)}),
			fault{ErrCorrupt, "cifar-10-binary.tar.gz", int64(len(tarred(member{"x/data_batch_1.bin", batch}))), []string{"checksum"}}},
		"no archive": {tree(member{"cifar-10-binary.tar.gz", []byte("<html>not found, or so it seems</html>")}),
			fault{ErrCorrupt, "cifar-10-binary.tar.gz", -1, []string{"archive is damaged or cut short"}}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(Options{Name: "cifar10", FS: c.fsys})
			c.check(t, err)
		})
	}
}

// TestCIFARArchiveCutShort: wherever the archive ends too early, that is said.
func TestCIFARArchiveCutShort(t *testing.T) {
	whole := zipped(tarred(member{"data_batch_1.bin", cifarBytes(2, 0)}, member{"test_batch.bin", cifarBytes(1, 0)}))
	for n := 1; n < len(whole); n += 1 + len(whole)/97 {
		_, err := Open(Options{Name: "cifar10", FS: tree(member{"cifar-10-binary.tar.gz", whole[:n]})})
		if err == nil {
			t.Fatalf("accepted when cut to %d of %d bytes", n, len(whole))
		}
		if !strings.Contains(err.Error(), "cut short") {
			t.Errorf("cut to %d of %d bytes: %v", n, len(whole), err)
		}
	}
}
