package data

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
)

// folder is where the files of a data set lie.
type folder struct {
	fsys  fs.FS
	dir   string // what a person calls fsys
	under string // the folder below fsys
	get   string // how to get the files, as the end of a sentence
}

// home is the folder that o names, or says that there is none.
func home(o Options, get string) (folder, error) {
	home := folder{fsys: o.FS, dir: o.Dir, under: ".", get: get}
	if o.FS == nil {
		return home, &FileError{File: o.Name, Offset: -1, Kind: ErrMissing,
			Problem: "this data set is read from files, and no folder was named", Fix: "name the folder that holds them, or " + get}
	}
	info, err := fs.Stat(o.FS, ".")
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return home, home.missing(".", "there is no such folder", err)
	case err == nil && !info.IsDir():
		return home, home.missing(".", "is a file, expected a folder", err)
	case err != nil:
		return home, &FileError{File: home.label("."), Offset: -1, Err: err,
			Problem: "cannot be read as a folder: " + err.Error(), Fix: "name a folder, and check its permissions"}
	}
	return home, nil
}

// locate picks the first of the given folders of o that holds one of the
// files. If none does, its error says where they were looked for.
func locate(o Options, get string, unders, files []string) (folder, error) {
	at, err := home(o, get)
	if err != nil {
		return at, err
	}
	for _, under := range unders {
		at.under = under
		for _, file := range files {
			if at.has(file) {
				return at, nil
			}
		}
	}
	at.under = "."
	return at, at.missing(".", fmt.Sprintf("holds no %s, neither itself nor in %s", files[0], strings.Join(unders[1:], " or ")), nil)
}

func (f folder) missing(name, problem string, cause error) *FileError {
	return &FileError{File: f.label(name), Offset: -1, Problem: problem, Fix: f.get, Kind: ErrMissing, Err: cause}
}

// has says whether there is something of that name, readable or not.
func (f folder) has(name string) bool {
	_, err := fs.Stat(f.fsys, path.Join(f.under, name))
	return !errors.Is(err, fs.ErrNotExist)
}

// label is what a person calls a file of f.
func (f folder) label(name string) string {
	return path.Join(f.dir, f.under, name)
}

// input is the content of a file, unpacked if it was gzip.
type input struct {
	io.Reader
	// limit is the most bytes that the file may unpack to.
	limit int64
}

// read hands the content of a file to parse, and makes of every error a
// *FileError that names the file.
func (f folder) read(name string, parse func(input) error) error {
	file, err := f.fsys.Open(path.Join(f.under, name))
	if errors.Is(err, fs.ErrNotExist) {
		return f.missing(name, "there is no such file", err)
	}
	if err != nil {
		return f.explain(name, err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return f.explain(name, err)
	}
	if info.IsDir() {
		return f.explain(name, corrupt(-1, "is a folder, expected a file"))
	}
	buffered := bufio.NewReaderSize(file, 1<<16)
	head, err := buffered.Peek(2)
	if err == io.EOF && len(head) == 0 {
		return f.explain(name, corrupt(0, "the file is empty"))
	}
	if err != nil && err != io.EOF {
		return f.explain(name, err)
	}
	in := input{buffered, info.Size()}
	if len(head) == 2 && head[0] == 0x1f && head[1] == 0x8b {
		if in, err = unpack(buffered, info.Size()); err != nil {
			return f.explain(name, err)
		}
	}
	return f.explain(name, parse(in))
}

// explain completes err, which may be nil, into a *FileError about a file.
func (f folder) explain(name string, err error) error {
	if err == nil {
		return nil
	}
	var known *FileError
	if !errors.As(err, &known) {
		return &FileError{File: f.label(name), Offset: -1, Problem: "cannot be read: " + err.Error(),
			Fix: "check its permissions and the disk", Err: err}
	}
	complete := *known
	complete.File = f.label(name + complete.File)
	if complete.Fix == "" {
		complete.Fix = "replace the file, or " + f.get
	}
	return &complete
}
