package train

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math"

	"clexlab/clex"
	"clexlab/model"
)

// Recipe is a training run as data: the same recipe, corpus and start give the
// same weights.
type Recipe struct {
	// Name is the folder the result is written to.
	Name string `json:"name"`
	// From names the recipe whose weights this one starts from; empty starts from noise.
	From  string `json:"from,omitempty"`
	Model Shape  `json:"model"`
	// Scheme is the length-extension method trained with.
	Scheme SchemeChoice `json:"scheme"`
	// Positions are the samplers of token positions; each row draws one by Share.
	Positions []PositionChoice `json:"positions"`
	// WeighSkips lets the keys before a skip stand for the positions skipped as
	// well, so that attention is spread as thin as it will be over a whole text.
	WeighSkips bool `json:"weigh_skips,omitempty"`
	// T draws the length scaling factor; the positions of a row span T·Window.
	T FactorChoice `json:"t"`
	// Corpus are the parts of the corpus that are read.
	Corpus []string `json:"corpus"`
	Text   TextMix  `json:"text"`
	// Opening and Closing, if not nil, are what the first and the last steps read instead.
	Opening *Part `json:"opening,omitempty"`
	Closing *Part `json:"closing,omitempty"`
	// Merge is the share of the weights it started from in the average with them that
	// the run leaves behind; 0 leaves its own. A CLEX field stays as it was trained.
	Merge float64 `json:"merge,omitempty"`

	// Batch rows of Window tokens are one step, cut into shards of ShardRows.
	Batch     int `json:"batch"`
	ShardRows int `json:"shard_rows"`
	Steps     int `json:"steps"`
	// LearningRate is AdamW's peak; it warms up over Warmup steps and falls along a
	// cosine to FinalRate of the peak.
	LearningRate float64 `json:"learning_rate"`
	FinalRate    float64 `json:"final_rate"`
	Warmup       int     `json:"warmup"`
	// Rewarm, if not nil, lets the rate rise a second time.
	Rewarm      *Rewarm `json:"rewarm,omitempty"`
	WeightDecay float64 `json:"weight_decay"`
	Clip        float64 `json:"clip"`
	// FieldRate is the CLEX field's own peak learning rate, 0 to leave it at its prior;
	// FieldStep its solver step in ln t.
	FieldRate float64 `json:"field_rate,omitempty"`
	FieldStep float64 `json:"field_step,omitempty"`
	// FieldTurn, if positive, slows the columns of W_down whose pairs turn by more than so many
	// radians at the farthest position of t_max windows, in proportion to how far they turn (see Field).
	FieldTurn float64 `json:"field_turn,omitempty"`
	// FieldConstant leaves the field a constant beside its prior, the same for every z and t: dz/dt = ξ(t) + c. Its
	// hidden units are saturated, so that the file is CLEX's still.
	FieldConstant bool `json:"field_constant,omitempty"`
	// RowTokens is how many tokens a row has where that is not the window: more to tune on full-length text.
	RowTokens int `json:"row_tokens,omitempty"`
	// Impact, if not nil, finds which tokens are impactful.
	Impact *Impact `json:"impact,omitempty"`
	// Average, if not nil, is the running mean of the weights that the run leaves behind instead of its last ones.
	Average *Average `json:"average,omitempty"`
	// Distil is the share of the targets that are the starting weights' own predictions for the
	// same tokens at positions 0, 1, 2 …; the rest are the tokens that follow.
	Distil float64 `json:"distil,omitempty"`
	Seed   uint64  `json:"seed"`
}

// Shape is the transformer a recipe trains.
type Shape struct {
	Vocab     int     `json:"vocab"`
	Dim       int     `json:"width"`
	HiddenDim int     `json:"hidden"`
	Layers    int     `json:"layers"`
	Heads     int     `json:"heads"`
	KVHeads   int     `json:"kv_heads"`
	HeadDim   int     `json:"head_dim"`
	Base      float64 `json:"rope_theta"`
	Window    int     `json:"window"`
	TiedHead  bool    `json:"tied_head"`
}

// SchemeChoice names a scheme of package clex. Factor fixes its length scaling
// factor; 0 lets it follow the drawn T.
type SchemeChoice struct {
	Name   string  `json:"name"`
	Factor float64 `json:"factor,omitempty"`
	// TMax is the largest length scaling factor of a CLEX field.
	TMax float64 `json:"t_max,omitempty"`
}

