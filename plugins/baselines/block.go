package baselines

// A block of a network, or a cell, is written as a line of nodes, each
//
//	name:argument=input,input
//
// An input is the name of a node before it, or 0 for what the block reads.
// Without inputs a node reads the node before it, the first what the block
// reads. What the argument means depends on the node.

// scanner reads such a line.
type scanner struct {
	line     string
	label    string   // precedes the names of the block's nodes
	source   string   // what the block reads
	name     string   // of the node, without the label
	argument string   // after the colon, or empty
	inputs   []string // complete names
}

// next goes to the next node of the line, if there is one; at is what the node
// before it yields.
func (s *scanner) next(at string) bool {
	if s.line == "" {
		return false
	}
	word := cut(&s.line, ' ')
	inputs := word
	s.argument = cut(&inputs, '=')
	s.name = cut(&s.argument, ':')
	s.inputs = make([]string, 0, 2)
	if inputs == "" {
		s.inputs = append(s.inputs, at)
	}
	for inputs != "" {
		s.inputs = append(s.inputs, s.resolve(cut(&inputs, ',')))
	}
	return true
}

// resolve completes the name of an input.
//
//go:noinline
func (s *scanner) resolve(name string) string {
	switch name {
	case "0":
		return s.source
	case "x", "c": // of a cell
		return name
	}
	return s.label + name
}

// cut takes from text what is before the first separator, which goes, too.
//
//go:noinline
func cut(text *string, separator byte) string {
	for i := range len(*text) {
		if (*text)[i] == separator {
			head := (*text)[:i]
			*text = (*text)[i+1:]
			return head
		}
	}
	head := *text
	*text = ""
	return head
}
