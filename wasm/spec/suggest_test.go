package spec

import "testing"

func TestNearest(t *testing.T) {
	known := []string{"layers", "filters", "filter_heights", "seed"}
	for name, want := range map[string]string{
		"layer":         "layers",
		"layesr":        "layers",
		"fliters":       "filters",
		"filter_height": "filter_heights",
		"sede":          "seed",
		"sed":           "seed",
		"x":             "",
		"":              "",
		"momentum":      "",
	} {
		if got := Nearest(name, known); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", name, got, want)
		}
	}
	if got := Suggest("layer", known); got != `; did you mean "layers"?` {
		t.Errorf("Suggest = %q", got)
	}
	if got := Suggest("zzz", nil); got != "" {
		t.Errorf("Suggest without candidates = %q", got)
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"kitten", "sitting", 3}, {"ab", "ba", 1}, {"abcd", "acbd", 1}, {"ca", "abc", 3}} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
		if got := distance(c.b, c.a); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.b, c.a, got, c.want)
		}
	}
}
