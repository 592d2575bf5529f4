package data

import (
	"math"
	"slices"
)

// Classifiers that are no convolutional networks, as yardsticks. Features are
// one row an image.

// standardized is the pixels of each image at mean 0 and deviation 1.
func standardized(m *Images) [][]float64 {
	rows := make([][]float64, m.N)
	for i := range rows {
		var sum, squares float64
		for _, p := range m.Image(i) {
			sum += float64(p)
			squares += float64(p) * float64(p)
		}
		n := float64(m.Stride())
		mean := sum / n
		sd := math.Sqrt(squares/n - mean*mean)
		for _, p := range m.Image(i) {
			rows[i] = append(rows[i], (float64(p)-mean)/sd)
		}
	}
	return rows
}

// histograms is how many of an image's standardized pixels fall into each of
// 16 bins: what a network of 1x1 filters could know at most.
func histograms(m *Images) [][]float64 {
	rows := make([][]float64, m.N)
	for i, image := range standardized(m) {
		rows[i] = make([]float64, 16)
		for _, p := range image {
			bin := clamp(int(math.Floor(p*3+8)), 0, 15)
			rows[i][bin] += 16 / float64(len(image))
		}
	}
	return rows
}

func neighbourAccuracy(train, valid [][]float64, trainLabels, validLabels []int32) float64 {
	right := 0
	for i, x := range valid {
		nearest, least := 0, math.Inf(1)
		for j, y := range train {
			var d float64
			for k := 0; k < len(x) && d < least; k++ {
				d += (x[k] - y[k]) * (x[k] - y[k])
			}
			if d < least {
				nearest, least = j, d
			}
		}
		if trainLabels[nearest] == validLabels[i] {
			right++
		}
	}
	return float64(right) / float64(len(valid))
}

// linearAccuracy trains a softmax regression by stochastic gradient descent.
func linearAccuracy(train, valid [][]float64, trainLabels, validLabels []int32) float64 {
	const classes, epochs = 10, 12
	features := len(train[0])
	w := make([][]float64, classes) // (classes, features + bias)
	for c := range w {
		w[c] = make([]float64, features+1)
	}
	scores := func(x []float64) []float64 {
		s := make([]float64, classes)
		for c := range s {
			s[c] = w[c][features]
			for k, v := range x {
				s[c] += w[c][k] * v
			}
		}
		return s
	}
	for epoch := range epochs {
		rate := 2 / float64(features) * (1 - float64(epoch)/epochs)
		for i, x := range train {
			p := scores(x)
			top, total := slices.Max(p), 0.0
			for c := range p {
				p[c] = math.Exp(p[c] - top)
				total += p[c]
			}
			p[trainLabels[i]] -= total
			for c := range p {
				step := rate * p[c] / total
				for k, v := range x {
					w[c][k] -= step * v
				}
				w[c][features] -= step
			}
		}
	}
	right := 0
	for i, x := range valid {
		s := scores(x)
		if s[validLabels[i]] == slices.Max(s) {
			right++
		}
	}
	return float64(right) / float64(len(valid))
}
