// Command guest is package cnn as an ABI 1 guest:
//
//	GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -trimpath -ldflags=-s -o cnn.wasm ./plugins/cnn/guest
package main

import (
	"github.com/espalier-nas/espalier/plugins/cnn"
	"github.com/espalier-nas/espalier/wasm/guest"
)

func init() { guest.Register(cnn.Module()) }

func main() {}
