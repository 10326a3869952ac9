package model

import (
	"math"
	"testing"

	"clexlab/clex"
)

func dynamicNTK(t *testing.T) clex.Scheme {
	t.Helper()
	s, err := clex.New("dynamic", clex.Rotary{HeadDim: 16, Dims: 16, Base: 10000, Window: 16}, clex.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// lowest is the last frequency of dynamic NTK for a text of n tokens, by transformers' formula.
func lowest(n float64) float64 {
	base := 10000 * math.Pow(2*max(1, n/16)-1, 16./14)
	return math.Pow(base, -14./16)
}

// TestExtensionForgets: an encoding is that of the text at hand, whatever was read before.
func TestExtensionForgets(t *testing.T) {
	for _, rule := range []clex.LengthRule{{TMax: 1}, {TMax: 4}, {Kind: clex.ContinuousRule, TMax: 4}, {Kind: clex.ContinuousRule, TMin: 2, TMax: 4}, clex.AtT(1)} {
		used := &Extension{Scheme: dynamicNTK(t), Rule: rule}
		for _, n := range []int{160, 80, 81, 64, 10, 160} {
			_, got, err := used.Encoding(n)
			if err != nil {
				t.Fatal(err)
			}
			// A t serves every length up to t·L.
			at, err := rule.T(n, 16)
			if err != nil {
				t.Fatal(err)
			}
			if want := lowest(max(float64(n), math.Floor(16*at))); math.Abs(got.InvFreq[7]/want-1) > 1e-12 {
				t.Errorf("%+v, %d tokens: lowest frequency %v, want %v", rule, n, got.InvFreq[7], want)
			}
		}
	}
}

// TestExtensionHeldByHand: where the length is ignored, a scheme that looks at it has the frequencies of t·L for every text.
func TestExtensionHeldByHand(t *testing.T) {
	x := &Extension{Scheme: dynamicNTK(t), Rule: clex.AtT(3), IgnoreLength: true}
	for _, n := range []int{1, 16, 80, 500} {
		if _, e, err := x.Encoding(n); err != nil || math.Abs(e.InvFreq[7]/lowest(48)-1) > 1e-12 {
			t.Errorf("%d tokens: %v, %v", n, e, err)
		}
	}
	// The rule and whose hand holds it may change in the middle of a text.
	x.Rule, x.IgnoreLength = clex.LengthRule{TMax: 64}, false
	if at, e, err := x.Encoding(500); err != nil || at != 32 || math.Abs(e.InvFreq[7]/lowest(512)-1) > 1e-12 {
		t.Errorf("t = %v, %v, %v", at, e, err)
	}
}

func TestExtensionSame(t *testing.T) {
	capped := clex.LengthRule{TMax: 2}
	ntk, err := clex.New("ntk", clex.Rotary{HeadDim: 16, Dims: 16, Base: 10000, Window: 16}, clex.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		x    Extension
		a, b int
		want bool
	}{
		{Extension{Scheme: ntk, Rule: capped}, 17, 32, true},
		{Extension{Scheme: ntk, Rule: capped}, 16, 17, false},
		{Extension{Scheme: ntk, Rule: capped}, 40, 90, true},
		{Extension{Scheme: dynamicNTK(t), Rule: capped}, 17, 32, true},
		{Extension{Scheme: dynamicNTK(t), Rule: capped}, 40, 41, false},
		{Extension{Scheme: dynamicNTK(t), Rule: capped, IgnoreLength: true}, 40, 41, true},
	} {
		if got, err := c.x.Same(c.a, c.b); err != nil || got != c.want {
			t.Errorf("%s, %d and %d tokens: same %v, %v", c.x.Scheme.Name(), c.a, c.b, got, err)
		}
	}
}

// TestGenerateUnderDynamicNTK: past the cap of t each token is read in the encoding of the text's length.
func TestGenerateUnderDynamicNTK(t *testing.T) {
	s, by := generator(t, 10, 60), generator(t, 10, 60)
	scheme, err := clex.New("dynamic", shapes[0].cfg.Rotary, clex.Options{})
	if err != nil {
		t.Fatal(err)
	}
	tokens, _ := collect(t, s, Options{MaxTokens: 45, Extension: &Extension{Scheme: scheme, Rule: clex.AtT(1)}})
	for i, tok := range tokens {
		var e clex.Encoding
		if err := scheme.Encode(&e, 1, 11+i); err != nil {
			t.Fatal(err)
		}
		if err := by.SetEncoding(&e); err != nil {
			t.Fatal(err)
		}
		if err := by.Decode(tok.ID); err != nil {
			t.Fatal(err)
		}
	}
	for i, l := range s.Logits() {
		if l != by.Logits()[i] {
			t.Fatalf("logit %d is %v, by hand %v", i, l, by.Logits()[i])
		}
	}
}

// TestGenerateAfterTruncate: a text that is cut back to where t was lower goes on as it did, whatever encoding is in force.
func TestGenerateAfterTruncate(t *testing.T) {
	scheme, err := clex.New("ntk", shapes[0].cfg.Rotary, clex.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := generator(t, 10, 60)
	options := Options{MaxTokens: 45, Extension: &Extension{Scheme: scheme}}
	whole, _ := collect(t, s, options)
	// Three windows of 16: the encoding in force is that of t = 4, and the text is cut back into the second.
	for _, keep := range []int{25, 32, 33, 50} {
		if err := s.Truncate(keep); err != nil {
			t.Fatal(err)
		}
		options.MaxTokens = 55 - keep
		again, _ := collect(t, s, options)
		for i, tok := range again {
			if was := whole[keep-10+i]; tok.ID != was.ID || tok.LogProb != was.LogProb {
				t.Fatalf("cut back to %d: token %d is %d (ln p %v), it was %d (%v)", keep, keep+i, tok.ID, tok.LogProb, was.ID, was.LogProb)
			}
		}
	}
}
