package child

import (
	"fmt"
	"math"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// reference interprets a network in float64 with the plainest loops that do
// the job. It shares no code with the engine, and no geometry with spec.
type reference struct {
	net      *spec.Network
	params   map[string][]float64 // as named by the program
	masks    map[string][]float64 // of dropout, and the weights of means, by node
	epsilon  float64
	training bool
	n        int
	values   map[string]*array

	// Of a text: token ids (T, N), and the states of recurrent layers before
	// the window and after it.
	tokens        []int32
	streams       int
	before, after map[string][]float64
}

// array is (n, h, w, c), row-major.
type array struct {
	h, w, c int
	data    []float64
}

func (r *reference) array(h, w, c int) *array {
	return &array{h, w, c, make([]float64, r.n*h*w*c)}
}

func (a *array) at(n, y, x, c int) *float64 { return &a.data[((n*a.h+y)*a.w+x)*a.c+c] }

// logits interprets the network on input, (n, H, W, C).
func (r *reference) logits(input []float64) *array {
	in := r.net.Task.Input
	r.n = len(input) / (in[0] * in[1] * in[2])
	r.values = map[string]*array{spec.InputName: {in[0], in[1], in[2], input}}
	return r.value(r.net.Output)
}

// loss is the mean cross-entropy.
func (r *reference) loss(input []float64, labels []int32) float64 {
	return r.crossEntropy(r.logits(input), labels)
}

func (r *reference) crossEntropy(z *array, labels []int32) float64 {
	total := 0.0
	for n, label := range labels {
		row := z.data[n*z.c : (n+1)*z.c]
		top, sum := math.Inf(-1), 0.0
		for _, v := range row {
			top = max(top, v)
		}
		for _, v := range row {
			sum += math.Exp(v - top)
		}
		total += math.Log(sum) + top - row[label]
	}
	return total / float64(len(labels))
}

func (r *reference) value(name string) *array {
	if v, ok := r.values[name]; ok {
		return v
	}
	for i := range r.net.Nodes {
		if n := &r.net.Nodes[i]; n.Name == name {
			var ins []*array
			for _, in := range n.Inputs {
				ins = append(ins, r.value(in))
			}
			r.values[name] = r.node(n, ins)
			return r.values[name]
		}
	}
	panic("no node " + name)
}

func (r *reference) node(n *spec.Node, ins []*array) *array {
	x := ins[0]
	switch n.Op {
	case spec.OpConv2D:
		return r.conv(n, x)
	case spec.OpBatchNorm:
		return r.batchNorm(n, x)
	case spec.OpActivation:
		return r.each(x, map[spec.Func]func(float64) float64{
			spec.FuncIdentity: func(v float64) float64 { return v },
			spec.FuncReLU:     func(v float64) float64 { return max(v, 0) },
			spec.FuncTanh:     math.Tanh,
			spec.FuncSigmoid:  func(v float64) float64 { return 1 / (1 + math.Exp(-v)) },
			spec.FuncSin:      math.Sin,
		}[n.Func])
	case spec.OpMaxPool, spec.OpAvgPool:
		return r.pool(n, x)
	case spec.OpGlobalAvgPool:
		y := r.array(1, 1, x.c)
		x.each(r.n, func(b, _, _, c int, v float64) { *y.at(b, 0, 0, c) += v / float64(x.h*x.w) })
		return y
	case spec.OpConcat:
		return r.concat(ins)
	case spec.OpAdd:
		y := r.array(x.h, x.w, x.c)
		for _, in := range ins {
			in.each(r.n, func(b, i, j, c int, v float64) { *y.at(b, i, j, c) += v })
		}
		return y
	case spec.OpPad:
		y := r.array(x.h, x.w, n.Filters)
		x.each(r.n, func(b, i, j, c int, v float64) { *y.at(b, i, j, c) = v })
		return y
	case spec.OpElemMult:
		y := r.each(x, func(float64) float64 { return 1 })
		for _, in := range ins {
			in.each(r.n, func(b, i, j, c int, v float64) { *y.at(b, i, j, c) *= v })
		}
		return y
	case spec.OpMean:
		y := r.array(x.h, x.w, x.c)
		for k, in := range ins {
			in.each(r.n, func(b, i, j, c int, v float64) {
				w := 1 / float64(len(ins))
				if paths := r.masks[n.Name]; r.training && paths != nil {
					w = paths[b*len(ins)+k]
				}
				*y.at(b, i, j, c) += w * v
			})
		}
		return y
	case spec.OpOneMinus:
		return r.each(x, func(v float64) float64 { return 1 - v })
	case spec.OpDense:
		return r.dense(n, x)
	case spec.OpDropout:
		y := r.array(x.h, x.w, x.c)
		for i, v := range x.data {
			y.data[i] = v
			if mask := r.masks[n.Name]; r.training && mask != nil {
				y.data[i] *= mask[i]
			}
		}
		return y
	case spec.OpEmbedding:
		y := r.array(r.streams, 1, n.Units)
		table := r.params[n.Name+".weight"]
		for i, token := range r.tokens {
			copy(y.data[i*n.Units:], table[int(token)*n.Units:][:n.Units])
		}
		return y
	case spec.OpRecurrent:
		return r.recurrent(n, x)
	case spec.OpFlatten:
		return &array{1, 1, x.h * x.w * x.c, x.data}
	}
	panic(fmt.Sprintf("no reference for %s", n.Op))
}

// each visits every number.
func (a *array) each(n int, f func(n, y, x, c int, v float64)) {
	for b := range n {
		for y := range a.h {
			for x := range a.w {
				for c := range a.c {
					f(b, y, x, c, *a.at(b, y, x, c))
				}
			}
		}
	}
}

func (r *reference) each(x *array, f func(float64) float64) *array {
	y := r.array(x.h, x.w, x.c)
	for i, v := range x.data {
		y.data[i] = f(v)
	}
	return y
}

// span is the number of outputs along an axis and the zeros before it.
func span(in, kernel, stride, dilation int, padding spec.Padding) (out, before int) {
	reach := (kernel-1)*dilation + 1
	if padding == spec.Valid {
		return (in-reach)/stride + 1, 0
	}
	out = (in + stride - 1) / stride
	return out, max((out-1)*stride+reach-in, 0) / 2
}

func one(p [2]int) [2]int {
	for i := range p {
		if p[i] == 0 {
			p[i] = 1
		}
	}
	return p
}

func (r *reference) conv(n *spec.Node, x *array) *array {
	stride, dilation := one(n.Stride), one(n.Dilation)
	oh, top := span(x.h, n.Kernel[0], stride[0], dilation[0], n.Padding)
	ow, left := span(x.w, n.Kernel[1], stride[1], dilation[1], n.Padding)
	groups := max(n.Groups, 1)
	depth, filters := x.c/groups, n.Filters/groups
	w, bias := r.params[n.Name+".weight"], r.params[n.Name+".bias"]
	y := r.array(oh, ow, n.Filters)
	y.each(r.n, func(b, i, j, f int, _ float64) {
		sum := 0.0
		if bias != nil {
			sum = bias[f]
		}
		for ki := range n.Kernel[0] {
			for kj := range n.Kernel[1] {
				yi, xj := i*stride[0]+ki*dilation[0]-top, j*stride[1]+kj*dilation[1]-left
				if yi < 0 || yi >= x.h || xj < 0 || xj >= x.w {
					continue
				}
				for d := range depth {
					sum += *x.at(b, yi, xj, f/filters*depth+d) * w[((ki*n.Kernel[1]+kj)*depth+d)*n.Filters+f]
				}
			}
		}
		*y.at(b, i, j, f) = sum
	})
	return y
}

func (r *reference) batchNorm(n *spec.Node, x *array) *array {
	gamma, beta := r.params[n.Name+".gamma"], r.params[n.Name+".beta"]
	mean, variance := r.params[n.Name+".mean"], r.params[n.Name+".variance"]
	if r.training {
		mean, variance = moments(x)
	}
	y := r.array(x.h, x.w, x.c)
	for i, v := range x.data {
		c := i % x.c
		y.data[i] = gamma[c]*(v-mean[c])/math.Sqrt(variance[c]+r.epsilon) + beta[c]
	}
	return y
}

// moments are the mean and the biased variance of each channel.
func moments(x *array) (mean, variance []float64) {
	mean, variance = make([]float64, x.c), make([]float64, x.c)
	rows := float64(len(x.data) / x.c)
	for i, v := range x.data {
		mean[i%x.c] += v / rows
	}
	for i, v := range x.data {
		d := v - mean[i%x.c]
		variance[i%x.c] += d * d / rows
	}
	return mean, variance
}

func (r *reference) pool(n *spec.Node, x *array) *array {
	stride := one(n.Stride)
	oh, top := span(x.h, n.Kernel[0], stride[0], 1, n.Padding)
	ow, left := span(x.w, n.Kernel[1], stride[1], 1, n.Padding)
	y := r.array(oh, ow, x.c)
	y.each(r.n, func(b, i, j, c int, _ float64) {
		sum, top0, count := 0.0, math.Inf(-1), 0.0
		for ki := range n.Kernel[0] {
			for kj := range n.Kernel[1] {
				yi, xj := i*stride[0]+ki-top, j*stride[1]+kj-left
				if yi < 0 || yi >= x.h || xj < 0 || xj >= x.w {
					continue
				}
				v := *x.at(b, yi, xj, c)
				sum, top0, count = sum+v, max(top0, v), count+1
			}
		}
		*y.at(b, i, j, c) = sum / count
		if n.Op == spec.OpMaxPool {
			*y.at(b, i, j, c) = top0
		}
	})
	return y
}

func (r *reference) concat(ins []*array) *array {
	h, w, c := 0, 0, 0
	for _, in := range ins {
		h, w, c = max(h, in.h), max(w, in.w), c+in.c
	}
	y := r.array(h, w, c)
	depth := 0
	for _, in := range ins {
		top, left := (h-in.h)/2, (w-in.w)/2
		in.each(r.n, func(b, i, j, k int, v float64) { *y.at(b, top+i, left+j, depth+k) = v })
		depth += in.c
	}
	return y
}

func (r *reference) dense(n *spec.Node, x *array) *array {
	w, bias := r.params[n.Name+".weight"], r.params[n.Name+".bias"]
	table := r.params[n.Tied+".weight"]
	y := r.array(x.h, x.w, n.Units)
	y.each(r.n, func(b, i, j, u int, _ float64) {
		sum := 0.0
		if bias != nil {
			sum = bias[u]
		}
		for c := range x.c {
			if n.Tied != "" {
				sum += *x.at(b, i, j, c) * table[u*x.c+c]
			} else {
				sum += *x.at(b, i, j, c) * w[c*n.Units+u]
			}
		}
		*y.at(b, i, j, u) = sum
	})
	return y
}
