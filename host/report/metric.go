package report

import "slices"

// Metric names the number by which trials are ranked and compared.
type Metric string

const (
	// Accuracy is the validation accuracy, a fraction shown in per cent.
	Accuracy Metric = "accuracy"
	// Perplexity is exp(l) of a validation loss of l nats per token.
	Perplexity Metric = "perplexity"
	// Bits are those per character: the validation loss over ln 2.
	Bits Metric = "bits_per_character"
	// Reward is what the shaper answered.
	Reward Metric = "reward"
)

// Metrics lists them all.
func Metrics() []Metric { return []Metric{Accuracy, Perplexity, Bits, Reward} }

func (m Metric) known() bool { return slices.Contains(Metrics(), m) }

// Lower says that lower is better.
func (m Metric) Lower() bool { return m == Perplexity || m == Bits }

// Name is what the metric is called, such as "validation accuracy".
func (m Metric) Name() string {
	switch m {
	case Accuracy:
		return "validation accuracy"
	case Perplexity:
		return "validation perplexity"
	case Bits:
		return "validation bits per character"
	}
	return "reward"
}

// Title is the name over a column of a table.
func (m Metric) Title() string {
	switch m {
	case Perplexity:
		return "perplexity"
	case Bits:
		return "bits/char."
	}
	return string(m)
}

// Text writes a value: an accuracy as 81.3 %, others plainly; those of language
// models, which differ less, with one more digit. How far beyond a million the
// perplexity of a child is that has diverged tells nobody anything.
func (m Metric) Text(v float64) string {
	switch {
	case m == Accuracy:
		return Percent(v)
	case m.Lower() && v >= 1e6:
		return "> 1e6"
	case m.Lower() && finite(v):
		return fixed(v, decimals(v)+1)
	}
	return Number(v)
}

// scores are the scores of values.
func (m Metric) scores(values []float64) []float64 {
	scores := make([]float64, len(values))
	for i, v := range values {
		scores[i] = m.score(v)
	}
	return scores
}

// score is v such that more is better; it turns a score back into a value, too.
func (m Metric) score(v float64) float64 {
	if m.Lower() {
		return -v
	}
	return v
}
