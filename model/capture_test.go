package model

import (
	"math"
	"slices"
	"testing"

	"clexlab/clex/clextest"
)

// TestObserverMatchesNaive compares all an Observer collects with the naive
// model's whole matrices, read from empty and behind a cached beginning.
func TestObserverMatchesNaive(t *testing.T) {
	for _, shape := range shapes {
		cfg := shape.cfg
		w := RandomWeights(cfg, 7, 1, shape.bias)
		m := mustModel(t, cfg, w)
		tokens := randomTokens(blockTokens+40, cfg.Vocab, 3)
		for _, name := range []string{"clex", "attention factor, log-n and remap"} {
			enc := clextest.Encodings(t, cfg.Rotary)[name]
			want := (&naive{cfg: cfg, w: w, enc: enc}).read(tokens)
			for _, start := range []int{0, 23} {
				t.Run(shape.name+"/"+name, func(t *testing.T) {
					s := mustSequence(t, m, len(tokens))
					if err := s.SetEncoding(&enc); err != nil {
						t.Fatal(err)
					}
					if start > 0 {
						mustPrefill(t, s, tokens[:start], nil)
					}
					o := &Observer{Loss: &LossTrace{}, Norms: &NormTrace{}}
					for l := range cfg.Layers {
						for h := range cfg.Heads {
							o.Maps = append(o.Maps, &AttentionMap{Layer: l, Head: h, MaxCells: 13}, &AttentionMap{Layer: l, Head: h})
							o.Rows = append(o.Rows, &AttentionRows{Layer: l, Head: h, From: start + 9, To: len(tokens)})
							o.Profiles = append(o.Profiles, &DistanceProfile{Layer: l, Head: h, Edges: []int{0, 1, 5, 60}})
						}
					}
					mustPrefill(t, s, tokens[start:], o)
					checkLoss(t, o.Loss, want, tokens, max(start, 1))
					for d, norms := range o.Norms.Layers {
						compare(t, "norms", norms, want.norms[d][start:], rounding)
					}
					for _, m := range o.Maps {
						checkMap(t, m, want.attention[m.Layer][m.Head], start)
					}
					for _, r := range o.Rows {
						checkRows(t, r, want.attention[r.Layer][r.Head])
					}
					for _, p := range o.Profiles {
						checkProfile(t, p, want.attention[p.Layer][p.Head], start)
					}
				})
			}
		}
	}
}

// TestLossFrom: asked for the end of a text only, the losses are the same
// wherever the end lies in a block, and what is read afterwards is to the bit.
func TestLossFrom(t *testing.T) {
	cfg := shapes[0].cfg
	m := mustModel(t, cfg, RandomWeights(cfg, 1, 1, false))
	tokens := randomTokens(4*blockTokens+30, cfg.Vocab, 3)
	whole := &Observer{Loss: &LossTrace{}}
	all := mustSequence(t, m, len(tokens)+1)
	mustPrefill(t, all, tokens, whole)
	if err := all.Decode(1); err != nil {
		t.Fatal(err)
	}
	for _, from := range []int{0, 1, blockTokens - 1, blockTokens, blockTokens + 1, 3*blockTokens + 5, len(tokens) - 1, len(tokens)} {
		part := &Observer{Loss: &LossTrace{From: from}}
		s := mustSequence(t, m, len(tokens)+1)
		mustPrefill(t, s, tokens, part)
		first := max(1, from)
		if part.Loss.First != first || len(part.Loss.NLL) != len(tokens)-first {
			t.Fatalf("losses from %d: first %d, %d of them, want the last %d of the whole", from, part.Loss.First, len(part.Loss.NLL), len(tokens)-first)
		}
		for i, v := range part.Loss.NLL {
			// A last row alone is summed in another order than in a block.
			if want := whole.Loss.NLL[first-1+i]; math.Abs(float64(v-want)) > 1e-5 {
				t.Errorf("losses from %d: token %d cost %v, want %v", from, first+i, v, want)
			}
		}
		if err := s.Decode(1); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(s.Logits(), all.Logits()) {
			t.Errorf("losses from %d: the next token's logits differ", from)
		}
	}
}

