package model

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Sampling says how the next token is drawn. The zero value takes the likeliest
// token always. Filters apply in this order: RepetitionPenalty on logits,
// Temperature, TopK, TopP, MinP, each on what the one before left.
type Sampling struct {
	// Temperature divides the logits; 0 takes the likeliest token and draws nothing.
	Temperature float64
	// TopK keeps the k likeliest tokens; 0 keeps all.
	TopK int
	// TopP keeps the fewest likeliest tokens whose probabilities reach p together
	// (nucleus sampling, Holtzman et al. 2020, arXiv 1904.09751); 0 and 1 keep all.
	TopP float64
	// MinP keeps tokens at least MinP times as likely as the likeliest
	// (Nguyen et al. 2024, arXiv 2407.01082); 0 keeps all.
	MinP float64
	// RepetitionPenalty divides positive logits of tokens that occurred, and multiplies
	// negative ones (Keskar et al. 2019, arXiv 1909.05858); 0 and 1 change nothing.
	RepetitionPenalty float64
	// RepetitionWindow is how many last tokens count as occurred; 0 is all.
	RepetitionWindow int
	// Seed starts the generator: PCG, one draw a token. The same seed over
	// the same logits gives the same tokens.
	Seed uint64
}

// Validate reports the first value that has no meaning.
func (p *Sampling) Validate() error {
	switch {
	case !(p.Temperature >= 0) || math.IsInf(p.Temperature, 0):
		return fmt.Errorf("model: Temperature is %v, want a finite number from 0", p.Temperature)
	case p.TopK < 0:
		return fmt.Errorf("model: TopK is %d, want 0 (all) or more", p.TopK)
	case !(p.TopP >= 0) || p.TopP > 1:
		return fmt.Errorf("model: TopP is %v, want 0 to 1", p.TopP)
	case !(p.MinP >= 0) || p.MinP > 1:
		return fmt.Errorf("model: MinP is %v, want 0 to 1", p.MinP)
	case !(p.RepetitionPenalty >= 0) || math.IsInf(p.RepetitionPenalty, 0):
		return fmt.Errorf("model: RepetitionPenalty is %v, want a finite number from 0 (off)", p.RepetitionPenalty)
	case p.RepetitionWindow < 0:
		return fmt.Errorf("model: RepetitionWindow is %d, want 0 (all) or more", p.RepetitionWindow)
	}
	return nil
}

// tokenSampler draws tokens; its storage is used again for each.
type tokenSampler struct {
	Sampling
	draw       *rand.Rand
	candidates []candidate
	// seen holds, for each token, the number (stamp) of the last draw whose history had it.
	seen  []uint32
	stamp uint32
}

type candidate struct {
	id     int32
	logit  float64
	weight float64
}

// samplingStream tells the numbers of sampling from others of the same seed; "clex" in ASCII.
const samplingStream = 0x636c6578

func newTokenSampler(p Sampling, vocab int) *tokenSampler {
	return &tokenSampler{
		Sampling:   p,
		draw:       rand.New(rand.NewPCG(p.Seed, samplingStream)),
		candidates: make([]candidate, 0, vocab),
		seen:       make([]uint32, vocab),
	}
}

// skip passes over the draws of n tokens.
func (s *tokenSampler) skip(n int) {
	for range n {
		s.uniform()
	}
}

// uniform is the number in [0, 1) that decides the next draw; greedy sampling draws none.
func (s *tokenSampler) uniform() float64 {
	if s.Temperature == 0 {
		return 0
	}
	return s.draw.Float64()
}

// next draws the token after history from logits, which must be finite.
func (s *tokenSampler) next(logits []float32, history []int32) int32 {
	s.candidates = s.candidates[:0]
	for id, l := range logits {
		s.candidates = append(s.candidates, candidate{id: int32(id), logit: float64(l)})
	}
	s.penalise(history)
	if s.Temperature == 0 {
		return slices.MaxFunc(s.candidates, func(a, b candidate) int {
			return cmp.Or(cmp.Compare(a.logit, b.logit), cmp.Compare(b.id, a.id))
		}).id
	}
	kept := s.filter()
	var sum float64
	for _, c := range kept {
		sum += c.weight
	}
	u := s.uniform() * sum
	for _, c := range kept {
		if u -= c.weight; u < 0 {
			return c.id
		}
	}
	return kept[len(kept)-1].id
}

