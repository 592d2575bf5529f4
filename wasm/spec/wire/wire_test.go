package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// decodeAny reads a value of any kind into the types of encoding/json, with
// numbers as float64.
func decodeAny(d *Decoder) any {
	switch d.Kind() {
	case Bool:
		return d.Bool()
	case Number:
		return d.Float()
	case Text:
		return d.Text()
	case Array:
		list := []any{}
		for d.Array(); d.Next(); {
			list = append(list, decodeAny(d))
		}
		return list
	case Object:
		object := map[string]any{}
		for d.Object(); d.Next(); {
			key := d.Key()
			object[key] = decodeAny(d)
		}
		return object
	}
	d.Skip()
	return nil
}

// TestOffset: a value begins where Offset said before it was read.
func TestOffset(t *testing.T) {
	d := NewDecoder([]byte(` [1, "two" ,{ "k" : true}]`))
	at := []int{d.Offset()}
	for d.Array(); d.Next(); {
		at = append(at, d.Offset())
		if d.Kind() != Object {
			continue
		}
		for d.Object(); d.Next(); {
			at = append(at, d.Offset())
		}
	}
	if err := d.Finish(); err != nil || !slices.Equal(at, []int{1, 2, 5, 12, 20}) {
		t.Errorf("offsets %v, %v", at, err)
	}
}

// withoutNulls drops the members that a Decoder takes for absent.
func withoutNulls(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = withoutNulls(v[i])
		}
	case map[string]any:
		for key, member := range v {
			if member == nil {
				delete(v, key)
			} else {
				v[key] = withoutNulls(member)
			}
		}
	}
	return v
}

func encodeAny(e *Encoder, v any) {
	switch v := v.(type) {
	case nil:
		e.Null()
	case bool:
		e.Bool(v)
	case float64:
		e.Float(v)
	case string:
		e.Text(v)
	case []any:
		e.BeginArray()
		for _, element := range v {
			encodeAny(e, element)
		}
		e.EndArray()
	case map[string]any:
		e.BeginObject()
		for key, member := range v {
			encodeAny(e.Key(key), member)
		}
		e.EndObject()
	}
}

// TestIntegers reads the largest integers, and those just beyond.
func TestIntegers(t *testing.T) {
	for text, want := range map[string]int64{"9223372036854775807": math.MaxInt64, "-9223372036854775808": math.MinInt64, "-0": 0} {
		d := NewDecoder([]byte(text))
		if got := d.Int64(); got != want || d.Finish() != nil {
			t.Errorf("%s is read as %d, %v", text, got, d.Finish())
		}
	}
	for _, text := range []string{"9223372036854775808", "-9223372036854775809", "18446744073709551617", "92233720368547758070", "1" + strings.Repeat("0", 64)} {
		d := NewDecoder([]byte(text))
		if got := d.Int64(); got != 0 || d.Finish() == nil || !strings.Contains(d.Finish().Error(), "64 bits") {
			t.Errorf("%s is read as %d, %v", text, got, d.Finish())
		}
	}
}

// FuzzDecoder compares with encoding/json: what the Decoder accepts must be
// accepted there and mean the same; what it alone refuses must break one of
// the rules that it adds.
func FuzzDecoder(f *testing.F) {
	for _, seed := range []string{
		`null`, `[1,-0,0.5e-3,1E+2,"\u00e9\ud83d\ude00\n",{"a":{"b":[true,false,null]}}]`, ` {"a" : 1 , "b":null}`,
		`{"a":1,"a":2}`, `"\ud800"`, "\"\xff\"", `01`, `1.`, `[1,]`, `{"a":1,}`, `{,}`, `[`, `"`, `1e400`, `-`, `"\u12"`, `"\x"`, "\"\t\"",
		strings.Repeat("[", 65) + strings.Repeat("]", 65), `9223372036854775807`, `1 2`, ``, "\ufeff1", `tru`, `nul`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d := NewDecoder(data)
		got := decodeAny(d)
		err := d.Finish()
		var want any
		oracle := json.Unmarshal(data, &want)
		if err == nil {
			if oracle != nil {
				t.Fatalf("accepted %q, which encoding/json refuses: %v", data, oracle)
			}
			if want = withoutNulls(want); !reflect.DeepEqual(got, want) {
				t.Fatalf("%q: got %#v, want %#v", data, got, want)
			}
			var e Encoder
			encodeAny(&e, got)
			again := NewDecoder(e.Bytes())
			if back := decodeAny(again); again.Finish() != nil || !reflect.DeepEqual(back, got) {
				t.Fatalf("%q was written as %q and read back as %#v, %v", data, e.Bytes(), back, again.Finish())
			}
			return
		}
		var e *Error
		if !errors.As(err, &e) || e.Offset < 0 || e.Offset > len(data) {
			t.Fatalf("%q: %v has no usable offset", data, err)
		}
		if oracle != nil || !utf8.Valid(data) {
			return
		}
		for _, rule := range []string{"duplicate name", "surrogate", "nested more", "beyond the range", "more than 256", "more than 64 digits"} {
			if strings.Contains(e.Problem, rule) {
				return
			}
		}
		t.Fatalf("refused %q, which encoding/json accepts: %v", data, err)
	})
}

