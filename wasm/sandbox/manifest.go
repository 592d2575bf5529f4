package sandbox

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/espalier-nas/espalier/wasm/binary"
	"github.com/espalier-nas/espalier/wasm/spec"
	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// embedded reads the manifest section and refuses a foreign interface, before
// anything runs. It returns nil where there is no section.
func (m *Module) embedded(parsed *binary.Module) (*spec.Manifest, error) {
	for _, c := range parsed.Customs {
		if c.Name != spec.ManifestSection {
			continue
		}
		manifest := new(spec.Manifest)
		if err := manifest.UnmarshalJSON(c.Data); err != nil {
			return nil, m.refused(&refusal{"manifest", fmt.Sprintf("its %s section is damaged: %v", c.Name, err), "build the plugin again"})
		}
		major, minor, ok := version(manifest.ABI)
		if !ok {
			return nil, m.refused(&refusal{"manifest", fmt.Sprintf("its manifest names the interface version %q, which is not of the form 1.0", manifest.ABI), "build the plugin again"})
		}
		if r := checkABI(major, minor); r != nil {
			return nil, m.refused(r)
		}
		return manifest, nil
	}
	return nil, nil
}

func version(s string) (major, minor int, ok bool) {
	a, b, _ := strings.Cut(s, ".")
	major, err1 := strconv.Atoi(a)
	minor, err2 := strconv.Atoi(b)
	return major, minor, err1 == nil && err2 == nil
}

// readManifest takes the manifest out of the answer to describe {}.
func readManifest(answer []byte) (*spec.Manifest, error) {
	var d description
	err := Unwrap(answer, &d)
	if err == nil && d.manifest == nil {
		err = broken("manifest", "the answer to describe holds no manifest")
	}
	return d.manifest, err
}

// CheckManifest refuses a manifest that people could not read, as Load does: one
// without a name, or with a text that is too long or would write to a terminal
// what is no text. It is for those who show a manifest that they read
// themselves.
func CheckManifest(m *spec.Manifest) error {
	if r := checkManifest(m); r != nil {
		return r
	}
	return nil
}

func checkManifest(m *spec.Manifest) *refusal {
	if m.Name == "" {
		return &refusal{"manifest", "its manifest gives the plugin no name", "give it a name"}
	}
	texts := []string{m.Name, m.Version, m.Summary}
	for _, o := range slices.Concat(m.Spaces, m.Shapers) {
		texts = append(texts, o.Name, o.Summary, string(o.Task))
		for _, p := range o.Params {
			texts = append(append(texts, p.Name, p.Summary, string(p.Type)), p.Options...)
		}
	}
	for _, text := range texts {
		if len(text) > maxText || strings.ContainsAny(text, "\n\t") || clean(text) != text {
			return &refusal{"manifest", fmt.Sprintf("its manifest holds the text %.80q", text),
				fmt.Sprintf("a text has at most %d bytes and no control characters", maxText)}
		}
	}
	return nil
}

// offered says, as the end of a sentence, what a manifest offers.
func offered(offers []spec.Offer) string {
	if len(offers) == 0 {
		return ""
	}
	names := make([]string, len(offers))
	for i := range offers {
		names[i] = offers[i].Name
	}
	return "; its manifest offers " + strings.Join(names, ", ")
}

// maxText is the longest text of a manifest in bytes.
const maxText = 1000

// description is the answer to describe without a space or shaper.
type description struct{ manifest *spec.Manifest }

func (d *description) Decode(w *wire.Decoder) {
	for w.Object(); w.Next(); {
		if w.Key() == "manifest" {
			d.manifest = new(spec.Manifest)
			d.manifest.Decode(w)
		}
	}
}
