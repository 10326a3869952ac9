package model

import (
	"context"
	"fmt"

	"clexlab/clex"
)

// Sequence is one text as a model reads it: the tokens, their key-value cache,
// the position encoding in force and scratch memory. It is not safe for
// concurrent use; different sequences of one model are independent.
type Sequence struct {
	m        *Model
	capacity int
	tokens   []int32
	cache    []layerCache
	rotation rotation
	scratch  scratch
	// logits belong to the last token read; known says whether they do.
	logits []float32
	known  bool
}

// maxCapacity bounds one sequence so that sizes cannot overflow.
const maxCapacity = 1 << 24

// NewSequence makes an empty sequence that can hold capacity tokens. All
// memory is allocated here, three rows of 16 bits a component per cached key-value pair, each with a scale: about
// Layers·KVHeads·(6·HeadDim+12) bytes per token.
func (m *Model) NewSequence(capacity int) (*Sequence, error) {
	if capacity < 1 || capacity > maxCapacity {
		return nil, fmt.Errorf("model: capacity is %d, want 1 to %d tokens", capacity, maxCapacity)
	}
	half := m.cfg.Rotary.Pairs()
	s := &Sequence{
		m:        m,
		capacity: capacity,
		tokens:   make([]int32, 0, capacity),
		cache:    make([]layerCache, m.cfg.Layers),
		rotation: rotation{cos: make([]float32, capacity*half), sin: make([]float32, capacity*half)},
		logits:   make([]float32, m.cfg.Vocab),
	}
	for i := range s.cache {
		s.cache[i] = newLayerCache(&m.cfg, capacity)
	}
	s.scratch = newScratch(&m.cfg, min(capacity, blockTokens))
	s.rotation.set(&m.plain)
	return s, nil
}

// Config is the shape of the model that reads this sequence.
func (s *Sequence) Config() Config { return s.m.cfg }

// Model is the model that reads this sequence.
func (s *Sequence) Model() *Model { return s.m }

// Len is the number of tokens read.
func (s *Sequence) Len() int { return len(s.tokens) }

// Capacity is the number of tokens the sequence can hold.
func (s *Sequence) Capacity() int { return s.capacity }

// Tokens are the tokens read so far: a view that the next call changes.
func (s *Sequence) Tokens() []int32 { return s.tokens }

// Logits are the model's logits for the token after the last one read, Vocab
// values, or nil while they are not known: before the first token, after
// Truncate, after a cancelled Prefill. It is a view that the next call changes.
// They belong to the encoding under which the last token was read.
func (s *Sequence) Logits() []float32 {
	if !s.known {
		return nil
	}
	return s.logits
}

// Encoding is the encoding in force: a view, not to be changed.
func (s *Sequence) Encoding() *clex.Encoding { return &s.rotation.encoding }

// SetEncoding copies e and puts it in force from the next token read. The
// cached keys are rotated anew then, from copies that were never rotated, so a
// change and its undoing restore every bit. The first layer attends exactly as if the whole
// text had been read under e; deeper layers keep keys and values that were
// computed under earlier encodings (see the package comment): Reread makes
// those exact too. An error names the bad value and leaves the sequence as it was.
func (s *Sequence) SetEncoding(e *clex.Encoding) error {
	if err := e.Check(s.m.cfg.Rotary); err != nil {
		return fmt.Errorf("model: %w", err)
	}
	if !s.rotation.set(e) {
		for i := range s.cache {
			s.cache[i].rotated = 0
		}
	}
	return nil
}

// Prefill reads tokens, appending them to the sequence, in blocks. o, if not
// nil, receives what it asks for. Between blocks ctx is checked and o.Progress called; when ctx
// ends, its error is returned and the blocks read so far stay (Len says how
// many tokens that is; Logits is nil). Other errors come before anything is read.
func (s *Sequence) Prefill(ctx context.Context, tokens []int32, o *Observer) error {
	if err := s.check(tokens); err != nil {
		return err
	}
	if err := o.Begin(&s.m.cfg, len(s.tokens), len(s.tokens)+len(tokens), s.known); err != nil {
		return err
	}
	for done := 0; done < len(tokens); {
		if err := ctx.Err(); err != nil {
			o.End(len(s.tokens))
			return err
		}
		n := min(blockTokens, len(tokens)-done)
		s.forward(tokens[done:done+n], o, done+n == len(tokens))
		done += n
		if o != nil && o.Progress != nil {
			o.Progress(done, len(tokens))
		}
	}
	o.End(len(s.tokens))
	return nil
}

// Decode reads one token, appending it. It does not allocate.
func (s *Sequence) Decode(token int32) error {
	if len(s.tokens) == s.capacity {
		return fmt.Errorf("model: the sequence is full, it holds %d tokens", s.capacity)
	}
	if token < 0 || int(token) >= s.m.cfg.Vocab {
		return fmt.Errorf("model: token is %d, the vocabulary has 0 to %d", token, s.m.cfg.Vocab-1)
	}
	s.scratch.token[0] = token
	s.forward(s.scratch.token[:], nil, true)
	return nil
}

// Truncate forgets all tokens after the first n, so that another continuation
// can be read. Logits is nil afterwards if anything was forgotten; Refresh computes it.
func (s *Sequence) Truncate(n int) error {
	if n < 0 || n > len(s.tokens) {
		return fmt.Errorf("model: cannot keep %d tokens, the sequence has %d", n, len(s.tokens))
	}
	if n == len(s.tokens) {
		return nil
	}
	s.tokens = s.tokens[:n]
	for i := range s.cache {
		s.cache[i].rotated = min(s.cache[i].rotated, n)
	}
	s.known = false
	return nil
}

// Refresh reads the last token once more under the encoding in force, so that
// Logits are what the model says now: after Truncate, after SetEncoding.
func (s *Sequence) Refresh() error {
	if len(s.tokens) == 0 {
		return fmt.Errorf("model: an empty sequence has no last token to read")
	}
	last := s.tokens[len(s.tokens)-1]
	if err := s.Truncate(len(s.tokens) - 1); err != nil {
		return err
	}
	return s.Decode(last)
}

// Reread reads the whole text again under the encoding in force, which makes
// every layer's keys and values exact. When ctx ends, its error is returned and the
// sequence still has all its tokens, the blocks not reached with their earlier
// keys and values.
func (s *Sequence) Reread(ctx context.Context, o *Observer) error {
	if len(s.tokens) == 0 {
		return nil
	}
	whole := s.tokens
	if err := s.Truncate(0); err != nil {
		return err
	}
	// Reading writes cache rows and tokens in place, never past what it has read.
	err := s.Prefill(ctx, whole, o)
	s.tokens = whole
	return err
}

func (s *Sequence) check(tokens []int32) error {
	if len(tokens) == 0 {
		return fmt.Errorf("model: there are no tokens to read")
	}
	if free := s.capacity - len(s.tokens); len(tokens) > free {
		return fmt.Errorf("model: %d tokens do not fit, the sequence holds %d of %d", len(tokens), len(s.tokens), s.capacity)
	}
	return s.m.checkTokens(tokens)
}
