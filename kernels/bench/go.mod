module github.com/espalier-nas/espalier/kernels/bench

go 1.26.0

require (
	github.com/espalier-nas/espalier v0.0.0-00010101000000-000000000000
	github.com/klauspost/cpuid/v2 v2.4.2
	gonum.org/v1/gonum v0.17.0
)

require golang.org/x/sys v0.49.0 // indirect

replace github.com/espalier-nas/espalier => ../..
