package work

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"clexlab/model"
	"clexlab/model/gpu"
	"clexlab/wasm/wire/jobs"
)

// GPU is a device that reads texts with the worker's models.
type GPU interface {
	// Name is its adapter's, for a person; Software is set when no graphics processor stands behind it.
	Name() string
	Software() bool
	// Load puts a model on it and proves every kernel against the CPU.
	Load(ctx context.Context, c model.Config, w *model.Weights) (GPUModel, error)
	// Close gives it back. Destroy takes it away as a driver that is reset would.
	Close()
	Destroy()
}

// GPUModel is a model on a GPU. NewText makes an empty text, with memory for capacity tokens.
type GPUModel interface {
	// Report says, for a person, what its kernels use of the device.
	Report() string
	NewSession(ctx context.Context, capacity int) (model.Session, error)
}

// backend is the worker's GPU and what is known of it.
type backend struct {
	device GPU
	// attempt is the number of the attempt that device belongs to, or that failed.
	attempt int
	failed  error
}

// The machines by what a cachedSequence keeps of them.
const (
	onCPU = iota
	onGPU
)

// backendOf is the machine of an attempt.
func backendOf(attempt int) int {
	if attempt > 0 {
		return onGPU
	}
	return onCPU
}

// usualWindows is how long a text usually is at most, in trained windows.
const usualWindows = 16

// cachedSequence holds the text that jobs of one kind go on from, on either machine.
type cachedSequence struct {
	cpu *model.Sequence
	gpu model.Session
	// latencies are how fast the CPU and the GPU answered with maps, last time.
	latencies [2]latency
}

// device opens the GPU if it is not open; requests number their attempts, so that one
// that failed is not made again before the person asks for it.
func (w *Worker) device(ctx context.Context, attempt int) (GPU, error) {
	m := &w.backend
	if attempt <= m.attempt && (m.device != nil || m.failed != nil) {
		return m.device, m.failed
	}
	w.dropGPU()
	m.attempt, m.failed = max(m.attempt, attempt), nil
	if w.OpenGPU == nil {
		m.failed = &gpu.Error{Kind: gpu.Missing, Text: "this browser has no WebGPU"}
		return nil, m.failed
	}
	d, err := w.OpenGPU(ctx)
	if err != nil {
		m.failed = err
		return nil, err
	}
	m.device = d
	return d, nil
}

// modelOnGPU is the model of a set on the GPU, tested.
func (w *Worker) modelOnGPU(ctx context.Context, set *set, attempt int) (GPUModel, error) {
	d, err := w.device(ctx, attempt)
	if err != nil || set.gpu != nil {
		return set.gpu, err
	}
	config, weights := set.weights()
	m, err := d.Load(ctx, config, weights)
	if err == nil {
		err = w.accept(ctx, set, m)
	}
	if err != nil {
		if ctx.Err() == nil {
			// Otherwise it was not the GPU's fault: the next request opens it again.
			w.backend.failed = err
		}
		w.dropGPU()
		return nil, err
	}
	set.gpu = m
	return m, nil
}

// dropGPU gives the device back, with all that is on it; failed stays.
func (w *Worker) dropGPU() {
	if w.backend.device == nil {
		return
	}
	w.backend.device.Close()
	w.backend.device = nil
	for _, set := range append(slices.Collect(maps.Values(w.sets)), w.first) {
		set.gpu, set.text.gpu, set.look.gpu, set.judge.gpu = nil, nil, nil, nil
		set.look.latencies[onGPU] = latency{}
	}
}

// onEither does a job on the GPU if the attempt says so, and on the CPU if the GPU gave up: its
// trouble has been told to the page then.
func (w *Worker) onEither(attempt int, do func(attempt int) error) error {
	err := do(attempt)
	if w.gaveUp(attempt, err) {
		return do(0)
	}
	return err
}

