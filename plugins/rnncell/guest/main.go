// Command guest is package rnncell as an ABI 1 guest:
//
//	GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -trimpath -ldflags=-s -o rnncell.wasm ./plugins/rnncell/guest
package main

import (
	"github.com/espalier-nas/espalier/plugins/rnncell"
	"github.com/espalier-nas/espalier/wasm/guest"
)

func init() { guest.Register(rnncell.Module()) }

func main() {}
