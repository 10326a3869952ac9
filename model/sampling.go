package model

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"clexlab/model/kernel"
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
	draw *rand.Rand
	// penalised are the logits after the repetition penalty, weights those of all tokens or of ids, if
	// filters left some only: e to the power of logit/Temperature, the likeliest of all being 1.
	penalised, weights []float32
	ids                []int32
	// best holds what the sorting filters may keep, as ranks.
	best []uint64
	// seen holds, for each token, the number (stamp) of the last draw whose history had it.
	seen  []uint32
	stamp uint32
}

// samplingStream tells the numbers of sampling from others of the same seed; "clex" in ASCII.
const samplingStream = 0x636c6578

func newTokenSampler(p Sampling, vocab int) *tokenSampler {
	return &tokenSampler{
		Sampling:  p,
		draw:      rand.New(rand.NewPCG(p.Seed, samplingStream)),
		penalised: make([]float32, vocab),
		weights:   make([]float32, vocab),
		ids:       make([]int32, 0, vocab),
		best:      make([]uint64, 0, vocab),
		seen:      make([]uint32, vocab),
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
	logits = s.penalise(logits, history)
	peak := kernel.Max(logits)
	if s.Temperature == 0 {
		return int32(slices.Index(logits, peak))
	}
	weights, ids, sum := s.filter(logits, peak)
	left, last := s.uniform()*sum, 0
	for i, w := range weights {
		if w == 0 {
			continue
		}
		last = i
		if left -= float64(w); left < 0 {
			break
		}
	}
	if ids == nil {
		return int32(last)
	}
	return ids[last]
}

// penalise returns the logits after the repetition penalty.
func (s *tokenSampler) penalise(logits []float32, history []int32) []float32 {
	if s.RepetitionPenalty == 0 || s.RepetitionPenalty == 1 {
		return logits
	}
	if w := s.RepetitionWindow; w > 0 && len(history) > w {
		history = history[len(history)-w:]
	}
	copy(s.penalised, logits)
	s.stamp++
	for _, t := range history {
		if s.seen[t] == s.stamp {
			continue
		}
		s.seen[t] = s.stamp
		if l := &s.penalised[t]; *l > 0 {
			*l = float32(float64(*l) / s.RepetitionPenalty)
		} else {
			*l = float32(float64(*l) * s.RepetitionPenalty)
		}
	}
	return s.penalised
}

// filter returns the weights of the tokens that the filters keep, and their sum: of ids, the likeliest first,
// or, without ids, of all tokens by number, where those that are not kept weigh nothing. peak is the
// largest of logits.
func (s *tokenSampler) filter(logits []float32, peak float32) (weights []float32, ids []int32, sum float64) {
	nucleus := s.TopP > 0 && s.TopP < 1
	// The bounds keep 0·∞ out of it.
	scale := float32(min(max(1/s.Temperature, 1e-38), math.MaxFloat32))
	if s.TopK > 0 {
		s.keepLikeliest(logits)
		weights = s.weights[:len(s.ids)]
		for i, id := range s.ids {
			weights[i] = logits[id]
		}
		sum = float64(kernel.ExpSum(weights, weights, peak, scale))
		if nucleus {
			reached, n := 0.0, 0
			for n < len(weights) && reached < s.TopP*sum {
				reached += float64(weights[n])
				n++
			}
			weights, sum = weights[:max(1, n)], reached
		}
	} else {
		weights = s.weights[:len(logits)]
		sum = float64(kernel.ExpSum(weights, logits, peak, scale))
		if nucleus {
			weights, sum = s.keepNucleus(logits, sum)
		}
	}
	if s.MinP > 0 {
		sum = 0
		for i, w := range weights {
			if float64(w) < s.MinP {
				weights[i] = 0
			} else {
				sum += float64(w)
			}
		}
	}
	if s.TopK > 0 || nucleus {
		ids = s.ids
	}
	return weights, ids, sum
}

// rank orders tokens by falling logit, equal ones by number: the likeliest has the lowest rank.
func rank(logit float32, id int) uint64 {
	b := math.Float32bits(logit + 0) // -0 is 0
	if int32(b) >= 0 {
		b ^= math.MaxInt32 // a larger logit has a lower rank
	}
	return uint64(b)<<32 | uint64(uint32(id))
}

// keepLikeliest makes ids the TopK likeliest tokens in order. They pass through a heap of
// so many, whose root is the least likely: to sort a whole vocabulary takes longer than the model's forward pass.
func (s *tokenSampler) keepLikeliest(logits []float32) {
	k := min(s.TopK, len(logits))
	h := s.best[:0]
	for id, l := range logits[:k] {
		h = append(h, ^rank(l, id))
	}
	heapify(h)
	limit := logits[uint32(^h[0])]
	for id, l := range logits[k:] {
		if l > limit {
			h[0] = ^rank(l, k+id)
			sink(h, 0)
			limit = logits[uint32(^h[0])]
		}
	}
	slices.Sort(h)
	s.ids = s.ids[:0]
	for i := range h {
		s.ids = append(s.ids, int32(uint32(^h[len(h)-1-i])))
	}
}

// keepNucleus makes ids the fewest likeliest tokens that have a share of TopP of sum, the weight of all,
// and returns their weights and the sum of those. Weights are added up by their exponent, which tells above which
// power of two the share lies: only those tokens go into the heap, whose root is the likeliest.
func (s *tokenSampler) keepNucleus(logits []float32, sum float64) (kept []float32, mass float64) {
	weights := s.weights[:len(logits)]
	var octaves [256]float64
	for _, w := range weights {
		octaves[uint8(math.Float32bits(w)>>23)] += float64(w)
	}
	e, above := 127, octaves[127] // the likeliest weighs 1
	for e > 0 && above < s.TopP*sum*(1+1e-6) {
		e--
		above += octaves[e]
	}
	least := math.Float32frombits(uint32(e) << 23)
	h := s.best[:0]
	for id, w := range weights {
		if w >= least {
			h = append(h, rank(logits[id], id))
		}
	}
	heapify(h)
	s.ids = s.ids[:0]
	kept = s.penalised[:0]
	for len(h) > 0 && (mass < s.TopP*sum || len(kept) == 0) {
		id := int32(uint32(h[0]))
		s.ids, kept = append(s.ids, id), append(kept, weights[id])
		mass += float64(weights[id])
		h[0] = h[len(h)-1]
		h = h[:len(h)-1]
		sink(h, 0)
	}
	return kept, mass
}

// heapify makes h a heap whose root is its least element.
func heapify(h []uint64) {
	for i := len(h)/2 - 1; i >= 0; i-- {
		sink(h, i)
	}
}

// sink moves element i down to where it belongs in the heap.
func sink(h []uint64, i int) {
	if i >= len(h) {
		return
	}
	x := h[i]
	for {
		child := 2*i + 1
		if child >= len(h) {
			break
		}
		if child+1 < len(h) && h[child+1] < h[child] {
			child++
		}
		if x <= h[child] {
			break
		}
		h[i] = h[child]
		i = child
	}
	h[i] = x
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
	return likeliest(dst, logits, k, kernel.LogSumExp(logits))
}

// likeliest is Likeliest for logits whose log-sum-exp is total.
func likeliest(dst []Alternative, logits []float32, k int, total float64) []Alternative {
	if k = min(k, len(logits)); k <= 0 {
		return dst
	}
	base, limit := len(dst), float32(0)
	for id, l := range logits {
		if full := len(dst)-base == k; full && l <= limit {
			continue
		} else if !full {
			dst = append(dst, Alternative{})
		}
		a := Alternative{ID: int32(id), LogProb: float64(l) - total}
		at := len(dst) - 1
		for ; at > base && dst[at-1].LogProb < a.LogProb; at-- {
			dst[at] = dst[at-1]
		}
		dst[at] = a
		limit = logits[dst[len(dst)-1].ID]
	}
	for i := range dst[base:] {
		dst[base+i].Prob = math.Exp(dst[base+i].LogProb)
	}
	return dst
}
