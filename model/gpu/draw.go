package gpu

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"

	"clexlab/model"
)

// drawnWords is what sample notes of a token: it and ln p, then its rivals and theirs.
const drawnWords = 2 + 2*rivals

// mostDraws is how many tokens one submit can draw: each sets the uniform three times.
const mostDraws = maxSlots / 3

// drawing is a draw under way.
type drawing struct {
	pending      Pending
	n            int
	alternatives int
}

// Draws implements model.Drawer: all but a repetition penalty, and up to 8 alternatives.
func (s *Sequence) Draws(p *model.Sampling, alternatives int) bool {
	return (p.RepetitionPenalty == 0 || p.RepetitionPenalty == 1) && alternatives <= rivals
}

// Draw implements model.Drawer: one submit, however many tokens.
func (s *Sequence) Draw(p *model.Sampling, uniforms []float64, alternatives int) error {
	switch {
	case s.err != nil:
		return s.err
	case !s.Draws(p, alternatives):
		return fmt.Errorf("gpu: the device does not sample with a repetition penalty of %v and %d alternatives", p.RepetitionPenalty, alternatives)
	case len(uniforms) == 0 || len(uniforms) > mostDraws:
		return fmt.Errorf("gpu: %d tokens are to be drawn at once, want 1 to %d", len(uniforms), mostDraws)
	case s.length+len(uniforms) > s.capacity:
		return fmt.Errorf("gpu: %d tokens do not fit, the sequence holds %d of %d", len(uniforms), s.length, s.capacity)
	case s.length == 0:
		return fmt.Errorf("gpu: nothing to continue: the sequence is empty")
	}
	if !s.ready {
		if err := s.Refresh(); err != nil {
			return err
		}
	}
	s.c.reset()
	// What follows the text in the device's buffer is drawn over.
	s.resident = s.resident[:min(len(s.resident), s.length)]
	for i, u := range uniforms {
		now := s.now(s.length, 1)
		now.slot, now.topK = i, p.TopK
		now.draw = min(float32(u), 1-1.0/(1<<24))
		now.temperature, now.topP, now.minP = float32(p.Temperature), float32(p.TopP), float32(p.MinP)
		if p.TopP == 0 {
			now.topP = 1
		}
		s.c.set(s.groups.uniforms, &now)
		s.c.run(s.m.sample.pipeline, s.groups.sample, 1, 1, 1)
		s.read(1, nil, true)
		s.length++
	}
	s.known = false
	s.c.readBack(s.buf.drawn, 0, 4*drawnWords*len(uniforms))
	s.drawing = append(s.drawing, drawing{pending: s.submit(), n: len(uniforms), alternatives: alternatives})
	return nil
}

// Drawn implements model.Drawer.
func (s *Sequence) Drawn(ctx context.Context) ([]model.Drawn, error) {
	if s.err != nil {
		return nil, s.err
	}
	if len(s.drawing) == 0 {
		return nil, nil
	}
	d := s.drawing[0]
	data, err := d.pending.Wait(ctx)
	if err != nil {
		return nil, s.failed(err)
	}
	s.drawing = append(s.drawing[:0], s.drawing[1:]...)
	word := func(i int) uint32 { return binary.LittleEndian.Uint32(data[4*i:]) }
	number := func(i int) float64 { return float64(math.Float32frombits(word(i))) }
	for len(s.drawn) < d.n {
		s.drawn = append(s.drawn, model.Drawn{})
	}
	out := s.drawn[:d.n]
	for i := range out {
		at := i * drawnWords
		t := &out[i]
		t.ID, t.LogProb = int32(word(at)), number(at+1)
		if int(t.ID) >= s.m.plan.cfg.Vocab || t.ID < 0 || math.IsNaN(t.LogProb) || math.IsInf(t.LogProb, 0) || t.LogProb > 0.01 {
			return nil, s.failed(&Error{Kind: Wrong, Text: fmt.Sprintf("token %d was drawn with ln p = %v", t.ID, t.LogProb)})
		}
		t.Alternatives = t.Alternatives[:0]
		for k := range min(d.alternatives, s.m.plan.cfg.Vocab) {
			p := number(at + 3 + 2*k)
			t.Alternatives = append(t.Alternatives, model.Alternative{ID: int32(word(at + 2 + 2*k)), LogProb: p, Prob: math.Exp(p)})
		}
		s.tokens = append(s.tokens, t.ID)
		s.resident = append(s.resident, t.ID)
	}
	return out, nil
}

// Ahead implements model.Drawer.
func (s *Sequence) Ahead() int { return s.length - len(s.tokens) }
