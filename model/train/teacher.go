package train

import (
	"clexlab/clex"
	"clexlab/model/kernel"
)

// newTeacher is a shard that only reads: what weights p predict for a text at positions 0, 1, 2 … as
// they were trained, whatever positions the pupil reads it at.
func newTeacher(p *Parameters, seqs, n int) *shard {
	s := newShard(p, seqs, n)
	s.dqkv, s.dGateUp, s.dHidden = nil, nil, nil
	positions := make([]float64, seqs*n)
	for i := range positions {
		positions[i] = float64(i % n)
	}
	plain := clex.Encoding{InvFreq: make([]float64, p.Config.Rotary.Pairs()), AttentionFactor: 1}
	p.Config.Rotary.InvFreq(plain.InvFreq)
	s.setAngles(positions, &plain)
	return s
}

// predict returns the distribution of the next token after each of tokens, rows × Vocab. The slice is used again by the next call.
func (s *shard) predict(p *Parameters, tokens []int32) []float32 {
	s.forward(p, tokens)
	v := s.cfg.Vocab
	for r := range tokens {
		kernel.SoftmaxRow(s.logits[r*v : (r+1)*v])
	}
	return s.logits
}
