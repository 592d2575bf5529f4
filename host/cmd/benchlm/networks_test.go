package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/host/bench/fake"
	"github.com/espalier-nas/espalier/plugins/rnncell"
)

func mustList(t *testing.T, seed uint64) []*entry {
	t.Helper()
	list, err := networks(context.Background(), fake.Opener(rnncell.Module()), seed)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestPublished: the LSTMs have the sizes that Zaremba et al. 2014 give.
func TestPublished(t *testing.T) {
	list := mustList(t, 1)
	for i, want := range []struct {
		name      string
		millions  float64
		megaFLOP  float64
		ofSoftmax float64
	}{
		{"lstm-200", 4.65, 5.28, 0.76},
		{"lstm-650", 19.78, 26.52, 0.49},
		{"nascell-200", 5.29, 6.56, 0.61},
	} {
		e := list[i]
		if m := float64(e.Plan.Params) / 1e6; e.Name != want.name || e.Drawn || math.Abs(m-want.millions) > 0.005 {
			t.Errorf("%s has %.2f million parameters, want %s with %.2f", e.Name, m, want.name, want.millions)
		}
		if m, s := e.megaFLOP(), e.softmax(); math.Abs(m-want.megaFLOP) > 0.005 || math.Abs(s-want.ofSoftmax) > 0.005 {
			t.Errorf("%s: %.2f MFLOP a word, %.2f of them for the logits; want %v and %v", e.Name, m, s, want.megaFLOP, want.ofSoftmax)
		}
	}
}

// TestDraws pins what seed 1 draws: figures that were published stay
// comparable. All are as large as the network of the found cell.
func TestDraws(t *testing.T) {
	const want = "72b285519787"
	list := mustList(t, 1)
	hash := sha256.New()
	ids := map[string]bool{}
	short := 0
	for _, e := range list[3:] {
		fmt.Fprintln(hash, e.Name, e.Network.ID())
		ids[e.Network.ID()] = true
		if !e.Long {
			short++
		}
		if !e.Drawn || e.Plan.Params != list[2].Plan.Params {
			t.Errorf("%s has %d parameters, the found cell's network %d", e.Name, e.Plan.Params, list[2].Plan.Params)
		}
	}
	if len(ids) != drawn || short != drawnShort {
		t.Errorf("%d different networks are drawn, %d for a short run", len(ids), short)
	}
	if got := fmt.Sprintf("%x", hash.Sum(nil)); !strings.HasPrefix(got, want) {
		t.Errorf("seed 1 draws other networks: hash %s, want %s…", got, want)
	}
	for _, e := range mustList(t, 2)[3:] {
		if ids[e.Network.ID()] {
			t.Errorf("%s is the same with seed 2", e.Name)
		}
	}
}
