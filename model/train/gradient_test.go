package train

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"clexlab/clex"
	"clexlab/model"
)

// tiny is a configuration that uses every feature with gradients: grouped-query
// attention, an untied head, more blocks of queries than one.
func tiny() model.Config {
	return Shape{Vocab: 19, Dim: 12, HiddenDim: 20, Layers: 2, Heads: 4, KVHeads: 2, HeadDim: 6, Base: 100, Window: 70}.Config()
}

// problem is a small loss with everything it depends on.
type problem struct {
	p         *Parameters
	s         *shard
	tokens    []int32
	targets   []int32
	weights   []float32
	positions []float64
	encoding  clex.Encoding
	soft      []float32 // rows × Vocab, or nil
}

func newProblem(t *testing.T) *problem {
	t.Helper()
	cfg := tiny()
	p, err := NewParameters(cfg, 7)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range p.Flat {
		p.Flat[i] += float32(rng.NormFloat64() * 0.15)
	}
	const seqs = 2
	n := cfg.Rotary.Window
	q := &problem{p: p, s: newShard(p, seqs, n)}
	q.s.result = newResult(p, seqs*n)
	var total float32
	for i := range seqs * n {
		q.tokens = append(q.tokens, int32(rng.IntN(cfg.Vocab)))
		q.targets = append(q.targets, int32(rng.IntN(cfg.Vocab)))
		q.weights = append(q.weights, float32(rng.IntN(3)))
		q.positions = append(q.positions, float64(3*(i%n)))
		total += q.weights[i]
	}
	for i := range q.weights {
		q.weights[i] /= total
	}
	q.encoding = clex.Encoding{AttentionFactor: 1.1}
	for i := range cfg.Rotary.HeadDim / 2 {
		q.encoding.InvFreq = append(q.encoding.InvFreq, 0.05/float64(i+1))
	}
	return q
}

func (q *problem) skips() {
	n := q.s.n
	for at := 0; at < len(q.positions); at += n {
		skips(q.s.before[at:at+n], q.s.extra[at:at+n], q.positions[at:at+n], true)
	}
}

func (q *problem) loss() float64 {
	q.s.setAngles(q.positions, &q.encoding)
	q.skips()
	q.s.forward(q.p, q.tokens)
	return q.s.crossEntropy(q.targets, q.weights, q.soft, softShare)
}

const softShare = 0.6

// TestSoftTargets: with a distribution as six tenths of each target the loss is the closed form
// over the logits in float64, and its gradient that of central differences.
func TestSoftTargets(t *testing.T) {
	q := newProblem(t)
	v := q.p.Config.Vocab
	rng := rand.New(rand.NewPCG(5, 6))
	q.soft = make([]float32, len(q.tokens)*v)
	for r := range q.tokens {
		row := q.soft[r*v : (r+1)*v]
		var sum float32
		for i := range row {
			row[i] = rng.Float32()
			sum += row[i]
		}
		for i := range row {
			row[i] /= sum
		}
	}
	q.s.setAngles(q.positions, &q.encoding)
	q.skips()
	q.s.forward(q.p, q.tokens)
	var want float64
	for r, target := range q.targets {
		row := q.s.logits[r*v : (r+1)*v]
		var sum float64
		for _, x := range row {
			sum += math.Exp(float64(x))
		}
		for i, x := range row {
			p := softShare * float64(q.soft[r*v+i])
			if i == int(target) {
				p += 1 - softShare
			}
			want -= float64(q.weights[r]) * p * (float64(x) - math.Log(sum))
		}
	}
	if got := q.loss(); math.Abs(got-want) > 1e-5 {
		t.Errorf("loss %v, want %v", got, want)
	}
	q.s.backward(q.p, q.tokens, q.positions, true)
	gradient := slices.Clone(q.s.gradient)
	for range 30 {
		i := rng.IntN(len(gradient))
		if got, want := float64(gradient[i]), q.difference(&q.p.Flat[i]); math.Abs(got-want) > 3e-4+0.01*math.Abs(want) {
			t.Errorf("weight %d: gradient %v, want %v", i, got, want)
		}
	}
}

