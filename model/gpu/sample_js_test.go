//go:build js && wasm

package gpu

import (
	"errors"
	"math"
	"slices"
	"testing"

	"clexlab/clex"
	"clexlab/model"
)

// generated is what Generate makes of a beginning, with a scheme whose t follows the length.
func generated(t testing.TB, x model.Session, tokens []int32, o model.Options) []model.Token {
	t.Helper()
	scheme, err := clex.New("clex", x.Config().Rotary, clex.Options{})
	if err != nil {
		t.Fatal(err)
	}
	o.Extension = &model.Extension{Scheme: scheme, Rule: clex.LengthRule{}}
	if err := x.Truncate(0); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Extension.Fit(t.Context(), x, len(tokens)); err != nil {
		t.Fatal(err)
	}
	if err := x.Prefill(t.Context(), tokens, nil); err != nil {
		t.Fatal(err)
	}
	var out []model.Token
	for token, err := range model.Generate(t.Context(), x, o) {
		if err != nil {
			t.Fatal(err)
		}
		token.Alternatives = append([]model.Alternative(nil), token.Alternatives...)
		out = append(out, token)
	}
	return out
}

// The same seed writes the same text on both machines, t moving on the way,
// until a draw falls between two tokens that rounding exchanges.
func TestDrawsWhatTheCPUDraws(t *testing.T) {
	d := open(t)
	s := shapes[0]
	p := newPair(t, d, s.cfg, s.weights(), 80)
	for _, sampling := range []model.Sampling{
		{}, {Temperature: 0.9, Seed: 4}, {Temperature: 0.8, TopK: 10, TopP: 0.9, MinP: 0.01, Seed: 7}, {Temperature: 0.7, TopP: 0.8, Seed: 1},
	} {
		p.compareTexts(t, s.tokens(5), model.Options{Sampling: sampling, MaxTokens: 40, Alternatives: 3})
	}
}

// compareTexts makes both write after a beginning.
func (p pair) compareTexts(t testing.TB, tokens []int32, o model.Options) {
	t.Helper()
	compareTokens(t, o, generated(t, p.gpu, tokens, o), generated(t, p.cpu, tokens, o))
	if p.gpu.Len() != p.cpu.Len() {
		t.Errorf("%d tokens are left, the CPU has %d", p.gpu.Len(), p.cpu.Len())
	}
}

func compareTokens(t testing.TB, o model.Options, got, want []model.Token) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%+v: %d tokens, the CPU has %d", o.Sampling, len(got), len(want))
	}
	for i := range want {
		g, w := got[i], want[i]
		if g.ID != w.ID || g.T != w.T || g.N != w.N || g.Stop != w.Stop || math.Abs(g.LogProb-w.LogProb) > tolerance {
			t.Fatalf("%+v: token %d is %+v, the CPU's %+v", o.Sampling, i, g, w)
		}
		for k, a := range w.Alternatives {
			if b := g.Alternatives[k]; math.Abs(a.LogProb-b.LogProb) > tolerance {
				t.Fatalf("%+v: token %d, alternative %d is %+v, the CPU's %+v", o.Sampling, i, k, b, a)
			}
		}
	}
}

// A vocabulary as large as Qwen's: every row of the embedding and of the head is reached, and so is every logit by a draw.
// A software adapter takes two seconds a token.
func TestLargeVocabulary(t *testing.T) {
	d := open(t)
	s := shapes[1] // int8, its kernels known
	s.cfg.Vocab, s.cfg.Layers = 152_000, 1
	p := newPair(t, d, s.cfg, s.weights(), 32)
	defer d.Free(p.gpu.m.buffers...)
	defer p.gpu.Free()
	tokens := s.tokens(12)
	if slices.Max(tokens) < 1<<17 {
		t.Fatalf("tokens %v lie close together", tokens)
	}
	p.each(t, func(x model.Session) error { return x.Prefill(t.Context(), tokens, nil) })
	p.compareLogits(t, "a large vocabulary")
	// Without a filter a token's share is less than what the CPU's rounding of activations moves.
	list, written := []model.Sampling{{Temperature: 0.8, TopK: 40, TopP: 0.9, Seed: 7}, {}}, 6
	if testing.Short() {
		list, written = list[:1], 1
	}
	for _, sampling := range list {
		o := model.Options{Sampling: sampling, MaxTokens: written, Alternatives: 3}
		var texts [2][]model.Token
		i := 0
		p.each(t, func(x model.Session) error {
			for token, err := range model.Generate(t.Context(), x, o) {
				if err != nil {
					return err
				}
				token.Alternatives = slices.Clone(token.Alternatives)
				texts[i] = append(texts[i], token)
			}
			i++
			return nil
		})
		compareTokens(t, o, texts[1], texts[0])
	}
}

// Breaking off leaves the text at the last token handed out, although more were drawn.
func TestBreakingOffKeepsWhatWasHandedOut(t *testing.T) {
	d := open(t)
	s := shapes[0]
	p := newPair(t, d, s.cfg, s.weights(), 80)
	if err := p.gpu.Prefill(t.Context(), s.tokens(5), nil); err != nil {
		t.Fatal(err)
	}
	n := 0
	for range model.Generate(t.Context(), p.gpu, model.Options{Sampling: model.Sampling{Temperature: 1, Seed: 2}}) {
		if n++; n == 6 {
			break
		}
	}
	if p.gpu.Len() != 11 || len(p.gpu.Tokens()) != 11 || p.gpu.InFlight() != 0 {
		t.Fatalf("%d tokens, %d known, %d ahead", p.gpu.Len(), len(p.gpu.Tokens()), p.gpu.InFlight())
	}
	if err := p.cpu.Prefill(t.Context(), p.gpu.Tokens(), nil); err != nil {
		t.Fatal(err)
	}
	if err := p.gpu.Refresh(); err != nil {
		t.Fatal(err)
	}
	p.compareLogits(t, "after breaking off")
}

// A device that goes away says so, and hands out nothing afterwards.
func TestLostDevice(t *testing.T) {
	open(t)
	d, err := Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b, err := d.Alloc(t.Context(), 64)
	if err != nil {
		t.Fatal(err)
	}
	var c Commands
	c.ReadBack(b[0], 0, 64)
	if _, err := d.Submit(&c).Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	p := d.Submit(&c)
	d.Destroy()
	var trouble *Error
	if _, err := p.Wait(t.Context()); err != nil && (!errors.As(err, &trouble) || trouble.Kind != Lost) {
		t.Errorf("work under way ended with %v", err)
	}
	if _, err := d.Submit(&c).Wait(t.Context()); !errors.As(err, &trouble) || trouble.Kind != Lost {
		t.Errorf("work after the loss ended with %v", err)
	}
}

func TestRefusedCommand(t *testing.T) {
	open(t)
	d, err := Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	b, err := d.Alloc(t.Context(), 64)
	if err != nil {
		t.Fatal(err)
	}
	var c Commands
	c.ReadBack(b[0], 0, 128)
	var trouble *Error
	if _, err := d.Submit(&c).Wait(t.Context()); !errors.As(err, &trouble) || trouble.Kind != Invalid {
		t.Errorf("reading past the end of a buffer: %v", err)
	}
	if _, err := d.Alloc(t.Context(), 1<<40); err == nil {
		t.Error("a buffer of a terabyte was made")
	}
}
