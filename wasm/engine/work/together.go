package work

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"clexlab/model"
)

const (
	// togetherFrom is the shortest text, in tokens, that is worth cutting up.
	togetherFrom = 512
	// aliveEvery is how often a worker that reads a chunk says so.
	aliveEvery = 200 * time.Millisecond
)

// patience is how long others are waited for.
type patience struct {
	// answer is how long a worker may take to say that it is free: one that computes does not answer at once. word is
	// how long one that reads may be silent.
	answer, word time.Duration
}

var usualPatience = patience{200 * time.Millisecond, 3 * time.Second}

var errAlone = errors.New("nobody reads along")

// prefill reads a text or its rest: with the workers that the page named, where all of it is to be read and it is long
// enough, and alone in every other case, whatever goes wrong with them.
func (w *Worker) prefill(ctx context.Context, set *set, s model.Session, tokens []int32, o *model.Observer) error {
	if q, ok := s.(*model.Sequence); ok && q.Len() == 0 && len(tokens) >= togetherFrom && len(w.helpers) > 0 && w.Send != nil {
		if err := w.lead(ctx, set, q, tokens, o); err == nil || ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return s.Prefill(ctx, tokens, o)
}

// lead has a text read in chunks by others and reads the last one. On an error q is empty.
func (w *Worker) lead(ctx context.Context, set *set, q *model.Sequence, tokens []int32, o *model.Observer) error {
	look, ok := asked(o)
	if !ok {
		return errAlone
	}
	reading := rand.Int64N(1<<53) + 1
	box := w.inboxes.get(reading)
	defer w.inboxes.close(reading)
	helpers := w.gather(ctx, reading, w.nameOf(set), box)
	finished := false
	defer func() {
		for _, h := range helpers {
			if !finished {
				w.tell(h, &Note{Kind: stopNote, Reading: reading})
			}
		}
	}()
	cfg := q.Config()
	cuts := cfg.Chunks(len(tokens), len(helpers)+1)
	last := len(cuts) - 2
	if last == 0 {
		return errAlone
	}
	for _, h := range helpers[last:] {
		w.tell(h, &Note{Kind: stopNote, Reading: reading})
	}
	helpers = helpers[:last]
	for i, h := range helpers {
		c := &chunk{Encoding: *q.Encoding(), Tokens: tokens, From: cuts[i], To: cuts[i+1], After: -1, Look: look}
		if i+1 < last {
			c.After = helpers[i+1]
		}
		if err := w.Send(h, &Note{Kind: chunkNote, Reading: reading, Weights: w.nameOf(set), Chunk: c}); err != nil {
			return err
		}
	}
	seen := map[int]*observation{}
	part := &model.Observer{}
	if o != nil {
		*part = *o
	}
	part.Progress = func(done, total int) {
		if o != nil && o.Progress != nil {
			o.Progress(done*len(tokens)/total, len(tokens))
		}
	}
	take := func(ctx context.Context, layer int) (model.KeyValues, error) {
		return w.takeKeys(ctx, box, layer, seen)
	}
	if err := q.PrefillTogether(ctx, tokens, cuts[last], cuts[last+1], model.Relay{Take: take}, part); err != nil {
		return err
	}
	if err := w.join(ctx, box, helpers, seen, part); err != nil {
		// Keys and logits are right, but what was to be seen is not all there.
		return errors.Join(err, q.Truncate(0))
	}
	finished = true
	return nil
}

// join waits for what all helpers have seen and puts it before what the leader has.
func (w *Worker) join(ctx context.Context, box *inbox, helpers []int, seen map[int]*observation, part *model.Observer) error {
	for len(seen) < len(helpers) {
		if _, err := w.takeKeys(ctx, box, -1, seen); err != nil {
			return err
		}
	}
	for i := len(helpers) - 1; i >= 0; i-- {
		l := seen[helpers[i]]
		if l == nil {
			return fmt.Errorf("worker %d was not asked and answers", helpers[i])
		}
		if err := part.Join(l.observer()); err != nil {
			return err
		}
	}
	return nil
}

// gather asks the workers that the page named which of them are free, in the page's order.
func (w *Worker) gather(ctx context.Context, reading int64, weights string, box *inbox) (free []int) {
	waiting := 0
	for _, h := range w.helpers {
		if w.tell(h, &Note{Kind: askNote, Reading: reading, Weights: weights}) {
			waiting++
		}
	}
	yes := map[int]bool{}
	for until := time.Now().Add(w.patience.answer); waiting > 0; waiting-- {
		n, err := box.next(ctx, time.Until(until))
		if err != nil {
			break
		}
		yes[n.from] = n.Kind == freeNote
	}
	for _, h := range w.helpers {
		if yes[h] {
			free = append(free, h)
		} else {
			// Whoever says yes too late is not waited for.
			w.tell(h, &Note{Kind: stopNote, Reading: reading})
		}
	}
	return free
}

// takeKeys waits for the keys and values of a layer, or with layer -1 for anything; what was seen is put aside.
func (w *Worker) takeKeys(ctx context.Context, box *inbox, layer int, seen map[int]*observation) (model.KeyValues, error) {
	for {
		n, err := box.next(ctx, w.patience.word)
		if err != nil {
			return model.KeyValues{}, err
		}
		switch n.Kind {
		case keysNote:
			if n.Layer == layer {
				return model.KeyValues{To: n.To, Keys: n.Tables[0], Values: n.Tables[1]}, nil
			}
			return model.KeyValues{}, fmt.Errorf("keys of layer %d came, not of %d", n.Layer, layer)
		case lookedNote:
			seen[n.from] = n.Seen
			if layer < 0 {
				return model.KeyValues{}, nil
			}
		case busyNote:
			return model.KeyValues{}, fmt.Errorf("worker %d reads no more: %s", n.from, n.Why)
		}
	}
}

// tell sends a note whose loss does no harm, and reports whether it was sent.
func (w *Worker) tell(to int, n *Note) bool { return w.Send(to, n) == nil }

// nameOf is the name of a set for the other workers.
func (w *Worker) nameOf(set *set) string {
	for name, s := range w.sets {
		if s == set {
			return name
		}
	}
	return ""
}

// named is the set of a name, nil if this worker does not have it.
func (w *Worker) named(name string) *set {
	if name == "" {
		return w.first
	}
	return w.sets[name]
}

// help reads a chunk for the worker that leads.
func (w *Worker) help(ctx context.Context, n *Note) {
	defer w.inboxes.close(n.Reading)
	if err := w.readChunk(ctx, n); err != nil {
		w.tell(n.from, &Note{Kind: busyNote, Reading: n.Reading, Why: err.Error()})
	}
}

func (w *Worker) readChunk(ctx context.Context, n *Note) error {
	c, set := n.Chunk, w.named(n.Weights)
	if set == nil {
		return fmt.Errorf("the weights %q are not here", n.Weights)
	}
	if _, _, err := w.textOn(ctx, set, &set.chunk, 0, nil, c.To); err != nil {
		return err
	}
	s := set.chunk.cpu
	if err := s.SetEncoding(&c.Encoding); err != nil {
		return err
	}
	after := c.After
	if after < 0 {
		after = n.from
	}
	box := w.inboxes.get(n.Reading)
	relay := model.Relay{
		Take: func(ctx context.Context, layer int) (model.KeyValues, error) {
			return w.takeKeys(ctx, box, layer, map[int]*observation{})
		},
		Pass: func(layer int, kv model.KeyValues) error {
			return w.Send(after, &Note{Kind: keysNote, Reading: n.Reading, Layer: layer, To: kv.To, Tables: [][]float32{kv.Keys, kv.Values}})
		},
	}
	o := c.Look.observer()
	said := time.Now()
	o.Progress = func(int, int) {
		if now := time.Now(); now.Sub(said) >= aliveEvery {
			said = now
			w.tell(n.from, &Note{Kind: aliveNote, Reading: n.Reading})
			if after != n.from {
				w.tell(after, &Note{Kind: aliveNote, Reading: n.Reading})
			}
		}
		w.Yield()
	}
	if err := s.PrefillTogether(ctx, c.Tokens, c.From, c.To, relay, o); err != nil {
		return err
	}
	light, tables := c.Look.pack()
	return w.Send(n.from, &Note{Kind: lookedNote, Reading: n.Reading, Seen: light, Tables: tables})
}