// PositionChoice is a position sampler with its share of the rows.
type PositionChoice struct {
	Sampler string  `json:"sampler"`
	Share   float64 `json:"share"`
	// MinChunks and MaxChunks bound the number of runs of the samplers "chunks" and "pose".
	MinChunks int `json:"min_chunks,omitempty"`
	MaxChunks int `json:"max_chunks,omitempty"`
}

// FactorChoice draws the length scaling factor of a shard: 1 with probability
// ProbOne, Max with probability ProbMax, else uniform between Min and Max, rounded when Integer.
type FactorChoice struct {
	Min     float64 `json:"min"`
	Max     float64 `json:"max"`
	ProbOne float64 `json:"prob_one,omitempty"`
	ProbMax float64 `json:"prob_max,omitempty"`
	Integer bool    `json:"integer,omitempty"`
}

// TextMix says what a row holds.
type TextMix struct {
	// Recall is the share of rows with facts woven into prose, Dense of rows that
	// are facts and questions only; the rest is prose.
	Recall float64 `json:"recall"`
	Dense  float64 `json:"dense"`
	// Facts is the largest number of facts in a row.
	Facts int `json:"facts"`
	// AnswerWeight is the weight of an answer's loss; other tokens weigh 1.
	AnswerWeight float32 `json:"answer_weight"`
	// DropProb is the probability that a sentence of prose without an impactful token is left out (see Impact).
	DropProb float64 `json:"drop_prob,omitempty"`
	// Tables is the share of rows that are a table of keys and names, prose, and questions about it.
	Tables float64 `json:"tables,omitempty"`
	// Chains is the share of rows of facts and links between names, and questions that go from one to the next.
	Chains float64 `json:"chains,omitempty"`
	// Interleave, if not nil, lets chunks of several pieces of prose take turns.
	Interleave *Interleave `json:"interleave,omitempty"`
}

// Interleave is how prose of several documents is mixed: chunks of Chunk tokens.
type Interleave struct {
	Documents int `json:"documents"`
	Chunk     int `json:"chunk"`
}

// Impact is LongRecipe's analysis (arXiv 2409.00509, section 3.1): a token of the vocabulary is impactful
// if it is among the Share whose prediction changes most, on average over Rows rows of the corpus,
// between the weights a run starts from and those of another recipe, tuned for length.
type Impact struct {
	Tuned string  `json:"tuned"`
	Share float64 `json:"share"`
	Rows  int     `json:"rows"`
}

// Average is an exponential mean of all weights, the field's included: from the share From of the
// steps on, each step it moves by 1-Decay of the way to the weights (Polyak and Juditsky 1992).
type Average struct {
	From  float64 `json:"from"`
	Decay float64 `json:"decay"`
}

// Part is the beginning or the end of a run, where it reads something else: at first a
// text that teaches at once what the later one shows too rarely for a model that
// knows nothing yet, at last what it must not forget.
type Part struct {
	Steps int     `json:"steps"`
	Text  TextMix `json:"text"`
	// Contiguous sets the text at positions 0, 1, 2 … and t to 1.
	Contiguous bool `json:"contiguous,omitempty"`
	// Rate, if not 0, makes it a stage of its own: the rate of the steps before falls as if they
	// were all, and this part's begins anew at Rate of the peak.
	Rate float64 `json:"rate,omitempty"`
}

// reading is what a step reads, and at which positions.
type reading struct {
	text      TextMix
	positions []PositionChoice
	t         FactorChoice
}

// reading is what the step after so many reads.
func (r *Recipe) reading(step int) reading {
	out := reading{r.Text, r.Positions, r.T}
	part := r.Opening
	if r.Closing != nil && step >= r.Steps-r.Closing.Steps {
		part = r.Closing
	} else if part == nil || step >= part.Steps {
		return out
	}
	out.text = part.Text
	if part.Contiguous {
		out.positions, out.t = []PositionChoice{{Sampler: "contiguous", Share: 1}}, FactorChoice{Min: 1, Max: 1}
	}
	return out
}

// rowTokens is how many tokens a row has.
func (r *Recipe) rowTokens() int {
	if r.RowTokens > 0 {
		return r.RowTokens
	}
	return r.Model.Window
}

// Tokens is how many tokens a step reads, and how many make a row.
func (r *Recipe) Tokens() (step, row int) { return r.Batch * r.rowTokens(), r.rowTokens() }