// gaveUp reports whether err is the GPU's, in a job that was to run on it. It
// has been told to the page then, and the job is to go on on the CPU.
func (w *Worker) gaveUp(attempt int, err error) bool {
	var trouble *gpu.Error
	if attempt == 0 || !errors.As(err, &trouble) {
		return false
	}
	if trouble.Kind != gpu.Unfit || w.backend.device == nil {
		// The device is of no use any more, except when only this request was not for it.
		w.backend.failed = err
		w.dropGPU()
		w.Emit(jobs.Answer{GPU: &jobs.GPU{Trouble: err.Error()}})
	}
	return true
}

// roomStep is what the room for a text is rounded up to, in tokens.
const roomStep = 256

// textOn returns a text, on the GPU if the attempt says so, that has read the longest
// common beginning of its text and tokens, with room for capacity tokens, and what is left to read.
func (w *Worker) textOn(ctx context.Context, set *set, s *cachedSequence, attempt int, tokens []int32, capacity int) (model.Session, []int32, error) {
	if attempt == 0 {
		if s.cpu == nil || s.cpu.Capacity() < capacity {
			// The old one's memory may become the new one's. A text that grows does not take new memory for every few tokens.
			s.cpu = nil
			fresh, err := set.model.NewSequence((max(1, capacity) + roomStep - 1) / roomStep * roomStep)
			if err != nil {
				return nil, nil, err
			}
			s.cpu = fresh
		}
		return common(s.cpu, tokens)
	}
	m, err := w.modelOnGPU(ctx, set, attempt)
	if err != nil {
		return nil, nil, err
	}
	if s.gpu == nil || s.gpu.Capacity() < capacity {
		// Memory on the GPU is taken for any usual text at once, and for the longest when one comes.
		room := min(usualWindows*set.window(), w.maxTokens()) + 1
		if capacity > room {
			room = w.maxTokens() + 1
		}
		if s.gpu, err = m.NewSession(ctx, max(room, capacity)); err != nil {
			return nil, nil, err
		}
	}
	return common(s.gpu, tokens)
}

// common cuts a text back to what it has in common with tokens.
func common(s model.Session, tokens []int32) (model.Session, []int32, error) {
	n := 0
	for have := s.Tokens(); n < len(have) && n < len(tokens) && have[n] == tokens[n]; n++ {
	}
	return s, tokens[n:], s.Truncate(n)
}

// accept is the last test of a device: a fixed text, forced token by token,
// must give the CPU's logits, to a thousandth of the largest: the CPU rounds keys and values to 16 bits, and activations before int8 weights.
func (w *Worker) accept(ctx context.Context, set *set, m GPUModel) error {
	tokens := w.sampleText(24)
	texts := [2]model.Session{}
	var err error
	if texts[0], err = set.model.NewSequence(len(tokens)); err != nil {
		return err
	}
	if texts[1], err = m.NewSession(ctx, len(tokens)); err != nil {
		return err
	}
	half := len(tokens) / 2
	for i := half; i <= len(tokens); i++ {
		for _, s := range texts {
			if i == half {
				err = s.Prefill(ctx, tokens[:half], nil)
			} else {
				err = s.Decode(tokens[i-1])
			}
			if err != nil {
				return err
			}
		}
		cpu, other := texts[0].Logits(), texts[1].Logits()
		var largest float64
		for _, v := range cpu {
			largest = max(largest, math.Abs(float64(v)))
		}
		for k := range cpu {
			if off := math.Abs(float64(cpu[k] - other[k])); !(off <= 1e-3+1e-3*largest) {
				return &gpu.Error{Kind: gpu.Wrong, Text: fmt.Sprintf("after %d tokens logit %d is %v, the CPU says %v", i, k, other[k], cpu[k])}
			}
		}
	}
	return nil
}

// sampleText is a text of n tokens to measure with.
func (w *Worker) sampleText(n int) []int32 {
	once := w.tok.Encode(nil, "Once upon a time there was a little fox who lived in the wood by the sea. ")
	tokens := make([]int32, 0, n)
	for len(tokens) < n {
		tokens = append(tokens, once[:min(len(once), n-len(tokens))]...)
	}
	return tokens
}