// TestGradient compares every kind of parameter with central differences. The
// forward pass is float32, so a difference carries rounding of about 1e-7/h; with
// h = 4e-3 that and the third-order term stay below the tolerance.
func TestGradient(t *testing.T) {
	q := newProblem(t)
	q.loss()
	q.s.backward(q.p, q.tokens, q.positions, true)
	gradient := append([]float32(nil), q.s.gradient...)
	kinds := map[string]Span{"embedding": q.p.Embedding, "final norm": q.p.FinalNorm, "head": q.p.Head}
	for i, l := range q.p.Layers {
		d := q.p.Config.Rotary.HeadDim
		w, heads, kv := q.p.Config.Dim, q.p.Config.Heads*d, q.p.Config.KVHeads*d
		at := l.QKV.From
		for name, s := range map[string]Span{
			"attention norm": l.AttentionNorm, "o": l.O, "mlp norm": l.MLPNorm, "down": l.Down,
			"q": {at, at + heads*w}, "k": {at + heads*w, at + (heads+kv)*w}, "v": {at + (heads+kv)*w, l.QKV.To},
			"gate": {l.GateUp.From, (l.GateUp.From + l.GateUp.To) / 2}, "up": {(l.GateUp.From + l.GateUp.To) / 2, l.GateUp.To},
		} {
			kinds[fmt.Sprintf("layer %d %s", i, name)] = s
		}
	}
	for name, s := range kinds {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(3, uint64(s.From)))
			var worst, size float64
			for range 12 {
				i := s.From + rng.IntN(s.To-s.From)
				got, want := float64(gradient[i]), q.difference(&q.p.Flat[i])
				worst, size = max(worst, math.Abs(got-want)), max(size, math.Abs(want))
			}
			if tolerance := 2e-4 + 0.01*size; !(worst <= tolerance) {
				t.Errorf("worst difference %.2e, largest derivative %.2e, tolerance %.2e", worst, size, tolerance)
			}
			if size < 1e-3 {
				t.Errorf("largest derivative %.2e: nothing was tested", size)
			}
		})
	}
}

// TestSkips works a row out by hand: of the 10 keys that lie before positions 10
// and 11 in a whole text, 3 are there.
func TestSkips(t *testing.T) {
	third := float32(math.Log(10.0 / 3))
	for _, c := range []struct {
		positions []float64
		weigh     bool
		before    []int
		extra     []float32
	}{
		{[]float64{0, 1, 2, 10, 11}, true, []int{0, 0, 0, 3, 3}, []float32{0, 0, 0, third, third}},
		{[]float64{7, 8, 9, 17, 18}, true, []int{0, 0, 0, 3, 3}, []float32{0, 0, 0, third, third}},
		{[]float64{0, 1, 2, 10, 11}, false, []int{0, 0, 0, 3, 3}, make([]float32, 5)},
		{[]float64{4, 5, 6, 7, 8}, true, make([]int, 5), make([]float32, 5)},
	} {
		before, extra := make([]int, 5), make([]float32, 5)
		skips(before, extra, c.positions, c.weigh)
		if !slices.Equal(before, c.before) || !slices.Equal(extra, c.extra) {
			t.Errorf("%v: before %v, extra %v, want %v and %v", c.positions, before, extra, c.before, c.extra)
		}
	}
}

func (q *problem) difference(w *float32) float64 {
	const h = 4e-3
	old := *w
	*w = old + h
	up := q.loss()
	*w = old - h
	down := q.loss()
	*w = old
	return (up - down) / (2 * h)
}

// TestFrequencyGradient compares dL/dθ_i, summed over layers, heads and both
// sequences, with central differences in the inverse frequencies.
func TestFrequencyGradient(t *testing.T) {
	q := newProblem(t)
	q.loss()
	q.s.backward(q.p, q.tokens, q.positions, true)
	got := append([]float64(nil), q.s.frequency...)
	for i, theta := range q.encoding.InvFreq {
		const h = 2e-5
		q.encoding.InvFreq[i] = theta + h
		up := q.loss()
		q.encoding.InvFreq[i] = theta - h
		down := q.loss()
		q.encoding.InvFreq[i] = theta
		want := (up - down) / (2 * h)
		if math.Abs(got[i]-want) > 0.01+0.01*math.Abs(want) || math.Abs(want) < 0.02 {
			t.Errorf("pair %d: got %v, want %v", i, got[i], want)
		}
	}
}
