package data

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"
)

// Standing says what became of a file under verification.
type Standing string

const (
	Official     Standing = "official"      // its checksum is the publisher's
	OfficialSize Standing = "official size" // it has the publisher's number of records; there is no published checksum
	Unofficial   Standing = "not official"  // it can be read, but it is not the publisher's file
	Readable     Standing = "readable"      // it can be read, and there is no official file to hold it against
	Damaged      Standing = "damaged"       // it cannot be read as what it should be
	Missing      Standing = "missing"
)

// FileReport is what Verify says of one file.
type FileReport struct {
	File    string // as a person would name it
	Bytes   int64  // of the file as it lies there; 0 if missing
	Records int    // images, labels, or lines of text
	// SHA256, in hex, is the sum of the content: of gzip files unpacked, but of
	// an archive as it lies there. Empty if the file is damaged.
	SHA256   string
	Standing Standing
	Problem  error // if damaged or missing
}

// Verify checks the files of a data set one by one. It returns an error only if
// there is nothing to check.
func Verify(o Options) ([]FileReport, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	o = o.filled()
	set, _ := lookup(o.Name)
	return set.verify(o)
}

// verifyShapes draws the set as it comes and holds it against its known sum.
func verifyShapes(Options) ([]FileReport, error) {
	d, err := Open(Default())
	if err != nil {
		return nil, err
	}
	report := drawn(d.Name, d.Hash, shapesHash)
	report.Records, report.Bytes = d.Train.N+d.test.N, int64(len(d.Train.Pixels)+len(d.test.Pixels))
	return []FileReport{report}, nil
}

// verifyGrammar does the same with the drawn text.
func verifyGrammar(Options) ([]FileReport, error) {
	c, err := OpenCorpus(Options{Name: "grammar"})
	if err != nil {
		return nil, err
	}
	report := drawn(c.Name, c.Hash, grammarHash)
	for _, part := range [][]int32{c.Train, c.Valid, c.test} {
		text := c.Text(part)
		report.Records += strings.Count(text, "\n")
		report.Bytes += int64(len(text))
	}
	return []FileReport{report}, nil
}

// drawn reports on a set that this machine has drawn.
func drawn(name, hash, want string) FileReport {
	report := FileReport{File: name + ", as drawn by this machine", SHA256: hash, Standing: Official}
	if hash != want {
		report.Standing = Damaged
		report.Problem = &FileError{File: report.File, Offset: -1, Kind: ErrCorrupt,
			Problem: "has the SHA-256 " + hash + ", expected " + want, Fix: "report this machine's processor and the program's version as a bug"}
	}
	return report
}

func verifyCIFAR(o Options) ([]FileReport, error) {
	at, err := locateCIFAR(o)
	if err != nil {
		return nil, err
	}
	var reports []FileReport
	var archive FileReport
	var archived map[string]batch
	if at.has(cifarArchive) {
		archive = at.report(cifarArchive, func(in input) (int, error) {
			var records int
			var err error
			archived, err = readArchive(in, 1)
			for _, b := range archived {
				records += b.records
			}
			return records, err
		})
		if archive.Problem == nil {
			archive.SHA256 = at.packedSum(cifarArchive)
		}
		archive.stand(archive.SHA256 == cifarArchiveSHA256, Official)
		reports = append(reports, archive)
	}
	for _, name := range cifarFiles() {
		if _, ok := archived[name]; !at.has(name) && (ok || archive.Problem != nil) {
			continue
		}
		file := at.report(name, func(in input) (int, error) {
			b, err := readCIFAR(in, 1)
			return b.records, err
		})
		file.stand(file.Records == cifarRecords, OfficialSize)
		reports = append(reports, file)
	}
	return reports, nil
}

func verifyMNIST(o Options) ([]FileReport, error) {
	at, err := locateMNIST(o)
	if err != nil {
		return nil, err
	}
	var reports []FileReport
	for _, m := range append(mnistTrain[:], mnistTest[:]...) {
		name := at.spelled(m)
		if name == "" {
			name = m.spellings()[0]
		}
		file := at.report(name, func(in input) (int, error) {
			x, err := readIDX(in, m.dimensions, 1)
			return x.items, err
		})
		file.stand(file.SHA256 == m.sha256, Official)
		reports = append(reports, file)
	}
	return reports, nil
}

// report reads a file with count, which reads it to its end and yields the
// number of its records. If that succeeds, Standing is left open.
func (f folder) report(name string, count func(input) (int, error)) FileReport {
	r := FileReport{File: f.label(name)}
	if info, err := fs.Stat(f.fsys, path.Join(f.under, name)); err == nil {
		r.Bytes = info.Size()
	}
	h := sha256.New()
	r.Problem = f.read(name, func(in input) (err error) {
		in.Reader = io.TeeReader(in.Reader, h)
		r.Records, err = count(in)
		return err
	})
	switch {
	case errors.Is(r.Problem, ErrMissing):
		r.Standing = Missing
	case r.Problem != nil:
		r.Standing = Damaged
	default:
		r.SHA256 = hex.EncodeToString(h.Sum(nil))
	}
	return r
}

// stand settles the Standing of a file that can be read.
func (r *FileReport) stand(official bool, as Standing) {
	switch {
	case r.Standing != "":
	case official:
		r.Standing = as
	default:
		r.Standing = Unofficial
	}
}

// packedSum is the SHA-256 of a file as it lies there; "" if it cannot be read.
func (f folder) packedSum(name string) string {
	file, err := f.fsys.Open(path.Join(f.under, name))
	if err != nil {
		return ""
	}
	defer file.Close()
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		return ""
	}
	return hex.EncodeToString(h.Sum(nil))
}
