package declared

import (
	"github.com/espalier-nas/espalier/wasm/spec"
)

// inputs returns what a node reads, each once.
func (b *builder) inputs(v *value) []flow {
	var all []flow
	items := v.get("input").each()
	for i := range items {
		in := &items[i]
		switch {
		case in.text == "last":
			all = append(all, b.last)
		case in.text == "start":
			all = append(all, b.part.start)
		case in.text == "input":
			t := b.network.Task.Input
			f := flow{name: spec.InputName, h: t[0]}
			if len(t) == 3 {
				f = flow{spec.InputName, 3, t[0], t[1], t[2]}
			}
			all = append(all, f)
		case in.text[0] == '$':
			all = append(all, b.picked(in.text[1:])...)
		default:
			if f := lookUp(b.named, b.prefix, in.text); f != nil {
				all = append(all, *f)
			} else {
				all = append(all, b.last)
			}
		}
	}
	if len(all) == 0 {
		all = append(all, b.last)
	}
	b.work += len(all)
	seen := map[string]bool{}
	once := all[:0]
	for _, f := range all {
		if !seen[f.name] {
			seen[f.name] = true
			once = append(once, f)
		}
	}
	return once
}

// picked returns the outputs of the iterations that a decision picked, or what
// the first iteration read.
func (b *builder) picked(name string) (list []flow) {
	if d := lookUp(b.values, b.path, name); d != nil {
		for _, i := range d.chosen {
			if i < len(b.part.outputs) {
				list = append(list, b.part.outputs[i])
				b.part.read[i] = true
			}
		}
	}
	if list == nil {
		list = append(list, b.part.entry)
	}
	return list
}

// concat joins values in depth.
func (b *builder) concat(list []flow) {
	b.last = list[0]
	out := list[0]
	for _, f := range list[1:] {
		if f.rank != out.rank || f.rank == 2 && f.h != out.h || f.rank == 0 {
			b.fail("what it reads cannot be joined: a map and a vector, for instance")
		}
		out.h, out.w, out.c = max(out.h, f.h), max(out.w, f.w), out.c+f.c
	}
	if len(list) > 1 {
		b.join("concat", spec.OpConcat, list, out.h, out.w, out.c)
	}
}

// sum adds values, after bringing all to the smallest height and width, and to
// the channels of the first.
func (b *builder) sum(name string, list []flow) {
	h, w := list[0].h, list[0].w
	for _, f := range list {
		h, w = min(h, f.h), min(w, f.w)
		if f.rank != list[0].rank || f.rank == 0 {
			b.fail("what it reads cannot be added: a map and a vector, for instance")
			return
		}
	}
	for i := range list {
		b.last = list[i]
		b.fit(h, w, list[0].c)
		list[i] = b.last
	}
	if len(list) > 1 {
		b.join(name, spec.OpAdd, list, h, w, list[0].c)
	}
}

// fit brings the last value to a shape: by a max-pool, and by a 1x1 convolution
// and batch normalization, or a dense layer.
func (b *builder) fit(h, w, c int) {
	for b.last.rank == 3 && (b.last.h > h || b.last.w > w) {
		f := b.last
		pool := b.add("fit", spec.OpMaxPool, f.h-shrink(f.h, h)+1, f.w-shrink(f.w, w)+1, f.c)
		pool.Kernel = [2]int{shrink(f.h, h), shrink(f.w, w)}
		pool.Padding = spec.Valid
		if stride := [2]int{f.h / h, f.w / w}; stride[0] > 1 && stride[1] > 1 && stride[0] <= maxWindow && stride[1] <= maxWindow {
			pool.Kernel, pool.Stride = stride, stride
			b.last.h, b.last.w = f.h/stride[0], f.w/stride[1]
		}
		if b.problem != "" {
			return
		}
	}
	switch {
	case b.last.c == c:
	case b.last.rank == 3:
		b.learn(float64(b.last.c)*float64(c), float64(b.last.h)*float64(b.last.w))
		conv := b.add("fit", spec.OpConv2D, b.last.h, b.last.w, c)
		conv.Filters, conv.Kernel = c, [2]int{1, 1}
		b.add("norm", spec.OpBatchNorm, b.last.h, b.last.w, c)
	default:
		b.dense("fit", c)
	}
}

// maxWindow is the largest kernel, stride or dilation.
const maxWindow = 32

// shrink is the kernel of a pool that brings size nearer to want.
func shrink(size, want int) int { return min(size-want+1, maxWindow) }
