package data

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
)

func TestNoFolder(t *testing.T) {
	for _, name := range []string{"cifar10", "mnist"} {
		_, err := Open(Options{Name: name})
		fault{ErrMissing, name, -1, []string{"no folder was named", "name the folder that holds them"}}.check(t, err)
		_, err = Open(Options{Name: name, FS: os.DirFS(filepath.Join(t.TempDir(), "nowhere")), Dir: "my/nowhere"})
		fault{ErrMissing, "my/nowhere", -1, []string{"there is no such folder", "into my/nowhere"}}.check(t, err)
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%v hides its cause", err)
		}
	}
}

// TestFileForFolder: a file where a folder belongs is not called missing.
func TestFileForFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "data.bin")
	if err := os.WriteFile(file, []byte("pixels"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"cifar10", "mnist"} {
		_, err := Open(Options{Name: name, FS: os.DirFS(file), Dir: "my/data.bin"})
		fault{nil, "my/data.bin", -1, []string{"cannot be read as a folder", "name a folder"}}.check(t, err)
	}
	_, err := Open(Options{Name: "mnist", FS: locked{smallCIFAR(), "."}, Dir: "my"})
	fault{nil, "my", -1, []string{"cannot be read", "check its permissions"}}.check(t, err)
	if !errors.Is(err, fs.ErrPermission) || errors.Is(err, ErrMissing) {
		t.Errorf("%v: want only the cause", err)
	}
}

func TestPermission(t *testing.T) {
	_, err := Open(Options{Name: "cifar10", FS: locked{smallCIFAR(), "data_batch_3.bin"}})
	fault{nil, "data_batch_3.bin", -1, []string{"cannot be read", "check its permissions"}}.check(t, err)
	if !errors.Is(err, fs.ErrPermission) || errors.Is(err, ErrCorrupt) || errors.Is(err, ErrMissing) {
		t.Errorf("%v: want only the cause", err)
	}
}

// TestFailingDisk: an error of the disk is not taken for damage of the file.
func TestFailingDisk(t *testing.T) {
	broken := errors.New("input/output error")
	for name, err := range map[string]error{
		"cifar": second(readCIFAR(iotest.TimeoutReader(bytes.NewReader(cifarBytes(9, 0))), 0)),
		"idx":   second(readIDX(io.MultiReader(bytes.NewReader(images28(3)[:99]), iotest.ErrReader(broken)), 3, 0)),
		"head":  second(readIDX(iotest.ErrReader(broken), 3, 0)),
	} {
		var known *FileError
		if err == nil || errors.As(err, &known) {
			t.Errorf("%s: %v, want the disk's own error", name, err)
		}
	}
}

// failing is a file system whose files fail after the first kilobyte.
type failing struct{ fs.FS }

type failingFile struct {
	fs.File
	left int
}

func (f failing) Open(name string) (fs.File, error) {
	file, err := f.FS.Open(name)
	return &failingFile{file, 1024}, err
}

func (f *failingFile) Read(p []byte) (int, error) {
	if f.left == 0 {
		return 0, &fs.PathError{Op: "read", Path: "sector 7", Err: errors.New("input/output error")}
	}
	n, err := f.File.Read(p[:min(len(p), f.left)])
	f.left -= n
	return n, err
}

