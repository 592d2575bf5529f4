package simd128

import "slices"

// A function is under construction: its code grows.
type function struct {
	name    string
	params  []value
	results []value
	locals  []value
	names   map[string]local
	code    code
	index   int // of a private function in the module
}

// A local is a parameter or variable of a function.
type local int

func (l local) get() code         { return append(code{0x20}, unsigned(uint32(l))...) }
func (l local) set(to code) code  { return slices.Concat(to, code{0x21}, unsigned(uint32(l))) }
func (l local) keep(to code) code { return slices.Concat(to, code{0x22}, unsigned(uint32(l))) } // sets it and leaves the value

func (f *function) do(c ...code) { f.code = append(f.code, slices.Concat(c...)...) }

// variable returns a local that nothing else uses. It is 0 where the function begins.
func (f *function) variable(v value) local {
	f.locals = append(f.locals, v)
	return local(len(f.params) + len(f.locals) - 1)
}

// let returns a variable that is set here.
func (f *function) let(v value, c code) local {
	l := f.variable(v)
	f.do(l.set(c))
	return l
}

// vector returns a vector that is computed once, here.
func (f *function) vector(c code) code { return f.let(v128, c).get() }

// vectors returns so many variables that are vectors.
func (f *function) vectors(n int) []local {
	all := make([]local, n)
	for i := range all {
		all[i] = f.variable(v128)
	}
	return all
}

func (f *function) param(name string) local {
	l, ok := f.names[name]
	if !ok {
		panic(f.name + " has no parameter " + name)
	}
	return l
}

func (f *function) get(name string) code { return f.param(name).get() }

// bytes returns a variable with four times a parameter that counts elements.
func (f *function) bytes(name string) local { return f.let(i32, shifted(f.get(name), 2)) }

const noResult = 0x40

// while repeats what body writes as long as the condition holds.
func (f *function) while(condition code, body func()) {
	f.do(code{0x02, noResult, 0x03, noResult}, isZero(condition), code{0x0d, 1})
	body()
	f.do(code{0x0c, 0, 0x0b, 0x0b})
}

// when does what then writes if the condition holds, and what otherwise writes, unless that is nil, if not.
func (f *function) when(condition code, then, otherwise func()) {
	f.do(condition, code{0x04, noResult})
	then()
	if otherwise != nil {
		f.do(code{0x05})
		otherwise()
	}
	f.do(code{0x0b})
}

func (f *function) add(l local, by code)    { f.do(l.set(plus(l.get(), by))) }
func (f *function) advance(l local, by int) { f.do(l.set(plus(l.get(), integer(by)))) }

// call returns a call of a private function.
func (f *function) call(g *function, operands ...code) code {
	return slices.Concat(slices.Concat(operands...), code{0x10}, unsigned(uint32(g.index)))
}

// lanes is how many elements are worked on at a time: 4, or 1, where the other three of a vector are idle.
type lanes int

func (n lanes) load(at code, offset int) code {
	if n == 1 {
		return loadFirst(at, offset)
	}
	return load(at, offset)
}

func (n lanes) store(at code, offset int, v code) code {
	if n == 1 {
		return storeLane(at, offset, v, 0)
	}
	return store(at, offset, v)
}

// stream writes the loop over count elements at addresses, which move on, four at a time and then one by one.
func (f *function) stream(count local, at []local, body func(n lanes)) {
	for _, n := range []lanes{4, 1} {
		condition := notLessInt(count.get(), integer(int(n)))
		if n == 1 {
			condition = greaterInt(count.get(), integer(0))
		}
		f.while(condition, func() {
			body(n)
			for _, l := range at {
				f.advance(l, 4*int(n))
			}
			f.advance(count, -int(n))
		})
	}
}
