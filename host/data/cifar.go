package data

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// The binary format of CIFAR-10 (Krizhevsky 2009): records of one label byte,
// then the red, the green and the blue plane of a 32x32 image, row by row.
const (
	cifarSide    = 32
	cifarPlane   = cifarSide * cifarSide
	cifarRecord  = 1 + 3*cifarPlane
	cifarRecords = 10_000 // of each official file

	cifarFolder  = "cifar-10-batches-bin"
	cifarArchive = "cifar-10-binary.tar.gz"
	cifarTest    = "test_batch.bin"

	// cifarArchiveSHA256 is of the archive whose MD5 its author publishes,
	// c32a1d4ab5d03f1284b67883e8d87530.
	cifarArchiveSHA256 = "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"
)

var cifarClasses = []string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}

func cifarTrain() []string {
	var files []string
	for i := range 5 {
		files = append(files, fmt.Sprintf("data_batch_%d.bin", i+1))
	}
	return files
}

func cifarFiles() []string { return append(cifarTrain(), cifarTest) }

func cifarSet() Set {
	return Set{
		Name:    "cifar10",
		Summary: "60,000 colour photographs of 32x32 pixels in ten classes, 10,000 of them for testing",
		Task:    spec.TaskImage,
		Source:  "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
		Licence: "none stated; its author asks to cite: Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009",
		Files:   append(cifarFiles(), cifarArchive),
	}
}

// batch is what one file of CIFAR-10 holds.
type batch struct {
	images  *Images // the first ones, as many as were asked for
	records int
}

// locateCIFAR finds the folder that holds the files or the archive.
func locateCIFAR(o Options) (folder, error) {
	get := fmt.Sprintf("get %s and put it, packed or unpacked, into %s", cifarSet().Source, o.Dir)
	at, err := locate(o, get, []string{".", cifarFolder}, cifarFiles())
	if err == nil {
		return at, nil
	}
	if home, missing := locate(o, get, []string{".", cifarFolder}, []string{cifarArchive}); missing == nil {
		return home, nil
	}
	return at, err
}

func openCIFAR(o Options) (*Dataset, error) {
	at, err := locateCIFAR(o)
	if err != nil {
		return nil, err
	}
	batches, err := at.batches(o.Limit)
	if err != nil {
		return nil, err
	}
	d := &Dataset{Classes: slices.Clone(cifarClasses)}
	var train []*Images
	var absent []string
	available := 0
	for _, name := range cifarFiles() {
		b, ok := batches[name]
		switch {
		case !ok:
			absent = append(absent, name)
			continue
		case b.records != cifarRecords:
			d.note("%s holds %d records, the official file %d.", name, b.records, cifarRecords)
		}
		if name == cifarTest {
			d.test = b.images
			continue
		}
		available += b.records
		delete(batches, name)
		train = append(train, b.images)
	}
	if len(train) == 0 {
		return nil, at.missing(".", "holds none of the training files data_batch_1.bin to data_batch_5.bin", nil)
	}
	if len(absent) > 0 {
		d.note("The official set also has %s.", strings.Join(absent, ", "))
	}
	if d.test == nil {
		d.door.lack = at.missing(cifarTest, "there are no test images", nil)
	}
	d.Train = join(train, o.kept(available))
	d.noteLimit(o, available)
	return d, nil
}

// batches reads those files that are there, up to limit images (0: all) each.
func (f folder) batches(limit int) (map[string]batch, error) {
	found := map[string]batch{}
	for _, name := range cifarFiles() {
		if !f.has(name) {
			continue
		}
		err := f.read(name, func(in input) (err error) {
			found[name], err = readCIFAR(in, limit)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	if len(found) > 0 {
		return found, nil
	}
	err := f.read(cifarArchive, func(in input) (err error) {
		found, err = readArchive(in, limit)
		return err
	})
	return found, err
}

// readCIFAR reads a whole file of records and keeps the first images of it:
// limit at most, or all if limit is 0.
func readCIFAR(r io.Reader, limit int) (batch, error) {
	b := batch{images: &Images{H: cifarSide, W: cifarSide, C: 3}}
	record := make([]byte, cifarRecord)
	for {
		at := int64(b.records) * cifarRecord
		n, err := io.ReadFull(r, record)
		switch {
		case err == io.EOF && b.records == 0:
			return b, corrupt(0, "the file is empty")
		case err == io.EOF:
			return b, nil
		case err == io.ErrUnexpectedEOF:
			return b, corrupt(at, "the last record has %d of %d bytes: the file is cut short, or is not CIFAR-10's binary version", n, cifarRecord)
		case err != nil:
			return b, err
		case int(record[0]) >= len(cifarClasses):
			return b, corrupt(at, "label %d, expected 0 to 9 at the start of each record of %d bytes", record[0], cifarRecord)
		}
		b.records++
		if limit == 0 || b.records <= limit {
			b.images.appendPlanes(record)
		}
	}
}

// appendPlanes appends the image of one CIFAR-10 record.
func (m *Images) appendPlanes(record []byte) {
	red, green, blue := record[1:][:cifarPlane], record[1+cifarPlane:][:cifarPlane], record[1+2*cifarPlane:][:cifarPlane]
	for i := range cifarPlane {
		m.Pixels = append(m.Pixels, red[i], green[i], blue[i])
	}
	m.Labels = append(m.Labels, int32(record[0]))
	m.N++
}

// join copies the first n images of the parts, which are of one size, into one
// set, and lets go of each part once it is copied.
func join(parts []*Images, n int) *Images {
	all := newImages(n, parts[0].H, parts[0].W, parts[0].C)
	pixels, labels := all.Pixels, all.Labels
	for i, part := range parts {
		pixels = pixels[copy(pixels, part.Pixels):]
		labels = labels[copy(labels, part.Labels):]
		parts[i] = nil
	}
	return all
}
