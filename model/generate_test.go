package model

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"clexlab/clex"
)

// letters is a Decoder of one letter a token that holds each fifth back until the next.
type letters struct{ pending string }

func (l *letters) Decode(token int32) string {
	text := l.pending + string(rune('a'+token%26))
	l.pending = ""
	if token%5 == 4 {
		l.pending, text = text[len(text)-1:], text[:len(text)-1]
	}
	return text
}

func (l *letters) Flush() string {
	text := l.pending
	l.pending = ""
	return text
}

func generator(t testing.TB, prompt, capacity int) *Sequence {
	cfg := shapes[0].cfg
	s := mustSequence(t, mustModel(t, cfg, RandomWeights(cfg, 9, 1.5, false)), capacity)
	mustPrefill(t, s, randomTokens(prompt, cfg.Vocab, 8), nil)
	return s
}

func collect(t *testing.T, s *Sequence, o Options) (tokens []Token, text string) {
	t.Helper()
	for tok, err := range Generate(context.Background(), s, o) {
		if err != nil {
			t.Fatal(err)
		}
		tok.Alternatives = slices.Clone(tok.Alternatives)
		tokens = append(tokens, tok)
		text += tok.Text
	}
	return tokens, text
}

func ids(tokens []Token) (out []int32) {
	for _, t := range tokens {
		out = append(out, t.ID)
	}
	return out
}

func TestGenerateSameSeedSameTokens(t *testing.T) {
	o := Options{Sampling: Sampling{Temperature: 1, TopP: 0.95, RepetitionPenalty: 1.1, Seed: 5}, MaxTokens: 60}
	first, _ := collect(t, generator(t, 20, 100), o)
	again, _ := collect(t, generator(t, 20, 100), o)
	if !slices.Equal(ids(first), ids(again)) {
		t.Error("the same seed gave other tokens")
	}
	o.Seed++
	other, _ := collect(t, generator(t, 20, 100), o)
	if slices.Equal(ids(first), ids(other)) {
		t.Error("another seed gave the same tokens")
	}
}

// TestGenerateTokens checks what comes with each token against the logits of a
// sequence that reads the same tokens one by one.
func TestGenerateTokens(t *testing.T) {
	o := Options{Sampling: Sampling{Temperature: 1, Seed: 5}, MaxTokens: 30, Alternatives: 4, Decoder: &letters{}}
	s, reference := generator(t, 20, 100), generator(t, 20, 100)
	tokens, text := collect(t, s, o)
	want := ""
	for i, tok := range tokens {
		sum := 0.0
		for _, l := range reference.Logits() {
			sum += math.Exp(float64(l))
		}
		if p := float64(reference.Logits()[tok.ID]) - math.Log(sum); math.Abs(p-tok.LogProb) > 1e-5 {
			t.Errorf("token %d has log-probability %v, want %v", i, tok.LogProb, p)
		}
		if !slices.Equal(tok.Alternatives, Likeliest(nil, reference.Logits(), 4)) {
			t.Errorf("token %d has alternatives %v", i, tok.Alternatives)
		}
		if tok.N != 21+i || tok.Elapsed <= 0 || (tok.Stop == StopByLimit) != (i == 29) {
			t.Errorf("token %d is %+v", i, tok)
		}
		if err := reference.Decode(tok.ID); err != nil {
			t.Fatal(err)
		}
		want += string(rune('a' + tok.ID%26))
	}
	if len(tokens) != 30 || text != want || !slices.Equal(s.Tokens()[20:], ids(tokens)) {
		t.Errorf("%d tokens with text %q, want 30 with %q", len(tokens), text, want)
	}
}

func TestGenerateStops(t *testing.T) {
	base := Options{Sampling: Sampling{Temperature: 1, Seed: 5}, MaxTokens: 40, Decoder: &letters{}}
	tokens, text := collect(t, generator(t, 20, 100), base)
	drawn := ids(tokens)
	stop := drawn[10]
	before := slices.Index(drawn, stop)

	o := base
	o.Decoder, o.StopTokens = &letters{}, []int32{stop}
	s := generator(t, 20, 100)
	got, gotText := collect(t, s, o)
	if len(got) != before+1 || got[before].Stop != StopByToken || s.Len() != 20+before || gotText != text[:before] {
		t.Errorf("stop token: %d tokens with %q, last %+v", len(got), gotText, got[len(got)-1])
	}

	o = base
	o.Decoder, o.StopText = &letters{}, []string{"nowhere", text[14:18], text[15:17] + "!"}
	at := strings.Index(text, text[14:18])
	got, gotText = collect(t, generator(t, 20, 100), o)
	if gotText != text[:at] || got[len(got)-1].Stop != StopByText {
		t.Errorf("stop text: %q, last %+v, want %q", gotText, got[len(got)-1], text[:at])
	}

	o = base
	o.Decoder, o.MaxTokens = &letters{}, 0
	s = generator(t, 20, 33)
	got, gotText = collect(t, s, o)
	if len(got) != 13 || got[12].Stop != StopByCapacity || s.Len() != 33 || gotText != text[:13] {
		t.Errorf("full: %d tokens with %q, last %+v", len(got), gotText, got[len(got)-1])
	}
}

func TestGenerateGoesOnAfterBreak(t *testing.T) {
	o := Options{MaxTokens: 20}
	whole, _ := collect(t, generator(t, 20, 100), o)
	s := generator(t, 20, 100)
	n := 0
	for _, err := range Generate(context.Background(), s, o) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 8 {
			break
		}
	}
	o.MaxTokens = 12
	collect(t, s, o)
	if !slices.Equal(s.Tokens()[20:], ids(whole)) {
		t.Error("a broken off text went on otherwise")
	}
	if err := s.Truncate(25); err != nil {
		t.Fatal(err)
	}
	o.MaxTokens = 15
	collect(t, s, o)
	if !slices.Equal(s.Tokens()[20:], ids(whole)) {
		t.Error("a truncated text went on otherwise")
	}
}