func checkLoss(t *testing.T, loss *LossTrace, want naiveResult, tokens []int32, first int) {
	t.Helper()
	if loss.First != first {
		t.Fatalf("first loss is of token %d, want %d", loss.First, first)
	}
	var nats []float64
	for i := first; i < len(tokens); i++ {
		sum := 0.0
		for _, l := range want.logits[i-1] {
			sum += math.Exp(l)
		}
		nats = append(nats, math.Log(sum)-want.logits[i-1][tokens[i]])
	}
	compare(t, "loss", loss.NLL, nats, rounding)
}

func checkMap(t *testing.T, m *AttentionMap, want [][]float64, start int) {
	t.Helper()
	n := len(want)
	rows, cols := n-start, n
	if m.MaxCells > 0 {
		rows, cols = min(rows, m.MaxCells), min(cols, m.MaxCells)
	}
	if m.Rows != rows || m.Cols != cols || m.From != start || m.To != n {
		t.Fatalf("map is %d×%d of %d to %d", m.Rows, m.Cols, m.From, m.To)
	}
	mean, peak, count := make([]float64, rows*cols), make([]float64, rows*cols), make([]float64, rows*cols)
	for q := start; q < n; q++ {
		for k, p := range want[q] {
			at := (q-start)*rows/(n-start)*cols + k*cols/n
			mean[at] += p
			count[at]++
			peak[at] = math.Max(peak[at], p)
		}
	}
	for i := range mean {
		if count[i] > 0 {
			mean[i] /= count[i]
		}
	}
	compare(t, "mean", m.Mean, mean, rounding)
	compare(t, "max", m.Max, peak, rounding)
}

func checkRows(t *testing.T, r *AttentionRows, want [][]float64) {
	t.Helper()
	if len(r.Weights) != r.To-r.From {
		t.Fatalf("%d rows, want %d", len(r.Weights), r.To-r.From)
	}
	for i, row := range r.Weights {
		compare(t, "row", row, want[r.From+i], rounding)
		sum := 0.0
		for _, w := range row {
			sum += float64(w)
		}
		if math.Abs(sum-1) > 1e-5 {
			t.Fatalf("row %d sums to %v", i, sum)
		}
	}
}

func checkProfile(t *testing.T, p *DistanceProfile, want [][]float64, start int) {
	t.Helper()
	mass, pairs := make([]float64, len(p.Edges)), make([]int64, len(p.Edges))
	for q := start; q < len(want); q++ {
		for k, w := range want[q] {
			bin := 0
			for bin+1 < len(p.Edges) && q-k >= p.Edges[bin+1] {
				bin++
			}
			mass[bin] += w / float64(len(want)-start)
			pairs[bin]++
		}
	}
	sum := 0.0
	for b := range mass {
		if math.Abs(mass[b]-p.Mass[b]) > rounding || pairs[b] != p.Pairs[b] {
			t.Fatalf("bin %d has mass %v over %d pairs, want %v over %d", b, p.Mass[b], p.Pairs[b], mass[b], pairs[b])
		}
		sum += p.Mass[b]
	}
	if math.Abs(sum-1) > 1e-5 || p.Queries != len(want)-start {
		t.Fatalf("mass sums to %v over %d queries", sum, p.Queries)
	}
}

// TestLookingChangesNothing: what is seen is what runs without an observer.
func TestLookingChangesNothing(t *testing.T) {
	cfg := shapes[1].cfg
	m := mustModel(t, cfg, RandomWeights(cfg, 7, 1, true))
	tokens := randomTokens(300, cfg.Vocab, 3)
	plain, seen := mustSequence(t, m, 300), mustSequence(t, m, 300)
	mustPrefill(t, plain, tokens, nil)
	mustPrefill(t, seen, tokens, &Observer{
		Maps:  []*AttentionMap{{Layer: 1, Head: 2, MaxCells: 16}},
		Norms: &NormTrace{},
	})
	compare(t, "logits", seen.Logits(), toFloat64(plain.Logits()), 0)
}
