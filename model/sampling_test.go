package model

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// next is the token that s draws from logits after history.
func next(s *tokenSampler, logits []float32, history []int32) int32 {
	s.read(logits)
	return s.draw(history)
}

// distribution draws many tokens and returns how often each came.
func distribution(p Sampling, logits []float32, history []int32) []float64 {
	s := newTokenSampler(p, len(logits), 0)
	const draws = 40000
	share := make([]float64, len(logits))
	for range draws {
		share[next(s, logits, history)] += 1.0 / draws
	}
	return share
}

// TestSamplingDistribution compares how often tokens are drawn with the
// probabilities worked out by hand from logits ln 8, ln 4, ln 2, ln 1, ln 1 of tokens 3, 1, 4, 0, 2.
func TestSamplingDistribution(t *testing.T) {
	ln := func(x float64) float32 { return float32(math.Log(x)) }
	logits := []float32{0, ln(4), 0, ln(8), ln(2)}
	tests := []struct {
		name    string
		p       Sampling
		history []int32
		want    []float64
	}{
		{"greedy", Sampling{}, nil, []float64{0, 0, 0, 1, 0}},
		{"all", Sampling{Temperature: 1}, nil, []float64{1. / 16, 4. / 16, 1. / 16, 8. / 16, 2. / 16}},
		{"cold", Sampling{Temperature: 0.5}, nil, []float64{1. / 86, 16. / 86, 1. / 86, 64. / 86, 4. / 86}},
		{"top 2", Sampling{Temperature: 1, TopK: 2}, nil, []float64{0, 1. / 3, 0, 2. / 3, 0}},
		{"top 100", Sampling{Temperature: 1, TopK: 100}, nil, []float64{1. / 16, 4. / 16, 1. / 16, 8. / 16, 2. / 16}},
		{"nucleus", Sampling{Temperature: 1, TopP: 0.76}, nil, []float64{0, 4. / 14, 0, 8. / 14, 2. / 14}},
		{"nucleus of one", Sampling{Temperature: 1, TopP: 0.01}, nil, []float64{0, 0, 0, 1, 0}},
		{"nucleus of top 3", Sampling{Temperature: 1, TopK: 3, TopP: 0.8}, nil, []float64{0, 1. / 3, 0, 2. / 3, 0}},
		{"min-p", Sampling{Temperature: 1, MinP: 0.24}, nil, []float64{0, 4. / 14, 0, 8. / 14, 2. / 14}},
		{"penalty", Sampling{Temperature: 1, RepetitionPenalty: 2}, []int32{3, 3, 3}, []float64{1 / (8 + math.Sqrt(8)), 4 / (8 + math.Sqrt(8)), 1 / (8 + math.Sqrt(8)), math.Sqrt(8) / (8 + math.Sqrt(8)), 2 / (8 + math.Sqrt(8))}},
		{"penalty within a window", Sampling{Temperature: 1, RepetitionPenalty: 2, RepetitionWindow: 1}, []int32{3, 0}, []float64{1. / 16, 4. / 16, 1. / 16, 8. / 16, 2. / 16}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := distribution(test.p, logits, test.history)
			for i, p := range test.want {
				// Five standard deviations of a share over 40000 draws are at most 0.0125.
				if math.Abs(got[i]-p) > 0.0125 || p == 0 && got[i] != 0 || p == 1 && got[i] < 0.9999 {
					t.Errorf("token %d came in %.4f of the draws, want %.4f", i, got[i], p)
				}
			}
		})
	}
}

func TestPenaltyOfNegativeLogits(t *testing.T) {
	s := newTokenSampler(Sampling{RepetitionPenalty: 2}, 2, 0)
	if got := next(s, []float32{-1, -1.5}, []int32{0}); got != 1 {
		t.Errorf("token %d, want 1: a repeated token with a negative logit becomes less likely", got)
	}
}

func TestGreedyTakesTheFirstOfEquals(t *testing.T) {
	if got := next(newTokenSampler(Sampling{}, 4, 0), []float32{1, 2, 2, 0}, nil); got != 1 {
		t.Errorf("token %d, want 1", got)
	}
}

func TestSamplingValidate(t *testing.T) {
	nan := math.NaN()
	for _, test := range []struct {
		p    Sampling
		want string
	}{
		{Sampling{Temperature: -1}, "Temperature"}, {Sampling{Temperature: nan}, "Temperature"}, {Sampling{Temperature: math.Inf(1)}, "Temperature"},
		{Sampling{TopK: -1}, "TopK"}, {Sampling{TopP: 1.1}, "TopP"}, {Sampling{TopP: nan}, "TopP"},
		{Sampling{MinP: -0.1}, "MinP"}, {Sampling{RepetitionPenalty: nan}, "RepetitionPenalty"}, {Sampling{RepetitionWindow: -3}, "RepetitionWindow"},
	} {
		if err := test.p.Validate(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: error is %v, want one about %s", test.p, err, test.want)
		}
	}
	if err := (&Sampling{Temperature: 0.8, TopK: 40, TopP: 0.9, MinP: 0.05, RepetitionPenalty: 1.1, RepetitionWindow: 64}).Validate(); err != nil {
		t.Error(err)
	}
}

