package spec

import (
	"math"

	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// Encode writes {"epoch","train_loss"?,"train_accuracy"?,"valid_loss"?,
// "valid_accuracy"?,"seconds"?}, without what was not measured.
func (m *Epoch) Encode(e *wire.Encoder) {
	e.BeginObject()
	putInt(e, "epoch", int64(m.Epoch))
	putFloat(e, "train_loss", m.TrainLoss)
	putFloat(e, "train_accuracy", m.TrainAccuracy)
	putFloat(e, "valid_loss", m.ValidLoss)
	putFloat(e, "valid_accuracy", m.ValidAccuracy)
	optFloat(e, "seconds", m.Seconds)
	e.EndObject()
}

// Decode reads what Encode writes.
func (m *Epoch) Decode(d *wire.Decoder) {
	nan := math.NaN()
	*m = Epoch{TrainLoss: nan, TrainAccuracy: nan, ValidLoss: nan, ValidAccuracy: nan}
	for d.Object(); d.Next(); {
		switch d.Key() {
		case "epoch":
			m.Epoch = d.Int()
		case "train_loss":
			m.TrainLoss = d.Float()
		case "train_accuracy":
			m.TrainAccuracy = d.Float()
		case "valid_loss":
			m.ValidLoss = d.Float()
		case "valid_accuracy":
			m.ValidAccuracy = d.Float()
		case "seconds":
			m.Seconds = d.Float()
		}
	}
}

// Encode writes {"epochs","params","macs","latency_seconds"?,"failed"?,"reason"?}.
func (m *Metrics) Encode(e *wire.Encoder) {
	e.BeginObject()
	e.Key("epochs").BeginArray()
	for i := range m.Epochs {
		m.Epochs[i].Encode(e)
	}
	e.EndArray()
	putInt(e, "params", m.Params)
	putInt(e, "macs", m.MACs)
	optFloat(e, "latency_seconds", m.LatencySeconds)
	optBool(e, "failed", m.Failed)
	optText(e, "reason", m.Reason)
	e.EndObject()
}

// Decode reads what Encode writes.
func (m *Metrics) Decode(d *wire.Decoder) {
	*m = Metrics{}
	for d.Object(); d.Next(); {
		switch d.Key() {
		case "epochs":
			for d.Array(); d.Next(); {
				var epoch Epoch
				epoch.Decode(d)
				m.Epochs = append(m.Epochs, epoch)
			}
		case "params":
			m.Params = d.Int64()
		case "macs":
			m.MACs = d.Int64()
		case "latency_seconds":
			m.LatencySeconds = d.Float()
		case "failed":
			m.Failed = d.Bool()
		case "reason":
			m.Reason = d.Text()
		}
	}
}

// Encode writes {"reward","parts"}, the parts as an object in their order.
func (r *Reward) Encode(e *wire.Encoder) {
	e.BeginObject()
	e.Key("reward").Float(r.Reward)
	e.Key("parts").BeginObject()
	for _, p := range r.Parts {
		e.Key(p.Name).Float(p.Value)
	}
	e.EndObject()
	e.EndObject()
}

// Decode reads what Encode writes; an absent reward, as NaN is written, is NaN.
func (r *Reward) Decode(d *wire.Decoder) {
	*r = Reward{Reward: math.NaN()}
	for d.Object(); d.Next(); {
		switch d.Key() {
		case "reward":
			r.Reward = d.Float()
		case "parts":
			for d.Object(); d.Next(); {
				r.Parts = append(r.Parts, Part{Name: d.Key(), Value: d.Float()})
			}
		}
	}
}
