// Command guest is package cells as an ABI 1 guest:
//
//	GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -trimpath -ldflags=-s -o cells.wasm ./plugins/cells/guest
package main

import (
	"github.com/espalier-nas/espalier/plugins/cells"
	"github.com/espalier-nas/espalier/wasm/guest"
)

func init() { guest.Register(cells.Module()) }

func main() {}