// What the filters keep is what they keep of the sorted whole, taken by its definition.
func TestFilterKeepsWhatTheWholeSortWould(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 9))
	const vocab = 500
	for _, p := range []Sampling{
		{Temperature: 1, TopK: 1}, {Temperature: 0.7, TopK: 40}, {Temperature: 1.3, TopK: 499}, {Temperature: 1, TopK: 9999}, {Temperature: 1, TopK: 63}, {Temperature: 1, TopK: 64},
		{Temperature: 0.8, TopP: 0.95}, {Temperature: 2, TopP: 0.999}, {Temperature: 0.01, TopP: 0.5}, {Temperature: 5, TopP: 0.3},
		{Temperature: 0.9, TopP: 0.9, TopK: 30}, {Temperature: 0.9, TopP: 0.9, MinP: 0.05}, {Temperature: 1, MinP: 0.1}, {Temperature: 1},
	} {
		for _, spread := range []float64{0, 0.01, 3, 300} {
			s := newTokenSampler(p, vocab, 0)
			logits, given := make([]float64, vocab), make([]float32, vocab)
			for i := range logits {
				// Halves, so that there are equals.
				logits[i] = math.Round(2*spread*random.NormFloat64()) / 2
				given[i] = float32(logits[i])
			}
			order := make([]int, vocab)
			for i := range order {
				order[i] = i
			}
			slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(logits[b], logits[a]) })
			if p.TopK > 0 {
				order = order[:min(p.TopK, vocab)]
			}
			weight := func(i int) float64 { return math.Exp((logits[i] - logits[order[0]]) / p.Temperature) }
			var sum, reached float64
			for _, i := range order {
				sum += weight(i)
			}
			// Where float32 ends the nucleus a token sooner or later than float64, both are right.
			want, either := map[int32]float64{}, map[int32]bool{}
			for n, i := range order {
				nucleus := p.TopP == 0 || n == 0 || reached < p.TopP*sum
				either[int32(i)] = p.TopP > 0 && n > 0 && math.Abs(reached-p.TopP*sum) < 1e-6*sum
				reached += weight(i)
				if (nucleus || either[int32(i)]) && weight(i) >= p.MinP {
					want[int32(i)] = weight(i)
				}
			}
			s.read(given)
			weights, ids, total := s.filter(given, s.peak)
			var kept float64
			for i, w := range weights {
				id := int32(i)
				if ids != nil {
					id = ids[i]
				}
				if math.Abs(want[id]-float64(w)) > 1e-6 {
					t.Fatalf("%+v, spread %v: token %d is kept with %v, want %v", p, spread, id, w, want[id])
				}
				delete(want, id)
				kept += float64(w)
			}
			for id, w := range want {
				if w > 1e-37 && !either[id] {
					t.Fatalf("%+v, spread %v: token %d of weight %v is not kept", p, spread, id, w)
				}
			}
			if math.Abs(total-kept) > 1e-5*kept {
				t.Fatalf("%+v, spread %v: the weights add up to %v, not %v", p, spread, kept, total)
			}
		}
	}
}

// Temperatures at the ends of float64 give a token, the likeliest if cold.
func TestExtremeTemperatures(t *testing.T) {
	logits := []float32{-3e38, 5, 5.25, 3}
	for _, c := range []struct {
		temperature float64
		want        int32
	}{{5e-324, 2}, {1e-40, 2}, {1e-3, 2}, {1e300, -1}} {
		s := newTokenSampler(Sampling{Temperature: c.temperature, TopP: 0.9}, len(logits), 0)
		for range 20 {
			if got := next(s, logits, nil); c.want >= 0 && got != c.want || got < 0 || got > 3 {
				t.Errorf("token %d at temperature %v, want %d", got, c.temperature, c.want)
			}
		}
	}
}

// A penalty that takes logits beyond what float32 holds leaves a token to be drawn.
func TestExtremePenalties(t *testing.T) {
	for _, penalty := range []float64{5e-324, 1e-300, 1e300} {
		for _, p := range []Sampling{{}, {Temperature: 1}, {Temperature: 1, TopP: 0.9}, {Temperature: 1, TopK: 2}} {
			p.RepetitionPenalty = penalty
			s := newTokenSampler(p, 5, 2)
			for range 20 {
				if got := next(s, []float32{1, -1, 3, -3, 2}, []int32{0, 1, 2, 3}); got < 0 || got > 4 {
					t.Errorf("%+v: token %d is drawn", p, got)
				}
			}
		}
	}
}

// BenchmarkSample draws from logits as spread as a trained model's and names five alternatives.
func BenchmarkSample(b *testing.B) {
	random := rand.New(rand.NewPCG(9, 9))
	logits := make([]float32, 2048)
	for i := range logits {
		logits[i] = float32(3 * random.NormFloat64())
	}
	for name, p := range map[string]Sampling{"top-p": {Temperature: 0.8, TopP: 0.95}, "top-k": {Temperature: 0.8, TopK: 40}, "both": {Temperature: 0.8, TopK: 40, TopP: 0.95}, "all": {Temperature: 0.8}} {
		b.Run(name, func(b *testing.B) {
			s := newTokenSampler(p, len(logits), 5)
			var others []Alternative
			b.ReportAllocs()
			for b.Loop() {
				total := s.read(logits)
				s.draw(nil)
				others = s.alternatives(others[:0], total)
			}
		})
	}
}
