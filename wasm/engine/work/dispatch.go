package work

import (
	"context"

	"clexlab/wasm/wire/jobs"
)

// Dispatcher keeps a worker's requests in order: jobs wait for one another, a word about a job
// works at once. It belongs to one thread: Take may be called while a job yields.
type Dispatcher struct {
	Worker *Worker
	// Load carries out a request for a checkpoint, whose files have to be fetched.
	Load func(ctx context.Context, r jobs.Request)
	// Exhaust asks for memory until there is none.
	Exhaust func()

	queue   []jobs.Request
	running jobs.Request
	cancel  context.CancelFunc
	wake    chan struct{}
}

// NewDispatcher makes the dispatcher of a worker.
func NewDispatcher(w *Worker) *Dispatcher {
	return &Dispatcher{Worker: w, wake: make(chan struct{}, 1)}
}

// Take sorts a request in.
func (d *Dispatcher) Take(r jobs.Request) {
	switch {
	case r.Fault != "":
		d.fault(r.Fault)
	case r.Cancel != "":
		d.drop(r)
	case r.SetFactor != nil:
		d.setFactor(r)
	case r.Steer != nil:
		d.Worker.Steer(r.ID, *r.Steer)
	case r.Kind() == "":
		d.Worker.Emit(jobs.Answer{ID: r.ID, Error: "an empty request"})
	default:
		d.queue = append(d.queue, r)
		select {
		case d.wake <- struct{}{}:
		default:
		}
	}
}

// drop ends a job that runs or waits. One that is over already leaves nothing behind.
func (d *Dispatcher) drop(r jobs.Request) {
	if d.cancel != nil && d.running.ID == r.ID && d.running.Kind() == r.Cancel {
		d.cancel()
		return
	}
	for i, q := range d.queue {
		if q.ID == r.ID && q.Kind() == r.Cancel {
			d.queue = append(d.queue[:i:i], d.queue[i+1:]...)
			d.Worker.Emit(jobs.Answer{ID: r.ID, Kind: r.Cancel, Done: true, StopReason: jobs.StopCancelled})
			return
		}
	}
}

// setFactor gives a text that is written, or waits to be, another t.
func (d *Dispatcher) setFactor(r jobs.Request) {
	for i, q := range d.queue {
		if q.ID == r.ID && q.Write != nil {
			changed := *q.Write
			changed.FactorRule = *r.SetFactor
			d.queue[i].Write = &changed
			return
		}
	}
	d.Worker.SetFactor(r.ID, *r.SetFactor)
}

// Run carries out what comes, until ctx ends.
func (d *Dispatcher) Run(ctx context.Context) {
	for {
		for len(d.queue) > 0 {
			r := d.queue[0]
			d.queue = d.queue[1:]
			d.one(ctx, r)
		}
		select {
		case <-d.wake:
		case <-ctx.Done():
			return
		}
	}
}

func (d *Dispatcher) one(ctx context.Context, r jobs.Request) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	d.running, d.cancel = r, cancel
	if r.Load != nil {
		d.Load(ctx, r)
	} else {
		d.Worker.Do(ctx, r)
	}
	d.running, d.cancel = jobs.Request{}, nil
}
