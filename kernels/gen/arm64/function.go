package arm64

import (
	"fmt"
	"go/token"
	"go/types"
	"math"
	"slices"
	"strings"
)

// general is a register for integers and addresses, by its number.
type general int

// generals are those that neither an operating system nor Go's assembler keeps for itself.
var generals = [...]general{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 19, 20, 21, 22, 23, 24, 25, 26}

func (r general) String() string { return fmt.Sprintf("R%d", int(r)) }

// A vector is one or more vector registers of 4 elements, by their numbers. An instruction on vectors is written once
// for each register; an operand of one register then serves all.
type vector []int

func (v vector) at(i int) int { return v[min(i, len(v)-1)] }

// lanes is how many elements a loop works on at a time: some registers full of them, or 1. One by one,
// the rest of a register is 0 or idle, and results of it are dropped; so nothing past the end is read, and an
// element's bits do not depend on its place.
type lanes int

func (n lanes) registers() int { return max(1, int(n)/4) }

// A function is the text of one being written. Registers are handed out in order; those that a scope took return
// at its end. Constants take vector registers from the last one down, for the whole function.
type function struct {
	name, signature   string
	places            map[string]int // of parameters and results on the stack, in bytes
	slices            map[string]bool
	argsLen, frameLen int

	constants, lines []string
	registers        []string          // the register map
	numbers          map[string]vector // constants that have been loaded
	generals         int
	vectors, most    int // vector registers taken, and the most that ever were
	labels           int
}

func newFunction(name, signature string) *function {
	f := &function{name: name, signature: strings.TrimPrefix(signature, "func"), places: map[string]int{}, slices: map[string]bool{}, numbers: map[string]vector{}}
	tv, err := types.Eval(token.NewFileSet(), nil, token.NoPos, signature)
	if err != nil {
		panic(fmt.Sprintf("%s: %v", name, err))
	}
	sig := tv.Type.(*types.Signature)
	f.place(sig.Params(), "")
	if sig.Results().Len() > 0 {
		f.argsLen = (f.argsLen + 7) &^ 7
		f.place(sig.Results(), "ret")
	}
	return f
}

// place puts parameters or results on the stack.
func (f *function) place(list *types.Tuple, unnamed string) {
	sizes := types.SizesFor("gc", "arm64")
	for v := range list.Variables() {
		align := int(sizes.Alignof(v.Type()))
		f.argsLen = (f.argsLen + align - 1) / align * align
		name := v.Name()
		if name == "" {
			name = unnamed
		}
		f.places[name] = f.argsLen
		_, f.slices[name] = v.Type().(*types.Slice)
		f.argsLen += int(sizes.Sizeof(v.Type()))
	}
}

func (f *function) op(format string, args ...any) {
	f.lines = append(f.lines, "\t"+fmt.Sprintf(format, args...))
}

func (f *function) comment(text string) { f.op("// %s", text) }

// label returns a label of this function.
func (f *function) label(name string) string {
	f.labels++
	return fmt.Sprintf("%s%d", name, f.labels)
}

func (f *function) mark(label string) { f.lines = append(f.lines, label+":") }

// scope gives back the registers that body takes.
func (f *function) scope(body func()) {
	generals, vectors := f.generals, f.vectors
	body()
	f.generals, f.vectors = generals, vectors
}

// general takes a register; its name goes into the register map.
func (f *function) general(name string) general {
	if f.generals == len(generals) {
		panic(f.name + ": too few general registers")
	}
	r := generals[f.generals]
	f.generals++
	if entry := fmt.Sprintf("%v %s", r, name); !slices.Contains(f.registers, entry) {
		f.registers = append(f.registers, entry)
	}
	return r
}

// vector takes so many vector registers.
func (f *function) vector(registers int) vector {
	v := make(vector, registers)
	for i := range v {
		v[i] = f.vectors
		f.vectors++
	}
	f.most = max(f.most, f.vectors)
	return v
}

// like takes as many vector registers as v has.
func (f *function) like(v vector) vector { return f.vector(len(v)) }

