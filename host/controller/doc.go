// Package controller is the policy of Zoph & Le 2017 (Neural Architecture
// Search with Reinforcement Learning): a recurrent network that answers the
// decisions of a search space one after the other, and REINFORCE, which moves
// its weights towards the answers that earned more than the baseline.
//
// # Dims
//
//	B  episodes of a batch         E  length of an input vector (Config.Embedding)
//	T  decisions of an episode     H  units of an LSTM layer    (Config.Units)
//	N  rows of a tape: one for each decision of each episode
//	K  options of a choice, or candidates of an anchors or pointer decision
//
// # Model
//
// Step t reads a vector x_t and has the top layer's hidden state h_t:
//
//	LSTM     [i f o g] = [x h'] W + b;  c = σ(f)∘c' + σ(i)∘tanh(g);  h = σ(o)∘tanh(c)
//	choice   u = S h_t + s                             softmax over the options
//	pointer  u_j = vᵀ tanh(P h_j + Q h_t)              softmax over the candidates
//	anchors  u_j as for a pointer                      P(j) = σ(u_j), independently
//
// where h_j is the top hidden state at the step that announced anchor point j.
// S, s, P, Q, v and the embeddings belong to a kind of decision and serve all
// decisions of that kind. The input x_0 is learned; after a choice x is the
// option's embedding, after a pointer the hidden state of the chosen anchor,
// after an anchors decision the mean of the chosen anchors' hidden states, or a
// learned vector if none was chosen. The paper leaves open the first input, the
// input after an anchors decision and the biases; these are our choices. Every
// weight, biases included, starts as U(-InitRange, InitRange).
//
// Two options, off in the paper, reshape the logits in this order: u/Temperature,
// then LogitClip·tanh(u) (Bello et al. 2017, Neural Combinatorial Optimization).
// Options that a mask forbids have probability 0.
//
// # Learning
//
// For m episodes with rewards R_k the gradient that Adam ascends is
//
//	(1/m) Σ_k Σ_t [ (R_k − b) ∇ log P(a_t | a_<t) + EntropyWeight ∇ H_t ]
//
// through time, also through the anchors' hidden states. H_t is the entropy of
// step t given the answers before it. b is an exponential moving average of
// earlier rewards only; see Controller.Update for the first one. Episodes
// sampled by an older version of the policy are scored by the present one, with
// no correction for the difference, as in the paper's asynchronous updates.
//
// # Determinism
//
// The arithmetic is float32 on package kernels; rewards, the baseline and
// log-probabilities are float64. Nothing here calls math.Exp or math.Log, and
// products are rounded before they are added, so equal inputs give equal bits
// on every architecture at kernel level "generic".
package controller
