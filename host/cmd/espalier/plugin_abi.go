package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/espalier-nas/espalier/wasm"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// abiView is what `espalier plugin abi --json` prints.
type abiView struct {
	Schema        string          `json:"schema"` // "espalier.plugin-abi/1"
	ABI           string          `json:"abi"`
	Page          string          `json:"page"`
	NetworkSchema json.RawMessage `json:"network_schema"`
}

func (a *app) pluginABICommand() *cobra.Command {
	var schema bool
	cmd := &cobra.Command{
		Use:   "abi",
		Short: "Print the interface that plugins speak, for authors in any language",
		Long: `Print the interface that plugins speak, ABI 1: what a module exports and imports,
what it is asked, what it answers, and what a network is made of. It is all that it
takes to write a plugin in a language that espalier plugin new has no template for.`,
		Example: `  espalier plugin abi | less
  espalier plugin abi --schema > network.schema.json`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			text := wasm.ABI()
			switch {
			case a.json:
				return a.printJSON(abiView{"espalier.plugin-abi/1", fmt.Sprintf("%d.%d", spec.ABIMajor, spec.ABIMinor), text, spec.SchemaJSON()})
			case schema:
				text = string(spec.SchemaJSON())
			}
			_, err := fmt.Fprint(a.term.Out, text)
			return err
		},
	}
	cmd.Flags().BoolVar(&schema, "schema", false, "print the JSON Schema of a network instead")
	return cmd
}
