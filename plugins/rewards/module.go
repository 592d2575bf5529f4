package rewards

import (
	"math"

	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// Module returns the plugin.
func Module() guest.Module {
	return guest.Module{
		Name:    "rewards",
		Version: "1.0.0",
		Summary: "Rewards from validation accuracy or perplexity, latency and size.",
		Shapers: []guest.ShaperOffer{
			{
				Name:    "accuracy",
				Summary: "Best validation accuracy of the last epochs, to a power (Zoph & Le 2017).",
				Params:  accuracyParams(3),
				Open:    open,
			},
			{
				Name:    "tradeoff",
				Summary: "Accuracy against latency, parameters and multiply-accumulates (MnasNet, Tan et al. 2019).",
				Params:  tradeoffParams(),
				Open:    open,
			},
			{
				Name:    "perplexity",
				Summary: "c over the square of the best validation perplexity of the last epochs (Zoph & Le 2017).",
				Params:  []spec.Param{lastK(), guest.Float("c", 80, 0, 1e18, "reward of a perplexity of 1"), failed()},
				Open:    openPerplexity,
			},
		},
	}
}

func accuracyParams(power float64) []spec.Param {
	return []spec.Param{lastK(), guest.Float("power", power, 0, 16, "exponent of the accuracy"), failed()}
}

func lastK() spec.Param {
	return guest.Int("last_k", 5, 1, 1_000_000, "epochs at the end of training, the best of which counts")
}

func failed() spec.Param {
	return guest.Float("failed", 0, math.Inf(-1), math.Inf(1), "reward of a trial without a result")
}

func tradeoffParams() []spec.Param {
	list := accuracyParams(1)
	for _, q := range quantities {
		list = append(list,
			guest.Float(q.name+"_target", 0, 0, 1e18, "target of the "+q.summary+"; 0: it does not count"),
			guest.Float(q.name+"_under", -0.07, -4, 0, "exponent at or below the target"),
			guest.Float(q.name+"_over", -0.07, -4, 0, "exponent above the target"))
	}
	return list
}
