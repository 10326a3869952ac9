package state

import "clexlab/wasm/wire/jobs"

// JudgeMethod is the method of the one judge of all texts: plain RoPE, which is never asked
// to look further back than the window that it was trained on.
const JudgeMethod = "rope"

// SwitchTint shows the writer's own view of its text instead of the judge's.
type SwitchTint struct{ Own bool }

// Tints are the losses by which a pane's text is tinted, one a token as far as they are known, below 0 is unknown. The
// judge's do not follow t. The writer's do where the figures are measured on its text, since it reads that again at each t
// that stands; stored says that they are what it thought when it wrote, which its tokens hold.
func (s *State) Tints(pane int) (losses []float32, stored bool) {
	d := &s.Panes[pane].Document
	if !s.OwnTint {
		return d.Judged, false
	}
	if by := d.Writers(); s.measuredPane() == pane && len(by) == 1 && d.By[0].Model == s.Current().ID && d.By[0].Weights == s.WeightsOf(by[0]) {
		if again := s.rereads[by[0]]; again != nil {
			return again, false
		}
	}
	return nil, true
}

// Judge asks the judge about the next tokens of a pane's text.
type Judge struct {
	Pane, Epoch, From int
	jobs.Judge
}

func (e Judge) Do(_ PageEffects, x EngineEffects) { x.Judge(e) }

// Judged brings what it says: one loss for each token, from From on.
type Judged struct {
	Pane, Epoch, From int
	NLL               []float64
	// Failed says that there is no judgement to be had; it is asked for again when the text changes.
	Failed bool
}

func (m SwitchTint) apply(s *State) []Effect {
	s.OwnTint = m.Own
	if m.Own {
		s.Spoken = "The tint shows each writer's own loss"
	} else {
		s.Spoken = "The tint shows one judge's loss"
	}
	return append([]Effect{SaveAddress{}}, s.judge()...)
}

// judge asks for the next piece of each text. Pieces end at multiples of half a window and begin
// their reading half a window before they start, so what the judge says of a token depends on
// the text alone: between half a window and a whole one before it.
func (s *State) judge() []Effect {
	half := s.Window() / 2
	if !s.Engine.Ready || half < 1 || s.OwnTint {
		return nil
	}
	var out []Effect
	for _, i := range s.Columns() {
		p := &s.Panes[i]
		from, n := len(p.Judged), len(p.Tokens)
		end := min((from/half+1)*half, n)
		if p.judging || from >= n || s.foreign(i) != "" || p.Phase.Busy() && end%half != 0 {
			continue
		}
		context := max(0, from/half*half-half)
		p.judging = true
		out = append(out, Judge{i, p.Epoch, from, jobs.Judge{Method: JudgeMethod, Tokens: ids(p.Tokens[context:end]), Skip: from - context, GPUAttempt: s.ReadingAttempt()}})
	}
	return out
}

func (m Judged) apply(s *State) []Effect {
	p := &s.Panes[m.Pane]
	p.judging = false
	if m.Failed {
		return nil
	}
	if m.Epoch == p.Epoch && m.From == len(p.Judged) {
		for _, v := range m.NLL {
			p.Judged = append(p.Judged, float32(v))
		}
	}
	return s.judge()
}
