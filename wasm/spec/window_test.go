package spec

import "testing"

// TestWindow compares with a window that is slid position by position.
func TestWindow(t *testing.T) {
	for in := 1; in <= 9; in++ {
		for kernel := 1; kernel <= 5; kernel++ {
			for stride := 1; stride <= 4; stride++ {
				for dilation := 1; dilation <= 3; dilation++ {
					extent := (kernel-1)*dilation + 1
					out, pad := Window(in, kernel, stride, dilation, Valid)
					positions := 0
					for start := 0; start+extent <= in; start += stride {
						positions++
					}
					if out != positions || pad != 0 {
						t.Fatalf("valid %d/%d/%d/%d: %d positions after %d, want %d after 0", in, kernel, stride, dilation, out, pad, positions)
					}
					out, pad = Window(in, kernel, stride, dilation, Same)
					// Every stride-th input has a window, and the least padding
					// that lets the windows reach both ends is split evenly,
					// the odd one behind.
					positions = 0
					for start := 0; start < in; start += stride {
						positions++
					}
					total := 0
					for (positions-1)*stride+extent > in+total {
						total++
					}
					if out != positions || pad != total/2 {
						t.Fatalf("same %d/%d/%d/%d: %d positions after %d, want %d after %d", in, kernel, stride, dilation, out, pad, positions, total/2)
					}
				}
			}
		}
	}
}
