package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/espalier-nas/espalier/host/search"
	"github.com/espalier-nas/espalier/wasm/sandbox"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// declared is the plugin that interprets spaces written as JSON documents, and
// documentParam the parameter that holds one. A study keeps the whole document,
// so that it can go on when the file has changed.
const (
	declared      = "declared"
	documentParam = "document"
)

// isDocument tells the path of a space's document from the address of a plugin.
func isDocument(space string) bool { return strings.HasSuffix(space, ".json") }

// readDocument reads a space's document, and says which space of the plugin
// interprets it.
func readDocument(path string) (offer, text string, err error) {
	const limit = 32 << 10 // the plugin's
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", "", fmt.Errorf("space document: %w", err)
	case !info.Mode().IsRegular():
		return "", "", fmt.Errorf("space document %s: it is not a regular file", path)
	case info.Size() > limit:
		return "", "", fmt.Errorf("space document %s: it has %d bytes; at most %d are allowed", path, info.Size(), limit)
	}
	f, err := os.Open(path)
	if err != nil {
		return "", "", fmt.Errorf("space document: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return "", "", fmt.Errorf("space document %s: %w", path, err)
	}
	if strings.TrimSpace(string(b)) == "" {
		return "", "", fmt.Errorf("space document %s: it is empty", path)
	}
	// What else is wrong with it the plugin says better.
	var d struct{ Task spec.TaskType }
	if json.Unmarshal(b, &d) != nil || d.Task != spec.TaskText {
		d.Task = spec.TaskImage
	}
	return string(d.Task), string(b), nil
}

// documentAddress replaces the path of a document by the address of the space
// that interprets it, and puts the document into the params, a JSON object or
// empty. Other addresses it leaves alone.
func documentAddress(address, params string) (string, string, error) {
	if !isDocument(address) {
		return address, params, nil
	}
	offer, text, err := readDocument(address)
	if err != nil {
		return "", "", &exitError{code: exitUsage, err: err}
	}
	object := map[string]any{}
	if params != "" {
		if err := json.Unmarshal([]byte(params), &object); err != nil || object == nil {
			return "", "", usagef("--params: want a JSON object, not %s", params)
		}
	}
	object[documentParam] = text
	b, err := json.Marshal(object)
	return declared + ":" + offer, string(b), err
}

// inDocument names the file of a space's document in an error that says what is
// wrong with it; path may also be the address of a plugin, or empty.
func inDocument(path string, err error) error {
	var e *sandbox.Error
	if !isDocument(path) || !errors.As(err, &e) || e.Op != "describe" || e.Kind != sandbox.ErrAnswer {
		return err
	}
	return wrongDocument(path, e.Msg)
}

// wrongDocument says what is wrong with a space's document.
func wrongDocument(path, what string) error {
	return &exitError{code: exitUsage, err: fmt.Errorf("space document %s: %s", path, what)}
}

// setDocument makes a document the space of a study.
func setDocument(d document, path string) error {
	offer, text, err := readDocument(path)
	if err != nil {
		return &exitError{code: exitUsage, err: fmt.Errorf("--space: %w", err)}
	}
	return errors.Join(d.set("space.plugin", declared), d.set("space.name", offer), d.set("space.params."+documentParam, text))
}

// spaceLabel is a short name of a study's space: that of a document, if it has
// one that can name a run directory.
func spaceLabel(p search.Plugin) string {
	var params struct{ Document string }
	var d struct{ Name string }
	if p.Plugin == declared && json.Unmarshal(p.Params, &params) == nil && json.Unmarshal([]byte(params.Document), &d) == nil &&
		d.Name != "" && checkName(d.Name) == nil {
		return d.Name
	}
	return p.Name
}
