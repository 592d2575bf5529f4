package kernels

import "math"

// SGD takes one step of gradient descent with momentum (Sutskever et al., 2013, in the form of PyTorch:
// the velocity is not scaled by the rate). w and v are updated, dw is read.
//
//	for i := range w {
//		g := dw[i] + weightDecay*w[i]
//		v[i] = momentum*v[i] + g
//		if nesterov { w[i] -= lr * (g + momentum*v[i]) } else { w[i] -= lr * v[i] }
//	}
func SGD(w, dw, v []float32, lr, momentum, weightDecay float32, nesterov bool) {
	check(len(w), dw, v)
	active.Load().sgd(w, dw, v, lr, momentum, weightDecay, nesterov)
}

// Adam takes one step of Adam (Kingma & Ba, 2015, algorithm 1) with the weight decay added to the
// gradient. w, m and v are updated, dw is read; correction1 = 1 - beta1^t and correction2 = 1 - beta2^t
// for step t = 1, 2, …
//
//	for i := range w {
//		g := dw[i] + weightDecay*w[i]
//		m[i] = beta1*m[i] + (1-beta1)*g
//		v[i] = beta2*v[i] + (1-beta2)*(g*g)
//		w[i] -= lr/correction1 * m[i] / (sqrt(v[i]/correction2) + eps)
//	}
func Adam(w, dw, m, v []float32, lr, beta1, beta2, eps, weightDecay, correction1, correction2 float32) {
	check(len(w), dw, m, v)
	active.Load().adam(w, dw, m, v, lr, beta1, beta2, eps, weightDecay, correction1, correction2)
}

func sgdGeneric(w, dw, v []float32, lr, momentum, weightDecay float32, nesterov bool) {
	dw, v = dw[:len(w)], v[:len(w)]
	for i := range w {
		g := dw[i] + float32(weightDecay*w[i])
		u := float32(momentum*v[i]) + g
		v[i] = u
		if nesterov {
			u = g + float32(momentum*u)
		}
		w[i] -= float32(lr * u)
	}
}

func adamGeneric(w, dw, m, v []float32, lr, beta1, beta2, eps, weightDecay, correction1, correction2 float32) {
	dw, m, v = dw[:len(w)], m[:len(w)], v[:len(w)]
	rate, rest1, rest2 := lr/correction1, 1-beta1, 1-beta2
	for i := range w {
		g := dw[i] + float32(weightDecay*w[i])
		mi := float32(beta1*m[i]) + float32(rest1*g)
		vi := float32(beta2*v[i]) + float32(rest2*float32(g*g))
		m[i], v[i] = mi, vi
		w[i] -= float32(rate*mi) / (sqrt32(vi/correction2) + eps)
	}
}

// sqrt32 is correctly rounded: float64 has more than twice float32's digits.
func sqrt32(x float32) float32 { return float32(math.Sqrt(float64(x))) }
