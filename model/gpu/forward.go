package gpu

import (
	"context"
	"slices"

	"clexlab/model"
)

// Prefill implements model.Session. While the device reads a block, the next one is already prepared.
func (s *Sequence) Prefill(ctx context.Context, tokens []int32, o *model.Observer) error {
	if err := s.check(tokens); err != nil {
		return err
	}
	start, total := s.length, len(tokens)
	watch, err := s.newCapture(ctx, o, start, start+total)
	if err != nil {
		return err
	}
	if err := o.Begin(&s.m.plan.cfg, start, start+total, s.ready); err != nil {
		return err
	}
	s.known = false
	s.writeTokens(tokens)
	var before Pending
	var waiting int
	wait := func() error {
		if before == nil {
			return nil
		}
		p, n := before, waiting
		before = nil
		data, err := p.Wait(ctx)
		if err != nil {
			return err
		}
		watch.rows(data)
		if o != nil && o.Progress != nil {
			o.Progress(n, total)
		}
		return nil
	}
	cancelled := func(err error) error {
		s.ready = false
		if _, broken := err.(*Error); broken {
			return s.failed(err)
		}
		o.End(s.length)
		return err
	}
	for done := 0; done < total; {
		if err := ctx.Err(); err != nil {
			return cancelled(err)
		}
		n := min(s.block, total-done)
		if done == 0 {
			s.begin(watch)
		}
		s.read(n, watch, done+n == total)
		s.append(tokens[done : done+n])
		done += n
		if done == total {
			watch.readBack(&s.c)
			s.c.ReadBack(s.buf.logits, 0, 4*len(s.logits))
		}
		p := s.submit()
		if err := wait(); err != nil {
			return cancelled(err)
		}
		before, waiting = p, done
		if done == total {
			before = nil
			data, err := p.Wait(ctx)
			if err != nil {
				return cancelled(err)
			}
			data = watch.rows(data)
			data = watch.results(data)
			readFloats(s.logits, data)
			if !finite(s.logits) {
				return s.failed(&Error{Kind: Wrong, Text: "the logits are not finite"})
			}
			s.known, s.ready = true, true
			if o != nil && o.Progress != nil {
				o.Progress(done, total)
			}
		}
	}
	o.End(s.length)
	return nil
}

// append counts tokens as read.
func (s *Sequence) append(tokens []int32) {
	s.tokens = append(s.tokens, tokens...)
	s.length += len(tokens)
}

// writeTokens puts tokens into the device's buffer after those of the text, except what is there already.
func (s *Sequence) writeTokens(tokens []int32) {
	s.c.Reset()
	same := 0
	if len(s.resident) > s.length {
		for have := s.resident[s.length:]; same < min(len(have), len(tokens)) && have[same] == tokens[same]; same++ {
		}
	}
	if same < len(tokens) {
		words := make([]uint32, 0, len(tokens)-same)
		for _, t := range tokens[same:] {
			words = append(words, uint32(t))
		}
		s.c.Write(s.buf.tokens, 4*(s.length+same), words)
		s.resident = append(s.resident[:s.length+same], tokens[same:]...)
	}
}

// begin prepares what is watched, in the first submit of a read.
func (s *Sequence) begin(w *capture) {
	w.clear(&s.c)
	if w != nil && w.loss && s.ready {
		// The token before this read predicted its first.
		params := s.params(s.length-1, 1)
		s.c.set(s.groups.uniforms, &params)
		s.c.Run(s.m.loss.pipeline, s.groups.lastLoss, 1, 1, 1)
	}
}

func (s *Sequence) params(start, n int) params {
	c := &s.m.plan.cfg
	return params{start: start, n: n, block: s.block, capacity: s.capacity, parts: s.parts,
		heads: c.Heads, kvHeads: c.KVHeads, dim: c.Dim, vocab: c.Vocab}
}

// submit sends the commands recorded.
func (s *Sequence) submit() Pending {
	s.c.Finish(s.buf.params)
	p := s.m.driver.Submit(&s.c)
	s.c.Reset()
	return p
}

