package model

import (
	"cmp"
	"math"
	"slices"

	"clexlab/model/kernel"
)

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
	if len(logits) == 0 || k <= 0 {
		return dst
	}
	r := newRanking(len(logits))
	r.take(logits)
	return r.alternatives(dst, k, kernel.LogSumExp(logits))
}

// tokensOfPeak is how many tokens share a peak of a ranking. With more of them peaks are fewer, but say less.
const tokensOfPeak = 8

// ranking finds the likeliest tokens of a vocabulary; its storage is used again for each.
type ranking struct {
	logits []float32
	// peaks are the largest logits of columns, where logits lie in rows of len(peaks).
	peaks, ordered []float32
	// first are the ranks of the likeliest tokens in order, of as many as were asked for so far.
	first []uint64
}

func newRanking(vocab int) *ranking {
	columns := (vocab + tokensOfPeak - 1) / tokensOfPeak
	return &ranking{peaks: make([]float32, columns), ordered: make([]float32, columns), first: make([]uint64, 0, vocab)}
}

// take makes logits those that are ranked, and returns the largest.
func (r *ranking) take(logits []float32) (peak float32) {
	r.logits, r.first = logits, r.first[:0]
	rest := logits[copy(r.peaks, logits):]
	for len(rest) > 0 {
		n := min(len(rest), len(r.peaks))
		kernel.MaxWith(r.peaks[:n], rest[:n])
		rest = rest[n:]
	}
	return kernel.Max(r.peaks)
}

// likeliest is the ranks of the k likeliest tokens in order, or of all. As many columns as k have peaks from the k-th largest
// up, so that there are k tokens from that logit up: nothing below it need be looked at, and little is above. To sort
// a whole vocabulary takes longer than the model's forward pass.
func (r *ranking) likeliest(k int) []uint64 {
	k = min(k, len(r.logits))
	if k <= len(r.first) {
		return r.first[:k]
	}
	bound := float32(math.Inf(-1))
	if k <= len(r.peaks) {
		n := copy(r.ordered, r.peaks)
		for half := (n + 1) / 2; half >= 2*k; half = (n + 1) / 2 {
			kernel.MaxWith(r.ordered[:n-half], r.ordered[half:n]) // two columns become one
			n = half
		}
		bound = nth(r.ordered[:n], n-k)
	}
	h := r.first[:0]
	for id, l := range r.logits {
		if !(l < bound) { // NaN is no less than anything
			h = append(h, rank(l, id))
		}
	}
	if k < len(h)/2 {
		nth(h, k)
		h = h[:k]
	}
	slices.Sort(h)
	r.first = h[:min(k, len(h))]
	return r.first
}

// heaviest is the ranks of the tokens whose weights, which grow with their logits, are at least least, in order.
func (r *ranking) heaviest(weights []float32, least float32) []uint64 {
	h := r.first[:0]
	for id, w := range weights {
		if w >= least {
			h = append(h, rank(r.logits[id], id))
		}
	}
	slices.Sort(h)
	// Weights are rounded: a token that was left out may be likelier than the last ones of these.
	n := len(h)
	for n > 0 && weights[tokenOf(h[n-1])] < least*1.001 {
		n--
	}
	r.first = h[:n]
	return h
}

// alternatives appends the k likeliest tokens to dst; total is ln Σ e^logit.
func (r *ranking) alternatives(dst []Alternative, k int, total float64) []Alternative {
	for _, at := range r.likeliest(k) {
		id := tokenOf(at)
		p := float64(r.logits[id]) - total
		dst = append(dst, Alternative{ID: id, LogProb: p, Prob: math.Exp(p)})
	}
	return dst
}

// rank orders tokens by falling logit, equal ones by number: the likeliest has the lowest rank.
func rank(logit float32, id int) uint64 {
	b := math.Float32bits(logit + 0) // -0 is 0
	if int32(b) >= 0 {
		b ^= math.MaxInt32 // a larger logit has a lower rank
	}
	return uint64(b)<<32 | uint64(uint32(id))
}

// tokenOf is the token of a rank.
func tokenOf(rank uint64) int32 { return int32(uint32(rank)) }

// nth orders x as far as it takes for x[n] to be what it is in order, with nothing larger before it and nothing
// smaller behind, and returns that (quickselect, Hoare 1961).
func nth[T cmp.Ordered](x []T, n int) T {
	for low, high := 0, len(x)-1; low < high; {
		pivot := x[(low+high)/2]
		i, j := low, high
		for i <= j {
			for x[i] < pivot {
				i++
			}
			for x[j] > pivot {
				j--
			}
			if i <= j {
				x[i], x[j] = x[j], x[i]
				i, j = i+1, j-1
			}
		}
		switch {
		case n <= j:
			high = j
		case n >= i:
			low = i
		default:
			return x[n]
		}
	}
	return x[n]
}