func TestGenerateErrors(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s := generator(t, 20, 100)
	var last error
	n := 0
	for _, err := range Generate(ctx, s, Options{}) {
		if n++; n == 5 {
			cancel()
		}
		last = err
	}
	if n != 6 || !errors.Is(last, context.Canceled) || s.Len() != 25 {
		t.Errorf("%d results, error %v, %d tokens", n, last, s.Len())
	}
	empty := mustSequence(t, s.Model(), 10)
	full := generator(t, 20, 20)
	for _, test := range []struct {
		s    *Sequence
		o    Options
		want string
	}{
		{empty, Options{}, "empty"},
		{full, Options{}, "full"},
		{s, Options{Sampling: Sampling{TopP: 2}}, "TopP"},
		{s, Options{MaxTokens: -1}, "MaxTokens"},
		{s, Options{StopText: []string{"x"}}, "Decoder"},
		{s, Options{StopText: []string{""}, Decoder: &letters{}}, "empty"},
		{s, Options{Extension: &Extension{}}, "Scheme"},
	} {
		n := 0
		for _, err := range Generate(context.Background(), test.s, test.o) {
			if n++; err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %v, want one with %q", err, test.want)
			}
		}
		if n != 1 {
			t.Errorf("%d results, want 1", n)
		}
	}
}

// quiet is a Decoder that allocates nothing.
type quiet struct{}

func (quiet) Decode(int32) string { return "x" }
func (quiet) Flush() string       { return "" }

// TestGenerateAllocatesNothingByToken: a longer text allocates as often as a shorter one, however it is drawn.
func TestGenerateAllocatesNothingByToken(t *testing.T) {
	for _, sampling := range []Sampling{
		{}, {Temperature: 0.8, TopK: 40, TopP: 0.95}, {Temperature: 1, TopP: 0.9}, {Temperature: 1, MinP: 0.1, RepetitionPenalty: 1.2, RepetitionWindow: 20},
	} {
		s := generator(t, 20, 300)
		scheme, err := clex.New("ntk", shapes[0].cfg.Rotary, clex.Options{})
		if err != nil {
			t.Fatal(err)
		}
		// t stands still at its largest.
		o := Options{Sampling: sampling, Alternatives: 5, Decoder: quiet{}, StopTokens: []int32{-1}, Extension: &Extension{Scheme: scheme, Rule: clex.LengthRule{TMax: 1}}}
		count := func(tokens int) float64 {
			o.MaxTokens = tokens
			return testing.AllocsPerRun(5, func() {
				if err := s.Truncate(20); err != nil {
					t.Fatal(err)
				}
				n := 0
				for _, err := range Generate(context.Background(), s, o) {
					if err != nil {
						t.Fatal(err)
					}
					n++
				}
				if n != tokens {
					t.Fatalf("%d tokens were written, want %d", n, tokens)
				}
			})
		}
		if short, long := count(50), count(250); short != long {
			t.Errorf("%+v: 50 tokens take %v allocations, 250 take %v", sampling, short, long)
		}
	}
}

// TestGenerateFollowsLength checks that t steps at the window's multiples, and
// that each token is read under the encoding of that t.
func TestGenerateFollowsLength(t *testing.T) {
	for _, reread := range []bool{false, true} {
		s, reference := generator(t, 10, 100), generator(t, 10, 100)
		scheme, err := clex.New("ntk", shapes[0].cfg.Rotary, clex.Options{})
		if err != nil {
			t.Fatal(err)
		}
		x := &Extension{Scheme: scheme, Rule: clex.LengthRule{TMax: 4}, Reread: reread}
		tokens, _ := collect(t, s, Options{MaxTokens: 90, Extension: x})
		last := 1.0
		for i, tok := range tokens {
			if want := min(4, math.Ceil(float64(11+i)/16)); tok.T != want {
				t.Fatalf("t is %v at length %d, want %v", tok.T, 11+i, want)
			}
			if tok.T != last {
				var e clex.Encoding
				if err := scheme.Encode(&e, tok.T, 0); err != nil {
					t.Fatal(err)
				}
				if err := reference.SetEncoding(&e); err != nil {
					t.Fatal(err)
				}
				if reread {
					if err := reference.Reread(context.Background(), nil); err != nil {
						t.Fatal(err)
					}
				}
				last = tok.T
			}
			if err := reference.Decode(tok.ID); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Equal(s.Logits(), reference.Logits()) {
			t.Errorf("reread %v: the logits differ from those of the same steps by hand", reread)
		}
	}
}

func TestStopText(t *testing.T) {
	for _, test := range []struct {
		pieces, stops []string
		certain       []string
		found         bool
	}{
		{[]string{"ab", "c"}, nil, []string{"ab", "c"}, false},
		{[]string{"one <", "e", "nd> two"}, []string{"<end>"}, []string{"one ", "", ""}, true},
		{[]string{"one <", "e", "x"}, []string{"<end>"}, []string{"one ", "", "<ex"}, false},
		{[]string{"aaa", "ab"}, []string{"aab"}, []string{"a", "a"}, true},
		{[]string{"xyz"}, []string{"z", "yz"}, []string{"x"}, true},
	} {
		var s stopText
		for i, piece := range test.pieces {
			certain, found := s.add(piece, test.stops)
			if certain != test.certain[i] || found != (test.found && i == len(test.pieces)-1) {
				t.Errorf("%q, piece %d: %q, %v", test.pieces, i, certain, found)
			}
		}
	}
}