// read records the forward pass of the next n tokens. last asks for the logits after them.
func (s *Sequence) read(n int, watch *capture, last bool) {
	m, c, g := s.m, &s.c, &s.groups
	p := &m.plan
	params := s.params(s.length, n)
	s.encode()
	c.set(g.uniforms, &params)
	if !s.turned && s.length > 0 {
		for l := range g.layers {
			s.rotateKeys(g.layers[l].rotateKeys, s.length)
		}
	}
	s.turned = true
	s.embed(n)
	for l := range m.layers {
		w, g, looks := &m.layers[l], &g.layers[l], watch.wants(l)
		s.normalise(g.attentionNorm, n)
		s.multiply(&w.qkv, g.qkv, n)
		s.store(g.ropeStore, n)
		switch {
		case n == 1 && !looks:
			c.Run(m.attendPart.pipeline, g.part, groups(s.length+1, part), p.cfg.Heads, 1)
			c.Run(m.mergeParts.pipeline, s.groups.mergeParts, groups(p.queryDim()/4, threads), 1, 1)
		case s.encoding.Remap != nil:
			c.Run(m.attendFar.pipeline, g.attendFar, groups(n, p.queries), p.cfg.Heads, 1)
		default:
			c.Run(m.attend.pipeline, g.attend, groups(n, p.queries), p.cfg.Heads, 1)
		}
		if looks {
			s.observe(watch, l, params)
		}
		if p.cfg.Parallel() {
			// The MLP reads the residual stream before attention is added to it.
			s.up(l, n)
			s.multiply(&w.o, g.o, n)
		} else {
			s.multiply(&w.o, g.o, n)
			s.up(l, n)
		}
		s.multiply(&w.down, g.down, n)
	}
	if watch != nil && watch.loss {
		s.recordLoss(n, watch.to, params)
	}
	if last {
		params.row, params.n = n-1, 1
		c.set(g.uniforms, &params)
		s.normalise(g.finalNorm, 1)
		s.multiply(&m.head, g.head, 1)
	}
}

// encode sends the encoding if the device does not have it.
func (s *Sequence) encode() {
	if !s.stale {
		return
	}
	s.packed = packEncoding(s.packed, &s.encoding, s.m.plan.cfg.Rotary.HeadDim)
	s.c.Write(s.buf.encoding, 0, s.packed)
	s.stale = false
}

// store records that the heads of n tokens go to their places.
func (s *Sequence) store(g Group, n int) {
	if p := &s.m.plan; p.cfg.HeadNorm {
		s.c.Run(s.m.ropeStore.pipeline, g, n, p.cfg.Heads+2*p.cfg.KVHeads, 1)
	} else {
		s.c.Run(s.m.ropeStore.pipeline, g, groups(n*p.qkvDim(), threads), 1, 1)
	}
}

// rotateKeys records that the first n keys of a layer are rotated anew.
func (s *Sequence) rotateKeys(g Group, n int) {
	c := &s.m.plan.cfg
	x, z := spread(groups(n*c.Rotary.HeadDim, threads))
	s.c.Run(s.m.rotateKeys.pipeline, g, x, c.KVHeads, z)
}

// embed records that the residual stream becomes the embedding of n tokens. Each piece of the table has those of its rows.
func (s *Sequence) embed(n int) {
	for _, g := range s.groups.embed {
		s.c.Run(s.m.embed.pipeline, g, groups(n*s.m.plan.cfg.Dim/4, threads), 1, 1)
	}
}

// up records the first half of layer l's MLP.
func (s *Sequence) up(l, n int) {
	w, g := &s.m.layers[l], &s.groups.layers[l]
	if !w.oneNorm {
		s.normalise(g.mlpNorm, n)
	}
	s.multiply(&w.up, g.up, n)
}

// multiply records the product of the block's rows with a matrix, piece by piece.
func (s *Sequence) multiply(l *linear, g []Group, n int) {
	if n == 1 {
		for i := range g {
			s.c.Run(l.one.pipeline, g[i], groups(l.pieces[i].outputs, vecRows), 1, 1)
		}
		return
	}
	s.multiplyMany(l, g, n)
}

// multiplyMany is multiply by the kernel for many rows, also of one.
func (s *Sequence) multiplyMany(l *linear, g []Group, n int) {
	for i := range g {
		s.c.Run(l.many.pipeline, g[i], groups(l.pieces[i].outputs, tile), groups(n, tile), 1)
	}
}

// recordLoss records the loss of the tokens that follow those of the block, up to position to.
func (s *Sequence) recordLoss(n, to int, params params) {
	rows := s.m.plan.lossRows(s.block, s.m.driver.Adapter().Limits)
	n = min(n, to-1-s.length)
	for from := 0; from < n; from += rows {
		params.row, params.n = from, min(rows, n-from)
		s.c.set(s.groups.uniforms, &params)
		s.normalise(s.groups.finalNorm, params.n)
		s.multiplyMany(&s.m.head, s.groups.lossHead, params.n)
		s.c.Run(s.m.loss.pipeline, s.groups.loss, params.n, 1, 1)
	}
}

// Resident reports whether the device holds exactly these tokens, so that reading them again uploads none.
func (s *Sequence) Resident(tokens []int32) bool {
	return len(s.resident) >= len(tokens) && slices.Equal(s.resident[:len(tokens)], tokens)
}
