package data

import "github.com/espalier-nas/espalier/wasm/spec"

// shapesHash is the Hash of the drawn set as Default has it. It is the same on
// every machine: what differs is another data set.
const shapesHash = "4825c0197a153fd818150a0cee7cdb027c603776e0bc02a64aa9f7460d7e2f3d"

func shapesSet() Set {
	return Set{
		Name:    "shapes",
		Summary: "small drawn pictures of ten kinds of figures amid noise and clutter; always at hand, quick to train on",
		Task:    spec.TaskImage,
		Options: []string{"seed", "train_count", "test_count", "size", "channels", "noise"},
		Licence: "drawn by this program, free of any rights",
	}
}

func openShapes(o Options) (*Dataset, error) {
	noise := max(o.Noise, 0)
	d := &Dataset{
		Train: drawImages(o, streamTrain, o.kept(o.TrainCount), noise),
		test:  drawImages(o, streamTest, o.kept(o.TestCount), noise),
	}
	for _, f := range figures {
		d.Classes = append(d.Classes, f.name)
	}
	d.noteLimit(o, o.TrainCount)
	return d, nil
}

// drawImages draws n images, whose classes take turns. Each depends only on
// its number, so that a larger set begins with the images of a smaller one.
func drawImages(o Options, purpose uint64, n, noise int) *Images {
	m := newImages(n, o.Size, o.Size, o.Channels)
	canvas := make([]colour, o.Size*o.Size)
	for i := range n {
		class := i % len(figures)
		s := scene{size: o.Size, canvas: canvas, random: keyed(o.Seed, purpose, uint64(i))}
		s.paint(figures[class].draw)
		s.write(m.Image(i), o.Channels, noise)
		m.Labels[i] = int32(class)
	}
	return m
}
