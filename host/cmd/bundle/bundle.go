package main

import (
	"context"
	"fmt"
	"time"

	"github.com/espalier-nas/espalier/host/compiler"
	"github.com/espalier-nas/espalier/wasm/sandbox"
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
	wasm, manifest, err := compiler.Finish(ctx, box, name, wasm)
	if err != nil {
		return "", err
	}
	if manifest.Name != name {
		return "", fmt.Errorf("it calls itself %q, but lies in plugins/%s; give it the folder's name", manifest.Name, name)
	}
	written, err := writeArchive(path, wasm, key)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s: %s, %s, %.2f MB (%.2f MB compressed), built in %.1f s", manifest.Version,
		count(len(manifest.Spaces), "space"), count(len(manifest.Shapers), "shaper"), float64(len(wasm))/1e6, float64(written)/1e6, time.Since(start).Seconds()), nil
}

// count is a number of things: "1 space", "2 spaces".
func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprint(n, " ", noun)
}
