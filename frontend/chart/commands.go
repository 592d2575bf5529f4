package chart

// Commands is a picture as a painter takes it across a border that only numbers
// and texts can pass: for each mark
//
//	form, role, opacity, width, dashed, shape, size, anchor, bold,
//	text (its number in texts, -1: none), values (how many), numbers (how many)
//
// and then its values and the numbers of XY. frontend/web/paint.js reads it.
func Commands(p *Picture) (numbers []float64, texts []string) {
	for i := range p.Marks {
		m := &p.Marks[i]
		text := -1.0
		if m.Form == Text {
			text = float64(len(texts))
			texts = append(texts, m.Text)
		}
		opacity, width := m.Opacity, m.Width
		if opacity == 0 {
			opacity = 1
		}
		if m.Form == Line && width == 0 {
			width = 1
		}
		numbers = append(numbers, float64(m.Form), float64(m.Role), opacity, width, flag(m.Dashed), float64(m.Shape), m.Size,
			float64(m.Anchor), flag(m.Bold), text, float64(len(m.Values)), float64(len(m.XY)))
		numbers = append(numbers, m.Values...)
		numbers = append(numbers, m.XY...)
	}
	return numbers, texts
}

func flag(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
