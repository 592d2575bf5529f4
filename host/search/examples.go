package search

import (
	"context"

	"github.com/espalier-nas/espalier/host/child"
	"github.com/espalier-nas/espalier/host/data"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// Examples are what children are trained on and measured with: Images or a
// Text.
type Examples interface {
	// Train trains a child on them.
	Train(ctx context.Context, t *child.Trainer, network *spec.Network, seed uint64) (*child.Result, error)
	// Counts are the numbers of images, or of tokens, for training and for
	// validation.
	Counts() (train, valid int)
}

// Images are Examples of image networks.
type Images struct{ Training, Validation *data.Images }

// Train is child.Trainer.Train.
func (i Images) Train(ctx context.Context, t *child.Trainer, network *spec.Network, seed uint64) (*child.Result, error) {
	return t.Train(ctx, network, i.Training, i.Validation, seed)
}

// Counts are the numbers of images.
func (i Images) Counts() (train, valid int) { return i.Training.N, i.Validation.N }

// Text are Examples of language models: token ids.
type Text struct{ Training, Validation []int32 }

// Train is child.Trainer.TrainText.
func (x Text) Train(ctx context.Context, t *child.Trainer, network *spec.Network, seed uint64) (*child.Result, error) {
	return t.TrainText(ctx, network, x.Training, x.Validation, seed)
}

// Counts are the numbers of tokens.
func (x Text) Counts() (train, valid int) { return len(x.Training), len(x.Validation) }
