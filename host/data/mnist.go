package data

import (
	"fmt"

	"github.com/espalier-nas/espalier/wasm/spec"
)

const (
	mnistTrainRecords = 60_000
	mnistTestRecords  = 10_000
)

var mnistClasses = []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}

// mnistFile is one of the four files of MNIST.
type mnistFile struct {
	stem       string
	dimensions int
	sha256     string // of the official file, unpacked
	records    int    // of the official file
}

var (
	mnistTrain = [2]mnistFile{
		{"train-images", 3, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db", mnistTrainRecords},
		{"train-labels", 1, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5", mnistTrainRecords},
	}
	mnistTest = [2]mnistFile{
		{"t10k-images", 3, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7", mnistTestRecords},
		{"t10k-labels", 1, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2", mnistTestRecords},
	}
)

// spellings are the names under which the file is found in the wild.
func (m mnistFile) spellings() []string {
	kind := fmt.Sprintf("idx%d-ubyte", m.dimensions)
	return []string{
		m.stem + "-" + kind + ".gz", m.stem + "-" + kind,
		m.stem + "." + kind + ".gz", m.stem + "." + kind,
	}
}

func mnistSet() Set {
	var files []string
	for _, m := range append(mnistTrain[:], mnistTest[:]...) {
		files = append(files, m.spellings()[0])
	}
	return Set{
		Name:    "mnist",
		Summary: "70,000 grey handwritten digits of 28x28 pixels, 10,000 of them for testing",
		Task:    spec.TaskImage,
		Source:  "http://yann.lecun.com/exdb/mnist/",
		Licence: "CC BY-SA 3.0, LeCun and Cortes; cite: LeCun, Bottou, Bengio and Haffner, Gradient-Based Learning Applied to Document Recognition, 1998",
		Files:   files,
	}
}

func locateMNIST(o Options) (folder, error) {
	var files []string
	for _, m := range append(mnistTrain[:], mnistTest[:]...) {
		files = append(files, m.spellings()...)
	}
	get := fmt.Sprintf("get the four files of %s and put them, packed or unpacked, into %s", mnistSet().Source, o.Dir)
	return locate(o, get, []string{".", "mnist", "MNIST/raw"}, files)
}

// spelled is the name under which f holds the file, or "".
func (f folder) spelled(m mnistFile) string {
	for _, name := range m.spellings() {
		if f.has(name) {
			return name
		}
	}
	return ""
}

func openMNIST(o Options) (*Dataset, error) {
	at, err := locateMNIST(o)
	if err != nil {
		return nil, err
	}
	d := &Dataset{Classes: append([]string(nil), mnistClasses...)}
	var available int
	if d.Train, available, err = at.pair(d, mnistTrain, o); err != nil {
		return nil, err
	}
	d.noteLimit(o, available)
	if at.spelled(mnistTest[0]) == "" && at.spelled(mnistTest[1]) == "" {
		d.note("The official set also has %s and %s.", mnistTest[0].spellings()[0], mnistTest[1].spellings()[0])
		d.door.lack = at.missing(mnistTest[0].spellings()[0], "there are no test images", nil)
		return d, nil
	}
	if d.test, _, err = at.pair(d, mnistTest, o); err != nil {
		return nil, err
	}
	if d.test.H != d.Train.H || d.test.W != d.Train.W {
		return nil, at.explain(at.spelled(mnistTest[0]), corrupt(8, "images of %dx%d, expected %dx%d like the training images",
			d.test.H, d.test.W, d.Train.H, d.Train.W))
	}
	return d, nil
}

// pair reads a file of images and the file of their labels; available is the
// number of images there are.
func (f folder) pair(d *Dataset, files [2]mnistFile, o Options) (m *Images, available int, err error) {
	var parts [2]idx
	var found [2]string
	for i, file := range files {
		name := f.spelled(file)
		if name == "" {
			return nil, 0, f.missing(file.spellings()[0], "there is no such file, packed or unpacked", nil)
		}
		err := f.read(name, func(in input) (err error) {
			parts[i], err = readIDX(in, file.dimensions, o.Limit)
			return err
		})
		if err != nil {
			return nil, 0, err
		}
		if parts[i].items != file.records {
			d.note("%s holds %d records, the official file %d.", name, parts[i].items, file.records)
		}
		found[i] = name
	}
	images, labels := parts[0], parts[1]
	if images.items != labels.items {
		return nil, 0, f.explain(found[1], corrupt(4, "%d labels for the %d images of %s: the two do not belong together",
			labels.items, images.items, found[0]))
	}
	m = &Images{N: o.kept(images.items), H: images.height, W: images.width, C: 1, Pixels: images.body}
	m.Labels = make([]int32, m.N)
	for i, label := range labels.body {
		if int(label) >= len(mnistClasses) {
			return nil, 0, f.explain(found[1], corrupt(int64(8+i), "label %d, expected 0 to 9", label))
		}
		m.Labels[i] = int32(label)
	}
	return m, images.items, nil
}
