package data

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
)

// realOptions points at real data, or skips the test.
func realOptions(t *testing.T, name string) Options {
	t.Helper()
	dir := os.Getenv("ESPALIER_DATA")
	if dir == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("ESPALIER_DATA is not set, and CI must not skip this test")
		}
		t.Skip("SKIPPED: reads real data; set ESPALIER_DATA to a folder with cifar-10-batches-bin/, mnist/ and ptb/")
	}
	return Options{Name: name, FS: os.DirFS(dir), Dir: dir}
}

func TestRealCIFAR(t *testing.T) {
	d, err := Open(realOptions(t, "cifar10"))
	if err != nil {
		t.Fatal(err)
	}
	test, err := d.Test("loader test")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []struct {
		*Images
		least  int
		labels []int32
	}{
		{d.Train, 4000, []int32{6, 9, 9, 4, 1, 1, 2, 7, 8, 3}},
		{test, 1000, []int32{3, 8, 8, 0, 6, 6, 1, 6, 3, 1}},
	} {
		if err := part.Validate(10); err != nil {
			t.Error(err)
		}
		if part.N < part.least || part.H != 32 || part.W != 32 || part.C != 3 {
			t.Errorf("shape (%d, %d, %d, %d)", part.N, part.H, part.W, part.C)
		}
		if !slices.Equal(part.Labels[:10], part.labels) {
			t.Errorf("first labels %v, want %v", part.Labels[:10], part.labels)
		}
		// 14, but 29 if planes are taken for pixels.
		if rough := roughness(part.Images); rough > 18 {
			t.Errorf("neighbouring pixels differ by %.1f in a channel, expected under 18", rough)
		}
	}
}

// roughness is the mean difference between neighbours in a row, by channel.
func roughness(m *Images) float64 {
	sum, n := 0, 0
	for i := range min(m.N, 200) {
		for y := range m.H {
			row := m.Image(i)[y*m.W*m.C:][:m.W*m.C]
			for x := m.C; x < len(row); x++ {
				sum += abs(int(row[x]) - int(row[x-m.C]))
				n++
			}
		}
	}
	return float64(sum) / float64(n)
}

func TestRealMNIST(t *testing.T) {
	o := realOptions(t, "mnist")
	d, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Notes) != 0 {
		t.Errorf("the official files bring the notes %q", d.Notes)
	}
	test, err := d.Test("loader test")
	if err != nil {
		t.Fatal(err)
	}
	if d.Train.N != 60_000 || test.N != 10_000 || d.Train.H != 28 || d.Train.W != 28 || d.Train.C != 1 {
		t.Errorf("%d and %d images of %dx%dx%d", d.Train.N, test.N, d.Train.H, d.Train.W, d.Train.C)
	}
	// What was read, written in the publisher's format again, is what was
	// published.
	packed := func(m *Images) (images, labels []byte) {
		for _, label := range m.Labels {
			labels = append(labels, byte(label))
		}
		return idxFile(m.Pixels, uint32(m.N), 28, 28), idxFile(labels, uint32(m.N))
	}
	trainImages, trainLabels := packed(d.Train)
	testImages, testLabels := packed(test)
	for _, c := range []struct {
		content []byte
		md5     string
	}{
		{trainImages, "6bbc9ace898e44ae57da46a324031adb"}, {trainLabels, "a25bea736e30d166cdddb491f175f624"},
		{testImages, "2646ac647ad5339dbf082846283269ea"}, {testLabels, "27ae3e4e09519cfbb04c329615203637"},
	} {
		h := md5.New()
		io.Copy(h, bytes.NewReader(c.content))
		if got := hex.EncodeToString(h.Sum(nil)); got != c.md5 {
			t.Errorf("%d bytes have the MD5 %s, want %s", len(c.content), got, c.md5)
		}
	}
	reports, err := Verify(o)
	if err != nil || len(reports) != 4 {
		t.Fatal(reports, err)
	}
	for _, r := range reports {
		if r.Standing != Official {
			t.Errorf("%s is %s: %v", r.File, r.Standing, r.Problem)
		}
	}
}

// TestRealPTB holds what is read against what is known of the official files.
func TestRealPTB(t *testing.T) {
	for _, want := range []struct {
		name                string
		train, valid, test  int
		vocabulary          int
		frequent, beginning string
		hash                string
	}{
		{"ptb", 929_589, 73_760, 82_430, 10_000, "the <unk> <eos> N of to a in and 's", "aer banknote berlitz calloway", "bfcfb76e43a636a862dcb12bbba473be64453c21bd58c79abffcd4c0d350afff"},
		{"ptb-char", 5_017_482, 393_042, 442_423, 50, "_ e t a n o i s r h", "aer_banknote_berlitz_calloway", "ea70c5340e66f5218c53489be9835dcd65baa58a60d05d22f5a26fa9958c25b1"},
	} {
		o := realOptions(t, want.name)
		c, err := OpenCorpus(o)
		if err != nil {
			t.Fatal(err)
		}
		if len(c.Train) != want.train || len(c.Valid) != want.valid || c.TestCount() != want.test || len(c.Vocabulary) != want.vocabulary {
			t.Errorf("%s: %d, %d and %d tokens of %d, want %+v", c.Name, len(c.Train), len(c.Valid), c.TestCount(), len(c.Vocabulary), want)
		}
		if len(c.Notes) != 0 {
			t.Errorf("%s: the official files bring the notes %q", c.Name, c.Notes)
		}
		test, err := c.Test("loader test")
		if err != nil {
			t.Fatal(err)
		}
		for part, lines := range map[*[]int32]int{&c.Train: 42_068, &c.Valid: 3_370, &test: 3_761} {
			if got := strings.Count(c.Text(*part), "\n"); got != lines {
				t.Errorf("%s: %d lines, want %d", c.Name, got, lines)
			}
		}
		if got := strings.Join(c.Vocabulary[:10], " "); got != want.frequent {
			t.Errorf("%s: the most frequent tokens are %q, want %q", c.Name, got, want.frequent)
		}
		if got := c.Text(c.Train[:40]); !strings.HasPrefix(got, want.beginning) {
			t.Errorf("%s begins with %q, want %q", c.Name, got, want.beginning)
		}
		if c.Hash != want.hash {
			t.Errorf("%s: hash %s, want %s", c.Name, c.Hash, want.hash)
		}
		reports, err := Verify(o)
		if err != nil || len(reports) != 3 {
			t.Fatal(reports, err)
		}
		for _, r := range reports {
			if r.Standing != Official {
				t.Errorf("%s is %s: %v", r.File, r.Standing, r.Problem)
			}
		}
	}
}
