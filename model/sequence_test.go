package model

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"clexlab/clex"
	"clexlab/clex/clextest"
)

func toFloat64(v []float32) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = float64(x)
	}
	return out
}

// TestChunksAndDecode: however a text is cut, the logits are those of one read, to
// the bit where every head fills its vectors.
func TestChunksAndDecode(t *testing.T) {
	for _, shape := range shapes {
		m := mustModel(t, shape.cfg, RandomWeights(shape.cfg, 9, 1.5, shape.bias))
		tokens := randomTokens(300, shape.cfg.Vocab, 4)
		for _, name := range []string{"clex", "attention factor, log-n and remap"} {
			enc := clextest.Encodings(t, shape.cfg.Rotary)[name]
			whole := mustSequence(t, m, len(tokens))
			if err := whole.SetEncoding(&enc); err != nil {
				t.Fatal(err)
			}
			mustPrefill(t, whole, tokens, nil)
			want, tolerance := toFloat64(whole.Logits()), 2e-5
			if shape.cfg.Rotary.HeadDim%8 == 0 {
				tolerance = 0
			}
			for _, chunk := range []int{1, 7, 128, 131} {
				s := mustSequence(t, m, len(tokens)+5)
				if err := s.SetEncoding(&enc); err != nil {
					t.Fatal(err)
				}
				for part := range slices.Chunk(tokens, chunk) {
					mustPrefill(t, s, part, nil)
				}
				compare(t, shape.name+" "+name+" in chunks", s.Logits(), want, tolerance)
			}
			s := mustSequence(t, m, len(tokens))
			if err := s.SetEncoding(&enc); err != nil {
				t.Fatal(err)
			}
			mustPrefill(t, s, tokens[:100], nil)
			for _, token := range tokens[100:] {
				if err := s.Decode(token); err != nil {
					t.Fatal(err)
				}
			}
			compare(t, shape.name+" "+name+" decoded", s.Logits(), want, tolerance)
		}
	}
}

// TestThereAndBack: a change of encoding and its undoing restore every bit, and
// between them the first layer attends as if the text had been read so.
func TestThereAndBack(t *testing.T) {
	cfg := shapes[1].cfg
	m := mustModel(t, cfg, RandomWeights(cfg, 9, 1.5, true))
	tokens := randomTokens(200, cfg.Vocab, 4)
	all := clextest.Encodings(t, cfg.Rotary)
	home := all["clex"]
	read := func() *Sequence {
		s := mustSequence(t, m, 210)
		if err := s.SetEncoding(&home); err != nil {
			t.Fatal(err)
		}
		mustPrefill(t, s, tokens, nil)
		return s
	}
	straight := read()
	if err := straight.Decode(3); err != nil {
		t.Fatal(err)
	}
	for name, away := range all {
		t.Run(name, func(t *testing.T) {
			s := read()
			if err := s.SetEncoding(&away); err != nil {
				t.Fatal(err)
			}
			rows := func(s *Sequence) []float32 {
				r := &AttentionRows{Layer: 0, Head: 5, From: 200, To: 201}
				mustPrefill(t, s, []int32{3}, &Observer{Rows: []*AttentionRows{r}})
				return r.Weights[0]
			}
			got := rows(s)
			fresh := mustSequence(t, m, 210)
			if err := fresh.SetEncoding(&away); err != nil {
				t.Fatal(err)
			}
			mustPrefill(t, fresh, tokens, nil)
			if want := rows(fresh); !slices.Equal(got, want) {
				t.Error("after the change the first layer attends otherwise than after a read under the new encoding")
			}
			if err := s.Truncate(200); err != nil {
				t.Fatal(err)
			}
			if err := s.SetEncoding(&home); err != nil {
				t.Fatal(err)
			}
			if err := s.Decode(3); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(s.Logits(), straight.Logits()) {
				t.Error("the way back does not restore the logits")
			}
			if err := s.SetEncoding(&away); err != nil {
				t.Fatal(err)
			}
			if err := s.Reread(context.Background(), nil); err != nil {
				t.Fatal(err)
			}
			compare(t, "logits after Reread", s.Logits(), toFloat64(fresh.Logits()), 2e-5)
		})
	}
}