// argument returns the name in assembly of a parameter, a result or a part of one, so many bytes into it.
func (f *function) argument(name, part string, at int) string {
	place, ok := f.places[name]
	if !ok {
		panic(f.name + ": no parameter " + name)
	}
	return fmt.Sprintf("%s%s+%d(FP)", name, part, place+at)
}

// base loads the address of a slice's first element.
func (f *function) base(name string) general {
	r := f.general("&" + name)
	f.loadBase(name, r)
	return r
}

func (f *function) loadBase(name string, r general) {
	f.op("MOVD %s, %v", f.argument(name, "_base", 0), r)
}

// length loads the length of a slice.
func (f *function) length(name string) general {
	r := f.general("len(" + name + ")")
	f.loadLength(name, r)
	return r
}

func (f *function) loadLength(name string, r general) {
	f.op("MOVD %s, %v", f.argument(name, "_len", 8), r)
}

// integer loads an int.
func (f *function) integer(name string) general {
	r := f.general(name)
	f.loadInteger(name, r)
	return r
}

func (f *function) loadInteger(name string, r general) {
	f.op("MOVD %s, %v", f.argument(name, "", 0), r)
}

// flag loads a bool.
func (f *function) flag(name string) general {
	r := f.general(name)
	f.op("MOVBU %s, %v", f.argument(name, "", 0), r)
	return r
}

// bytes loads an int that counts elements, times 4.
func (f *function) bytes(name string) general {
	r := f.general("4*" + name)
	f.loadInteger(name, r)
	f.op("LSL $2, %v, %v", r, r)
	return r
}

// array loads the address of an array that is a parameter or a result.
func (f *function) array(name string) general {
	r := f.general("&" + name)
	f.op("MOVD $%s, %v", f.argument(name, "", 0), r)
	return r
}

// same loads copies of a float32 parameter.
func (f *function) same(name string) vector {
	v := f.vector(1)
	f.registers = append(f.registers, fmt.Sprintf("V%d %s", v[0], name))
	f.op("FMOVS %s, F%d", f.argument(name, "", 0), v[0])
	f.op("VDUP V%d.S[0], V%d.S4", v[0], v[0])
	return v
}

// float returns copies of a constant.
func (f *function) float(name string, value float64) vector {
	return f.bits(name, uint64(math.Float32bits(float32(value))), "S4")
}

// float64 returns copies of a constant of 64 bits.
func (f *function) float64(name string, value float64) vector {
	return f.bits(name, math.Float64bits(value), "D2")
}

// bits returns copies of a constant, which is loaded before anything else. Its name is only for the register map.
func (f *function) bits(name string, value uint64, arrangement string) vector {
	key := fmt.Sprintf("%#x %s", value, arrangement)
	if v, ok := f.numbers[key]; ok {
		return v
	}
	r := 31 - len(f.numbers)
	f.constants = append(f.constants,
		fmt.Sprintf("\tMOVD $%#x, R0", value),
		fmt.Sprintf("\tVDUP R0, V%d.%s", r, arrangement))
	f.registers = append(f.registers, fmt.Sprintf("V%d %s", r, name))
	f.numbers[key] = vector{r}
	return f.numbers[key]
}

// pack puts a constant into element i%4 of the register that is i/4 before the last one. A function that packs constants
// has no others.
func (f *function) pack(i int, value uint32) {
	f.constants = append(f.constants,
		fmt.Sprintf("\tMOVD $%#x, R0", value),
		fmt.Sprintf("\tVMOV R0, V%d.S[%d]", 31-i/4, i%4))
	name := fmt.Sprintf("constants %d", i/4)
	f.numbers[name] = vector{31 - i/4}
	if i%4 == 0 {
		f.registers = append(f.registers, fmt.Sprintf("V%d %s", 31-i/4, name))
	}
}

// named are the instructions that Go's assembler knows, with their elements. VBIT sets d to n where m has ones,
// VBIF where it has zeros.
var named = map[string]string{
	"VFMLA": "S4", "VFMLS": "S4", "VADD": "S4", "VSUB": "S4", "VCMEQ": "S4", "VTRN1": "S4", "VTRN2": "S4",
	"VAND": "B16", "VORR": "B16", "VEOR": "B16", "VBIT": "B16", "VBIF": "B16",
}

