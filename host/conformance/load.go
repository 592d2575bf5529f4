package conformance

import (
	"context"
	"errors"
	"strings"

	"github.com/espalier-nas/espalier/wasm/sandbox"
	"github.com/espalier-nas/espalier/wasm/spec"
	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// refusals says which rule a module breaks that is refused with a code.
var refusals = map[string]string{
	"size": "L01", "format": "L01", "invalid": "L01", "compile": "L01",
	"exports": "L02", "imports": "L03", "abi": "L04", "memory": "L05", "tables": "L05", "manifest": "L09",
}

// load checks the file, loads it and checks its manifest. It reports whether
// there is a module to go on with.
func (c *checker) load(ctx context.Context, box *sandbox.Sandbox) bool {
	seen := sandbox.Inspect(c.file, c.wasm, box.Limits())
	c.verdict.Hash = seen.Hash
	c.tested("L01")
	if seen.Sections != nil {
		c.tested("L02", "L03", "L04", "L05")
	}
	for _, e := range seen.Problems {
		c.refused(e)
	}
	if len(seen.Problems) > 0 {
		return false
	}
	module, err := box.Load(ctx, c.file, c.wasm)
	var e *sandbox.Error
	switch {
	case errors.As(err, &e):
		c.refused(e)
		return false
	case err != nil:
		c.stop(ctx, err)
		return false
	}
	c.module = module
	m := module.Manifest()
	c.verdict.Name, c.verdict.Version = m.Name, m.Version
	c.tested("L06")
	c.manifest(ctx, seen.Manifest)
	return true
}

// refused records why a module was not loaded.
func (c *checker) refused(e *sandbox.Error) {
	code := refusals[e.Code]
	switch {
	case !errors.Is(e, sandbox.ErrRefused) && e.Code != "compile":
		code = "L06"
	case code == "":
		code = "L01"
	}
	if c.results[code] == nil {
		c.tested(code)
	}
	fix := e.Hint
	if fix == sandbox.ReportIt {
		fix = "" // it is the author who reads this
	}
	c.record(Finding{Code: code, Problem: e.Msg, Fix: fix}, target{}, reply{sent: []byte(e.Sent), got: []byte(e.Got), output: e.Stderr})
}

// manifest compares the manifest of the section, nil if there is none, with the
// one that is described.
func (c *checker) manifest(ctx context.Context, section *spec.Manifest) {
	var d described
	r := c.ask(ctx, spec.OpCodeDescribe, []byte("{}"), &d)
	if !r.ok() || d.manifest == nil {
		c.find("L06", target{}, r, "describe {} gives no manifest: %s", r.outcome())
		return
	}
	c.tested("L07", "L09")
	if section == nil {
		c.find("L07", target{}, reply{got: r.got}, "there is no section %s", spec.ManifestSection)
	} else {
		c.tested("L08")
		if a, b := encoded(section), encoded(d.manifest); a != b {
			c.find("L08", target{}, reply{sent: []byte("{}"), got: r.got}, "the section says %s, describe {} says %s", differing(a, b), differing(b, a))
		}
	}
	for _, problem := range manifestProblems(d.manifest) {
		c.find("L09", target{}, r, "%s", problem)
	}
}

// described is the answer to describe {}.
type described struct{ manifest *spec.Manifest }

func (m *described) Decode(d *wire.Decoder) {
	for d.Object(); d.Next(); {
		if d.Key() == "manifest" {
			m.manifest = new(spec.Manifest)
			m.manifest.Decode(d)
		}
	}
}

func encoded(v interface{ Encode(*wire.Encoder) }) string {
	var e wire.Encoder
	v.Encode(&e)
	return string(e.Bytes())
}

// differing is the part of a from shortly before it begins to differ from b.
func differing(a, b string) string {
	const before, most = 24, 80
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	from := max(0, n-before)
	text := sandbox.Printable([]byte(strings.ToValidUTF8(a[from:min(len(a), from+most)], "")), most)
	if from > 0 {
		text = "…" + text
	}
	return text
}
