// Package rewards turns what was measured of a trial into a reward, as a plugin
// with three shapers:
//
//	accuracy    (max validation accuracy of the last epochs)^power, the reward of
//	            Zoph & Le 2017, section 4.1: the last 5 epochs, cubed
//	tradeoff    the same times a factor for each of latency, parameters and
//	            multiply-accumulates that has a target
//	perplexity  c / (min validation perplexity of the last epochs)^2, the reward
//	            of section 4.2 for language models: c is 80
//
// The factor of a quantity x with target T is that of MnasNet (Tan et al. 2019,
// equations 2 and 3):
//
//	(x/T)^w   with w = under if x <= T, else over
//
// Its soft form, the default, is under = over = -0.07: doubling x is worth the
// same as 5 % of the accuracy. Its hard form is under = 0, over = -1: below the
// target x does not matter.
//
// The perplexity of a validation loss, which is in nats per token, is exp(loss).
// Of which epoch it is the paper does not say; here the best of the last ones
// counts, as for accuracies. From a loss of about 373 on the reward is 0, since
// c / perplexity^2 is too small for a float64.
//
// A trial that failed, or of which no validation accuracy, or loss, was measured,
// gets the reward that the param failed names. Rewards are always finite.
package rewards
