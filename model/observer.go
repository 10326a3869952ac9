package model

import (
	"fmt"
	"math"

	"clexlab/model/kernel"
)

// Observer says what Prefill is to show of its work. Every part left nil is off
// and costs nothing. Results are written into the parts, whose storage is used
// again when an Observer is. After a cancelled Prefill they cover the tokens read.
type Observer struct {
	// Progress, if set, is called after each block on the caller's goroutine with
	// the tokens read and those asked for. It may cancel the context.
	Progress func(done, total int)
	// Loss asks for the loss of each token.
	Loss *LossTrace
	// Maps, Rows and Profiles ask for attention: reduced to cells, as whole rows, by distance.
	Maps     []*AttentionMap
	Rows     []*AttentionRows
	Profiles []*DistanceProfile
	// Norms asks for the size of the residual stream.
	Norms *NormTrace
}

// LossTrace is the loss of each token read: the negative log-likelihood, in nats, that
// the model gave it after all tokens before.
type LossTrace struct {
	// From is the position of the first token whose loss is wanted; what comes before is
	// read faster. It is left as it is.
	From int
	// First is the position of the token that NLL[0] belongs to, at least From. Nothing predicts
	// the first token of a text, so a read from empty has First 1.
	First int
	NLL   []float32
}

// Mean is the mean of NLL; perplexity is its exponential. It is 0 without tokens.
func (l *LossTrace) Mean() float64 {
	if len(l.NLL) == 0 {
		return 0
	}
	var sum float64
	for _, x := range l.NLL {
		sum += float64(x)
	}
	return sum / float64(len(l.NLL))
}

// NormTrace is the root mean square of the residual stream.
type NormTrace struct {
	// Layers[0] is of the embedding, Layers[l] after layer l, counted from 1; each
	// has one value per token read.
	Layers [][]float32
}

// Begin checks what o asks for and clears its results, before the tokens at
// positions from to to are read; known says that the logits before them are. A Session calls it; o may be nil.
func (o *Observer) Begin(c *Config, from, to int, known bool) error {
	if o == nil {
		return nil
	}
	for _, m := range o.Maps {
		if err := checkHead(c, m.Layer, m.Head); err != nil {
			return err
		}
		if m.MaxCells < 0 {
			return fmt.Errorf("model: an attention map wants %d cells, 0 is all and the least is 1", m.MaxCells)
		}
		m.begin(from, to, from)
	}
	for _, r := range o.Rows {
		if err := checkHead(c, r.Layer, r.Head); err != nil {
			return err
		}
		if r.From < from || r.To > to || r.From >= r.To {
			return fmt.Errorf("model: attention rows %d to %d are wanted, this read has %d to %d", r.From, r.To, from, to)
		}
		r.begin()
	}
	for _, p := range o.Profiles {
		if err := checkHead(c, p.Layer, p.Head); err != nil {
			return err
		}
		if err := p.begin(); err != nil {
			return err
		}
	}
	if o.Loss != nil {
		o.Loss.First, o.Loss.NLL = from, o.Loss.NLL[:0]
		if !known {
			o.Loss.First++
		}
		o.Loss.First = max(o.Loss.First, o.Loss.From)
	}
	if o.Norms != nil {
		for len(o.Norms.Layers) < c.Layers+1 {
			o.Norms.Layers = append(o.Norms.Layers, nil)
		}
		o.Norms.Layers = o.Norms.Layers[:c.Layers+1]
		for l := range o.Norms.Layers {
			o.Norms.Layers[l] = o.Norms.Layers[l][:0]
		}
	}
	return nil
}

func checkHead(c *Config, layer, head int) error {
	if layer < 0 || layer >= c.Layers {
		return fmt.Errorf("model: attention of layer %d is wanted, the model has 0 to %d", layer, c.Layers-1)
	}
	if head < 0 || head >= c.Heads {
		return fmt.Errorf("model: attention of head %d is wanted, the model has 0 to %d", head, c.Heads-1)
	}
	return nil
}

// needs tells whether any result depends on more of a block of n tokens at
// start than its keys and values.
func (o *Observer) needs(start, n int) bool {
	if o == nil {
		return false
	}
	return o.Norms != nil || len(o.Maps)+len(o.Rows)+len(o.Profiles) > 0 || o.Loss != nil && start+n >= o.Loss.From
}

// End completes the results of a read that came to a position.
func (o *Observer) End(to int) {
	if o == nil {
		return
	}
	for _, m := range o.Maps {
		m.end(to)
	}
	for _, p := range o.Profiles {
		p.end()
	}
}

// norms notes the residual stream x, rows of width values, at a depth.
func (o *Observer) norms(depth int, x []float32, width int) {
	if o == nil || o.Norms == nil {
		return
	}
	for i := 0; i < len(x); i += width {
		var sum float64
		for _, v := range x[i : i+width] {
			sum += float64(v) * float64(v)
		}
		o.Norms.Layers[depth] = append(o.Norms.Layers[depth], float32(math.Sqrt(sum/float64(width))))
	}
}

// lossLogits bounds the logits held at once while a loss is computed.
const lossLogits = 1 << 18

// loss notes the loss of the block's tokens from its final residual stream x.
// s.logits are still those before the block; if the answer is true, they have become those after it.
func (o *Observer) loss(s *Sequence, tokens []int32, x []float32) (known bool) {
	if o == nil || o.Loss == nil {
		return false
	}
	c := &s.m.cfg
	start := len(s.tokens) - len(tokens)
	if s.known && start >= o.Loss.From {
		o.Loss.NLL = append(o.Loss.NLL, nll(s.logits, tokens[0]))
	}
	rows := min(len(tokens), max(1, lossLogits/c.Vocab))
	if cap(s.scratch.blockLogits) < rows*c.Vocab {
		s.scratch.blockLogits = make([]float32, rows*c.Vocab)
	}
	normed := s.scratch.normed[:len(tokens)*c.Dim]
	c.norm(normed, x, &s.m.finalNorm)
	for from := min(max(0, o.Loss.From-start-1), len(tokens)-1); from < len(tokens); from += rows {
		n := min(rows, len(tokens)-from)
		logits := s.scratch.blockLogits[:n*c.Vocab]
		s.m.head.apply(&s.scratch.ws, logits, normed[from*c.Dim:], n)
		for i := range n {
			row := logits[i*c.Vocab : (i+1)*c.Vocab]
			if next := from + i + 1; next < len(tokens) {
				if start+next >= o.Loss.From {
					o.Loss.NLL = append(o.Loss.NLL, nll(row, tokens[next]))
				}
			} else {
				copy(s.logits, row)
			}
		}
	}
	return true
}

// nll is the negative log-likelihood of token under logits.
func nll(logits []float32, token int32) float32 {
	return float32(kernel.LogSumExp(logits) - float64(logits[token]))
}
