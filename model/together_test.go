package model

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"clexlab/clex/clextest"
)

// readTogether has a goroutine for each chunk read tokens, and returns the sequences and their errors.
func readTogether(ctx context.Context, cuts []int, tokens []int32, newReader func(capacity int) *Sequence, observer func(i int) *Observer) ([]*Sequence, []error) {
	readers := len(cuts) - 1
	sequences, errs := make([]*Sequence, readers), make([]error, readers)
	var done sync.WaitGroup
	var before chan KeyValues
	for i := range readers {
		sequences[i] = newReader(len(tokens) + 8)
		take, pass := before, make(chan KeyValues, 64)
		before = pass
		r := Relay{}
		if i > 0 {
			r.Take = func(ctx context.Context, _ int) (KeyValues, error) {
				select {
				case kv := <-take:
					return kv, nil
				case <-ctx.Done():
					return KeyValues{}, ctx.Err()
				}
			}
		}
		if i < readers-1 {
			r.Pass = func(_ int, kv KeyValues) error { pass <- kv; return nil }
		}
		done.Go(func() { errs[i] = sequences[i].PrefillTogether(ctx, tokens, cuts[i], cuts[i+1], r, observer(i)) })
	}
	done.Wait()
	return sequences, errs
}

// What several read together has the bits of what one reads: logits, losses, attention, and the text that goes on.
func TestReadTogetherAsAlone(t *testing.T) {
	for k, z := range shapes {
		m := mustModel(t, z.cfg, RandomWeights(z.cfg, 9, 1.5, z.bias))
		tokens := randomTokens(2*blockTokens+57, z.cfg.Vocab, 4)
		for name, e := range clextest.Encodings(t, z.cfg.Rotary) {
			if k > 0 && name != "clex" {
				continue
			}
			every := [][]int{{0, blockTokens, 2 * blockTokens, len(tokens)}}
			if name == "clex" {
				every = append(every, []int{0, len(tokens)}, []int{0, blockTokens, len(tokens)})
			}
			for _, cuts := range every {
				t.Run(fmt.Sprintf("%s/%s/%v", z.name, name, cuts), func(t *testing.T) {
					newReader := func(capacity int) *Sequence {
						s := mustSequence(t, m, capacity)
						if err := s.SetEncoding(&e); err != nil {
							t.Fatal(err)
						}
						return s
					}
					rows := func(from, to int) []*AttentionRows {
						return []*AttentionRows{{Layer: 0, Head: 1, From: from, To: to}, {Layer: z.cfg.Layers - 1, Head: 0, From: from, To: to}}
					}
					ask := func(from, to int) *Observer {
						return &Observer{Loss: &LossTrace{}, Norms: &NormTrace{}, Rows: rows(from, to),
							Maps:     []*AttentionMap{{Layer: 0, Head: 1, MaxCells: 7}, {Layer: z.cfg.Layers - 1}},
							Profiles: []*DistanceProfile{{Layer: 0, Head: 1, Edges: []int{0, 1, 2, 40, 200}}}}
					}
					alone, want := newReader(len(tokens)+8), ask(0, len(tokens))
					mustPrefill(t, alone, tokens, want)
					seen := make([]*Observer, len(cuts)-1)
					for i := range seen {
						seen[i] = ask(cuts[i], cuts[i+1])
					}
					sequences, errs := readTogether(t.Context(), cuts, tokens, newReader, func(i int) *Observer { return seen[i] })
					if err := errors.Join(errs...); err != nil {
						t.Fatal(err)
					}
					joined := seen[len(seen)-1]
					for i := len(seen) - 2; i >= 0; i-- {
						if err := joined.Join(seen[i]); err != nil {
							t.Fatal(err)
						}
					}
					if joined.Loss.First != want.Loss.First || !slices.Equal(joined.Loss.NLL, want.Loss.NLL) {
						t.Errorf("%d losses from token %d differ from the %d of one reader from %d", len(joined.Loss.NLL), joined.Loss.First, len(want.Loss.NLL), want.Loss.First)
					}
					for i, r := range want.Rows {
						if !slices.EqualFunc(joined.Rows[i].Weights, r.Weights, slices.Equal) {
							t.Errorf("attention of layer %d differs", r.Layer)
						}
					}
					if !slices.EqualFunc(joined.Norms.Layers, want.Norms.Layers, slices.Equal) {
						t.Error("the residual stream differs")
					}
					for i, m := range want.Maps {
						got := joined.Maps[i]
						if got.From != m.From || got.To != m.To || got.Rows != m.Rows || got.Cols != m.Cols || !slices.Equal(got.Max, m.Max) {
							t.Errorf("map %d: queries %d to %d in %d × %d cells, want %d to %d in %d × %d with the same peaks",
								i, got.From, got.To, got.Rows, got.Cols, m.From, m.To, m.Rows, m.Cols)
						}
						for c, mean := range m.Mean {
							if math.Abs(float64(got.Mean[c]-mean)) > 1e-6 {
								t.Errorf("map %d: cell %d has a mean of %v, want %v", i, c, got.Mean[c], mean)
							}
						}
					}
					for i, p := range want.Profiles {
						got := joined.Profiles[i]
						if got.Queries != p.Queries || !slices.Equal(got.Pairs, p.Pairs) {
							t.Errorf("profile %d: %d queries, want %d, and the same pairs", i, got.Queries, p.Queries)
						}
						for b, mass := range p.Mass {
							if math.Abs(got.Mass[b]-mass) > 1e-12 {
								t.Errorf("profile %d: bin %d has %v of the attention, want %v", i, b, got.Mass[b], mass)
							}
						}
					}
					last := sequences[len(sequences)-1]
					if !slices.Equal(last.Logits(), alone.Logits()) || !slices.Equal(last.Tokens(), tokens) {
						t.Error("the logits after the text differ")
					}
					for range 3 {
						if err := errors.Join(last.Decode(5), alone.Decode(5)); err != nil {
							t.Fatal(err)
						}
						if !slices.Equal(last.Logits(), alone.Logits()) {
							t.Fatal("the text does not go on as it does for one reader")
						}
					}
				})
			}
		}
	}
}