// TestDeeperLayersNeedReread: re-rotation alone is not a full read, which is
// what Reread is for.
func TestDeeperLayersNeedReread(t *testing.T) {
	cfg := shapes[0].cfg
	m := mustModel(t, cfg, RandomWeights(cfg, 9, 1.5, false))
	away := clextest.Encodings(t, cfg.Rotary)["pi"]
	s := mustSequence(t, m, 64)
	mustPrefill(t, s, randomTokens(60, cfg.Vocab, 4), nil)
	if err := s.SetEncoding(&away); err != nil {
		t.Fatal(err)
	}
	if err := s.Refresh(); err != nil {
		t.Fatal(err)
	}
	rotated := slices.Clone(s.Logits())
	if err := s.Reread(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	if slices.Equal(rotated, s.Logits()) {
		t.Error("Reread changed nothing")
	}
}

func TestTruncateAndRefresh(t *testing.T) {
	cfg := shapes[0].cfg
	m := mustModel(t, cfg, RandomWeights(cfg, 9, 1.5, false))
	tokens := randomTokens(60, cfg.Vocab, 4)
	want := mustSequence(t, m, 64)
	mustPrefill(t, want, tokens[:40], nil)
	s := mustSequence(t, m, 64)
	mustPrefill(t, s, tokens, nil)
	if err := s.Truncate(40); err != nil {
		t.Fatal(err)
	}
	if s.Logits() != nil {
		t.Error("logits are known after Truncate")
	}
	if err := s.Refresh(); err != nil {
		t.Fatal(err)
	}
	compare(t, "logits", s.Logits(), toFloat64(want.Logits()), 2e-5)
	if !slices.Equal(s.Tokens(), tokens[:40]) {
		t.Error("tokens differ")
	}
}

func TestCancelledReads(t *testing.T) {
	cfg := shapes[0].cfg
	m := mustModel(t, cfg, RandomWeights(cfg, 9, 1.5, false))
	tokens := randomTokens(4*blockTokens, cfg.Vocab, 4)
	s := mustSequence(t, m, len(tokens))
	ctx, cancel := context.WithCancel(context.Background())
	var steps []int
	o := &Observer{Loss: &LossTrace{}, Maps: []*AttentionMap{{MaxCells: 8}}}
	o.Progress = func(done, total int) {
		if steps = append(steps, done); done == 2*blockTokens {
			cancel()
		}
		if total != len(tokens) {
			t.Errorf("progress of %d tokens, want %d", total, len(tokens))
		}
	}
	if err := s.Prefill(ctx, tokens, o); !errors.Is(err, context.Canceled) {
		t.Fatalf("error is %v, want %v", err, context.Canceled)
	}
	if s.Len() != 2*blockTokens || !slices.Equal(steps, []int{blockTokens, 2 * blockTokens}) {
		t.Errorf("%d tokens after steps %v", s.Len(), steps)
	}
	if len(o.Loss.NLL) != 2*blockTokens-1 {
		t.Errorf("%d losses", len(o.Loss.NLL))
	}
	mustPrefill(t, s, tokens[2*blockTokens:], nil)
	want := mustSequence(t, m, len(tokens))
	mustPrefill(t, want, tokens, nil)
	compare(t, "logits after going on", s.Logits(), toFloat64(want.Logits()), 2e-5)

	if err := s.Reread(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Fatalf("error is %v, want %v", err, context.Canceled)
	}
	if !slices.Equal(s.Tokens(), tokens) {
		t.Error("a cancelled Reread lost tokens")
	}
	if err := s.Refresh(); err != nil {
		t.Fatal(err)
	}
	compare(t, "logits after a cancelled Reread", s.Logits(), toFloat64(want.Logits()), 2e-5)
}

func TestSequencesAreIndependent(t *testing.T) {
	cfg := shapes[1].cfg
	m := mustModel(t, cfg, RandomWeights(cfg, 9, 1.5, true))
	results := make([][]float32, 4)
	t.Run("together", func(t *testing.T) {
		for i := range results {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				s := mustSequence(t, m, 200)
				mustPrefill(t, s, randomTokens(200, cfg.Vocab, uint64(i)), nil)
				results[i] = slices.Clone(s.Logits())
			})
		}
	})
	for i := range results {
		s := mustSequence(t, m, 200)
		mustPrefill(t, s, randomTokens(200, cfg.Vocab, uint64(i)), nil)
		if !slices.Equal(s.Logits(), results[i]) {
			t.Errorf("sequence %d read beside others differs from one read alone", i)
		}
	}
}

