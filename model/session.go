package model

import (
	"context"

	"clexlab/clex"
)

// Session is a text as a model reads it, wherever the reading is done: a
// [Sequence], which documents the methods, or the sequence of package gpu. Methods that
// compute elsewhere may fail at any time; a Session that failed is of no use any more.
type Session interface {
	// Config is the shape of the model that reads.
	Config() Config
	Len() int
	Capacity() int
	Tokens() []int32
	Logits() []float32
	Encoding() *clex.Encoding
	SetEncoding(*clex.Encoding) error
	Prefill(ctx context.Context, tokens []int32, o *Observer) error
	Decode(token int32) error
	Truncate(n int) error
	Refresh() error
	Reread(ctx context.Context, o *Observer) error
}

// Sampler is a Session that samples tokens where it computes them, several ahead of
// the caller, so that nothing has to travel between two of them.
type Sampler interface {
	Session
	// CanSample reports whether Sample can draw by p with that many alternatives.
	CanSample(p *Sampling, alternatives int) bool
	// Sample begins to draw and read as many tokens as there are uniforms, numbers in [0, 1)
	// that decide the draws, under the encoding in force. It does not wait: Len counts the tokens at once.
	Sample(p *Sampling, uniforms []float64, alternatives int) error
	// Sampled waits for what the oldest Sample has drawn, a view that the next call changes.
	Sampled(ctx context.Context) ([]Sampled, error)
	// InFlight is the number of tokens that Sampled has not handed out yet.
	InFlight() int
}

// Sampled is a token that was drawn and read.
type Sampled struct {
	ID int32
	// LogProb and Alternatives are as in Token.
	LogProb      float64
	Alternatives []Alternative
}
