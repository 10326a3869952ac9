package train

import (
	"math"
	"testing"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/model/recall"
)

// naive is a run in float64 by the book: losses one multiplication after another, gradients by central differences, AdamW as its paper has it.
type naive struct {
	recipe    *Recipe
	cfg       model.Config
	layout    Layout
	w, m, v   []float64
	field     *Field // whose network moves, and whose moments these are:
	fm, fv    []float64
	encodings []clex.Encoding
}

// newNaive begins where tr does.
func newNaive(t *testing.T, tr *Trainer) *naive {
	t.Helper()
	f, err := newField(tr.Parameters.Config.Rotary, tr.Recipe)
	if err != nil {
		t.Fatal(err)
	}
	n := &naive{recipe: tr.Recipe, cfg: tr.Parameters.Config, layout: tr.Parameters.Layout, field: f}
	for _, x := range tr.Parameters.Flat {
		n.w = append(n.w, float64(x))
	}
	n.m, n.v = make([]float64, len(n.w)), make([]float64, len(n.w))
	n.fm, n.fv = make([]float64, f.Network.Params()), make([]float64, f.Network.Params())
	return n
}

// encode solves the field for every shard of b.
func (n *naive) encode(t *testing.T, b *Batch) {
	t.Helper()
	n.encodings = make([]clex.Encoding, len(b.Shards))
	for k, s := range b.Shards {
		if err := n.field.encode(&n.encodings[k], s.T); err != nil {
			t.Fatal(err)
		}
	}
}

// product is y = W·x for W of len(y) rows at a place of the weights.
func (n *naive) product(at, rows int, x []float64) []float64 {
	y := make([]float64, rows)
	for r := range y {
		for i, v := range x {
			y[r] += n.w[at+r*len(x)+i] * v
		}
	}
	return y
}

func (n *naive) norm(s Span, x []float64) []float64 {
	var squares float64
	for _, v := range x {
		squares += v * v
	}
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = v / math.Sqrt(squares/float64(len(x))+float64(n.cfg.NormEps)) * n.w[s.From+i]
	}
	return y
}

func (n *naive) turn(x []float64, position float64, e *clex.Encoding) {
	for i, theta := range e.InvFreq {
		sin, cos := math.Sincos(position * theta)
		a, b := x[i], x[i+len(x)/2]
		x[i], x[i+len(x)/2] = a*cos-b*sin, a*sin+b*cos
	}
}

// loss is that of a batch under the encodings as they stand.
func (n *naive) loss(b *Batch) (loss float64) {
	c, d := &n.cfg, n.cfg.Rotary.HeadDim
	for k, s := range b.Shards {
		for from := s.From; from < s.To; from += b.RowTokens {
			x := make([][]float64, b.RowTokens)
			for i := range x {
				id := int(b.Tokens[from+i])
				x[i] = append([]float64(nil), n.w[n.layout.Embedding.From+id*c.Dim:][:c.Dim]...)
			}
			for _, l := range n.layout.Layers {
				var qkv [][]float64
				for i := range x {
					row := n.product(l.QKV.From, (c.Heads+2*c.KVHeads)*d, n.norm(l.AttentionNorm, x[i]))
					for h := range c.Heads + c.KVHeads {
						n.turn(row[h*d:(h+1)*d], b.Positions[from+i], &n.encodings[k])
					}
					qkv = append(qkv, row)
				}
				for i := range x {
					var mixed []float64
					for h := range c.Heads {
						q, kv := qkv[i][h*d:(h+1)*d], h/(c.Heads/c.KVHeads)
						sum, out := 0.0, make([]float64, d)
						for j := range i + 1 {
							var score float64
							for a := range d {
								score += q[a] * qkv[j][(c.Heads+kv)*d+a] / math.Sqrt(float64(d))
							}
							if j < b.Before[from+i] {
								score += float64(b.Extra[from+i])
							}
							sum += math.Exp(score)
							for a := range d {
								out[a] += math.Exp(score) * qkv[j][(c.Heads+c.KVHeads+kv)*d+a]
							}
						}
						for _, v := range out {
							mixed = append(mixed, v/sum)
						}
					}
					for a, v := range n.product(l.O.From, c.Dim, mixed) {
						x[i][a] += v
					}
				}
				for i := range x {
					both := n.product(l.GateUp.From, 2*c.HiddenDim, n.norm(l.MLPNorm, x[i]))
					hidden := make([]float64, c.HiddenDim)
					for a := range hidden {
						hidden[a] = both[a] / (1 + math.Exp(-both[a])) * both[c.HiddenDim+a]
					}
					for a, v := range n.product(l.Down.From, c.Dim, hidden) {
						x[i][a] += v
					}
				}
			}
			for i := range x {
				logits := n.product(n.layout.Head.From, c.Vocab, n.norm(n.layout.FinalNorm, x[i]))
				var sum float64
				for _, v := range logits {
					sum += math.Exp(v)
				}
				loss += float64(b.Weights[from+i]) * (math.Log(sum) - logits[b.Targets[from+i]])
			}
		}
	}
	return loss
}

