package policy

import "fmt"

// note adds a sentence.
func (x *Explanation) note(format string, args ...any) {
	x.Notes = append(x.Notes, fmt.Sprintf(format, args...))
}

// tellStage says how far the trial has come.
func (p *Player) tellStage(x *Explanation, s subject) {
	p.notes.Lock()
	waiting, rollout, ended := p.record.waiting, p.record.rollout, p.record.ended
	p.notes.Unlock()
	switch {
	case s.learned > 0:
		x.Stage = Learned
	case ended:
		x.Stage = Unused
		x.note("The study ended with %s after the last update, fewer than the %d of a rollout, so the policy learned nothing from this trial.", count(waiting, "trial"), rollout)
	case s.ended:
		x.Stage = Waiting
		x.note("The policy has not learned from this trial yet: %d of the %d trials of its rollout have ended.", min(waiting, rollout), rollout)
	default:
		x.Stage = Training
		x.note("The policy has not learned from this trial yet: it has not ended.")
	}
	if x.Failed != "" {
		x.note("It failed (%s). A failed trial counts as the reward that the study has set for failures.", x.Failed)
	}
	switch {
	case x.DuplicateOf != 0 && s.ended:
		x.note("It has the same network as trial %d and took over what was measured of that one; the policy learns from both.", x.DuplicateOf)
	case x.DuplicateOf != 0:
		x.note("It has the same network as trial %d and waits for what is measured of that one.", x.DuplicateOf)
	}
}

// tellUpdate says what a reader of the update may stumble over.
func (x *Explanation) tellUpdate() {
	u := x.Update
	if between := u.Version - 1 - x.Sampled; between > 0 {
		x.note("Version %d sampled it and version %d learned from it, %s later; its answers are scored as version %d sees them.",
			x.Sampled, u.Version-1, count(between, "update"), u.Version-1)
	}
	if u.First {
		x.note("It was in the first rollout, whose baseline is the mean of its own rewards.")
	}
	if u.ClipNorm > 0 && u.GradNorm > u.ClipNorm {
		x.note("The gradient by all weights had the norm %.3g and was shortened to %.3g.", u.GradNorm, u.ClipNorm)
	}
}

// count writes a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