// Config is the shape as the model package takes it.
func (s Shape) Config() model.Config {
	return model.Config{
		Architecture: model.LLaMA, Vocab: s.Vocab, Dim: s.Dim, HiddenDim: s.HiddenDim, Layers: s.Layers,
		Heads: s.Heads, KVHeads: s.KVHeads, NormEps: 1e-5, TiedHead: s.TiedHead,
		Rotary: clex.Rotary{HeadDim: s.HeadDim, Dims: s.HeadDim, Base: s.Base, Window: s.Window, Pairing: clex.HalfSplit},
	}
}

// ParseRecipe reads and checks a recipe. Unknown fields are errors, so that a
// misspelt one does not silently do nothing.
func ParseRecipe(data []byte) (*Recipe, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	var r Recipe
	if err := d.Decode(&r); err != nil {
		return nil, fmt.Errorf("train: recipe: %w", err)
	}
	if d.More() {
		return nil, fmt.Errorf("train: recipe %q: text after the recipe", r.Name)
	}
	if err := r.check(); err != nil {
		return nil, fmt.Errorf("train: recipe %q: %w", r.Name, err)
	}
	return &r, nil
}

// maxElements bounds weights and activations of a shard, so that a mistyped
// recipe is an error and not an exhausted machine.
const maxElements = 1 << 29

