package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/espalier-nas/espalier/host/data"
	"github.com/espalier-nas/espalier/host/report"
)

// corpusView is what `espalier data show --json` prints of a text.
type corpusView struct {
	Schema     string         `json:"schema"` // "espalier.corpus/1"
	Name       string         `json:"name"`
	Hash       string         `json:"hash"` // SHA-256, hex
	Unit       data.Unit      `json:"unit"` // of a token: "word" or "character"
	Train      int            `json:"train"`
	Valid      int            `json:"valid"`
	Test       int            `json:"test"`
	Vocabulary int            `json:"vocabulary"`
	Best       *bestModelView `json:"best"` // null where nobody knows
	Frequent   []tokenView    `json:"frequent"`
	Sample     []string       `json:"sample"` // the first training lines
	Notes      []string       `json:"notes"`
}

// bestModelView is how well a text can be predicted.
type bestModelView struct {
	EntropyNats     float64 `json:"entropy_nats"` // per token
	Perplexity      float64 `json:"perplexity"`
	ValidPerplexity float64 `json:"valid_perplexity"` // on the validation part itself
}

// tokenView is a token and how often it occurs in the training part.
type tokenView struct {
	Token string `json:"token"`
	Count int    `json:"count"`
}

const (
	frequentTokens = 10
	sampleLines    = 5 // where no other number is asked for
	// lineTokens is the most of one line that is shown, for a text may have no
	// line breaks.
	lineTokens = 1000
)

func viewCorpus(c *data.Corpus, lines int) corpusView {
	v := corpusView{
		Schema: "espalier.corpus/1", Name: c.Name, Hash: c.Hash, Unit: c.Unit,
		Train: len(c.Train), Valid: len(c.Valid), Test: c.TestCount(), Vocabulary: len(c.Vocabulary),
		Sample: firstLines(c, lines), Notes: append([]string{}, c.Notes...),
	}
	if !math.IsNaN(c.Entropy) {
		v.Best = &bestModelView{c.Entropy, math.Exp(c.Entropy), math.Exp(c.ValidEntropy)}
	}
	for id, n := range c.Counts() {
		v.Frequent = append(v.Frequent, tokenView{c.Vocabulary[id], n})
	}
	slices.SortStableFunc(v.Frequent, func(a, b tokenView) int { return b.Count - a.Count })
	v.Frequent = v.Frequent[:min(len(v.Frequent), frequentTokens)]
	return v
}

// firstLines is the first n training lines.
func firstLines(c *data.Corpus, n int) []string {
	text := c.Text(c.Train[:min(len(c.Train), n*lineTokens)])
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	return lines[:min(len(lines), n)]
}

// showText describes a text.
func (a *app) showText(look dataLook) error {
	if look.out != "" {
		return usagef("--out draws a sheet of images, and %s is text: leave it out", look.options.Name)
	}
	c, err := data.OpenCorpus(look.options)
	if err != nil {
		return dataError(err)
	}
	v := viewCorpus(c, cmp.Or(look.count, sampleLines))
	if a.json {
		return a.printJSON(v)
	}
	grouped := func(n int) string { return report.Grouped(int64(n)) }
	fmt.Fprintf(a.term.Out, "%s: %s training, %s validation and %s test tokens by %ss; a vocabulary of %s\n",
		v.Name, grouped(v.Train), grouped(v.Valid), grouped(v.Test), v.Unit, grouped(v.Vocabulary))
	if v.Best != nil {
		fmt.Fprintf(a.term.Out, "the best possible model has a perplexity of %.3f (%.4f nats a token), and %.3f on the validation part\n",
			v.Best.Perplexity, v.Best.EntropyNats, v.Best.ValidPerplexity)
	}
	tokens := report.Table{Columns: []report.Column{{Title: "frequent tokens"}, {Title: "count", Right: true}, {Title: "share", Right: true}}}
	for _, f := range v.Frequent {
		token := f.Token
		if strings.TrimSpace(token) == "" {
			token = strconv.Quote(token)
		}
		tokens.Rows = append(tokens.Rows, []string{token, grouped(f.Count), report.Percent(float64(f.Count) / float64(v.Train))})
	}
	lines := report.Table{Columns: []report.Column{{Title: "the training part begins", Wrap: true}}}
	for _, line := range v.Sample {
		lines.Rows = append(lines.Rows, []string{line})
	}
	fmt.Fprintf(a.term.Out, "\n%s\n%s", tokens.Render(a.screen()), lines.Render(a.screen()))
	for _, note := range v.Notes {
		fmt.Fprintln(a.info(), "note:", note)
	}
	return nil
}
