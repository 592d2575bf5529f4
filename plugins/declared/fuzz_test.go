package declared

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// FuzzDocument: whatever a document says, it is refused, or is a space whose
// steps keep their promises and whose episodes are networks, or are refused.
func FuzzDocument(f *testing.F) {
	for _, text := range examples(f) {
		f.Add(text, uint64(1))
	}
	f.Add(`{"kinds":{"k":[1,2],"p":"pointer"},"decisions":[{"repeat":3,"as":"a","do":["k","p"]}],"network":[{"each":"a","output":"unread","do":[{"op":"conv2d","input":["$p","start"],"padding":"valid","kernel":[32,1],"filters":"in*$k/3"}]}]}`, uint64(2))
	f.Fuzz(func(t *testing.T, text string, seed uint64) { _ = try(t, text, seed) })
}

// try opens a document and walks it, and reports whether it could be opened.
func try(t testing.TB, text string, seed uint64) (opened bool) {
	rng := rand.New(rand.NewPCG(seed, 1))
	for name, task := range tasks {
		s, err := open(text, name)
		if err != nil {
			if _, ok := err.(*spec.Fault); !ok {
				t.Fatal(err)
			}
			continue
		}
		opened = true
		if err := s.Info().Validate(); err != nil {
			t.Fatal(err)
		}
		promises(t, s, 3, rng)
		for range 3 {
			answers, err := guest.Walk(s, pick(rng))
			if err != nil {
				t.Fatal(err)
			}
			task.Input = append([]int(nil), task.Input...)
			for i := range task.Input {
				task.Input[i] = 1 + rng.IntN(40)
			}
			n, err := s.Build(answers, task)
			if err != nil {
				if f, ok := err.(*spec.Fault); !ok || f.Code != spec.CodeUnsupported {
					t.Fatal(err)
				}
				continue
			}
			if err := n.Validate(); err != nil {
				t.Fatalf("%v: %v\n%s", answers, err, text)
			}
		}
	}
	return opened
}

// TestMutations changes examples as no byte fuzzer would: it puts pieces of
// documents in the place of others.
func TestMutations(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	pool := []any{0.0, 1.0, 2.0, 3.0, 64.0, 1e9, -1.0, 0.5, "in", "last", "start", "input", "depthwise", "in*64", "$depth", "$kernel/2", "anchors", "pointer",
		"unread", "valid", "flatten", "add", "conv", "embedding", true, nil, []any{}, map[string]any{}, []any{3.0, 1.0}}
	var documents []any
	for _, text := range examples(t) {
		var d any
		if err := json.Unmarshal([]byte(text), &d); err != nil {
			t.Fatal(err)
		}
		documents = append(documents, d)
		for range 40 {
			pool = append(pool, *pieces(&d)[rng.IntN(len(pieces(&d)))].at)
		}
	}
	opened := 0
	for i := range 2500 {
		d := clone(t, documents[i%len(documents)])
		for range 1 + rng.IntN(2) {
			list := pieces(&d)
			p := list[rng.IntN(len(list))]
			put := pool[rng.IntN(len(pool))]
			for range 20 { // mostly of the same type, which more documents survive
				if reflect.TypeOf(put) != reflect.TypeOf(*p.at) {
					put = pool[rng.IntN(len(pool))]
				}
			}
			*p.at = clone(t, put)
			p.done()
		}
		b, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		if try(t, string(b), uint64(i)) {
			opened++
		}
	}
	if opened < 100 {
		t.Errorf("only %d of the documents could be opened", opened)
	}
}

func clone(t *testing.T, v any) (copied any) {
	b, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(b, &copied)
	}
	if err != nil {
		t.Fatal(err)
	}
	return copied
}

// piece is a place in a document; done puts what at holds there.
type piece struct {
	at   *any
	done func()
}

func pieces(d *any) []piece {
	list := []piece{{d, func() {}}}
	switch v := (*d).(type) {
	case []any:
		for i := range v {
			list = append(list, pieces(&v[i])...)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			held := v[key]
			inner := pieces(&held)
			inner[0].done = func() { v[key] = held }
			list = append(list, inner...)
		}
	}
	return list
}