func (r *Recipe) check() error {
	m := r.Model
	for _, f := range []struct {
		name   string
		value  int
		lo, hi int
	}{
		{"model.vocab", m.Vocab, 2, 1 << 16}, {"model.width", m.Dim, 1, 1 << 13}, {"model.hidden", m.HiddenDim, 1, 1 << 15},
		{"model.layers", m.Layers, 1, 64}, {"model.heads", m.Heads, 1, 256}, {"model.kv_heads", m.KVHeads, 1, 256},
		{"model.head_dim", m.HeadDim, 2, 512}, {"model.window", m.Window, 2, 1 << 14}, {"batch", r.Batch, 1, 1 << 12},
		{"shard_rows", r.ShardRows, 1, 1 << 10}, {"row_tokens", r.RowTokens, 0, 1 << 16}, {"steps", r.Steps, 1, 1 << 30}, {"warmup", r.Warmup, 0, 1 << 30},
	} {
		if f.value < f.lo || f.value > f.hi {
			return fmt.Errorf("%s is %d, must be %d … %d", f.name, f.value, f.lo, f.hi)
		}
	}
	if err := trainable(m.Config()); err != nil {
		return err
	}
	if r.Batch%r.ShardRows != 0 {
		return fmt.Errorf("shard_rows %d does not divide batch %d", r.ShardRows, r.Batch)
	}
	if rows := r.ShardRows * r.rowTokens(); NewLayout(m.Config()).Total > maxElements || rows*max(m.Vocab, m.Heads*r.rowTokens()*m.Layers, m.Layers*(m.Dim+m.HiddenDim)) > maxElements {
		return fmt.Errorf("the model or its activations are too large")
	}
	for _, f := range []struct {
		name   string
		value  float64
		lo, hi float64
	}{
		{"model.rope_theta", m.Base, 1.0001, 1e12}, {"learning_rate", r.LearningRate, 0, 1}, {"final_rate", r.FinalRate, 0, 1},
		{"weight_decay", r.WeightDecay, 0, 1}, {"clip", r.Clip, 1e-6, 1e6}, {"merge", r.Merge, 0, 1}, {"field_rate", r.FieldRate, 0, 1}, {"field_step", r.FieldStep, 0, 16},
		{"field_turn", r.FieldTurn, 0, 1e9}, {"distil", r.Distil, 0, 1},
		{"t.min", r.T.Min, 1, 1024}, {"t.max", r.T.Max, r.T.Min, 1024}, {"t.prob_one", r.T.ProbOne, 0, 1}, {"t.prob_max", r.T.ProbMax, 0, 1 - r.T.ProbOne},
	} {
		if err := within(f.name, f.value, f.lo, f.hi); err != nil {
			return err
		}
	}
	if len(r.Corpus) == 0 {
		return fmt.Errorf("corpus names no part to read")
	}
	if err := r.Text.check("text"); err != nil {
		return err
	}
	left := r.Steps
	for _, part := range []struct {
		name string
		*Part
	}{{"opening", r.Opening}, {"closing", r.Closing}} {
		if part.Part == nil {
			continue
		}
		if err := within(part.name+".steps", float64(part.Steps), 1, float64(left)); err != nil {
			return err
		}
		left -= part.Steps
		if err := cmp.Or(part.Text.check(part.name+".text"), within(part.name+".rate", part.Rate, 0, 1)); err != nil {
			return err
		}
	}
	if w := r.Rewarm; w != nil {
		if err := cmp.Or(within("rewarm.step", float64(w.Step), 1, float64(r.Steps-1)), within("rewarm.share", w.Share, 0, 1)); err != nil {
			return err
		}
	}
	if r.Opening != nil && r.Opening.Rate > 0 {
		return fmt.Errorf("opening.rate is %v: only the closing is a stage of its own", r.Opening.Rate)
	}
	if a := r.Impact; a != nil {
		if err := cmp.Or(within("impact.share", a.Share, 0.001, 1), within("impact.rows", float64(a.Rows), 1, 1e6)); err != nil {
			return err
		}
		if a.Tuned == "" || r.From == "" {
			return fmt.Errorf("impact: compares the weights of impact.tuned (%q) with those of from (%q), both must be named", a.Tuned, r.From)
		}
	}
	if a := r.Average; a != nil {
		if err := cmp.Or(within("average.from", a.From, 0, 1), within("average.decay", a.Decay, 0, 0.99999)); err != nil {
			return err
		}
	}
	if r.Merge > 0 && r.From == "" {
		return fmt.Errorf("merge is %v: there is nothing to merge with, from is empty", r.Merge)
	}
	if r.Distil > 0 && r.From == "" {
		return fmt.Errorf("distil is %v: there is nothing to learn from, from is empty", r.Distil)
	}
	if f := r.Scheme.Factor; f != 0 && !(f >= 1 && f <= 1024) {
		return fmt.Errorf("scheme.factor is %v, must be 0 or 1 … 1024", f)
	}
	if r.Scheme.Name == "clex" {
		if !(r.Scheme.TMax >= r.T.Max && r.Scheme.TMax <= 1024) {
			return fmt.Errorf("scheme.t_max is %v, must be t.max (%v) … 1024", r.Scheme.TMax, r.T.Max)
		}
		if !(r.FieldStep >= 0.001) {
			return fmt.Errorf("field_step is %v, must be 0.001 … 16", r.FieldStep)
		}
	}
	var share float64
	for i, p := range r.Positions {
		if err := p.check(r.rowTokens()); err != nil {
			return fmt.Errorf("positions[%d]: %w", i, err)
		}
		if p.Sampler != "contiguous" && int(math.Round(r.T.Max*float64(r.rowTokens()))) <= r.rowTokens() {
			return fmt.Errorf("positions[%d]: sampler %q has nowhere to go: t.max is %v, so that its positions are 0, 1, 2 … as those of contiguous", i, p.Sampler, r.T.Max)
		}
		share += p.Share
	}
	if math.Abs(share-1) > 1e-9 {
		return fmt.Errorf("the shares of positions add up to %v, must be 1", share)
	}
	return nil
}

func (m TextMix) check(name string) error {
	if c := m.Interleave; c != nil {
		if err := cmp.Or(
			within(name+".interleave.documents", float64(c.Documents), 2, 64),
			within(name+".interleave.chunk", float64(c.Chunk), 1, 1<<14)); err != nil {
			return err
		}
		if m.DropProb > 0 {
			return fmt.Errorf("%s: drop_prob and interleave cannot both be", name)
		}
	}
	return cmp.Or(
		within(name+".drop_prob", m.DropProb, 0, 0.9),
		within(name+".recall", m.Recall, 0, 1),
		within(name+".dense", m.Dense, 0, 1-m.Recall),
		within(name+".tables", m.Tables, 0, 1-m.Recall-m.Dense),
		within(name+".chains", m.Chains, 0, 1-m.Recall-m.Dense-m.Tables),
		within(name+".facts", float64(m.Facts), 0, 32),
		within(name+".answer_weight", float64(m.AnswerWeight), 0, 1e3),
	)
}

func within(name string, value, lo, hi float64) error {
	if !(value >= lo && value <= hi) {
		return fmt.Errorf("%s is %v, must be %v … %v", name, value, lo, hi)
	}
	return nil
}