func TestFailingFiles(t *testing.T) {
	archive := tarred(member{"data_batch_1.bin", cifarBytes(2, 0)})
	var stored bytes.Buffer // gzip, but no smaller
	w, _ := gzip.NewWriterLevel(&stored, gzip.NoCompression)
	w.Write(images28(3))
	w.Close()
	for file, o := range map[string]Options{
		"data_batch_1.bin":           {Name: "cifar10", FS: failing{smallCIFAR()}},
		"cifar-10-binary.tar.gz":     {Name: "cifar10", FS: failing{tree(member{"cifar-10-binary.tar.gz", archive})}},
		"train-images-idx3-ubyte":    {Name: "mnist", FS: failing{smallMNIST()}},
		"train-images-idx3-ubyte.gz": {Name: "mnist", FS: failing{tree(member{"train-images-idx3-ubyte.gz", stored.Bytes()})}},
	} {
		_, err := Open(o)
		fault{nil, file, -1, []string{"cannot be read: read sector 7", "the disk"}}.check(t, err)
		if errors.Is(err, ErrCorrupt) {
			t.Errorf("%v: a disk's error is taken for damage of the file", err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestTake(t *testing.T) {
	content := bytes.Repeat([]byte("espalier"), 5000)
	for name, wrap := range map[string]func(io.Reader) io.Reader{
		"whole": func(r io.Reader) io.Reader { return r }, "bytes": iotest.OneByteReader, "halves": iotest.HalfReader, "eager": iotest.DataErrReader,
	} {
		for _, n := range []int{0, 1, 4096, 4097, len(content)} {
			got, err := take(wrap(bytes.NewReader(content)), n)
			if err != nil || !bytes.Equal(got, content[:n]) {
				t.Errorf("%s, %d bytes: got %d, %v", name, n, len(got), err)
			}
		}
		got, err := take(wrap(bytes.NewReader(content)), len(content)+1)
		if err != io.ErrUnexpectedEOF || !bytes.Equal(got, content) {
			t.Errorf("%s, a byte too many: got %d, %v", name, len(got), err)
		}
	}
}

// TestNoHeaderIsBelieved: files of a few bytes that announce gigabytes cost
// next to nothing.
func TestNoHeaderIsBelieved(t *testing.T) {
	greedy := idxFile([]byte("few"), 1<<24, 256, 256)
	for name, o := range map[string]Options{
		"idx":    {Name: "mnist", FS: with(smallMNIST(), "train-images-idx3-ubyte", greedy)},
		"packed": {Name: "mnist", FS: with(smallMNIST(), "train-images-idx3-ubyte", zipped(greedy))},
		"sparse": {Name: "cifar10", FS: tree(member{"cifar-10-binary.tar.gz", zipped(sparseArchive(t))})},
		"bomb":   {Name: "cifar10", FS: tree(member{"cifar-10-binary.tar.gz", zipped(tarred(member{"data_batch_1.bin", make([]byte, 5000*cifarRecord)}))})},
	} {
		t.Run(name, func(t *testing.T) {
			const most = 16 << 20
			var err error
			if got := allocated(func() { _, err = Open(o) }); got > most {
				t.Errorf("%d bytes allocated, want at most %d", got, most)
			}
			if !errors.Is(err, ErrCorrupt) {
				t.Errorf("%v is not %v", err, ErrCorrupt)
			}
			if name != "idx" && name != "packed" && !strings.Contains(err.Error(), "unpacks to more than 64 times its size") {
				t.Errorf("refused for another reason: %v", err)
			}
		})
	}
}

// sparseArchive is a tar file of two kilobytes whose one member, in the GNU
// sparse format 1.0, claims to be three gigabytes of zeros.
func sparseArchive(t *testing.T) []byte {
	t.Helper()
	sparseMap := make([]byte, 512)
	copy(sparseMap, "1\n3221225472\n0\n")
	archive := tarred(member{"XXXXXXXXXXXXXXXXXXXXXXXXXXXX", nil}, member{"data_batch_1.bin", sparseMap})
	records := pax("GNU.sparse.major", "1") + pax("GNU.sparse.minor", "0") +
		pax("GNU.sparse.realsize", "3221225472") + pax("GNU.sparse.name", "data_batch_1.bin")
	header := tarred(member{"pax", []byte(records)})
	header = header[:len(header)-1024] // without the end of the archive
	header[156] = 'x'
	sum(header[:512])
	whole := append(header, archive[512:]...)
	if !bytes.Contains(whole, []byte("GNU.sparse.realsize=3221225472")) {
		t.Fatal("no sparse member was made")
	}
	return whole
}

// pax is one record of an extended header: its own length, key and value.
func pax(key, value string) string {
	for n := 0; ; n++ {
		record := strings.Join([]string{strconv.Itoa(n), " ", key, "=", value, "\n"}, "")
		if len(record) == n {
			return record
		}
	}
}

// sum writes the checksum of a tar header.
func sum(header []byte) {
	copy(header[148:156], "        ")
	total := 0
	for _, b := range header {
		total += int(b)
	}
	digits := []byte("000000\x00 ")
	for i := 5; i >= 0; i-- {
		digits[i] = byte('0' + total%8)
		total /= 8
	}
	copy(header[148:156], digits)
}

// allocated is the number of bytes that f allocates, freed or not.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
