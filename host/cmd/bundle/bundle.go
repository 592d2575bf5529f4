package main

import (
	"context"
	"fmt"
	"time"

	"github.com/espalier-nas/espalier/wasm/sandbox"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// bundle brings one bundle up to date and says in a line what it did.
func bundle(ctx context.Context, box *sandbox.Sandbox, root, name, path string) (string, error) {
	start := time.Now()
	folder := "plugins/" + name + "/guest"
	key, err := sourceKey(ctx, root, folder)
	if err != nil {
		return "", err
	}
	if old, ok := readKey(path); ok && old == key {
		return "up to date", nil
	}
	wasm, err := compile(ctx, root, folder)
	if err != nil {
		return "", err
	}
	m, err := box.Load(ctx, name, wasm)
	if err != nil {
		return "", err
	}
	defer m.Close(ctx)
	manifest := m.Manifest()
	if manifest.Name != name {
		return "", fmt.Errorf("it calls itself %q, but lies in plugins/%s; give it the folder's name", manifest.Name, name)
	}
	if wasm, err = spec.AppendManifest(wasm, manifest); err != nil {
		return "", err
	}
	written, err := writeArchive(path, wasm, key)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s: %d spaces, %d shapers, %.2f MB (%.2f MB compressed), built in %.1f s", manifest.Version,
		len(manifest.Spaces), len(manifest.Shapers), float64(len(wasm))/1e6, float64(written)/1e6, time.Since(start).Seconds()), nil
}
