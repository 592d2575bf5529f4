package data

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// Dataset is a labelled set of training images, and a locked set of test
// images. Its methods may be called concurrently.
type Dataset struct {
	Name    string
	Classes []string
	// Hash is the SHA-256, in hex, of the name, the shape, the pixels and the
	// labels of all images, test images included. It does not depend on how
	// the files were packed.
	Hash  string
	Train *Images
	// Notes says what a reader of results should know, e.g. that a file is
	// not the publisher's, in whole sentences.
	Notes []string

	test *Images
	door door
}

// Task is what a network for this set has to solve.
func (d *Dataset) Task() spec.Task {
	return spec.Task{
		Type:    spec.TaskImage,
		Input:   []int{d.Train.H, d.Train.W, d.Train.C},
		Classes: len(d.Classes),
	}
}

// Split parts the training images at random into train and valid, which have
// no image in common and keep the order of the files. Equal seeds give equal
// parts. valid is the number of images held out for validation, e.g. 5,000 of
// CIFAR-10's 50,000 (Zoph and Le 2017, section 4.1).
func (d *Dataset) Split(seed uint64, valid int) (trainPart, validPart *Images, err error) {
	n := d.Train.N
	if n < 2 {
		return nil, nil, fmt.Errorf("data: %d training images of %s cannot be parted into training and validation: set a larger limit, or none",
			n, d.Name)
	}
	if valid < 1 {
		return nil, nil, fmt.Errorf("data: cannot hold out %d of the %d training images of %s for validation: choose 1 to %d",
			valid, n, d.Name, n-1)
	}
	if valid >= n {
		return nil, nil, fmt.Errorf("data: cannot hold out %d of the %d training images of %s for validation: choose 1 to %d, or set no limit on the images, or a larger one",
			valid, n, d.Name, n-1)
	}
	order := keyed(seed, streamSplit, 0).permutation(n)
	held, rest := order[:valid], order[valid:]
	slices.Sort(held)
	slices.Sort(rest)
	return d.Train.Subset(rest), d.Train.Subset(held), nil
}

// Test unlocks the test images and records why. A search that looks at them
// more than once, or before it has chosen its network, fools itself.
func (d *Dataset) Test(reason string) (*Images, error) {
	if err := d.door.open(reason); err != nil {
		return nil, err
	}
	return d.test, nil
}

// TestReads lists the reasons of all calls of Test that were answered, in
// their order.
func (d *Dataset) TestReads() []string { return d.door.readings() }

// TestCount is the number of test images. Counting them is not a reading.
func (d *Dataset) TestCount() int {
	if d.test == nil {
		return 0
	}
	return d.test.N
}

func (d *Dataset) note(format string, args ...any) {
	d.Notes = append(d.Notes, fmt.Sprintf(format, args...))
}

// seal computes Hash.
func (d *Dataset) seal() {
	h := sha256.New()
	fmt.Fprintf(h, "espalier images 1\n%s\n%d\n", d.Name, len(d.Classes))
	for _, m := range []*Images{d.Train, d.test} {
		if m == nil {
			continue
		}
		fmt.Fprintf(h, "%d %d %d %d\n", m.N, m.H, m.W, m.C)
		h.Write(m.Pixels)
		labels := make([]byte, 0, 4*m.N)
		for _, label := range m.Labels {
			labels = binary.LittleEndian.AppendUint32(labels, uint32(label))
		}
		h.Write(labels)
	}
	d.Hash = hex.EncodeToString(h.Sum(nil))
}
