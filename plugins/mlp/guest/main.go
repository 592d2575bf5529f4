// Command guest is package mlp as a guest; package wasm/guest says how to build it.
package main

import (
	"github.com/espalier-nas/espalier/plugins/mlp"
	"github.com/espalier-nas/espalier/wasm/guest"
)

func init() { guest.Register(mlp.Module()) }
func main() {}
