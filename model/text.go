package model

import (
	"context"

	"clexlab/clex"
)

// Text is a text as a model reads it, wherever the reading is done: a
// [Sequence], which documents the methods, or the sequence of package gpu. Methods that
// compute elsewhere may fail at any time; a Text that failed is of no use any more.
type Text interface {
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

// Drawer is a Text that draws tokens where it computes them, several ahead of
// the caller, so that nothing has to travel between two of them.
type Drawer interface {
	Text
	// Draws reports whether Draw can sample by p with that many alternatives.
	Draws(p *Sampling, alternatives int) bool
	// Draw begins to draw and read as many tokens as there are uniforms, numbers in [0, 1)
	// that decide the draws, under the encoding in force. It does not wait: Len counts the tokens at once.
	Draw(p *Sampling, uniforms []float64, alternatives int) error
	// Drawn waits for what the oldest Draw has drawn, a view that the next call changes.
	Drawn(ctx context.Context) ([]Drawn, error)
	// Ahead is the number of tokens that Drawn has not handed out yet.
	Ahead() int
}

// Drawn is a token that was drawn and read.
type Drawn struct {
	ID int32
	// LogProb and Alternatives are as in Token.
	LogProb      float64
	Alternatives []Alternative
}
