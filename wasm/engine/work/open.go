package work

import (
	"context"
	"math"
	"runtime/debug"
	"time"

	"clexlab/model"
	"clexlab/model/checkpoint"
	"clexlab/viz/scene"
	"clexlab/wasm/wire/jobs"
)

// Models of files from largeFile bytes on are held once, as the CPU's kernels have them: what a GPU is given is laid out from those.
const (
	largeFile      = 64 << 20
	largeGCPercent = 10
)

// LoadFiles takes a model that a reader brought, in any form that can be opened, its matrices rounded to int8 as they
// arrive. If it fails, the worker keeps the model that it had.
func (w *Worker) LoadFiles(ctx context.Context, l *jobs.Load, progress func(done, total int64)) error {
	c, tok, err := checkpoint.Loader{Int8: true, Progress: progress}.Open(ctx, w.Files(ctx, l.Files))
	if err != nil {
		return err
	}
	if b := l.Bounds; b != nil {
		c.Config.Rotary.Window = b.Window
	}
	var first *set
	if l.Size < largeFile {
		first, err = newSet(c)
	} else {
		// A heap of little but weights needs no room to grow into.
		debug.SetGCPercent(largeGCPercent)
		var m *model.Model
		if m, err = model.NewReleasing(c.Config, c.Weights); err == nil {
			first = bareSet(c, m)
		}
	}
	if err != nil {
		return err
	}
	if b := l.Bounds; b != nil {
		first.tMax = b.TMax
	}
	w.use(first, tok, nil)
	return nil
}

// weights are what a GPU is given: those at hand, or the CPU's, layer by layer, with the shape that goes with them.
func (s *set) weights() (model.Config, *model.Weights) {
	if s.raw != nil {
		return s.model.Config(), s.raw
	}
	return s.model.Unpacked()
}

// describe says what a model is and needs.
func (w *Worker) describe(ctx context.Context, r *jobs.Describe) error {
	d, err := checkpoint.Describe(ctx, w.Files(ctx, r.Files))
	if err != nil {
		return err
	}
	c := &d.Config
	said := &jobs.Described{
		Model:  scene.Model{TMax: d.TMax(), Layers: c.Layers, Heads: c.Heads, Rotary: c.Rotary, Network: d.CLEX},
		Family: c.Architecture.String(), Vocab: c.Vocab, Parameters: d.Parameters, Memory: d.Int8Bytes, FileBytes: d.FileBytes, TokenBytes: d.CacheBytes(),
		Notes: d.Notes,
	}
	if name, o, t, err := d.Asked(); err != nil {
		said.Notes = append(said.Notes, err.Error())
	} else {
		said.Method, said.Options, said.AskedT = name, &o, t
	}
	if said.Speed, err = w.expect(ctx, d); err != nil {
		return err
	}
	w.Emit(jobs.Answer{Described: said})
	return nil
}

// The run of one layer by which a model's speed is reckoned.
const (
	trialTokens = 64
	trialWrites = 4
	trialVocab  = 256
	// trialWeights bounds the layer, so that the trial takes no long time: a larger one is run in part.
	trialWeights = 16 << 20
	readLength   = 1024
	// trialTime is how long runs are repeated for the best of them: the first ones find everything cold.
	trialTime = 300 * time.Millisecond
	// stretch is how long runs are timed together: browsers' clocks go in steps of 0.1 ms, and a run of a small layer takes less. mostRuns
	// ends it under a clock that stands.
	stretch  = time.Millisecond
	mostRuns = 1000
)

// expect reckons the speed of a model from one layer of its shape that is run here: every layer takes as
// long, the head as long as so many weights of a layer, and attention what its products are worth.
func (w *Worker) expect(ctx context.Context, d *checkpoint.Description) (jobs.Speed, error) {
	cfg := d.Config
	cfg.Layers, cfg.Vocab, cfg.TiedHead = 1, trialVocab, true
	for layerWeights(&cfg) > trialWeights && cfg.HiddenDim > 64 {
		cfg.HiddenDim /= 2
	}
	m, err := model.New(cfg, model.Quantize(model.RandomWeights(cfg, 1, 1, false)))
	if err != nil {
		return jobs.Speed{}, err
	}
	s, err := m.NewSequence(trialTokens + trialWrites)
	if err != nil {
		return jobs.Speed{}, err
	}
	reading, err := w.best(func() error {
		if err := s.Truncate(0); err != nil {
			return err
		}
		return s.Prefill(ctx, make([]int32, trialTokens), nil)
	})
	if err != nil {
		return jobs.Speed{}, err
	}
	writing, err := w.best(func() error {
		if err := s.Truncate(trialTokens); err != nil {
			return err
		}
		for range trialWrites {
			if err := s.Decode(0); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return jobs.Speed{}, err
	}
	return reckon(&d.Config, reading/trialTokens/layerWeights(&cfg), writing/trialWrites/layerWeights(&cfg)), nil
}

// layerWeights is how many products a token costs in the matrices of one layer.
func layerWeights(cfg *model.Config) float64 {
	n := cfg.Dim*cfg.Rotary.HeadDim*(2*cfg.Heads+2*cfg.KVHeads) + 2*cfg.Dim*cfg.HiddenDim
	if cfg.Architecture == model.LLaMA {
		n += cfg.Dim * cfg.HiddenDim
	}
	return float64(n)
}

// reckon is the speed of a model whose products take so many seconds each where it reads and where it writes: 1,024 tokens are
// read, that look back over half as many on average, and what is written behind them looks back over all.
func reckon(cfg *model.Config, reading, writing float64) jobs.Speed {
	layers, back := float64(cfg.Layers), 2*float64(readLength*cfg.Heads*cfg.Rotary.HeadDim)
	return jobs.Speed{
		Prefill: rate(reading * layers * (layerWeights(cfg) + back/2)),
		Decode:  rate(writing * (layers*(layerWeights(cfg)+back) + float64(cfg.Vocab*cfg.Dim))),
	}
}

// best is the least time in seconds that a run took, of a few stretches of runs that are long beside a step of the clock.
func (w *Worker) best(run func() error) (float64, error) {
	least, until := math.Inf(1), w.now().Add(trialTime)
	for n := 0; n < 3 || w.now().Before(until); n++ {
		begun, took, runs := w.now(), time.Duration(0), 0
		for runs < mostRuns && took < stretch {
			if err := run(); err != nil {
				return 0, err
			}
			runs++
			took = w.now().Sub(begun)
		}
		least = min(least, took.Seconds()/float64(runs))
		w.Yield()
	}
	return least, nil
}

// rate is tokens a second, 0 where the clock is too coarse to say.
func rate(seconds float64) float64 {
	if seconds <= 0 {
		return 0
	}
	return 1 / seconds
}
