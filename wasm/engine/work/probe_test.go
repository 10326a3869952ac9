package work

import (
	"io/fs"
	"math"
	"strings"
	"testing"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/model/checkpoint"
	"clexlab/tinymodels"
	"clexlab/wasm/wire/jobs"
)

// What a watched question shows is what the model itself says of the same text, its
// attention taken from the whole matrix.
func TestShowsAQuestion(t *testing.T) {
	t.Parallel()
	read := func(name string) []byte {
		b, err := fs.ReadFile(tinymodels.Files, "small/"+name)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	config, data, vocabulary := read("clex/config.json"), read("clex/model.safetensors"), read("tokenizer.json")
	b := &bench{}
	b.Worker = &Worker{Emit: func(a jobs.Answer) { b.answers = append(b.answers, a) }, Yield: func() {}}
	if err := b.Load(config, data, vocabulary, nil); err != nil {
		t.Fatal(err)
	}
	// As long as the model reads, and not a token longer.
	limit := b.maxTokens()
	long := jobs.Cell{Method: "clex", Tokens: limit + 1, Trials: 1}
	if a := last(b.do(jobs.Request{ID: 1, Probe: &jobs.Probe{Cells: []jobs.Cell{long}}})); !strings.Contains(a.Error, "longer than the") {
		t.Errorf("a probe of %d tokens: %q", long.Tokens, a.Error)
	}
	b.answers = nil
	const tokens, seed = 512, 5
	cell := jobs.Cell{Method: "clex", Tokens: tokens, Depth: 0.5, Trials: 1}
	got := b.do(jobs.Request{ID: 1, Probe: &jobs.Probe{Show: true, Seed: seed, FactorRule: jobs.FactorRule{Auto: true}, Cells: []jobs.Cell{cell}}})
	if len(got) != 2 || got[0].Cell == nil || got[0].Cell.Shown == nil {
		t.Fatalf("answers %+v", got)
	}
	a, shown := got[0].Cell, got[0].Cell.Shown

	p, err := b.task.NewProbe(tokens, cell.Depth, seed, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	text := b.words(p.Tokens)
	if !strings.Contains(text, shown.Before+shown.Fact+shown.After) || !strings.HasSuffix(text, shown.Question) || !strings.Contains(shown.Fact, a.Want) {
		t.Errorf("%q %q %q and %q, wanting %q, are not of this text", shown.Before, shown.Fact, shown.After, shown.Question, a.Want)
	}
	after := strings.Index(text, shown.After) + len(shown.After)
	if n := len(b.Worker.tok.Encode(nil, text[after:len(text)-len(shown.Question)])); math.Abs(float64(n-shown.Skipped)) > 3 {
		t.Errorf("%d tokens are skipped, the text between has %d", shown.Skipped, n)
	}

	c, err := checkpoint.ReadParts(config, data)
	if err != nil {
		t.Fatal(err)
	}
	m, err := model.New(c.Config, c.Weights)
	if err != nil {
		t.Fatal(err)
	}
	scheme, err := clex.New("clex", c.Config.Rotary, clex.Options{Network: c.CLEX, LogN: c.Scaling.LogN})
	if err != nil {
		t.Fatal(err)
	}
	s, err := m.NewSequence(tokens)
	if err != nil {
		t.Fatal(err)
	}
	var encoding clex.Encoding
	if err := scheme.Encode(&encoding, 2, tokens); err != nil {
		t.Fatal(err)
	}
	if err := s.SetEncoding(&encoding); err != nil {
		t.Fatal(err)
	}
	var o model.Observer
	for l := range c.Config.Layers {
		for h := range c.Config.Heads {
			o.Maps = append(o.Maps, &model.AttentionMap{Layer: l, Head: h})
		}
	}
	if err := s.Prefill(t.Context(), p.Tokens, &o); err != nil {
		t.Fatal(err)
	}
	var sum float64
	for _, x := range s.Logits() {
		sum += math.Exp(float64(x - s.Logits()[p.Answer]))
	}
	if math.Abs(shown.Chance-1/sum) > 1e-4 || shown.Chance > shown.Alternatives[0].P {
		t.Errorf("the right answer has %v, the model gives it %v", shown.Chance, 1/sum)
	}
	most := 0.0
	for _, a := range o.Maps {
		var w float64
		for _, x := range a.Mean[(tokens-1)*a.Cols:][p.Fact:p.FactEnd] {
			w += float64(x)
		}
		if a.Layer == shown.Layer && a.Head == shown.Head && math.Abs(w-shown.Weight) > 1e-4 {
			t.Errorf("layer %d, head %d gives the fact %v, the matrix has %v", a.Layer, a.Head, shown.Weight, w)
		}
		most = max(most, w)
	}
	if math.Abs(most-shown.Weight) > 1e-4 {
		t.Errorf("the most attentive head is given %v, the matrix has %v", shown.Weight, most)
	}
}
