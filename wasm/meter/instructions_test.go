package meter_test

import (
	"testing"

	. "github.com/espalier-nas/espalier/wasm/sandbox/sandboxtest"
)

// numeric lists the instructions that take and give values only, and those that
// access memory: the first and last of a range, its type (v is v128), and the
// bytes that follow the number. Numbers from 0xfc00 on have the prefix 0xfc,
// those from 0xfd00 on the prefix 0xfd (core specification 2.0, appendix A.1).
var numeric = []struct {
	first, last int
	typ         string
	immediate   []byte
}{
	{0x28, 0x28, "i>i", Op(0, 0)}, {0x29, 0x29, "i>I", Op(0, 0)}, {0x2a, 0x2a, "i>f", Op(0, 0)}, {0x2b, 0x2b, "i>F", Op(0, 0)},
	{0x2c, 0x2f, "i>i", Op(0, 0)}, {0x30, 0x35, "i>I", Op(0, 0)},
	{0x36, 0x36, "ii>", Op(0, 0)}, {0x37, 0x37, "iI>", Op(0, 0)}, {0x38, 0x38, "if>", Op(0, 0)}, {0x39, 0x39, "iF>", Op(0, 0)},
	{0x3a, 0x3b, "ii>", Op(0, 0)}, {0x3c, 0x3e, "iI>", Op(0, 0)}, {0x3f, 0x3f, ">i", Op(0)},
	{0x41, 0x41, ">i", Op(5)}, {0x42, 0x42, ">I", Op(5)}, {0x43, 0x43, ">f", Op(0, 0, 0x80, 0x3f)}, {0x44, 0x44, ">F", Op(0, 0, 0, 0, 0, 0, 0xf0, 0x3f)},
	{0x45, 0x45, "i>i", nil}, {0x46, 0x4f, "ii>i", nil}, {0x50, 0x50, "I>i", nil}, {0x51, 0x5a, "II>i", nil},
	{0x5b, 0x60, "ff>i", nil}, {0x61, 0x66, "FF>i", nil}, {0x67, 0x69, "i>i", nil}, {0x6a, 0x78, "ii>i", nil},
	{0x79, 0x7b, "I>I", nil}, {0x7c, 0x8a, "II>I", nil}, {0x8b, 0x91, "f>f", nil}, {0x92, 0x98, "ff>f", nil},
	{0x99, 0x9f, "F>F", nil}, {0xa0, 0xa6, "FF>F", nil}, {0xa7, 0xa7, "I>i", nil}, {0xa8, 0xa9, "f>i", nil},
	{0xaa, 0xab, "F>i", nil}, {0xac, 0xad, "i>I", nil}, {0xae, 0xaf, "f>I", nil}, {0xb0, 0xb1, "F>I", nil},
	{0xb2, 0xb3, "i>f", nil}, {0xb4, 0xb5, "I>f", nil}, {0xb6, 0xb6, "F>f", nil}, {0xb7, 0xb8, "i>F", nil},
	{0xb9, 0xba, "I>F", nil}, {0xbb, 0xbb, "f>F", nil}, {0xbc, 0xbc, "f>i", nil}, {0xbd, 0xbd, "F>I", nil},
	{0xbe, 0xbe, "i>f", nil}, {0xbf, 0xbf, "I>F", nil}, {0xc0, 0xc1, "i>i", nil}, {0xc2, 0xc4, "I>I", nil},
	{0xfc00, 0xfc01, "f>i", nil}, {0xfc02, 0xfc03, "F>i", nil}, {0xfc04, 0xfc05, "f>I", nil}, {0xfc06, 0xfc07, "F>I", nil},
	{0xfd00, 0xfd0a, "i>v", Op(0, 0)}, {0xfd0b, 0xfd0b, "iv>", Op(0, 0)}, {0xfd0c, 0xfd0c, ">v", lanes}, {0xfd0d, 0xfd0d, "vv>v", lanes},
	{0xfd0e, 0xfd0e, "vv>v", nil}, {0xfd0f, 0xfd11, "i>v", nil}, {0xfd12, 0xfd12, "I>v", nil}, {0xfd13, 0xfd13, "f>v", nil}, {0xfd14, 0xfd14, "F>v", nil},
	{0xfd15, 0xfd16, "v>i", Op(1)}, {0xfd17, 0xfd17, "vi>v", Op(1)}, {0xfd18, 0xfd19, "v>i", Op(1)}, {0xfd1a, 0xfd1a, "vi>v", Op(1)},
	{0xfd1b, 0xfd1b, "v>i", Op(1)}, {0xfd1c, 0xfd1c, "vi>v", Op(1)}, {0xfd1d, 0xfd1d, "v>I", Op(1)}, {0xfd1e, 0xfd1e, "vI>v", Op(1)},
	{0xfd1f, 0xfd1f, "v>f", Op(1)}, {0xfd20, 0xfd20, "vf>v", Op(1)}, {0xfd21, 0xfd21, "v>F", Op(1)}, {0xfd22, 0xfd22, "vF>v", Op(1)},
	{0xfd23, 0xfd4c, "vv>v", nil}, {0xfd4d, 0xfd4d, "v>v", nil}, {0xfd4e, 0xfd51, "vv>v", nil}, {0xfd52, 0xfd52, "vvv>v", nil}, {0xfd53, 0xfd53, "v>i", nil},
	{0xfd54, 0xfd57, "iv>v", Op(0, 0, 1)}, {0xfd58, 0xfd5b, "iv>", Op(0, 0, 1)}, {0xfd5c, 0xfd5d, "i>v", Op(0, 0)}, {0xfd5e, 0xfd5f, "v>v", nil},
	{0xfd60, 0xfd62, "v>v", nil}, {0xfd63, 0xfd64, "v>i", nil}, {0xfd65, 0xfd66, "vv>v", nil}, {0xfd67, 0xfd6a, "v>v", nil}, {0xfd6b, 0xfd6d, "vi>v", nil},
	{0xfd6e, 0xfd73, "vv>v", nil}, {0xfd74, 0xfd75, "v>v", nil}, {0xfd76, 0xfd79, "vv>v", nil}, {0xfd7a, 0xfd7a, "v>v", nil}, {0xfd7b, 0xfd7b, "vv>v", nil},
	{0xfd7c, 0xfd81, "v>v", nil}, {0xfd82, 0xfd82, "vv>v", nil}, {0xfd83, 0xfd84, "v>i", nil}, {0xfd85, 0xfd86, "vv>v", nil}, {0xfd87, 0xfd8a, "v>v", nil},
	{0xfd8b, 0xfd8d, "vi>v", nil}, {0xfd8e, 0xfd93, "vv>v", nil}, {0xfd94, 0xfd94, "v>v", nil}, {0xfd95, 0xfd99, "vv>v", nil}, {0xfd9b, 0xfd9f, "vv>v", nil},
	{0xfda0, 0xfda1, "v>v", nil}, {0xfda3, 0xfda4, "v>i", nil}, {0xfda7, 0xfdaa, "v>v", nil}, {0xfdab, 0xfdad, "vi>v", nil}, {0xfdae, 0xfdae, "vv>v", nil},
	{0xfdb1, 0xfdb1, "vv>v", nil}, {0xfdb5, 0xfdba, "vv>v", nil}, {0xfdbc, 0xfdbf, "vv>v", nil}, {0xfdc0, 0xfdc1, "v>v", nil}, {0xfdc3, 0xfdc4, "v>i", nil},
	{0xfdc7, 0xfdca, "v>v", nil}, {0xfdcb, 0xfdcd, "vi>v", nil}, {0xfdce, 0xfdce, "vv>v", nil}, {0xfdd1, 0xfdd1, "vv>v", nil}, {0xfdd5, 0xfddf, "vv>v", nil},
	{0xfde0, 0xfde1, "v>v", nil}, {0xfde3, 0xfde3, "v>v", nil}, {0xfde4, 0xfdeb, "vv>v", nil}, {0xfdec, 0xfded, "v>v", nil}, {0xfdef, 0xfdef, "v>v", nil},
	{0xfdf0, 0xfdf7, "vv>v", nil}, {0xfdf8, 0xfdff, "v>v", nil},
}

