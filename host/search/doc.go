// Package search runs a study: it lets a strategy propose architectures, has an
// evaluator train them, lets a shaper judge what came out, and feeds the
// rewards back. Everything that happens is an event, appended to a Log before
// it counts, so a study that was stopped or killed goes on where it was.
//
// # Deterministic mode
//
// Trials are numbered from 1. With m episodes of one update (the strategy's
// rollout) and the lag L, trial n is sampled from policy version
//
//	v(n) = ⌊max(0, n-1-L) / m⌋
//
// and results are applied in the order of the numbers, whoever finishes first.
// The events have one canonical order: whatever trial the present version
// allows is sampled before another result is applied, and a full rollout
// updates the policy at once. So the journal, clock times aside, is a function
// of the configuration, the program and the level of the kernels: the same for
// one worker or many, and the same whether or not the study was interrupted.
// A result whose turn has not come waits in Log.SavePending, where it survives
// a crash; since a child's seed depends on the study's seed and its number
// alone, a result that was lost comes out the same again.
//
// Between L+1 and L+m trials are sampled and not applied at any time. By default
// L is m, but at least 8: then up to half as many workers as there are open
// trials find work although the oldest trial takes twice as long as the others.
// With more workers, set a larger lag: it is part of what the study is, the
// number of workers is not. A lag costs freshness: the policy learns from
// episodes that up to ⌈L/m⌉+1 versions ago sampled, without correction, as in
// the paper's asynchronous updates. A strategy without updates is not held back
// by any of this; its trials are sampled in blocks, only so that the first need
// not wait for the last.
//
// # Asynchronous mode
//
// A trial is sampled from the newest policy whenever a worker is free, and
// results are applied as they come. The journal's order is the truth: a resumed
// study replays it.
//
// # Duplicates
//
// A trial whose network has the ID of an earlier trial's takes over that
// trial's metrics, once they are known, and is judged anew by the shaper; if
// the earlier one failed, it is trained itself. With duplicates "retrain" every
// trial is trained, with its own seed.
//
// # Control
//
// While it runs, a study can be paused, continued, stopped and given more
// trials, and single trials can be cancelled; see Deps.Requests. A request is an
// event, durable before it takes effect, or is refused. In deterministic mode
// what follows is a function of the configuration and of these events:
//
//   - A pause begins no child until the study continues; those that are being
//     trained go on to their end. Sampling goes on as far as results allow, so
//     that every other event is what it would have been. Resuming a paused study
//     continues it.
//   - Stopping is what the end of Run's context is.
//   - A budget that grows, also after the end, leads to the same trials, updates
//     and rewards as one that was as large from the beginning: a trial whose turn
//     is over is sampled from the policy version whose turn it was, which the
//     strategy goes back to, and as if later results were unknown. Only the order
//     of the events tells when the budget grew. In asynchronous mode there are no
//     turns, and the newest policy samples.
//   - A cancelled trial fails, with the configured reward, whatever it had come
//     to. Its turn remains its own, and its duplicates are trained instead.
//
// # Processors and memory
//
// Neither is part of what a study is: results do not depend on how many children
// are trained at the same time, on how many threads each of them has, or on what
// they may hold together. What a child needs is known before it begins. One that
// does not fit beside the others waits for its turn, and only one that needs more
// than there is for all of them fails. The limit of a single child is another
// matter: Recipe.MemoryBytes belongs to the study, so that the same children fail
// everywhere. Were the machine's memory divided among the workers instead, the
// journal would depend on their number.
//
// # Failures
//
// Answers that decode to no network, a child that diverges, panics or
// runs out of its time, a shaper that fails: each ends the trial as failed, with
// its reason, and with the configured reward. A failing strategy, search space
// or log, and an evaluator that returns a FatalError, stop the study instead.
package search
