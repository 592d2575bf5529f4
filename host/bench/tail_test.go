package bench

import (
	"strings"
	"testing"
)

func TestTail(t *testing.T) {
	var last tail
	for range 1000 {
		if n, err := last.Write([]byte("a line of output\n")); n != 17 || err != nil {
			t.Fatal(n, err)
		}
	}
	if text := last.String(); len(text) > 4096 || len(text) < 4000 || !strings.HasSuffix(text, "a line of output") {
		t.Errorf("%d bytes are kept: %.40q", len(text), text)
	}
}
