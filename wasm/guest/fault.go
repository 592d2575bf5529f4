package guest

import "github.com/espalier-nas/espalier/wasm/spec"

// BadPrefix refuses a prefix because of the answer at position at.
//
//go:noinline
func BadPrefix(at int, msg string) error {
	return &spec.Fault{Code: spec.CodeBadPrefix, Msg: msg, At: at}
}

// BadParams refuses the params.
//
//go:noinline
func BadParams(msg string) error { return &spec.Fault{Code: spec.CodeBadParams, Msg: msg, At: -1} }

// Unsupported refuses a task, or another input that the plugin cannot serve.
//
//go:noinline
func Unsupported(msg string) error { return &spec.Fault{Code: spec.CodeUnsupported, Msg: msg, At: -1} }

// fault returns err as a Fault, with the given code unless it is one already.
//
//go:noinline
func fault(err error, code string) *spec.Fault {
	if f, ok := err.(*spec.Fault); ok { // errors.As would make the guest 66 KB larger
		return f
	}
	return &spec.Fault{Code: code, Msg: err.Error(), At: -1}
}
