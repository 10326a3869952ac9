package work

import (
	"context"
	"errors"
	"sync"
	"time"
)

// inbox holds the notes of one reading that have come and were not looked at yet.
type inbox struct {
	mu    sync.Mutex
	notes []*Note
	wake  chan struct{}
}

var errSilent = errors.New("nothing was heard of the others for too long")

func (b *inbox) put(n *Note) {
	b.mu.Lock()
	b.notes = append(b.notes, n)
	b.mu.Unlock()
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

func (b *inbox) pop() *Note {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.notes) == 0 {
		return nil
	}
	n := b.notes[0]
	b.notes = b.notes[1:]
	return n
}

// next waits for a note, but no longer than so long after the last one.
func (b *inbox) next(ctx context.Context, patience time.Duration) (*Note, error) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		if n := b.pop(); n != nil {
			return n, nil
		}
		select {
		case <-b.wake:
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-timer.C:
			return nil, errSilent
		}
	}
}

// inboxes are those of the readings that a worker takes part in, by number.
type inboxes struct {
	mu   sync.Mutex
	open map[int64]*inbox
}

// get opens the inbox of a reading, or returns the one that is open.
func (a *inboxes) get(reading int64) *inbox {
	a.mu.Lock()
	defer a.mu.Unlock()
	if b := a.open[reading]; b != nil {
		return b
	}
	if a.open == nil {
		a.open = map[int64]*inbox{}
	}
	b := &inbox{wake: make(chan struct{}, 1)}
	a.open[reading] = b
	return b
}

// put sorts a note in; one of a reading that is over is dropped.
func (a *inboxes) put(n *Note) {
	a.mu.Lock()
	b := a.open[n.Reading]
	a.mu.Unlock()
	if b != nil {
		b.put(n)
	}
}

func (a *inboxes) close(reading int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.open, reading)
}