func TestDecodeDoesNotAllocate(t *testing.T) {
	for _, shape := range shapes {
		m := mustModel(t, shape.cfg, RandomWeights(shape.cfg, 9, 1.5, shape.bias))
		for _, name := range []string{"clex", "string log-n"} {
			enc := clextest.Encodings(t, shape.cfg.Rotary)[name]
			s := mustSequence(t, m, 400)
			if err := s.SetEncoding(&enc); err != nil {
				t.Fatal(err)
			}
			mustPrefill(t, s, randomTokens(100, shape.cfg.Vocab, 4), nil)
			if n := testing.AllocsPerRun(100, func() {
				if err := s.Decode(1); err != nil {
					t.Fatal(err)
				}
			}); n != 0 {
				t.Errorf("%s, %s: %v allocations a token", shape.name, name, n)
			}
		}
	}
}

func TestBadReads(t *testing.T) {
	cfg := shapes[0].cfg
	m := mustModel(t, cfg, RandomWeights(cfg, 9, 1.5, false))
	good := func() clex.Encoding {
		return clex.Encoding{InvFreq: []float64{1, 0.1, 0.01, 0.001}, AttentionFactor: 1}
	}
	encode := func(change func(e *clex.Encoding)) func(s *Sequence) error {
		return func(s *Sequence) error {
			e := good()
			change(&e)
			return s.SetEncoding(&e)
		}
	}
	ctx := context.Background()
	var nan float64
	nan /= nan
	tests := []struct {
		name, want string
		do         func(s *Sequence) error
	}{
		{"nothing", "no tokens", func(s *Sequence) error { return s.Prefill(ctx, nil, nil) }},
		{"unknown token", "token 1 is 61", func(s *Sequence) error { return s.Prefill(ctx, []int32{0, 61}, nil) }},
		{"negative token", "token is -1", func(s *Sequence) error { return s.Decode(-1) }},
		{"too many", "do not fit", func(s *Sequence) error { return s.Prefill(ctx, make([]int32, 6), nil) }},
		{"truncate", "cannot keep 11", func(s *Sequence) error { return s.Truncate(11) }},
		{"layer", "layer 3", func(s *Sequence) error {
			return s.Prefill(ctx, []int32{1}, &Observer{Maps: []*AttentionMap{{Layer: 3}}})
		}},
		{"head", "head -1", func(s *Sequence) error {
			return s.Prefill(ctx, []int32{1}, &Observer{Profiles: []*DistanceProfile{{Head: -1, Edges: []int{0}}}})
		}},
		{"pixels", "-2 cells", func(s *Sequence) error {
			return s.Prefill(ctx, []int32{1}, &Observer{Maps: []*AttentionMap{{MaxCells: -2}}})
		}},
		{"rows", "rows 4 to 5", func(s *Sequence) error {
			return s.Prefill(ctx, []int32{1}, &Observer{Rows: []*AttentionRows{{From: 4, To: 5}}})
		}},
		{"edges", "edges", func(s *Sequence) error {
			return s.Prefill(ctx, []int32{1}, &Observer{Profiles: []*DistanceProfile{{Edges: []int{0, 4, 4}}}})
		}},
		{"no encoding", "no encoding", func(s *Sequence) error { return s.SetEncoding(nil) }},
		{"frequencies", "3 inverse frequencies", encode(func(e *clex.Encoding) { e.InvFreq = e.InvFreq[:3] })},
		{"NaN", "inverse frequency 2", encode(func(e *clex.Encoding) { e.InvFreq[2] = nan })},
		{"attention factor", "attention factor", encode(func(e *clex.Encoding) { e.AttentionFactor = 0 })},
		{"log-n", "LogN", encode(func(e *clex.Encoding) { e.LogN = 1 })},
		{"remap", "remap", encode(func(e *clex.Encoding) { e.Remap = &clex.Remap{Shift: 4, Local: 4} })},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := mustSequence(t, m, 10)
			mustPrefill(t, s, []int32{1, 2, 3, 4, 5}, nil)
			before := slices.Clone(s.Logits())
			err := test.do(s)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error is %v, want one with %q", err, test.want)
			}
			if s.Len() != 5 || !slices.Equal(before, s.Logits()) {
				t.Error("the sequence changed")
			}
		})
	}
	s := mustSequence(t, m, 1)
	mustPrefill(t, s, []int32{1}, nil)
	if err := s.Decode(1); err == nil {
		t.Error("a full sequence took a token")
	}
	for _, n := range []int{0, -1, maxCapacity + 1} {
		if _, err := m.NewSequence(n); err == nil {
			t.Errorf("a sequence of %d tokens was made", n)
		}
	}
	if err := mustSequence(t, m, 1).Refresh(); err == nil {
		t.Error("an empty sequence was refreshed")
	}
}
