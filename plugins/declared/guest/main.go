// Command guest is package declared as an ABI 1 guest:
//
//	GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -trimpath -ldflags=-s -o declared.wasm ./plugins/declared/guest
package main

import (
	"github.com/espalier-nas/espalier/plugins/declared"
	"github.com/espalier-nas/espalier/wasm/guest"
)

func init() { guest.Register(declared.Module()) }

func main() {}
