package main

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/espalier-nas/espalier/host/supply"
	"github.com/espalier-nas/espalier/wasm/sandbox"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// guest is a plugin that runs, outside of any study.
type guest struct {
	box    *sandbox.Sandbox
	module *sandbox.Module
	plugin supply.Plugin
}

func (g *guest) close(ctx context.Context) { _ = g.box.Close(ctx) }

// runPlugin loads the plugin at an address, unless the lock file pins another.
// The caller closes it.
func (a *app) runPlugin(ctx context.Context, address string) (*guest, error) {
	p, err := a.pinnedPlugin(address)
	if err != nil {
		return nil, err
	}
	return startPlugin(ctx, p, sandboxOptions(a.limits))
}

// pinnedPlugin reads the plugin at an address, unless the lock file pins
// another.
func (a *app) pinnedPlugin(address string) (supply.Plugin, error) {
	p, err := openPlugin(address, a.limits.FileBytes)
	if err != nil {
		return p, err
	}
	lock, err := a.readLock()
	if err == nil {
		err = lockError(lock.Check(p))
	}
	return p, err
}

// startPlugin loads a plugin.
func startPlugin(ctx context.Context, p supply.Plugin, options sandbox.Options) (*guest, error) {
	box, err := sandbox.New(ctx, options)
	if err != nil {
		return nil, pluginError(err)
	}
	g := &guest{box: box, plugin: p}
	if g.module, err = box.Load(ctx, p.Address, p.Wasm); err != nil {
		g.close(ctx)
		return nil, pluginError(err)
	}
	return g, nil
}

// space is the search space of that name; without one, the only one.
func (g *guest) space(ctx context.Context, name string, params json.RawMessage) (*sandbox.Space, error) {
	manifest := g.module.Manifest()
	names := offerNames(manifest.Spaces)
	address := g.plugin.Address
	switch {
	case len(names) == 0:
		return nil, usagef("%s offers no search space, only the rewards %s", address, strings.Join(offerNames(manifest.Shapers), ", "))
	case name == "" && len(names) == 1:
		name = names[0]
	case name == "":
		return nil, usagef("%s: which one? It offers %s, e.g. %s:%s", address, strings.Join(names, ", "), address, names[0])
	case !slices.Contains(names, name):
		return nil, usagef("%s offers no search space %q, only %s%s", address, name, strings.Join(names, ", "), spec.Suggest(name, names))
	}
	s, err := g.module.Space(ctx, name, params)
	if err != nil {
		return nil, pluginError(err)
	}
	return s, nil
}