var lanes = Op(0, 17, 2, 19, 4, 21, 6, 23, 8, 25, 10, 27, 12, 29, 14, 31)

// operand pushes a value of a type.
func operand(typ rune) []byte {
	switch typ {
	case 'i':
		return I32(72)
	case 'I':
		return I64(-7)
	case 'f':
		return Op(0x43, 0, 0, 0x60, 0x40) // 3.5
	case 'F':
		return F64(2.25)
	}
	return Code(Op(0xfd, 0x0c), lanes)
}

// storing stores a value of a type at an address below it on the stack.
var storing = map[rune][]byte{'i': Op(0x36, 0, 0), 'I': Op(0x37, 0, 0), 'f': Op(0x38, 0, 0), 'F': Op(0x39, 0, 0), 'v': Op(0xfd, 11, 0, 0)}

// TestEveryInstruction runs each of them, plain and metered: they leave the same
// memory, and cost one unit each.
func TestEveryInstruction(t *testing.T) {
	var g Guest
	var want []int64
	for _, row := range numeric {
		for n := row.first; n <= row.last; n++ {
			body, cost := I32(32), int64(2) // where the result goes; the end
			result := rune(0)
			for _, c := range row.typ {
				switch {
				case c == '>':
					result = -1
				case result == -1:
					result = c
				default:
					body = append(body, operand(c)...)
					cost++
				}
			}
			switch {
			case n >= 0xfc00:
				body = append(append(body, byte(n>>8)), Uleb(uint64(n&0xff))...)
			default:
				body = append(body, byte(n))
			}
			body = append(body, row.immediate...)
			if result == -1 {
				body = append(body, Drop...)
			} else {
				body = append(body, storing[result]...)
			}
			g.Funcs = append(g.Funcs, Func{Export: name(len(want)), Type: "()", Body: body})
			want = append(want, cost+2)
		}
	}
	if len(want) != 14+9+1+4+128+8+236 {
		t.Errorf("%d instructions: the table has lost some", len(want))
	}
	plain := g.Wasm()
	for engine := range engines {
		p, err1 := start(t, engine, plain)
		m, err2 := start(t, engine, metered(t, plain, 0))
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		for i, cost := range want {
			refill(m, 1000)
			if a, b := call(p, name(i)), call(m, name(i)); !a.equal(b) || a.trap != "" {
				t.Errorf("%s: function %d differs: %v %q, metered %v %q", engine, i, a.results, a.trap, b.results, b.trap)
			}
			if spent := 1000 - left(m); spent != cost {
				t.Errorf("%s: function %d spends %d, want %d", engine, i, spent, cost)
			}
		}
	}
}

func name(i int) string { return "f" + string(rune('a'+i/26)) + string(rune('a'+i%26)) }
