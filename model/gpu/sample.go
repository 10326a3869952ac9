package gpu

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"

	"clexlab/model"
)

// sampledWords is what sample notes of a token: it and ln p, then its alternatives and theirs.
const sampledWords = 2 + 2*maxAlternatives

// maxSamples is how many tokens one submit can draw: each sets the uniform three times.
const maxSamples = maxSlots / 3

// pendingSample is a draw under way.
type pendingSample struct {
	pending      Pending
	n            int
	alternatives int
}

// CanSample implements model.Sampler: all but a repetition penalty, and up to 8 alternatives.
func (s *Sequence) CanSample(p *model.Sampling, alternatives int) bool {
	return (p.RepetitionPenalty == 0 || p.RepetitionPenalty == 1) && alternatives <= maxAlternatives
}

// Sample implements model.Sampler: one submit, however many tokens.
func (s *Sequence) Sample(p *model.Sampling, uniforms []float64, alternatives int) error {
	switch {
	case s.err != nil:
		return s.err
	case !s.CanSample(p, alternatives):
		return fmt.Errorf("gpu: the device does not sample with a repetition penalty of %v and %d alternatives", p.RepetitionPenalty, alternatives)
	case len(uniforms) == 0 || len(uniforms) > maxSamples:
		return fmt.Errorf("gpu: %d tokens are to be drawn at once, want 1 to %d", len(uniforms), maxSamples)
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
	s.c.Reset()
	// What follows the text in the device's buffer is drawn over.
	s.resident = s.resident[:min(len(s.resident), s.length)]
	for i, u := range uniforms {
		params := s.params(s.length, 1)
		params.slot, params.topK = i, p.TopK
		params.draw = min(float32(u), 1-1.0/(1<<24))
		params.temperature, params.topP, params.minP = float32(p.Temperature), float32(p.TopP), float32(p.MinP)
		if p.TopP == 0 {
			params.topP = 1
		}
		s.c.set(s.groups.uniforms, &params)
		s.c.Run(s.m.sample.pipeline, s.groups.sample, 1, 1, 1)
		s.read(1, nil, true)
		s.length++
	}
	s.known = false
	s.c.ReadBack(s.buf.sampled, 0, 4*sampledWords*len(uniforms))
	s.inFlight = append(s.inFlight, pendingSample{pending: s.submit(), n: len(uniforms), alternatives: alternatives})
	return nil
}

// Sampled implements model.Sampler.
func (s *Sequence) Sampled(ctx context.Context) ([]model.Sampled, error) {
	if s.err != nil {
		return nil, s.err
	}
	if len(s.inFlight) == 0 {
		return nil, nil
	}
	d := s.inFlight[0]
	data, err := d.pending.Wait(ctx)
	if err != nil {
		return nil, s.failed(err)
	}
	s.inFlight = append(s.inFlight[:0], s.inFlight[1:]...)
	word := func(i int) uint32 { return binary.LittleEndian.Uint32(data[4*i:]) }
	number := func(i int) float64 { return float64(math.Float32frombits(word(i))) }
	for len(s.sampled) < d.n {
		s.sampled = append(s.sampled, model.Sampled{})
	}
	out := s.sampled[:d.n]
	for i := range out {
		at := i * sampledWords
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

// InFlight implements model.Sampler.
func (s *Sequence) InFlight() int { return s.length - len(s.tokens) }
