package main

import (
	"strings"
	"testing"
)

const wantTable = `AVX9: Espalier's kernels avx9; OpenBLAS 1; oneDNN 2
GFLOP/s, medians of 3 rounds. oneDNN: the better of sgemm and matmul; of peak: Espalier to the measured multiply-adds;
ratio: Espalier to the better of OpenBLAS and oneDNN; best: the same of the best rounds;
*: b packed beforehand; ratio*: Espalier* to the best of OpenBLAS, oneDNN and oneDNN*.

product            threads  Espalier  OpenBLAS  oneDNN   gonum  of peak  ratio   best  Espalier*  oneDNN*  ratio*
64x64x64 NN              1     100.0      50.0    80.0     9.0     50 %   1.25   1.20          -        -       -
128x128x128 TN           1      20.0      50.0    10.0       -     25 %   0.40   0.40          -        -       -
20x800x200 NN            2         -      80.0       -       -        -      -      -       60.0     70.0    0.75

geometric mean                              1 thread   2 threads
measured peak, GFLOP/s                         200.0           -
ratio, small squares                            0.71           -
ratio*, recurrent                                  -        0.75
of peak, small squares                          35 %           -

worst error of 200 elements of each product, relative to the sum of its terms' sizes: Espalier 3.0e-07, OpenBLAS 2.0e-07, oneDNN packed 5.0e-07
`

func TestTable(t *testing.T) {
	var b strings.Builder
	r := sampleResult()
	writeHead(&b, r, 3)
	for _, x := range r.Rows {
		writeRow(&b, x)
	}
	writeTail(&b, r)
	if b.String() != wantTable {
		t.Errorf("the table is\n%s\nwant\n%s", b.String(), wantTable)
	}
	b.Reset()
	r.OtherCores = 0.5
	writeTail(&b, r)
	if !strings.Contains(b.String(), "DISTURBED: other processes kept 0.50 cores busy") {
		t.Errorf("a disturbed result ends with\n%s", b.String())
	}
}

func TestMarkdown(t *testing.T) {
	var b strings.Builder
	writeMarkdown(&b, sampleResult(), 3)
	for _, want := range []string{
		"AVX9: Espalier's kernels `avx9`; OpenBLAS 1; oneDNN 2.\n",
		"| product | threads | Espalier | OpenBLAS | oneDNN | gonum | of peak | ratio | best | Espalier* | oneDNN* | ratio* |\n| -- | --: |",
		"| 128x128x128 TN | 1 | 20.0 | 50.0 | 10.0 | - | 25 % | 0.40 | 0.40 | - | - | - |\n",
		"| geometric mean | 1 thread | 2 threads |\n| -- | --: | --: |\n",
		"| ratio, small squares | 0.71 | - |\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in\n%s", want, b.String())
		}
	}
	for line := range strings.Lines(b.String()) {
		if n := strings.Count(line, "|"); n != 0 && n != len(columns)+1 && n != 4 {
			t.Errorf("%d cells in %q", n-1, line)
		}
	}
}
