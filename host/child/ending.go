package child

import "github.com/espalier-nas/espalier/kernels"

// ending is what a convolution or a dense layer does to its output besides the
// product, while it is in the cache: it adds the bias, and does what the only
// reader of the output would do: apply a ReLU, or, where the moments are known
// beforehand, in evaluation, normalise.
type ending struct {
	bias *param     // may be nil
	relu bool       // follows
	norm *batchNorm // follows; may be nil

	to       *tensor // where the output of the pass under way goes
	epilogue kernels.Epilogue
}

// begin prepares a pass of the layer whose output is out.
func (e *ending) begin(out *tensor, training bool) {
	e.to, e.epilogue = out, kernels.Epilogue{Relu: e.relu}
	if e.bias != nil {
		e.epilogue.Shift = e.bias.value
	}
	if e.norm != nil && !training {
		e.norm.fold(e.epilogue.Shift)
		e.to, e.epilogue = e.norm.out, kernels.Epilogue{Scale: e.norm.scale, Shift: e.norm.shift, Relu: e.norm.relu}
	}
}

// ending is that of the step, nil if its layer has none.
func (s *step) ending() *ending {
	switch l := s.layer.(type) {
	case *conv:
		return &l.ending
	case *dense:
		return &l.ending
	}
	return nil
}
