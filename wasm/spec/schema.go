//go:build !wasip1

package spec

import (
	_ "embed"
	"slices"
)

//go:embed network.schema.json
var schema []byte

// SchemaJSON returns the JSON Schema (draft 2020-12) of a Network and its
// cells. It says which members and attributes each op has; that names resolve
// and shapes fit, only Validate can say.
func SchemaJSON() []byte { return slices.Clone(schema) }
