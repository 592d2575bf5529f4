// Package rewards turns what was measured of a trial into a reward, as a plugin
// with two shapers:
//
//	accuracy  (max validation accuracy of the last epochs)^power, the reward of
//	          Zoph & Le 2017, section 4.1: the last 5 epochs, cubed
//	tradeoff  the same times a factor for each of latency, parameters and
//	          multiply-accumulates that has a target
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
// A trial that failed, or of which no validation accuracy was measured, gets
// the reward that the param failed names. Rewards are always finite.
package rewards
