package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/host/bench/fake"
	"github.com/espalier-nas/espalier/plugins/cnn"
	"github.com/espalier-nas/espalier/wasm/spec"
)

func mustList(t *testing.T, seed uint64) []*entry {
	t.Helper()
	list, err := networks(context.Background(), fake.Opener(cnn.Module()), seed)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestFound compares with the network that package spec keeps as a file.
func TestFound(t *testing.T) {
	e := mustList(t, 1)[0]
	text, err := os.ReadFile("../../../wasm/spec/testdata/found.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden spec.Network
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	if e.Network.ID() != golden.ID() || e.Plan.Params != 4201630 || e.Drawn {
		t.Errorf("%s: ID %s with %d parameters, want %s", e.Name, e.Network.ID(), e.Plan.Params, golden.ID())
	}
}

func TestTiny(t *testing.T) {
	if e := mustList(t, 1)[1]; e.Name != "tiny" || math.Abs(e.megaFLOP()-86.3) > 0.05 || e.Drawn {
		t.Errorf("%s: %.2f MFLOP an image, want 86.3", e.Name, e.megaFLOP())
	}
}

// TestDraws pins what seed 1 draws: figures that were published stay
// comparable.
func TestDraws(t *testing.T) {
	const want = "0a56dfcebbee"
	hash := sha256.New()
	ids := map[string]bool{}
	var drawn, short, strides, pools, joins int
	for _, e := range mustList(t, 1) {
		if !e.Drawn {
			continue
		}
		drawn++
		if !e.Long {
			short++
		}
		fmt.Fprintln(hash, e.Name, e.Network.ID())
		ids[e.Network.ID()] = true
		has := map[string]int{}
		for _, n := range e.Network.Nodes {
			has[string(n.Op)] = 1
			if n.Op == spec.OpConv2D && n.Stride != [2]int{} {
				has["stride"] = 1
			}
		}
		strides, pools, joins = strides+has["stride"], pools+has[string(spec.OpMaxPool)], joins+has[string(spec.OpConcat)]
	}
	if drawn != 20 || len(ids) != 20 || short != 6 {
		t.Errorf("%d networks are drawn, %d of them different, %d for a short run; want 20, 20 and 6", drawn, len(ids), short)
	}
	if strides < 6 || pools < 6 || joins < 15 {
		t.Errorf("%d networks have strides, %d pools, %d concatenations: too few to say anything of them", strides, pools, joins)
	}
	if got := fmt.Sprintf("%x", hash.Sum(nil)); !strings.HasPrefix(got, want) {
		t.Errorf("seed 1 draws other networks: hash %s, want %s…", got, want)
	}
	for i, e := range mustList(t, 2) {
		if e.Drawn && ids[e.Network.ID()] {
			t.Errorf("network %d is the same with seed 2", i)
		}
	}
}
