package arm64

import "fmt"

// words are the instructions on whole vectors that Go's assembler has no name for, with all registers 0 and elements
// of 32 bits; bit 22 makes those 64 bits long. The names are the Arm Architecture Reference Manual's, chapter C7.
var words = map[string]uint32{
	"FADD":    0x4e20d400, // d = n + m
	"FSUB":    0x4ea0d400, // d = n - m
	"FMUL":    0x6e20dc00, // d = n * m
	"FDIV":    0x6e20fc00, // d = n / m
	"FMAX":    0x4e20f400, // d = max(n, m), NaN if either is
	"FMIN":    0x4ea0f400, // d = min(n, m), NaN if either is
	"FMAXP":   0x6e20f400, // d = larger ones of neighbours in n, then m
	"FADDP":   0x6e20d400, // d = sums of neighbours in n, then m
	"FCMGT":   0x6ea0e400, // d = all ones where n > m, else 0
	"FCMGE":   0x6e20e400, // d = all ones where n >= m, else 0
	"FCMEQ":   0x4e20e400, // d = all ones where n == m, else 0
	"FCMGTZ":  0x4ea0c800, // d = all ones where n > 0, else 0
	"FCMLTZ":  0x4ea0e800, // d = all ones where n < 0, else 0
	"FNEG":    0x6ea0f800, // d = -n
	"FABS":    0x4ea0f800, // d = |n|
	"FSQRT":   0x6ea1f800, // d = sqrt(n)
	"FRINTN":  0x4e218800, // d = n rounded to an integer, halves to even
	"FCVTNS":  0x4e21a800, // d = n rounded to an integer, halves to even, as an integer
	"UCVTF":   0x6e21d800, // d = the unsigned integers of n as floats
	"MUL":     0x4ea09c00, // d = n * m, integers
	"BIC":     0x4e601c00, // d = n &^ m
	"FCVTL":   0x0e617800, // d = the lower half of n, as 64 bits
	"FCVTL2":  0x4e617800, // d = the upper half of n, as 64 bits
	"FCVTN":   0x0e616800, // lower half of d = n, as 32 bits; the upper half is 0
	"FCVTN2":  0x4e616800, // upper half of d = n, as 32 bits
	"FMULone": 0x4f809000, // d = n * one element of m
	"FMLAone": 0x4f801000, // d += n * one element of m
	"FMLSone": 0x4f805000, // d -= n * one element of m
	"LDRquad": 0x3ce06800, // d = 16 bytes at n + m
	"STRquad": 0x3ca06800, // 16 bytes at n + m = d
}

// spelled are those whose operands are not all of the same kind, as Arm writes them.
var spelled = map[string]string{
	"FCMGTZ": "FCMGT V%d.4S, V%d.4S, #0.0",
	"FCMLTZ": "FCMLT V%d.4S, V%d.4S, #0.0",
	"FCVTL":  "FCVTL V%d.2D, V%d.2S",
	"FCVTL2": "FCVTL2 V%d.2D, V%d.4S",
	"FCVTN":  "FCVTN V%d.2S, V%d.2D",
	"FCVTN2": "FCVTN2 V%d.4S, V%d.2D",
	"BIC":    "BIC V%d.16B, V%d.16B, V%d.16B",
}

const double = 1 << 22 // elements are 64 bits long

// encode returns the word of an instruction on registers d, n and m; those on two registers have no m.
func encode(name string, d, n, m int) uint32 {
	w, ok := words[name]
	if !ok {
		panic("no encoding of " + name)
	}
	for _, r := range []int{d, n, m} {
		if r < 0 || r > 31 {
			panic(fmt.Sprintf("%s: no register %d", name, r))
		}
	}
	return w | uint32(m)<<16 | uint32(n)<<5 | uint32(d)
}

// encodeElement is encode for one of m's 4 elements.
func encodeElement(name string, d, n, m, element int) uint32 {
	if element < 0 || element > 3 {
		panic(fmt.Sprintf("%s: no element %d", name, element))
	}
	return encode(name, d, n, m) | uint32(element&1)<<21 | uint32(element>>1)<<11
}