func (s *tokenSampler) penalise(history []int32) {
	if s.RepetitionPenalty == 0 || s.RepetitionPenalty == 1 {
		return
	}
	if w := s.RepetitionWindow; w > 0 && len(history) > w {
		history = history[len(history)-w:]
	}
	s.stamp++
	for _, t := range history {
		if s.seen[t] == s.stamp {
			continue
		}
		s.seen[t] = s.stamp
		if c := &s.candidates[t]; c.logit > 0 {
			c.logit /= s.RepetitionPenalty
		} else {
			c.logit *= s.RepetitionPenalty
		}
	}
}

// filter weighs the candidates by exp(logit/Temperature), relative to the
// likeliest, and returns those the filters keep.
func (s *tokenSampler) filter() []candidate {
	all := s.candidates
	peak := all[0].logit
	for _, c := range all {
		peak = max(peak, c.logit)
	}
	nucleus := s.TopP > 0 && s.TopP < 1
	kept, sum := all, 0.0
	switch {
	case s.TopK > 0:
		kept = s.front(peak, func(n int, _ float64) bool { return n >= s.TopK })
		slices.SortFunc(kept, likelierFirst)
		kept = kept[:min(s.TopK, len(kept))]
		sum = s.weigh(kept, peak)
	case nucleus:
		sum = s.weigh(all, peak)
		kept = s.front(peak, func(_ int, mass float64) bool { return mass >= s.TopP*sum })
		slices.SortFunc(kept, likelierFirst)
	default:
		sum = s.weigh(all, peak)
	}
	if nucleus {
		reached, n := 0.0, 0
		for n < len(kept) && reached < s.TopP*sum {
			reached += kept[n].weight
			n++
		}
		kept = kept[:max(1, n)]
	}
	if s.MinP > 0 {
		n := 0
		for _, c := range kept {
			if c.weight >= s.MinP {
				kept[n] = c
				n++
			}
		}
		kept = kept[:n]
	}
	return kept
}

// weigh gives each candidate its weight and returns their sum.
func (s *tokenSampler) weigh(c []candidate, peak float64) (sum float64) {
	for i := range c {
		c[i].weight = math.Exp((c[i].logit - peak) / s.Temperature)
		sum += c[i].weight
	}
	return sum
}

// front brings the likeliest candidates to the front, in no order, and returns them: as few
// as make enough of their number and their weights. To sort a whole vocabulary for
// the few that a filter keeps takes longer than the model's forward pass.
func (s *tokenSampler) front(peak float64, enough func(n int, mass float64) bool) []candidate {
	all := s.candidates
	for reach := 2 * s.Temperature; ; reach *= 1.5 {
		n, mass := 0, 0.0
		for i := range all {
			if all[i].logit >= peak-reach {
				all[n], all[i] = all[i], all[n]
				mass += all[n].weight
				n++
			}
		}
		if n == len(all) || enough(n, mass) {
			return all[:n]
		}
	}
}

// likelierFirst orders by falling logit, equal ones by token.
func likelierFirst(a, b candidate) int {
	return cmp.Or(cmp.Compare(b.logit, a.logit), cmp.Compare(a.id, b.id))
}

// Alternative is a token that could have come next.
type Alternative struct {
	ID int32
	// Prob is its probability under the model, before any sampling filter.
	Prob float64
	// LogProb is the natural logarithm of Prob.
	LogProb float64
}

// Likeliest appends the k likeliest next tokens under logits to dst, the
// likeliest first, with their probabilities over the whole vocabulary.
func Likeliest(dst []Alternative, logits []float32, k int) []Alternative {
	if len(logits) == 0 {
		return dst
	}
	return likeliest(dst, logits, k, logSumExp(logits))
}

// likeliest is Likeliest for logits whose log-sum-exp is total.
func likeliest(dst []Alternative, logits []float32, k int, total float64) []Alternative {
	if k = min(k, len(logits)); k <= 0 {
		return dst
	}
	base := len(dst)
	for id, l := range logits {
		n := len(dst) - base
		if n == k && float64(l)-total <= dst[len(dst)-1].LogProb {
			continue
		}
		if n < k {
			dst = append(dst, Alternative{})
		}
		a := Alternative{ID: int32(id), LogProb: float64(l) - total}
		at := len(dst) - 1
		for ; at > base && dst[at-1].LogProb < a.LogProb; at-- {
			dst[at] = dst[at-1]
		}
		dst[at] = a
	}
	for i := range dst[base:] {
		dst[base+i].Prob = math.Exp(dst[base+i].LogProb)
	}
	return dst
}