func TestEncoderMatchesEncodingJSON(t *testing.T) {
	floats := []float64{0, math.Copysign(0, -1), 1, -1.5, 0.1, 1e-6, 9.99e-7, 1e-7, 1e-10, 1e-100, 1e20, 1e21, 1.5e300, 5e-324, math.MaxFloat64, 1 << 53}
	for _, v := range floats {
		var e Encoder
		e.Float(v)
		want, _ := json.Marshal(v)
		if !bytes.Equal(e.Bytes(), want) {
			t.Errorf("Float(%g) = %s, want %s", v, e.Bytes(), want)
		}
	}
	for _, s := range []string{"", "plain", "é 😀", "\"\\/\b\f\n\r\t\x00\x1f\x7f", "bad \xff byte\xc3", "\ufffd"} {
		var e Encoder
		e.Text(s)
		var got, want string
		if err := json.Unmarshal(e.Bytes(), &got); err != nil {
			t.Errorf("Text(%q) = %s: %v", s, e.Bytes(), err)
		}
		if want = strings.ToValidUTF8(s, "\ufffd"); got != want {
			t.Errorf("Text(%q) reads back as %q, want %q", s, got, want)
		}
	}
}

func TestEncoderStructure(t *testing.T) {
	var e Encoder
	e.BeginObject()
	e.Key("a").Int(math.MinInt64)
	e.Key("b").BeginArray()
	e.Float(math.NaN())
	e.Float(math.Inf(-1))
	e.BeginObject()
	e.EndObject()
	e.Bool(true)
	e.EndArray()
	e.Key("c").Ints([]int{1, 2})
	e.Key("d").Texts(nil)
	e.Key("e").Raw(nil)
	e.Key("f").Raw([]byte(`{"x":1}`))
	e.EndObject()
	want := `{"a":-9223372036854775808,"b":[null,null,{},true],"c":[1,2],"d":[],"e":null,"f":{"x":1}}`
	if got := string(e.Bytes()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestDecoderErrors(t *testing.T) {
	read := func(d *Decoder) { // {"nodes":[{"kernel":int}], "name": string}
		for d.Object(); d.Next(); {
			switch d.Key() {
			case "nodes":
				for d.Array(); d.Next(); {
					for d.Object(); d.Next(); {
						if d.Key() == "kernel" {
							d.Int()
						}
					}
				}
			case "name":
				d.Text()
			}
		}
	}
	for _, test := range []struct {
		in, path, problem string
		offset            int
	}{
		{`{"nodes":[{"kernel":3},{"kernel":"x"}]}`, "nodes[1].kernel", "expected an integer, found a string", 33},
		{`{"nodes":[{"kernel":3.0}]}`, "nodes[0].kernel", "expected an integer, found 3.0", 20},
		{`{"nodes":[{"kernel":9223372036854775808}]}`, "nodes[0].kernel", "does not fit", 20},
		{`{"nodes":[{"a":1,"a":2}]}`, "nodes[0]", `duplicate name "a"`, 17},
		{`{"nodes":{}}`, "nodes", "expected an array, found an object", 9},
		{`{"nodes":[1`, "nodes[0]", "expected an object, found a number", 10},
		{`{"nodes":[{}`, "nodes[0]", "expected ',' or ']', found the end", 12},
		{`{"name":"\ud800x"}`, "name", "surrogate", 9},
		{"{\"name\":\"a\x01\"}", "name", "control character", 10},
		{"{\"name\":\"a\xc0\"}", "name", "not UTF-8", 10},
		{`{"name":"a`, "name", "does not end", 10},
		{`{"name":"a"}}`, "", `expected the end, found "}"`, 12},
		{`{"name" "a"}`, "", "expected ':'", 8},
		{`{name:"a"}`, "", `expected a name in quotes, found "n"`, 1},
		{`{"x":[01]}`, "x[0]", "expected ','", 7},
		{`{"x":-}`, "x", "expected a digit", 6},
		{`{"x":truth}`, "x", `expected true, found "t"`, 5},
		{`{"x":nan}`, "x", `expected null, found "n"`, 5},
	} {
		d := NewDecoder([]byte(test.in))
		read(d)
		var e *Error
		if err := d.Finish(); !errors.As(err, &e) {
			t.Errorf("%s: accepted", test.in)
		} else if e.Path != test.path || !strings.Contains(e.Problem, test.problem) || e.Offset != test.offset {
			t.Errorf("%s: got %q %q at %d, want %q %q at %d", test.in, e.Path, e.Problem, e.Offset, test.path, test.problem, test.offset)
		}
	}
}

func TestDecoderLimits(t *testing.T) {
	nest := func(n int) error {
		d := NewDecoder([]byte(strings.Repeat("[", n) + strings.Repeat("]", n)))
		d.Skip()
		return d.Finish()
	}
	if err := nest(MaxDepth); err != nil {
		t.Errorf("depth %d: %v", MaxDepth, err)
	}
	if err := nest(MaxDepth + 1); err == nil {
		t.Errorf("depth %d was accepted", MaxDepth+1)
	}
	d := NewDecoder(bytes.Repeat([]byte{' '}, MaxBytes+1))
	d.Skip()
	if err := d.Finish(); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("%d bytes: %v", MaxBytes+1, err)
	}
}

// TestMembers looks for duplicates in objects of many members, where inner names
// are no duplicates of outer ones.
func TestMembers(t *testing.T) {
	for _, n := range []int{1, 2, MaxMembers} {
		var e Encoder
		e.BeginObject()
		for i := range n {
			e.Key(strconv.Itoa(i)).BeginObject()
			e.Key(strconv.Itoa(i)).Int(1)
			e.EndObject()
		}
		unique := string(e.Bytes())
		for _, test := range []struct {
			in, problem string
		}{
			{unique + "}", ""},
			{unique + `,"0":1}`, "duplicate name"},
			{unique + `,"` + strconv.Itoa(n-1) + `":1}`, "duplicate name"},
			{unique + `,"new":1}`, map[int]string{MaxMembers: "more than 256"}[n]},
		} {
			d := NewDecoder([]byte(test.in))
			d.Skip()
			err := d.Finish()
			if (err == nil) != (test.problem == "") || err != nil && !strings.Contains(err.Error(), test.problem) {
				t.Errorf("%d members: got %v, want %q", n, err, test.problem)
			}
		}
	}
}

func TestLoopsSkipWhatIsNotRead(t *testing.T) {
	d := NewDecoder([]byte(`{"skip":[{"a":[1,2]}],"take":[1,2,3],"null":null,"last":"x"}`))
	var keys []string
	var first int
	for d.Object(); d.Next(); {
		keys = append(keys, d.Key())
		if d.Key() == "take" {
			for d.Array(); d.Next(); {
				if first == 0 {
					first = d.Int()
				}
			}
		}
	}
	if err := d.Finish(); err != nil {
		t.Fatal(err)
	}
	if want := []string{"skip", "take", "last"}; !reflect.DeepEqual(keys, want) || first != 1 {
		t.Errorf("got %v and %d, want %v and 1", keys, first, want)
	}
}

func TestRaw(t *testing.T) {
	d := NewDecoder([]byte(` { "a" : [ 1 , "]" ] , "b": 2 } `))
	var raw []byte
	for d.Object(); d.Next(); {
		if d.Key() == "a" {
			raw = d.Raw()
		}
	}
	if err := d.Finish(); err != nil || string(raw) != `[ 1 , "]" ]` {
		t.Errorf("got %q, %v", raw, err)
	}
}

func TestFloatReadsNullAsNaN(t *testing.T) {
	d := NewDecoder([]byte(`[null,1]`))
	var got []float64
	for d.Array(); d.Next(); {
		got = append(got, d.Float())
	}
	if err := d.Finish(); err != nil || len(got) != 2 || !math.IsNaN(got[0]) || got[1] != 1 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestFailNamesTheValueReadLast(t *testing.T) {
	d := NewDecoder([]byte(`{"a":{"b": 12}}`))
	for d.Object(); d.Next(); {
		for d.Object(); d.Next(); {
			if d.Int() > 10 {
				d.Fail("too many")
			}
		}
	}
	if err := d.Finish(); err == nil || err.Error() != "json: a.b: too many (byte 11)" {
		t.Errorf("got %v", err)
	}
}
