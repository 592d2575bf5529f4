package view

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// FilterHelp is the language of filters in a few lines, for the page's help.
const FilterHelp = `reward>0.8 params<100k   both hold; also <= >= = !=
id:12..40  id:3,7,9      a range, or a list
status:failed            a text: its beginning to end if =, a part of it if :
-is:duplicate is:best    a minus in front turns a condition round
top:20                   the 20 trials with the highest rewards
diverged "loss is NaN"   text, anywhere in a trial's answers, reason, status, network`

// Filter is a condition on trials: all of its terms hold. The zero Filter keeps
// every trial.
type Filter struct {
	terms []term
}

// term is one condition. One that looks at the whole study, such as the best
// trials, is made anew whenever the study changes.
type term struct {
	not   bool
	keep  func(t *event.Trial) bool
	whole func(s *event.State) func(t *event.Trial) bool
}

// FilterError says what is wrong with a filter, and where.
type FilterError struct {
	// From and To are where the mistake lies, in characters from 0, To not
	// included.
	From, To int
	Problem  string
}

func (e *FilterError) Error() string {
	return fmt.Sprintf("character %d: %s", e.From+1, e.Problem)
}

// ParseFilter reads a filter over the columns. The error is a *FilterError.
func ParseFilter(text string, columns []Column) (Filter, error) {
	p := filterParser{text: text, columns: columns}
	var f Filter
	for {
		word, ok, err := p.next()
		if err != nil || !ok {
			return f, err
		}
		t, err := p.term(word)
		if err != nil {
			return Filter{}, err
		}
		f.terms = append(f.terms, t)
	}
}

// Everything says that the filter keeps every trial.
func (f Filter) Everything() bool { return len(f.terms) == 0 }

// whole says that whether a trial is kept depends on others, too.
func (f Filter) whole() bool {
	return slices.ContainsFunc(f.terms, func(t term) bool { return t.whole != nil })
}

// on is the filter as it is in a state of the study.
func (f Filter) on(s *event.State) Filter {
	bound := Filter{terms: slices.Clone(f.terms)}
	for i := range bound.terms {
		if t := &bound.terms[i]; t.whole != nil {
			t.keep = t.whole(s)
		}
	}
	return bound
}

// keeps says whether the filter, which on has bound, keeps a trial.
func (f Filter) keeps(t *event.Trial) bool {
	for i := range f.terms {
		if f.terms[i].keep(t) == f.terms[i].not {
			return false
		}
	}
	return true
}

// word is a piece of a filter between spaces.
type word struct {
	from int  // in bytes
	not  bool // it began with a minus
	// field, op and value are those of a condition; a text has only a value.
	field, op, value string
	valueFrom        int // in bytes
}

type filterParser struct {
	text    string
	at      int // in bytes
	columns []Column
}

func (p *filterParser) fail(from, to int, format string, args ...any) error {
	return &FilterError{
		From:    utf8.RuneCountInString(p.text[:from]),
		To:      utf8.RuneCountInString(p.text[:to]),
		Problem: fmt.Sprintf(format, args...),
	}
}

// next reads a word; there is none at the end.
func (p *filterParser) next() (w word, ok bool, err error) {
	p.at += len(p.text[p.at:]) - len(strings.TrimLeft(p.text[p.at:], " \t\n"))
	if p.at == len(p.text) {
		return w, false, nil
	}
	w.from = p.at
	if rest := p.text[p.at:]; len(rest) > 1 && rest[0] == '-' && rest[1] != ' ' {
		w.not = true
		p.at++
	}
	start := p.at
	for p.at < len(p.text) && plainByte(p.text[p.at]) {
		p.at++
	}
	if op := operatorAt(p.text[p.at:]); op != "" && p.at > start {
		w.field, w.op = p.text[start:p.at], op
		p.at += len(op)
	} else {
		p.at = start
	}
	w.valueFrom = p.at
	w.value, err = p.value()
	return w, true, err
}

// value reads up to the next space, or what stands in quotes.
func (p *filterParser) value() (string, error) {
	if !strings.HasPrefix(p.text[p.at:], `"`) {
		end := strings.IndexAny(p.text[p.at:], " \t\n")
		if end < 0 {
			end = len(p.text) - p.at
		}
		v := p.text[p.at : p.at+end]
		p.at += end
		return v, nil
	}
	from := p.at
	end := strings.IndexByte(p.text[from+1:], '"')
	if end < 0 {
		p.at = len(p.text)
		return "", p.fail(from, len(p.text), `this quotation has no end; put a " behind it`)
	}
	p.at += end + 2
	return p.text[from+1 : p.at-1], nil
}

// operators, the longer ones first.
var operators = []string{"!=", "<=", ">=", ":", "=", "<", ">"}

func operatorAt(s string) string {
	for _, op := range operators {
		if strings.HasPrefix(s, op) {
			return op
		}
	}
	return ""
}

// plainByte says that b may stand in the name of a field.
func plainByte(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '_' || b >= utf8.RuneSelf
}

func plainKey(s string) bool {
	for i := range len(s) {
		if !plainByte(s[i]) {
			return false
		}
	}
	return s != ""
}

// term makes a condition of a word.
func (p *filterParser) term(w word) (term, error) {
	t := term{not: w.not}
	var err error
	switch {
	case w.field == "":
		t.keep = containing(w.value)
		return t, nil
	case w.value == "":
		return t, p.fail(w.from, p.at, "%s%s needs a value, such as %s", w.field, w.op, p.example(w.field))
	case strings.EqualFold(w.field, "is"):
		err = p.is(w, &t)
	case strings.EqualFold(w.field, "top"):
		err = p.top(w, &t)
	default:
		err = p.condition(w, &t)
	}
	return t, err
}

func (p *filterParser) example(field string) string {
	c := p.column(field)
	switch {
	case c == nil:
		return "top:20"
	case c.values != nil:
		return c.Key + ":" + c.values[0]
	case c.text != nil:
		return c.Key + ":text"
	}
	return c.Key + ">1"
}

func (p *filterParser) column(name string) *Column {
	for i := range p.columns {
		if strings.EqualFold(p.columns[i].Key, name) {
			return &p.columns[i]
		}
	}
	return nil
}

// unknownField names the fields that there are.
func (p *filterParser) unknownField(w word) error {
	names := []string{"is", "top"}
	for i := range p.columns {
		names = append(names, p.columns[i].Key)
	}
	slices.Sort(names)
	from := w.from
	if w.not {
		from++
	}
	meant := "the"
	if near := spec.Nearest(strings.ToLower(w.field), names); near != "" {
		meant = fmt.Sprintf("did you mean %q? The", near)
	}
	return p.fail(from, from+len(w.field), "there is no field %q; %s fields are %s. To search for text with a %q in it, put it in quotes",
		w.field, meant, strings.Join(names, ", "), w.op)
}

// containing finds text wherever a trial has some, whatever its case.
func containing(text string) func(t *event.Trial) bool {
	low := strings.ToLower(text)
	return func(t *event.Trial) bool {
		return containsFold(t.Answers, low) || containsFold(t.Reason, low) || containsFold(string(t.Status), low) || containsFold(t.NetworkID, low)
	}
}

// containsFold says whether s holds low, which is in lower case.
func containsFold(s, low string) bool {
	return strings.Contains(s, low) || strings.Contains(strings.ToLower(s), low)
}