// do writes an instruction on elements of 32 bits, for d and one or two operands.
func (f *function) do(name string, d vector, operands ...vector) {
	f.instruction(name, false, d, operands)
}

// do64 is do for elements of 64 bits.
func (f *function) do64(name string, d vector, operands ...vector) {
	f.instruction(name, true, d, operands)
}

func (f *function) instruction(name string, long bool, d vector, operands []vector) {
	for i := range d {
		r := []any{d[i]}
		for _, o := range operands {
			r = append(r, o.at(i))
		}
		if elements, ok := named[name]; ok {
			if long && elements == "S4" {
				elements = "D2"
			}
			f.op("%s V%d.%s, V%d.%s, V%d.%s", name, r[2], elements, r[1], elements, r[0], elements)
			continue
		}
		elements, size := "4S", uint32(0)
		if long {
			elements, size = "2D", double
		}
		format, ok := spelled[name]
		if !ok {
			format = name + strings.TrimSuffix(strings.Repeat(" V%d."+elements+",", len(r)), ",")
		}
		m := 0
		if len(operands) > 1 {
			m = operands[1].at(i)
		}
		f.word(encode(name, d[i], operands[0].at(i), m)|size, fmt.Sprintf(format, r...))
	}
}

// byElement writes an instruction on registers d and n and one element of m.
func (f *function) byElement(name string, d, n, m, element int) {
	f.word(encodeElement(name+"one", d, n, m, element), fmt.Sprintf("%s V%d.4S, V%d.4S, V%d.S[%d]", name, d, n, m, element))
}

// loadQuad reads 4 elements at the sum of two registers.
func (f *function) loadQuad(v int, base, offset general) {
	f.word(encode("LDRquad", v, int(base), int(offset)), fmt.Sprintf("LDR Q%d, [X%d, X%d]", v, base, offset))
}

// word writes an instruction by its encoding.
func (f *function) word(w uint32, text string) { f.op("WORD $%#08x // %s", w, text) }

// zero takes registers and sets them to 0.
func (f *function) zero(registers int) vector {
	v := f.vector(registers)
	f.clear(v)
	return v
}

func (f *function) clear(v vector) { f.do("VEOR", v, v, v) }

// load reads n elements at an address, some bytes on, into registers of their own.
func (f *function) load(n lanes, from general, offset int) vector {
	v := f.vector(n.registers())
	f.loadTo(v, n, from, offset)
	return v
}

func (f *function) loadTo(v vector, n lanes, from general, offset int) {
	i := 0
	for ; i+1 < len(v); i += 2 {
		f.op("FLDPQ %d(%v), (F%d, F%d)", offset+16*i, from, v[i], v[i+1])
	}
	if i < len(v) {
		f.op("%s %d(%v), F%d", n.move(), offset+16*i, from, v[i])
	}
}

// save writes n elements.
func (f *function) save(v vector, n lanes, to general, offset int) {
	i := 0
	for ; i+1 < len(v); i += 2 {
		f.op("FSTPQ (F%d, F%d), %d(%v)", v[i], v[i+1], offset+16*i, to)
	}
	if i < len(v) {
		f.op("%s F%d, %d(%v)", n.move(), v[i], offset+16*i, to)
	}
}

func (n lanes) move() string {
	if n == 1 {
		return "FMOVS"
	}
	return "FMOVQ"
}

// text returns the assembly.
func (f *function) text() string {
	if f.most > 32-len(f.numbers) {
		panic(f.name + ": too few vector registers")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n// func %s%s\n", f.name, f.signature)
	line := "//"
	for _, r := range f.registers {
		if len(line)+len(r) > 110 {
			fmt.Fprintln(&b, line)
			line = "//"
		}
		line += " " + r + ";"
	}
	fmt.Fprintf(&b, "%s\n", strings.TrimSuffix(line, ";"))
	fmt.Fprintf(&b, "TEXT ·%s(SB), NOSPLIT, $%d-%d\n", f.name, f.frameLen, f.argsLen)
	for _, l := range append(f.constants, f.lines...) {
		fmt.Fprintln(&b, l)
	}
	return b.String()
}
