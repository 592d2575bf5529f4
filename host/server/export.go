package server

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"os"
	"strings"

	"github.com/espalier-nas/espalier/host/journal"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// export answers GET /api/studies/{id}/export/{file}: a file to keep.
func (s *Server) export(w http.ResponseWriter, r *http.Request) error {
	return s.within(r, func(f *follower) error {
		file := r.PathValue("file")
		write := map[string]func(*follower, http.ResponseWriter) error{
			"trials.csv": (*follower).exportCSV, "trials.jsonl": (*follower).exportRows, "events.jsonl": (*follower).exportEvents,
			"study.json": (*follower).exportStudy, "best.json": (*follower).exportBest,
		}[file]
		if write == nil {
			return notFound(fmt.Sprintf("there is no export %.40q", file), "there are trials.csv, trials.jsonl, events.jsonl, study.json and best.json")
		}
		name := strings.ReplaceAll(r.PathValue("id"), ":", "-") + "-" + file
		w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
		return write(f, w)
	})
}

func (f *follower) exportEvents(w http.ResponseWriter) error {
	lines, err := f.lines(1, 1<<62)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	return send(w, lines)
}

// open opens a file of the run directory that is sent as it lies there. A link
// that leads out of the directory is refused, since a study from elsewhere would
// have whatever it names sent, and so is a pipe, which would never end.
func (f *follower) open(name string) (*os.File, error) {
	dir, err := os.OpenRoot(f.dir)
	if err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	defer dir.Close()
	info, err := dir.Stat(name)
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is no regular file", name)
	}
	if err != nil {
		return nil, fmt.Errorf("server: %s: %w", f.dir, err)
	}
	file, err := dir.Open(name)
	if err != nil {
		return nil, fmt.Errorf("server: %s: %w", f.dir, err)
	}
	return file, nil
}

func (f *follower) exportStudy(w http.ResponseWriter) error {
	file, err := f.open("study.json")
	if err != nil {
		return err
	}
	defer file.Close()
	w.Header().Set("Content-Type", "application/json")
	if _, err := io.Copy(w, file); err != nil {
		return errBroken
	}
	return nil
}

// bestView is the best trial with its network.
type bestView struct {
	journal.Best
	Network *spec.Network `json:"network"`
}

func (f *follower) exportBest(w http.ResponseWriter) error {
	best, network, _, err := journal.ReadBest(f.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return notFound("no trial has succeeded yet", "wait for one")
	}
	if err != nil {
		return err
	}
	answer(w, bestView{best, network})
	return nil
}

// rows reads trials.jsonl and calls each for every whole line.
func (f *follower) rows(each func(line []byte) error) error {
	file, err := f.open("trials.jsonl")
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewReaderSize(file, 1<<16)
	for {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF {
			return nil // what is left is a row that is just being written
		}
		if err == nil {
			err = each(line)
		}
		if err != nil {
			return err
		}
	}
}

func (f *follower) exportRows(w http.ResponseWriter) error {
	w.Header().Set("Content-Type", "application/x-ndjson")
	begun := false
	err := f.rows(func(line []byte) error {
		begun = true
		_, err := w.Write(line)
		return err
	})
	if err != nil && begun {
		return errBroken
	}
	return err
}

// errBroken breaks an answer off that has begun: its client has gone, or what it
// is made of has.
var errBroken = errors.New("the answer cannot be ended")

// exportCSV writes trials.jsonl as a table. The parts of the rewards, which
// differ from study to study, are its last columns.
func (f *follower) exportCSV(w http.ResponseWriter) error {
	var columns []string
	known := map[string]int{}
	err := f.rows(func(line []byte) error {
		return members(line, func(name string, _ any) {
			if _, ok := known[name]; !ok {
				known[name] = len(columns)
				columns = append(columns, name)
			}
		})
	})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	table := csv.NewWriter(w)
	if err := table.Write(columns); err != nil {
		return errBroken
	}
	err = f.rows(func(line []byte) error {
		cells := make([]string, len(columns))
		err := members(line, func(name string, value any) {
			if i, ok := known[name]; ok {
				cells[i] = cell(value)
			}
		})
		if err != nil {
			return err
		}
		return table.Write(cells)
	})
	if table.Flush(); err != nil || table.Error() != nil {
		return errBroken
	}
	return nil
}

// members calls each for the members of a flat JSON object, in their order.
func members(line []byte, each func(name string, value any)) error {
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	if _, err := d.Token(); err != nil {
		return fmt.Errorf("server: a row of trials.jsonl: %w; resume repairs it", err)
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return fmt.Errorf("server: a row of trials.jsonl: %w; resume repairs it", err)
		}
		value, err := d.Token()
		if err != nil {
			return fmt.Errorf("server: a row of trials.jsonl: %w; resume repairs it", err)
		}
		each(fmt.Sprint(name), value)
	}
	return nil
}

// cell writes a value for a table. A text that a spreadsheet would take for a
// formula gets an apostrophe, since plugins write texts, too.
func cell(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		if v != "" && strings.ContainsRune("=+-@\t\r", rune(v[0])) {
			return "'" + v
		}
		return v
	}
	return fmt.Sprint(value)
}
