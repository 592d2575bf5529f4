package child

// windows brings a text into a program: it is cut into as many contiguous
// streams as the program has, and these into windows of time steps, whose last
// may be shorter. States are carried from window to window, and are 0 at the
// beginning of a pass (Zaremba et al. 2014).
//
// Of a text of M tokens each of N streams predicts (M-1)/N, from the token
// before each. The first token has none before it; beyond it nothing is left
// out with one stream, and the last (M-1) mod N tokens with N.
type windows struct {
	program *Program
	text    []int32
	labels  []int32
	length  int // predictions of a stream
	at      int // of them that are done
}

func newWindows(p *Program, text []int32) *windows {
	return &windows{program: p, text: text, labels: make([]int32, p.batch*p.streams), length: predictions(len(text), p.streams)}
}

// predictions is how many tokens each stream of a text predicts.
func predictions(tokens, streams int) int { return (tokens - 1) / streams }

// windowsBytes is the memory that windows of so many steps hold.
func windowsBytes(steps, streams int) int64 { return 4 * int64(steps) * int64(streams) }

func (w *windows) begin(int) {
	w.at = 0
	w.program.ClearStates()
}

func (w *windows) take() []int32 {
	steps, streams := min(w.program.batch, w.length-w.at), w.program.streams
	tokens, labels := w.program.Tokens(steps), w.labels[:steps*streams]
	for s := range streams {
		text := w.text[s*w.length+w.at:]
		for t := range steps {
			tokens[t*streams+s], labels[t*streams+s] = text[t], text[t+1]
		}
	}
	w.at += steps
	return labels
}
