// Command guest is package baselines as an ABI 1 guest:
//
//	GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -trimpath -ldflags=-s -o baselines.wasm ./plugins/baselines/guest
package main

import (
	"github.com/espalier-nas/espalier/plugins/baselines"
	"github.com/espalier-nas/espalier/wasm/guest"
)

func init() { guest.Register(baselines.Module()) }

func main() {}
