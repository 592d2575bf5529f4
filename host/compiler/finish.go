package compiler

import (
	"context"
	"os"
	"path/filepath"

	"github.com/espalier-nas/espalier/wasm/sandbox"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// Finish makes a plugin of what a compiler made: it has the module describe
// itself in the sandbox, with all that it offers, and appends that description.
// Name is what errors call it. The error of a module that is no plugin is a
// *sandbox.Error.
func Finish(ctx context.Context, box *sandbox.Sandbox, name string, wasm []byte) ([]byte, spec.Manifest, error) {
	m, err := box.Load(ctx, name, wasm)
	if err != nil {
		return nil, spec.Manifest{}, err
	}
	defer m.Close(ctx)
	manifest := m.Manifest()
	for _, o := range manifest.Spaces {
		if _, err := m.Space(ctx, o.Name, nil); err != nil {
			return nil, manifest, err
		}
	}
	for _, o := range manifest.Shapers {
		if _, err := m.Shaper(ctx, o.Name, nil); err != nil {
			return nil, manifest, err
		}
	}
	wasm, err = spec.AppendManifest(wasm, manifest)
	return wasm, manifest, err
}

// Replace writes a file beside path and renames it, so that path is replaced as
// a whole or not at all. No temporary name ends in .wasm or .gz.
func Replace(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "bundle-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Chmod(f.Name(), 0o644)
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