// step makes a step on a batch and returns its loss and the norm of its gradient.
func (n *naive) step(t *testing.T, b *Batch, step int) (loss, norm float64) {
	t.Helper()
	const h = 1e-5
	n.encode(t, b)
	loss = n.loss(b)
	slope := func(w *float64) float64 {
		was := *w
		*w = was + h
		up := n.loss(b)
		*w = was - h
		down := n.loss(b)
		*w = was
		return (up - down) / (2 * h)
	}
	gradient := make([]float64, len(n.w))
	for i := range gradient {
		gradient[i] = slope(&n.w[i])
		norm += gradient[i] * gradient[i]
	}
	norm = math.Sqrt(norm)
	// The field's weights act through the frequencies.
	network := n.field.Network
	all := make([]*float64, 0, network.Params())
	for i := range network.Up {
		all = append(all, &network.Up[i])
	}
	for i := range network.Down {
		all = append(all, &network.Down[i])
	}
	scales, fieldGradient, fieldNorm := make([]float64, len(all)), make([]float64, len(all)), 0.0
	for i, w := range all {
		if scales[i] = 1; i >= len(network.Up) {
			scales[i] = n.field.scale[(i-len(network.Up))%len(n.field.scale)]
		}
		was := *w
		*w = was + h
		n.encode(t, b)
		up := n.loss(b)
		*w = was - h
		n.encode(t, b)
		fieldGradient[i] = scales[i] * (up - n.loss(b)) / (2 * h)
		fieldNorm += fieldGradient[i] * fieldGradient[i]
		*w = was
	}
	// Algorithm 2 of arXiv 1711.05101.
	adam := func(m, v *float64, g float64) float64 {
		*m = Beta1**m + (1-Beta1)*g
		*v = Beta2**v + (1-Beta2)*g*g
		return *m / (1 - math.Pow(Beta1, float64(step+1))) / (math.Sqrt(*v/(1-math.Pow(Beta2, float64(step+1)))) + Epsilon)
	}
	decays := make([]float64, len(n.w))
	for _, s := range n.layout.Decays() {
		for i := s.From; i < s.To; i++ {
			decays[i] = n.recipe.WeightDecay
		}
	}
	rate := n.recipe.rate(step, n.recipe.LearningRate)
	for i, g := range gradient {
		n.w[i] -= rate * (adam(&n.m[i], &n.v[i], g*min(1, n.recipe.Clip/norm)) + decays[i]*n.w[i])
	}
	for i, w := range all {
		*w -= scales[i] * n.recipe.rate(step, n.recipe.FieldRate) * adam(&n.fm[i], &n.fv[i], fieldGradient[i]*min(1, 1/math.Sqrt(fieldNorm)))
	}
	return loss, norm
}

// TestStepsAreThoseOfFloat64: losses and norms of three steps of a tiny recipe, answers, skips, weight decay and the field included, are those of
// the same steps in float64 by the book. It runs natively and as WebAssembly, so that a tab trains what a terminal does.
func TestStepsAreThoseOfFloat64(t *testing.T) {
	r, err := ParseRecipe([]byte(`{
  "name": "tiny",
  "model": {"vocab": 20, "width": 6, "hidden": 8, "layers": 1, "heads": 2, "kv_heads": 1, "head_dim": 4, "rope_theta": 100, "window": 22, "tied_head": true},
  "scheme": {"name": "clex", "t_max": 4},
  "positions": [{"sampler": "chunks", "share": 1, "min_chunks": 2, "max_chunks": 3}], "weigh_skips": true,
  "t": {"min": 2, "max": 4},
  "corpus": ["train"],
  "text": {"recall": 0, "dense": 0.7, "facts": 1, "answer_weight": 4},
  "batch": 2, "shard_rows": 1, "steps": 8,
  "learning_rate": 0.02, "final_rate": 0.1, "warmup": 0, "weight_decay": 0.5, "clip": 0.5,
  "field_rate": 0.05, "field_step": 0.25, "field_turn": 1, "seed": 3
}`))
	if err != nil {
		t.Fatal(err)
	}
	table := words()
	encode := func(dst []int32, text string) []int32 {
		for _, id := range table(nil, text) {
			dst = append(dst, id%int32(r.Model.Vocab))
		}
		return dst
	}
	task, err := recall.NewTask(encode)
	if err != nil {
		t.Fatal(err)
	}
	var book []int32
	for _, s := range recall.Filler {
		book = encode(book, s)
	}
	text, err := NewText([][]int32{book}, make([]bool, r.Model.Vocab), make([]bool, r.Model.Vocab), task, r.Model.Window)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := NewTrainer(r, text, nil)
	if err != nil {
		t.Fatal(err)
	}
	n := newNaive(t, tr)
	answers := 0
	for step := range 3 {
		got, err := tr.Step(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		loss, norm := n.step(t, tr.batch, step)
		answers += tr.batch.answers()
		t.Logf("loss %.7f, norm %.6f; in float64 %.7f, %.6f", got.Loss, got.GradientNorm, loss, norm)
		if math.Abs(got.Loss-loss) > 2e-6*loss || math.Abs(got.GradientNorm-norm) > 2e-5*norm {
			t.Errorf("step %d: loss %v and norm %v, in float64 %v and %v", step, got.Loss, got.GradientNorm, loss, norm)
		}
	}
	if answers == 0 {
		t.Error("no target is an answer")
	}
	for i, w := range n.field.Network.Down {
		if got := tr.Field.Network.Down[i]; math.Abs(got-w) > 1e-3*math.Abs(w) || w == 0 {
			t.Errorf("weight %d of the field is %v, in float64 %v", i, got, w)
		}
	}
}
