package work

import (
	"context"
	"sync"

	"clexlab/wasm/wire/jobs"
)

// Dispatcher keeps a worker's requests in order: jobs wait for one another, a word about a job
// works at once. Take and Hear may be called while a job runs. A chunk of a text that another worker leads the reading
// of is read while there is nothing else to do, and given up for any job of the page's.
type Dispatcher struct {
	Worker *Worker
	// Load carries out a request for a checkpoint, whose files have to be fetched.
	Load func(ctx context.Context, r jobs.Request)
	// Exhaust asks for memory until there is none.
	Exhaust func()

	mu      sync.Mutex
	queue   []waiting
	running jobs.Request
	// cancel ends what runs, nil if nothing does.
	cancel context.CancelFunc
	// chunk waits to be read or, with reading, is being read.
	chunk   *Note
	reading bool
	wake    chan struct{}
}

// waiting is a job that has not begun, with the changes that were asked of it meanwhile.
type waiting struct {
	jobs.Request
	ahead []jobs.Steer
}

// NewDispatcher makes the dispatcher of a worker.
func NewDispatcher(w *Worker) *Dispatcher {
	w.patience = usualPatience
	return &Dispatcher{Worker: w, wake: make(chan struct{}, 1)}
}

// Take sorts a request in.
func (d *Dispatcher) Take(r jobs.Request) {
	switch {
	case r.Fault != "":
		d.fault(r.Fault)
	case r.Call:
		d.Worker.Emit(jobs.Answer{ID: r.ID, Kind: jobs.Calling, Has: d.has()})
	case r.Cancel != "":
		d.drop(r)
	case r.SetFactor != nil:
		d.setFactor(r)
	case r.Steer != nil:
		d.steer(r)
	case r.Kind() == "":
		d.Worker.Emit(jobs.Answer{ID: r.ID, Error: "an empty request"})
	default:
		d.mu.Lock()
		d.queue = append(d.queue, waiting{Request: r})
		d.giveUpChunk()
		d.mu.Unlock()
		d.stir()
	}
}

// has are the jobs that run or wait.
func (d *Dispatcher) has() (list []jobs.Job) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if k := d.running.Kind(); k != "" {
		list = append(list, jobs.Job{Kind: k, ID: d.running.ID})
	}
	for _, r := range d.queue {
		list = append(list, jobs.Job{Kind: r.Kind(), ID: r.ID})
	}
	return list
}

// stir has Run look for what there is to do.
func (d *Dispatcher) stir() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// giveUpChunk makes way for a job.
func (d *Dispatcher) giveUpChunk() {
	if d.chunk == nil {
		return
	}
	if d.reading {
		d.cancel()
		return
	}
	d.Worker.tell(d.chunk.from, &Note{Kind: busyNote, Reading: d.chunk.Reading, Why: "a job came"})
	d.chunk = nil
}

// Hear takes a note of another worker in.
func (d *Dispatcher) Hear(from int, n *Note) {
	n.from = from
	w := d.Worker
	switch n.Kind {
	case askNote, chunkNote:
		d.mu.Lock()
		free := d.cancel == nil && len(d.queue) == 0 && d.chunk == nil && w.named(n.Weights) != nil
		if free && n.Kind == chunkNote {
			d.chunk = n
		}
		d.mu.Unlock()
		switch {
		case !free:
			w.inboxes.close(n.Reading)
			w.tell(from, &Note{Kind: busyNote, Reading: n.Reading, Why: "busy"})
		case n.Kind == askNote:
			// Keys may come before the chunk does: they are another worker's.
			w.inboxes.get(n.Reading)
			w.tell(from, &Note{Kind: freeNote, Reading: n.Reading})
		default:
			d.stir()
		}
	case stopNote:
		d.mu.Lock()
		if d.chunk != nil && d.chunk.Reading == n.Reading {
			d.giveUpChunk()
		}
		d.mu.Unlock()
		w.inboxes.close(n.Reading)
	default:
		w.inboxes.put(n)
	}
}

// drop ends a job that runs or waits. One that is over already leaves nothing behind.
func (d *Dispatcher) drop(r jobs.Request) {
	d.mu.Lock()
	if d.cancel != nil && d.running.ID == r.ID && d.running.Kind() == r.Cancel {
		d.cancel()
		d.mu.Unlock()
		return
	}
	for i, q := range d.queue {
		if q.ID == r.ID && q.Kind() == r.Cancel {
			d.queue = append(d.queue[:i:i], d.queue[i+1:]...)
			d.mu.Unlock()
			d.Worker.Emit(jobs.Answer{ID: r.ID, Kind: r.Cancel, Done: true, StopReason: jobs.StopCancelled})
			return
		}
	}
	d.mu.Unlock()
}

// setFactor gives a text that is written, or waits to be, another t.
func (d *Dispatcher) setFactor(r jobs.Request) {
	d.mu.Lock()
	for i, q := range d.queue {
		if q.ID == r.ID && q.Write != nil {
			changed := *q.Write
			changed.FactorRule = *r.SetFactor
			d.queue[i].Write = &changed
			d.mu.Unlock()
			return
		}
	}
	d.mu.Unlock()
	d.Worker.SetFactor(r.ID, *r.SetFactor)
}

// steer changes a training that runs, or notes the change for one that waits to.
func (d *Dispatcher) steer(r jobs.Request) {
	d.mu.Lock()
	for i, q := range d.queue {
		if q.ID == r.ID && q.Train != nil {
			d.queue[i].ahead = append(q.ahead, *r.Steer)
			d.mu.Unlock()
			return
		}
	}
	d.mu.Unlock()
	d.Worker.Steer(r.ID, *r.Steer)
}

// Run carries out what comes, until ctx ends.
func (d *Dispatcher) Run(ctx context.Context) {
	for {
		for d.one(ctx) {
		}
		select {
		case <-d.wake:
		case <-ctx.Done():
			return
		}
	}
}

// one carries out what is next, if anything is.
func (d *Dispatcher) one(ctx context.Context) bool {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	d.mu.Lock()
	var r jobs.Request
	var n *Note
	switch {
	case len(d.queue) > 0:
		r, d.Worker.ahead = d.queue[0].Request, d.queue[0].ahead
		d.queue = d.queue[1:]
	case d.chunk != nil:
		n, d.reading = d.chunk, true
	default:
		d.mu.Unlock()
		return false
	}
	d.running, d.cancel = r, cancel
	d.mu.Unlock()
	switch {
	case n != nil:
		d.Worker.help(ctx, n)
	case r.Load != nil:
		d.Load(ctx, r)
	default:
		d.Worker.Do(ctx, r)
	}
	d.mu.Lock()
	d.running, d.cancel = jobs.Request{}, nil
	if n != nil {
		d.chunk, d.reading = nil, false
	}
	d.mu.Unlock()
	return true
}
