package model

import (
	"fmt"
	"math"
	"math/rand/v2"

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
	random *rand.Rand
	// logits are those read last, the largest is peak, and Σ e^(logit-peak) is mass: what is drawn and what is
	// told of the draw share them.
	logits []float32
	peak   float32
	mass   float64
	// want is how many of the likeliest tokens are asked for beside the draw.
	want int
	// penalised are the logits after the repetition penalty. Weights are those of all tokens or of ids, if
	// filters left some only: e to the power of logit/Temperature, the likeliest of all being 1.
	penalised, weights []float32
	ids                []int32
	// top ranks what is drawn from.
	top *ranking
	// seen holds, for each token, the number (stamp) of the last draw whose history had it.
	seen  []uint32
	stamp uint32
}

// samplingStream tells the numbers of sampling from others of the same seed; "clex" in ASCII.
const samplingStream = 0x636c6578

// newTokenSampler is a sampler for a vocabulary; want is how many of the likeliest tokens are asked for with each draw.
func newTokenSampler(p Sampling, vocab, want int) *tokenSampler {
	return &tokenSampler{
		Sampling:  p,
		random:    rand.New(rand.NewPCG(p.Seed, samplingStream)),
		want:      want,
		penalised: make([]float32, vocab),
		weights:   make([]float32, vocab),
		ids:       make([]int32, 0, vocab),
		top:       newRanking(vocab),
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
	return s.random.Float64()
}

// read takes in the logits of the next draw, which must not change before it, and returns ln Σ e^logit. Where that is
// not finite, nothing can be drawn.
func (s *tokenSampler) read(logits []float32) (total float64) {
	s.logits, s.peak, s.mass = logits, s.top.take(logits), 0
	// In pieces, as LogSumExp adds up.
	for i := 0; i < len(logits); i += 256 {
		piece := s.weights[i:min(i+256, len(logits))]
		s.mass += float64(kernel.ExpSum(piece, logits[i:], s.peak, 1))
	}
	return float64(s.peak) + math.Log(s.mass)
}

// draw is the token after history, drawn from the logits that were read.
func (s *tokenSampler) draw(history []int32) int32 {
	logits, peak := s.logits, s.peak
	if s.penalises() {
		logits = s.penalise(history)
		peak = s.top.take(logits)
	}
	if s.Temperature == 0 {
		return tokenOf(s.top.likeliest(max(1, s.want))[0])
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

// alternatives appends the wanted of the likeliest tokens to dst, after the draw; total is what read returned.
func (s *tokenSampler) alternatives(dst []Alternative, total float64) []Alternative {
	if s.want == 0 {
		return dst
	}
	if s.penalises() {
		s.top.take(s.logits)
	}
	return s.top.alternatives(dst, s.want, total)
}

// penalises reports whether tokens that occurred have other logits.
func (p *Sampling) penalises() bool { return p.RepetitionPenalty != 0 && p.RepetitionPenalty != 1 }

// penalise returns the logits after the repetition penalty.
func (s *tokenSampler) penalise(history []int32) []float32 {
	if w := s.RepetitionWindow; w > 0 && len(history) > w {
		history = history[len(history)-w:]
	}
	copy(s.penalised, s.logits)
	s.stamp++
	for _, t := range history {
		if s.seen[t] == s.stamp {
			continue
		}
		s.seen[t] = s.stamp
		l := float64(s.penalised[t])
		if l > 0 {
			l /= s.RepetitionPenalty
		} else {
			l *= s.RepetitionPenalty
		}
		// Infinite ones could not be compared with each other.
		s.penalised[t] = float32(max(-math.MaxFloat32, min(l, math.MaxFloat32)))
	}
	return s.penalised
}

// filter returns the weights of the tokens that the filters keep, and their sum: of ids, the likeliest first,
// or, without ids, of all tokens by number, where those that are not kept weigh nothing. peak is the
// largest of logits, which are those that top ranks.
func (s *tokenSampler) filter(logits []float32, peak float32) (weights []float32, ids []int32, sum float64) {
	nucleus := s.TopP > 0 && s.TopP < 1
	// The bounds keep 0·∞ out of it.
	scale := float32(min(max(1/s.Temperature, 1e-38), math.MaxFloat32))
	if s.TopK > 0 {
		k := min(s.TopK, len(logits))
		weights, s.ids = s.weights[:k], s.ids[:0]
		for i, at := range s.top.likeliest(max(k, s.want))[:k] {
			id := tokenOf(at)
			s.ids = append(s.ids, id)
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
		if scale == 1 && !s.penalises() {
			sum = s.mass // the weights are what read made of the logits
		} else {
			sum = float64(kernel.ExpSum(weights, logits, peak, scale))
		}
		if nucleus {
			weights, sum = s.keepNucleus(sum)
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

// keepNucleus makes ids the fewest likeliest tokens that have a share of TopP of sum, the weight of all,
// and returns their weights and the sum of those.
func (s *tokenSampler) keepNucleus(sum float64) (kept []float32, mass float64) {
	s.ids, kept = s.ids[:0], s.penalised[:0]
	for _, at := range s.top.heaviest(s.weights, s.leastOfNucleus(sum)) {
		id := tokenOf(at)
		w := s.weights[id]
		s.ids, kept = append(s.ids, id), append(kept, w)
		if mass += float64(w); mass >= s.TopP*sum {
			break
		}
	}
	return kept, mass
}

// leastOfNucleus is a weight that no token of the nucleus is below, and most others are: weights are tried by
// their exponent and three more bits, by halves, for the largest from which tokens up have the share of the nucleus.
func (s *tokenSampler) leastOfNucleus(sum float64) float32 {
	weight := func(n int) float32 { return math.Float32frombits(uint32(n) << 20) }
	number := func(w float32) int { return int(math.Float32bits(w) >> 20) }
	// What weighs less than an even part of what may be left out is left out.
	even := (1 - s.TopP) * sum / float64(len(s.weights))
	low, high := max(0, number(float32(even))-1), number(1)+1
	for high-low > 1 {
		middle := (low + high) / 2
		if kernel.SumFrom(s.weights, weight(middle)) >= s.TopP*sum*(1+1e-5) {
			low = middle
		} else {
			high = middle
		}
	}
	return weight(low)
}
