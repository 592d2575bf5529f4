package spec

import "github.com/espalier-nas/espalier/wasm/spec/wire"

// Encode writes {"id","type","options"?}.
func (k *Kind) Encode(e *wire.Encoder) {
	e.BeginObject()
	putText(e, "id", k.ID)
	putText(e, "type", string(k.Type))
	optTexts(e, "options", k.Options)
	e.EndObject()
}

// Decode reads what Encode writes.
func (k *Kind) Decode(d *wire.Decoder) {
	*k = Kind{}
	for d.Object(); d.Next(); {
		switch d.Key() {
		case "id":
			k.ID = d.Text()
		case "type":
			k.Type = KindType(d.Text())
		case "options":
			k.Options = d.Texts()
		}
	}
}

// Encode writes {"kind","name","anchor"?,"anchors"?,"mask"?}; Candidates are
// the anchors.
func (q *Decision) Encode(e *wire.Encoder) {
	e.BeginObject()
	putText(e, "kind", q.Kind)
	putText(e, "name", q.Name)
	optBool(e, "anchor", q.Anchor)
	if len(q.Candidates) > 0 {
		e.Key("anchors").Ints(q.Candidates)
	}
	if len(q.Mask) > 0 {
		e.Key("mask").BeginArray()
		for _, allowed := range q.Mask {
			e.Bool(allowed)
		}
		e.EndArray()
	}
	e.EndObject()
}

// Decode reads what Encode writes.
func (q *Decision) Decode(d *wire.Decoder) {
	*q = Decision{}
	for d.Object(); d.Next(); {
		switch d.Key() {
		case "kind":
			q.Kind = d.Text()
		case "name":
			q.Name = d.Text()
		case "anchor":
			q.Anchor = d.Bool()
		case "anchors":
			q.Candidates = d.Ints()
		case "mask":
			q.Mask = d.Bools()
		}
	}
}

// Encode writes an integer, or an array of integers for a set.
func (a *Answer) Encode(e *wire.Encoder) {
	if a.Set {
		e.Ints(a.Anchors)
	} else {
		e.Int(int64(a.Index))
	}
}

// Decode reads what Encode writes.
func (a *Answer) Decode(d *wire.Decoder) {
	if d.Kind() == wire.Array {
		*a = Answer{Set: true, Anchors: d.Ints()}
	} else {
		*a = Answer{Index: d.Int()}
	}
}

// Encode writes an array.
func (a *Answers) Encode(e *wire.Encoder) {
	e.BeginArray()
	for i := range *a {
		(*a)[i].Encode(e)
	}
	e.EndArray()
}

// Decode reads what Encode writes. It refuses more than MaxSteps answers.
func (a *Answers) Decode(d *wire.Decoder) {
	*a = nil
	for d.Array(); d.Next(); {
		var answer Answer
		answer.Decode(d)
		if len(*a) == MaxSteps {
			d.Fail("an episode has at most 10000 answers")
		}
		if d.Err() == nil {
			*a = append(*a, answer)
		}
	}
}

// Encode writes {"done":true} or {"decision","state"?,"any"?}.
func (s *Step) Encode(e *wire.Encoder) {
	e.BeginObject()
	optBool(e, "done", s.Done)
	if s.Decision != nil {
		s.Decision.Encode(e.Key("decision"))
	}
	optText(e, "state", s.State)
	optBool(e, "any", s.Any)
	e.EndObject()
}

// Decode reads what Encode writes.
func (s *Step) Decode(d *wire.Decoder) {
	*s = Step{}
	for d.Object(); d.Next(); {
		switch d.Key() {
		case "done":
			s.Done = d.Bool()
		case "decision":
			s.Decision = new(Decision)
			s.Decision.Decode(d)
		case "state":
			s.State = d.Text()
		case "any":
			s.Any = d.Bool()
		}
	}
}
