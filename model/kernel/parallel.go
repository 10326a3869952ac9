package kernel

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// job is one For in progress: whoever takes part claims indices until none are left.
type job struct {
	f    func(int)
	n    int64
	next atomic.Int64
	left sync.WaitGroup
	// refs counts who still holds the job; the last one returns it to the pool.
	refs atomic.Int32
}

var (
	jobs    = sync.Pool{New: func() any { return new(job) }}
	offers  = make(chan *job)
	helpers sync.Once
)

func (j *job) run() {
	for {
		i := j.next.Add(1) - 1
		if i >= j.n {
			break
		}
		j.f(int(i))
		j.left.Done()
	}
	if j.refs.Add(-1) == 0 {
		j.f = nil
		jobs.Put(j)
	}
}

// For calls f(0) … f(n-1), spread over the processor's cores, and returns when
// all calls have. Where there is one thread, as in WebAssembly, it is a plain
// loop. It allocates nothing in a steady state, may be nested and may be called
// from several goroutines; f must not panic.
func For(n int, f func(i int)) {
	cores := runtime.GOMAXPROCS(0)
	if n <= 1 || cores == 1 || runtime.GOARCH == "wasm" {
		for i := range n {
			f(i)
		}
		return
	}
	helpers.Do(func() {
		for range runtime.NumCPU() {
			go func() {
				for j := range offers {
					j.run()
				}
			}()
		}
	})
	j := jobs.Get().(*job)
	j.f, j.n = f, int64(n)
	j.next.Store(0)
	j.left.Add(n)
	j.refs.Store(2)
	// Only idle helpers take the offer: a nested For never waits for a busy one.
offering:
	for range min(n, cores) - 1 {
		j.refs.Add(1)
		select {
		case offers <- j:
		default:
			j.refs.Add(-1)
			break offering
		}
	}
	j.run()
	j.left.Wait()
	if j.refs.Add(-1) == 0 {
		j.f = nil
		jobs.Put(j)
	}
}