// Without an observer the last layer of early blocks is left out, as alone.
func TestReadTogetherUnobserved(t *testing.T) {
	z := shapes[0]
	m := mustModel(t, z.cfg, RandomWeights(z.cfg, 9, 1.5, z.bias))
	tokens := randomTokens(4*blockTokens, z.cfg.Vocab, 4)
	alone := mustSequence(t, m, len(tokens)+8)
	mustPrefill(t, alone, tokens, nil)
	from := &LossTrace{From: 3*blockTokens + 5}
	for _, o := range []*Observer{nil, {Loss: from}} {
		s, errs := readTogether(t.Context(), []int{0, 2 * blockTokens, len(tokens)}, tokens, func(n int) *Sequence { return mustSequence(t, m, n) }, func(i int) *Observer {
			if i == 1 {
				return o
			}
			return nil
		})
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(s[1].Logits(), alone.Logits()) {
			t.Error("the logits differ")
		}
	}
	if from.First != from.From || len(from.NLL) != len(tokens)-from.From {
		t.Errorf("%d losses from %d", len(from.NLL), from.First)
	}
}

// When a reader is cancelled, or what comes is not what it needs, it says so and is as before.
func TestReadTogetherBreaksOff(t *testing.T) {
	z := shapes[0]
	m := mustModel(t, z.cfg, RandomWeights(z.cfg, 9, 1.5, z.bias))
	tokens := randomTokens(3*blockTokens, z.cfg.Vocab, 4)
	ctx, cancel := context.WithCancel(t.Context())
	o := &Observer{Progress: func(done, total int) {
		if done > total/2 {
			cancel()
		}
	}}
	s, errs := readTogether(ctx, []int{0, blockTokens, 3 * blockTokens}, tokens, func(n int) *Sequence { return mustSequence(t, m, n) }, func(i int) *Observer {
		if i == 1 {
			return o
		}
		return nil
	})
	if !errors.Is(errs[1], context.Canceled) || s[1].Len() != 0 {
		t.Errorf("cancelled: %v, %d tokens", errs[1], s[1].Len())
	}
	alone := mustSequence(t, m, len(tokens))
	mustPrefill(t, alone, tokens, nil)
	mustPrefill(t, s[1], tokens, nil)
	if !slices.Equal(s[1].Logits(), alone.Logits()) {
		t.Error("after breaking off the sequence reads otherwise")
	}

	size := z.cfg.KVHeads * z.cfg.Rotary.HeadDim * blockTokens
	full := func() []float32 { return make([]float32, size) }
	for _, c := range []struct {
		from, to int
		kv       KeyValues
		want     string
	}{
		{blockTokens, 2 * blockTokens, KeyValues{To: blockTokens - 1, Keys: full(), Values: full()}, "layer 0"},
		{blockTokens, 2 * blockTokens, KeyValues{To: blockTokens, Keys: full()[1:], Values: full()}, "keys"},
		{blockTokens, 2 * blockTokens, KeyValues{To: blockTokens, Keys: full()}, "values"},
		{5, 5, KeyValues{}, "tokens 5 to 5"}, {-1, 5, KeyValues{}, "tokens -1"}, {0, len(tokens) + 1, KeyValues{}, "are to be read"},
	} {
		s := mustSequence(t, m, len(tokens))
		take := Relay{Take: func(context.Context, int) (KeyValues, error) { return c.kv, nil }}
		if err := s.PrefillTogether(t.Context(), tokens, c.from, c.to, take, nil); err == nil || !strings.Contains(err.Error(), c.want) || s.Len() != 0 {
			t.Errorf("%d to %d: error is %v with %d tokens, want one about %s", c.from, c.to, err, s.Len(), c.want)
		}
		if err := s.PrefillTogether(t.Context(), tokens, 5, 9, Relay{}, nil); err == nil {
			t.Error("nobody brings the keys, and it is no error")
		}
	}
}

// Chunks are whole blocks, none empty, of about the same cost by counting multiplications.
func TestChunks(t *testing.T) {
	c := benchModels[0].cfg
	for _, n := range []int{1, 100, blockTokens, 1024, 4096, 16384} {
		for readers := 1; readers <= 8; readers++ {
			cuts := c.Chunks(n, readers)
			if cuts[0] != 0 || cuts[len(cuts)-1] != n || len(cuts) > readers+1 {
				t.Fatalf("%d tokens for %d: %v", n, readers, cuts)
			}
			var most, all float64
			for i, to := range cuts[1:] {
				from := cuts[i]
				if from >= to || from%blockTokens != 0 {
					t.Fatalf("%d tokens for %d: %v", n, readers, cuts)
				}
				cost := 0.0
				for p := from; p < to; p++ {
					cost += float64(c.Layers) * (float64(c.Dim*(4*192+3*c.HiddenDim)) + 1.4*2*192*float64(p))
				}
				most, all = max(most, cost), all+cost
			}
			if even := all / float64(readers); n >= 1024*readers && most > 1.15*even {
				t.Errorf("%d tokens for %d: %v, the dearest takes %.2f of an even share", n, readers, cuts, most/even)
			}
		}
	}
}
