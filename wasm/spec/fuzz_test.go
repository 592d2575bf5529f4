package spec

import (
	"encoding/json"
	"testing"
)

// FuzzNetwork feeds arbitrary JSON: reading, validating and identifying it must
// not panic, and a valid network must survive its own JSON.
func FuzzNetwork(f *testing.F) {
	for _, n := range examples() {
		data, err := json.Marshal(n)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"task":{"type":"text","input":[1],"classes":2},"nodes":[{"name":"a","op":"embedding","inputs":["input"],"units":2,"vocabulary":2},{"name":"b","op":"dense","inputs":["a"],"units":2,"tied":"a"}],"output":"b"}`))
	f.Add([]byte(`{"task":{"type":"image","input":[1,1,1],"classes":2},"nodes":[{"name":"a","op":"flatten","inputs":["a"]}],"output":"a"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var n Network
		if json.Unmarshal(data, &n) != nil {
			return
		}
		plan, err := n.Infer()
		id := n.ID()
		if (err == nil) != (id != "") {
			t.Fatalf("ID %q of a network that is %v", id, err)
		}
		if err != nil {
			if err.Error() == "" {
				t.Fatal("an error without text")
			}
			return
		}
		if plan.Params < 0 || plan.MACs < 0 || plan.Params > MaxParams || plan.MACs > MaxMACs {
			t.Fatalf("%d parameters, %d MACs", plan.Params, plan.MACs)
		}
		text, err := json.Marshal(&n)
		if err != nil {
			t.Fatal(err)
		}
		var back Network
		if err := json.Unmarshal(text, &back); err != nil || back.ID() != id {
			t.Fatalf("%s read back with ID %s, %v; want %s", text, back.ID(), err, id)
		}
	})
}

// FuzzStep does the same for what a space says.
func FuzzStep(f *testing.F) {
	f.Add([]byte(`{"decision":{"kind":"skip","name":"a","anchors":[0,1],"anchor":true},"state":"x","any":true}`), 2, []byte(`[0,1]`))
	f.Add([]byte(`{"decision":{"kind":"size","name":"a","mask":[true,false,true]}}`), 0, []byte(`2`))
	f.Add([]byte(`{"done":true}`), 0, []byte(`1`))
	f.Fuzz(func(t *testing.T, data []byte, anchors int, answer []byte) {
		var s Step
		if json.Unmarshal(data, &s) != nil || kindsOfAll.Check(s, anchors) != nil || s.Done {
			return
		}
		for _, c := range s.Decision.Candidates {
			if c < 0 || c >= anchors {
				t.Fatalf("%s passed with %d anchor points", data, anchors)
			}
		}
		var a Answer
		if json.Unmarshal(answer, &a) != nil || kindsOfAll.CheckAnswer(*s.Decision, a) != nil {
			return
		}
		k, _ := kindsOfAll.Kind(s.Decision.Kind)
		if k.Type == Choice && (a.Set || a.Index < 0 || a.Index >= len(k.Options)) {
			t.Fatalf("%s passed as an answer to %s", answer, data)
		}
	})
}
