// Command guest is package rewards as an ABI 1 guest:
//
//	GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -trimpath -ldflags=-s -o rewards.wasm ./plugins/rewards/guest
package main

import (
	"github.com/espalier-nas/espalier/plugins/rewards"
	"github.com/espalier-nas/espalier/wasm/guest"
)

func init() { guest.Register(rewards.Module()) }

func main() {}
