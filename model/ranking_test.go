package model

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestLikeliest(t *testing.T) {
	logits := []float32{0, 3, -1, 3, 2.5, 1}
	sum := 0.0
	for _, l := range logits {
		sum += math.Exp(float64(l))
	}
	for k, want := range [][]int32{{}, {1}, {1, 3}, {1, 3, 4}, {1, 3, 4, 5}, {1, 3, 4, 5, 0}, {1, 3, 4, 5, 0, 2}, {1, 3, 4, 5, 0, 2}} {
		var ids []int32
		for _, a := range Likeliest(nil, logits, k) {
			ids = append(ids, a.ID)
			p := math.Exp(float64(logits[a.ID])) / sum
			if math.Abs(a.Prob-p) > 1e-6 || math.Abs(a.LogProb-math.Log(p)) > 1e-6 {
				t.Errorf("token %d has probability %v (log %v), want %v", a.ID, a.Prob, a.LogProb, p)
			}
		}
		if !slices.Equal(ids, want) {
			t.Errorf("%d likeliest are %v, want %v", k, ids, want)
		}
	}
}

// The likeliest tokens and their probabilities are those of the whole sort in float64, whatever was drawn before and however.
func TestAlternativesAreThoseOfTheWholeSort(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	for _, vocab := range []int{1, 2, 7, 8, 9, 63, 64, 65, 500, 2048, 2051} {
		for _, spread := range []float64{0, 0.01, 3, 300} {
			logits := make([]float32, vocab)
			order, sum := make([]int32, vocab), 0.0
			for i := range logits {
				// Halves, so that there are equals.
				logits[i], order[i] = float32(math.Round(2*spread*random.NormFloat64())/2), int32(i)
			}
			slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(logits[b], logits[a]) })
			for _, l := range logits {
				sum += math.Exp(float64(l - logits[order[0]]))
			}
			history := make([]int32, 30)
			for i := range history {
				history[i] = int32(random.IntN(vocab))
			}
			for _, want := range []int{0, 1, 5, 40, vocab/8 + 1, vocab, vocab + 3} {
				for _, p := range []Sampling{{}, {Temperature: 1}, {Temperature: 0.8, TopK: 40, TopP: 0.95}, {Temperature: 1, TopP: 0.9}, {Temperature: 0.5, TopP: 0.2},
					{Temperature: 0.8, TopK: 3}, {Temperature: 0.8, TopK: 40, RepetitionPenalty: 1.3}, {Temperature: 0.8, TopP: 0.9, RepetitionPenalty: 1.3}} {
					s := newTokenSampler(p, vocab, want)
					total := s.read(logits)
					s.draw(history)
					got := s.alternatives(nil, total)
					if len(got) != min(want, vocab) {
						t.Fatalf("%d of %d, %+v: %d alternatives", want, vocab, p, len(got))
					}
					for i, a := range got {
						log := float64(logits[order[i]]-logits[order[0]]) - math.Log(sum)
						if a.ID != order[i] || math.Abs(a.LogProb-log) > 1e-5 || math.Abs(a.Prob-math.Exp(log)) > 1e-5 {
							t.Fatalf("%d of %d, spread %v, %+v: alternative %d is %+v, want token %d with %v", want, vocab, spread, p, i, a, order[i], log)
						}
					}
				}
			}
		}
	}
}

// Logits that are no numbers have no likeliest token, but an answer.
func TestLikeliestOfNaN(t *testing.T) {
	nan := float32(math.NaN())
	for _, logits := range [][]float32{{nan}, {1, nan, 2}, slices.Repeat([]float32{nan, 3, 1}, 40), slices.Repeat([]float32{nan}, 100)} {
		for k := range 5 {
			if got := Likeliest(nil, logits, k); len(got) > k || k > 0 && len(got) == 0 {
				t.Errorf("%d of %d logits: %d tokens", k, len(logits), len(got))
			}
		}
	}
}

// What nth leaves is what a sort has at that place, with no larger one before it and no smaller one behind.
func TestNth(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 5))
	for size := 1; size < 60; size++ {
		for n := range size {
			x := make([]int, size)
			for i := range x {
				x[i] = random.IntN(1 + random.IntN(size))
			}
			sorted := slices.Sorted(slices.Values(x))
			if got := nth(x, n); got != sorted[n] || slices.Max(x[:n+1]) != got || slices.Min(x[n:]) != got {
				t.Fatalf("%d of %v is %d, left as %v", n, sorted, got, x)
			}
		}
	}
}

// The ranks of tokens stand in the order of the logits, the largest first, then of the numbers.
func TestRank(t *testing.T) {
	logits := []float32{7, 3e38, -1, 0, float32(math.Copysign(0, -1)), -3e38, 1e-45, -1e-45, 7}
	want := []int{1, 0, 8, 6, 3, 4, 7, 2, 5}
	got := []int{0, 1, 2, 3, 4, 5, 6, 7, 8}
	slices.SortFunc(got, func(a, b int) int { return cmp.Compare(rank(logits[a], a), rank(logits[b], b)) })
	if !slices.Equal(got, want) {
		t.Errorf("the order is %v, want %v", got, want)
	}
}
