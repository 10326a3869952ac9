package model

import (
	"context"
	"fmt"
	"iter"
	"math"
	"slices"
	"time"
)

// Options say how Generate continues a sequence.
type Options struct {
	Sampling
	// MaxTokens is the most tokens to generate; 0 goes on until the sequence is full.
	MaxTokens int
	// Alternatives is how many of the likeliest next tokens come with each token.
	Alternatives int
	// StopTokens end the text; none of them is read into the sequence.
	StopTokens []int32
	// StopText ends the text before the first of these strings. Text that may turn
	// out to begin one is held back until that is known. It needs a Decoder.
	StopText []string
	// Decoder, if set, gives tokens their text.
	Decoder Decoder
	// Extension, if set, lets t follow the length.
	Extension *Extension
	// SkipDraws is how many tokens of this text were drawn before, under the same seed:
	// a text that goes on elsewhere is the one it would have been.
	SkipDraws int
}

// Decoder turns tokens into text one by one; tokenizer.Stream is one.
type Decoder interface {
	// Decode returns the text that token completes, whole characters only.
	Decode(token int32) string
	// Flush returns what is left at the end.
	Flush() string
}

// StopReason is why a token is the last one.
type StopReason uint8

const (
	// NotStopped means that more tokens follow.
	NotStopped StopReason = iota
	// StopByToken: one of StopTokens was drawn.
	StopByToken
	// StopByText: one of StopText was written. Its tokens are in the sequence.
	StopByText
	// StopByLimit: MaxTokens were generated.
	StopByLimit
	// StopByCapacity: the sequence is full.
	StopByCapacity
)

// String says the reason in words for a person.
func (r StopReason) String() string {
	switch r {
	case NotStopped:
		return "going on"
	case StopByToken:
		return "end of text"
	case StopByText:
		return "stop text"
	case StopByLimit:
		return "token limit"
	case StopByCapacity:
		return "sequence full"
	}
	return fmt.Sprintf("StopReason(%d)", uint8(r))
}

// Token is one generated token.
type Token struct {
	ID int32
	// Text is the text that became certain with this token; see Options.StopText.
	Text string
	// LogProb is the natural logarithm of the token's probability under the model,
	// before any sampling filter.
	LogProb float64
	// Alternatives are the likeliest tokens that could have come, the likeliest
	// first. The slice is used again for the next token.
	Alternatives []Alternative
	// Elapsed is the time spent on the token: drawing it and reading it.
	Elapsed time.Duration
	// T is the length scaling factor under which it was read, 0 without an Extension.
	T float64
	// N is the length of the sequence with the token.
	N int
	// Stop is why the text ends here, or NotStopped.
	Stop StopReason
}

// Generate continues s, which must have read at least one token. Each token is
// read into the sequence before it is handed out (except a stop token, which is
// never read), so the caller may break off at any time and go on later. When ctx
// ends or something fails, the error comes with a zero Token and is the last. The same seed,
// sequence and options give the same tokens.
func Generate(ctx context.Context, s Session, opts Options) iter.Seq2[Token, error] {
	return func(yield func(Token, error) bool) {
		if err := opts.check(s); err != nil {
			yield(Token{}, err)
			return
		}
		if err := opts.refresh(ctx, s); err != nil {
			yield(Token{}, err)
			return
		}
		g := generation{Options: opts, s: s, sampler: newTokenSampler(opts.Sampling, s.Config().Vocab, opts.Alternatives)}
		g.sampler.skip(opts.SkipDraws)
		if d, ok := s.(Sampler); ok && d.CanSample(&g.Sampling, g.Alternatives) && (g.Extension == nil || !g.Extension.Reread) {
			g.inFlight = &inFlight{sampler: d, left: s.Capacity() - s.Len()}
			defer g.inFlight.drop()
			if g.MaxTokens > 0 {
				g.inFlight.left = min(g.inFlight.left, g.MaxTokens)
			}
		}
		for {
			t, err := g.next(ctx)
			if err != nil {
				yield(Token{}, err)
				return
			}
			if !yield(t, nil) || t.Stop != NotStopped {
				return
			}
		}
	}
}

// refresh has the last token of s read once more where its logits are not known, in the encoding of the
// text's own length: what is in force may be that of a longer text which was cut back.
func (o *Options) refresh(ctx context.Context, s Session) error {
	if s.Logits() != nil {
		return nil
	}
	if o.Extension != nil {
		if _, err := o.Extension.Fit(ctx, s, s.Len()); err != nil {
			return err
		}
		if s.Logits() != nil {
			return nil // all was read again
		}
	}
	return s.Refresh()
}

func (o *Options) check(s Session) error {
	if err := o.Sampling.Validate(); err != nil {
		return err
	}
	if o.MaxTokens < 0 || o.Alternatives < 0 || o.SkipDraws < 0 {
		return fmt.Errorf("model: MaxTokens is %d, Alternatives %d and SkipDraws %d, want 0 or more", o.MaxTokens, o.Alternatives, o.SkipDraws)
	}
	if len(o.StopText) > 0 && o.Decoder == nil {
		return fmt.Errorf("model: StopText needs a Decoder")
	}
	if slices.Contains(o.StopText, "") {
		return fmt.Errorf("model: a StopText is empty")
	}
	if s.Len() == 0 {
		return fmt.Errorf("model: nothing to continue: the sequence is empty")
	}
	if s.Len() == s.Capacity() {
		return fmt.Errorf("model: the sequence is full, it holds %d tokens", s.Capacity())
	}
	return nil
}

// generation is one run of Generate.
type generation struct {
	Options
	s       Session
	sampler *tokenSampler
	// inFlight is set when s draws by itself.
	inFlight     *inFlight
	alternatives []Alternative
	count        int
	text         stopText
}

func (g *generation) next(ctx context.Context) (Token, error) {
	if err := ctx.Err(); err != nil {
		return Token{}, err
	}
	start := time.Now()
	if g.inFlight != nil {
		return g.takeSampled(ctx, start)
	}
	s := g.s
	logits := s.Logits()
	total := g.sampler.read(logits)
	if math.IsNaN(total) || math.IsInf(total, 0) {
		return Token{}, fmt.Errorf("model: the logits after token %d are not finite", s.Len())
	}
	id := g.sampler.draw(s.Tokens())
	g.alternatives = g.sampler.alternatives(g.alternatives[:0], total)
	g.count++
	t := Token{ID: id, LogProb: float64(logits[id]) - total, Alternatives: g.alternatives}
	if slices.Contains(g.StopTokens, id) {
		t.Stop = StopByToken
	} else {
		if g.Extension != nil {
			var err error
			if t.T, err = g.Extension.Fit(ctx, s, s.Len()+1); err != nil {
				return Token{}, err
			}
		}
		if err := s.Decode(id); err != nil {
			return Token{}, err
		}
		switch {
		case g.count == g.MaxTokens:
			t.Stop = StopByLimit
		case s.Len() == s.Capacity():
			t.Stop = StopByCapacity
		}
	}
	g.write(&t)
	t.N, t.Elapsed = s.Len(), time.Since(start)
	return t, nil
}

// write gives t its text and ends the text at a stop string.
func (g *generation) write(t *Token) {
	if g.Decoder == nil {
		return
	}
	var more string
	if t.Stop != StopByToken {
		more = g.Decoder.Decode(t.ID)
	}
	if t.Stop != NotStopped {
		more += g.Decoder.Flush()
	}
	var found bool
	if t.Text, found = g.text.add(more, g.StopText); found {
		t.Stop = StopByText
	} else if t.Stop != NotStopped {
		t.Text += g.text.held
	}
}
