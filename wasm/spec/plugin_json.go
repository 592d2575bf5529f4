package spec

import "github.com/espalier-nas/espalier/wasm/spec/wire"

// Encode writes r as it is, or null if it is empty.
func (r *Raw) Encode(e *wire.Encoder) { e.Raw(*r) }

// Decode copies the next value.
func (r *Raw) Decode(d *wire.Decoder) { *r = d.Raw() }

// Encode writes {"code","msg","at"?}.
func (f *Fault) Encode(e *wire.Encoder) {
	e.BeginObject()
	putText(e, "code", f.Code)
	putText(e, "msg", f.Msg)
	if f.At >= 0 {
		putInt(e, "at", int64(f.At))
	}
	e.EndObject()
}

// Decode reads what Encode writes.
func (f *Fault) Decode(d *wire.Decoder) {
	*f = Fault{At: -1}
	for d.Object(); d.Next(); {
		switch d.Key() {
		case "code":
			f.Code = d.Text()
		case "msg":
			f.Msg = d.Text()
		case "at":
			f.At = d.Int()
		}
	}
}

// Encode writes {"abi","name","version","summary","spaces","shapers"}.
func (m *Manifest) Encode(e *wire.Encoder) {
	e.BeginObject()
	putText(e, "abi", m.ABI)
	putText(e, "name", m.Name)
	putText(e, "version", m.Version)
	putText(e, "summary", m.Summary)
	encodeOffers(e.Key("spaces"), m.Spaces)
	encodeOffers(e.Key("shapers"), m.Shapers)
	e.EndObject()
}

func encodeOffers(e *wire.Encoder, offers []Offer) {
	e.BeginArray()
	for _, o := range offers {
		o.Encode(e)
	}
	e.EndArray()
}

// Decode reads what Encode writes.
func (m *Manifest) Decode(d *wire.Decoder) {
	*m = Manifest{}
	for d.Object(); d.Next(); {
		switch d.Key() {
		case "abi":
			m.ABI = d.Text()
		case "name":
			m.Name = d.Text()
		case "version":
			m.Version = d.Text()
		case "summary":
			m.Summary = d.Text()
		case "spaces":
			m.Spaces = decodeOffers(d)
		case "shapers":
			m.Shapers = decodeOffers(d)
		}
	}
}

func decodeOffers(d *wire.Decoder) []Offer {
	var offers []Offer
	for d.Array(); d.Next(); {
		var o Offer
		o.Decode(d)
		offers = append(offers, o)
	}
	return offers
}

// Encode writes {"name","summary","task"?,"params"}.
func (o *Offer) Encode(e *wire.Encoder) {
	e.BeginObject()
	putText(e, "name", o.Name)
	putText(e, "summary", o.Summary)
	optText(e, "task", string(o.Task))
	e.Key("params").BeginArray()
	for _, p := range o.Params {
		p.Encode(e)
	}
	e.EndArray()
	e.EndObject()
}

// Decode reads what Encode writes.
func (o *Offer) Decode(d *wire.Decoder) {
	*o = Offer{}
	for d.Object(); d.Next(); {
		switch d.Key() {
		case "name":
			o.Name = d.Text()
		case "summary":
			o.Summary = d.Text()
		case "task":
			o.Task = TaskType(d.Text())
		case "params":
			for d.Array(); d.Next(); {
				var p Param
				p.Decode(d)
				o.Params = append(o.Params, p)
			}
		}
	}
}

// Encode writes {"name","type","default","summary","min"?,"max"?,"options"?}.
func (p *Param) Encode(e *wire.Encoder) {
	e.BeginObject()
	putText(e, "name", p.Name)
	putText(e, "type", string(p.Type))
	e.Key("default").Raw(p.Default)
	putText(e, "summary", p.Summary)
	if p.Min != nil {
		e.Key("min").Float(*p.Min)
	}
	if p.Max != nil {
		e.Key("max").Float(*p.Max)
	}
	optTexts(e, "options", p.Options)
	e.EndObject()
}

// Decode reads what Encode writes.
func (p *Param) Decode(d *wire.Decoder) {
	*p = Param{}
	for d.Object(); d.Next(); {
		switch d.Key() {
		case "name":
			p.Name = d.Text()
		case "type":
			p.Type = ParamType(d.Text())
		case "default":
			p.Default = d.Raw()
		case "summary":
			p.Summary = d.Text()
		case "min":
			v := d.Float()
			p.Min = &v
		case "max":
			v := d.Float()
			p.Max = &v
		case "options":
			p.Options = d.Texts()
		}
	}
}

// Encode writes {"name","version","task","max_steps","kinds","params"}.
func (i *SpaceInfo) Encode(e *wire.Encoder) {
	e.BeginObject()
	putText(e, "name", i.Name)
	putText(e, "version", i.Version)
	putText(e, "task", string(i.Task))
	putInt(e, "max_steps", int64(i.MaxSteps))
	e.Key("kinds").BeginArray()
	for _, k := range i.Kinds {
		k.Encode(e)
	}
	e.EndArray()
	e.Key("params").Raw(i.Params)
	e.EndObject()
}

// Decode reads what Encode writes.
func (i *SpaceInfo) Decode(d *wire.Decoder) {
	*i = SpaceInfo{}
	for d.Object(); d.Next(); {
		switch d.Key() {
		case "name":
			i.Name = d.Text()
		case "version":
			i.Version = d.Text()
		case "task":
			i.Task = TaskType(d.Text())
		case "max_steps":
			i.MaxSteps = d.Int()
		case "kinds":
			for d.Array(); d.Next(); {
				var k Kind
				k.Decode(d)
				i.Kinds = append(i.Kinds, k)
			}
		case "params":
			i.Params = d.Raw()
		}
	}
}

// Encode writes {"name","version","params"}.
func (i *ShaperInfo) Encode(e *wire.Encoder) {
	e.BeginObject()
	putText(e, "name", i.Name)
	putText(e, "version", i.Version)
	e.Key("params").Raw(i.Params)
	e.EndObject()
}

// Decode reads what Encode writes.
func (i *ShaperInfo) Decode(d *wire.Decoder) {
	*i = ShaperInfo{}
	for d.Object(); d.Next(); {
		switch d.Key() {
		case "name":
			i.Name = d.Text()
		case "version":
			i.Version = d.Text()
		case "params":
			i.Params = d.Raw()
		}
	}
}
