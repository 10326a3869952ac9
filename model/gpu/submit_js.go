//go:build js && wasm

package gpu

import (
	"context"
	"syscall/js"
	"unsafe"
)

// submitted is work under way in a browser.
type submitted struct{ answer chan outcome }

type outcome struct {
	data []byte
	err  error
}

// Wait implements Pending.
func (s *submitted) Wait(ctx context.Context) ([]byte, error) {
	select {
	case o := <-s.answer:
		// It may be waited for again.
		s.answer <- o
		return o.data, o.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Submit implements Driver.
func (g *webGPU) Submit(c *Commands) Pending {
	s := &submitted{answer: make(chan outcome, 1)}
	if err := g.broken(); err != nil {
		s.answer <- outcome{err: err}
		return s
	}
	words := c.Words()
	if g.room < len(words) {
		g.grow(max(2*g.room, len(words)))
	}
	js.CopyBytesToJS(g.raw, unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(words))), 4*len(words)))
	g.mu.Lock()
	g.ticket++
	g.waiting[g.ticket] = s
	ticket := g.ticket
	g.mu.Unlock()
	g.replay.Invoke(ticket, g.words, len(words), c.Bytes())
	return s
}

// done takes the end of a submit: ticket, bytes or null, error or "", its kind.
func (g *webGPU) done(args []js.Value) {
	g.mu.Lock()
	s := g.waiting[args[0].Int()]
	delete(g.waiting, args[0].Int())
	lost := g.lost
	g.mu.Unlock()
	if s == nil {
		return
	}
	var o outcome
	switch text := args[2].String(); {
	case lost != nil:
		o.err = lost
	case text != "":
		err := &Error{Kind: Kind(args[3].Int()), Text: text}
		o.err = err
		defer g.fail(err)
	case args[1].Truthy():
		o.data = make([]byte, args[1].Get("byteLength").Int())
		js.CopyBytesToGo(o.data, args[1])
	}
	s.answer <- o
}

func (g *webGPU) grow(words int) {
	g.room = words
	g.words = js.Global().Get("Uint32Array").New(words)
	g.raw = js.Global().Get("Uint8Array").New(g.words.Get("buffer"))
}
