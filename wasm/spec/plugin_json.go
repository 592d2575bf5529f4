package spec

import "github.com/espalier-nas/espalier/wasm/spec/wire"

// Encode writes r as it is, or null if it is empty.
func (r *Raw) Encode(e *wire.Encoder) { e.Raw(*r) }

// Decode copies the next value.
func (r *Raw) Decode(d *wire.Decoder) { *r = d.Raw() }

// Encode writes {"code","msg","at"?}.
func (f *Fault) Encode(e *wire.Encoder) {
	e.BeginObject()
	e.Key("code").Text(f.Code)
	e.Key("msg").Text(f.Msg)
	if f.At >= 0 {
		e.Key("at").Int(int64(f.At))
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
	e.Key("abi").Text(m.ABI)
	e.Key("name").Text(m.Name)
	e.Key("version").Text(m.Version)
	e.Key("summary").Text(m.Summary)
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
	e.Key("name").Text(o.Name)
	e.Key("summary").Text(o.Summary)
	if o.Task != "" {
		e.Key("task").Text(string(o.Task))
	}
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
	e.Key("name").Text(p.Name)
	e.Key("type").Text(string(p.Type))
	e.Key("default").Raw(p.Default)
	e.Key("summary").Text(p.Summary)
	if p.Min != nil {
		e.Key("min").Float(*p.Min)
	}
	if p.Max != nil {
		e.Key("max").Float(*p.Max)
	}
	if len(p.Options) > 0 {
		e.Key("options").Texts(p.Options)
	}
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
	e.Key("name").Text(i.Name)
	e.Key("version").Text(i.Version)
	e.Key("task").Text(string(i.Task))
	e.Key("max_steps").Int(int64(i.MaxSteps))
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
	e.Key("name").Text(i.Name)
	e.Key("version").Text(i.Version)
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
