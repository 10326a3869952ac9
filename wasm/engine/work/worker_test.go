package work

import (
	"context"
	"math"
	"strings"
	"testing"
	"time"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/model/checkpoint"
	"clexlab/model/modeltest"
	"clexlab/model/tokenizer"
	"clexlab/viz/scene"
	"clexlab/wasm/wire"
	"clexlab/wasm/wire/jobs"
)

// bench is a worker with a small random model, and the model by itself to compare with.
type bench struct {
	*Worker
	m          *model.Model
	tok        *tokenizer.Tokenizer
	network    *clex.Network
	answers    []jobs.Answer
	maps       []*scene.Maps // shown in the picture
	checkpoint *checkpoint.Checkpoint
}

func newBench(t *testing.T) *bench {
	t.Helper()
	files, c, tok, err := modeltest.New()
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{tok: tok, network: c.CLEX, checkpoint: c}
	b.Worker = &Worker{Emit: func(a jobs.Answer) { b.answers = append(b.answers, a) }, Yield: func() {}}
	b.Picture = func(m *scene.Maps) { b.maps = append(b.maps, m) }
	if err := b.Load(files.Config, files.Weights, files.Tokenizer, nil); err != nil {
		t.Fatal(err)
	}
	if b.m, err = model.New(c.Config, c.Weights); err != nil {
		t.Fatal(err)
	}
	return b
}

// do carries a request out and returns what was answered.
func (b *bench) do(r jobs.Request) []jobs.Answer {
	b.answers, b.maps = nil, nil
	b.Do(context.Background(), r)
	return b.answers
}

// measure asks about a text, which it hands over first.
func (b *bench) measure(tokens []int32, m jobs.Measure) []jobs.Answer {
	m.Subject = 1
	b.do(jobs.Request{ID: 1, Subject: &jobs.Subject{ID: 1, Tokens: tokens}})
	return b.do(jobs.Request{ID: 2, Measure: &m})
}

// text collects the tokens of answers.
func text(answers []jobs.Answer) (out []jobs.Token) {
	for _, a := range answers {
		if a.Tokens != nil {
			out = append(out, a.Tokens.List...)
		}
	}
	return out
}

func last(answers []jobs.Answer) jobs.Answer { return answers[len(answers)-1] }

func writeRequest(method string) jobs.Request {
	return jobs.Request{ID: 3, Write: &jobs.Write{Method: method, Prompt: "the little fox", MaxLength: 80, FactorRule: jobs.FactorRule{Auto: true},
		Temperature: 0.9, TopP: 0.95, TopK: 30, Seed: 11}}
}

// The worker's text is the model's own for the same seed, also when t changes on the way.
func TestWritesWhatTheModelWrites(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"clex", "rope", "yarn"} {
		b := newBench(t)
		got := text(b.do(writeRequest(method)))
		scheme, err := clex.New(method, b.m.Config().Rotary, clex.Options{Network: b.network})
		if err != nil {
			t.Fatal(err)
		}
		prompt := b.tok.Encode(nil, "the little fox")
		s, err := b.m.NewSequence(80)
		if err != nil {
			t.Fatal(err)
		}
		ext := &model.Extension{Scheme: scheme, Rule: clex.LengthRule{}}
		if _, err := ext.Fit(t.Context(), s, len(prompt)); err != nil {
			t.Fatal(err)
		}
		if err := s.Prefill(t.Context(), prompt, nil); err != nil {
			t.Fatal(err)
		}
		want := append([]int32(nil), prompt...)
		for tok, err := range model.Generate(t.Context(), s, model.Options{MaxTokens: 80 - len(prompt), Extension: ext,
			Sampling: model.Sampling{Temperature: 0.9, TopP: 0.95, TopK: 30, Seed: 11}}) {
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, tok.ID)
		}
		if len(got) != 80 || len(want) != 80 {
			t.Fatalf("%s: %d tokens from the worker, %d from the model, want 80", method, len(got), len(want))
		}
		for i := range want {
			if got[i].ID != want[i] {
				t.Fatalf("%s: token %d is %d, the model writes %d", method, i, got[i].ID, want[i])
			}
		}
		if got[79].T != 3 || got[40].T != 2 || !got[0].Prompt || got[len(prompt)].Prompt {
			t.Errorf("%s: t at 80 tokens is %v, at 41 %v", method, got[79].T, got[40].T)
		}
	}
}

// Going on from the middle of a text gives what writing in one go gives with the same cache.
func TestGoesOnFromAText(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r := writeRequest("clex")
	r.Write.Temperature = 0 // greedy: no random state to carry over
	whole := text(b.do(r))
	ids := make([]int32, 50)
	for i := range ids {
		ids[i] = whole[i].ID
	}
	r.Write.Tokens = ids
	rest := text(b.do(r))
	if len(rest) != 30 {
		t.Fatalf("%d new tokens, want 30", len(rest))
	}
	for i, tok := range rest {
		if tok.Prompt || tok.ID != whole[50+i].ID {
			t.Fatalf("token %d is %d, in one go it is %d", 50+i, tok.ID, whole[50+i].ID)
		}
	}
}

func TestStopsWhenCancelled(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	b.Do(ctx, writeRequest("clex"))
	if a := last(b.answers); !a.Done || a.StopReason != jobs.StopCancelled || a.Error != "" {
		t.Errorf("answer %+v", a)
	}
}

func TestRefusesWithWords(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for want, r := range map[string]jobs.Request{
		"empty":            {ID: 1, Write: &jobs.Write{Method: "clex", MaxLength: 10}},
		"longer":           {ID: 1, Write: &jobs.Write{Method: "clex", Prompt: "the little fox", MaxLength: 1}},
		"magic":            {ID: 1, Write: &jobs.Write{Method: "magic", Prompt: "the", MaxLength: 9}},
		"an empty request": {ID: 1},
		// A question and a fact take more in the test model's letters.
		"too short": {ID: 1, Probe: &jobs.Probe{Cells: []jobs.Cell{{Method: "pi", Tokens: 64, Trials: 1}}}},
	} {
		if a := last(b.do(r)); !strings.Contains(a.Error, want) {
			t.Errorf("error %q, want one with %q", a.Error, want)
		}
	}
	if err := b.Load([]byte("{}"), []byte("no weights"), nil, nil); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("Load of rubbish: %v", err)
	}
	if last(b.do(writeRequest("clex"))).Error != "" {
		t.Error("a failed load has broken the model that was there")
	}
}

// Attention and loss are those that the model gives when it reads the text in one go.
func TestMeasures(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tokens := b.tok.Encode(nil, strings.Repeat("the old king sat in the wood by the sea. ", 4))[:60]
	b.measure(tokens, jobs.Measure{Maps: []string{"pi"}, FactorRule: jobs.FactorRule{T: 5}, Revision: 8})
	answers := b.measure(tokens, jobs.Measure{Maps: []string{"yarn"}, Loss: []string{"yarn", "rope"}, FactorRule: jobs.FactorRule{T: 2}, Revision: 9})
	if len(b.maps) != 1 {
		t.Fatalf("%d maps are shown", len(b.maps))
	}
	maps := b.maps[0]
	losses := map[string]*scene.Loss{}
	for _, a := range answers {
		if v, ok := a.View.(*scene.Loss); ok {
			losses[v.Method] = v
		}
	}
	if len(losses) != 2 || maps.Revision != 9 || maps.T != 2 || maps.Rows != 60 {
		t.Fatalf("maps %+v, %d losses", maps, len(losses))
	}
	scheme, err := clex.New("yarn", b.m.Config().Rotary, clex.Options{Network: b.network})
	if err != nil {
		t.Fatal(err)
	}
	var e clex.Encoding
	if err := scheme.Encode(&e, 2, 64); err != nil {
		t.Fatal(err)
	}
	s, err := b.m.NewSequence(60)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SetEncoding(&e); err != nil {
		t.Fatal(err)
	}
	rows := &model.AttentionRows{Layer: 1, Head: 0, To: 60}
	trace := &model.LossTrace{}
	if err := s.Prefill(t.Context(), tokens, &model.Observer{Rows: []*model.AttentionRows{rows}, Loss: trace}); err != nil {
		t.Fatal(err)
	}
	for q, weights := range rows.Weights {
		for k := range 60 {
			got, want := maps.Max[(2*60+q)*60+k], float32(-1)
			if k < len(weights) {
				want = weights[k]
			}
			if math.Abs(float64(got-want)) > 1e-5 {
				t.Fatalf("layer 1, head 0, query %d, key %d: %v, the model says %v", q, k, got, want)
			}
		}
	}
	for i, want := range trace.NLL {
		if got := losses["yarn"].NLL[i]; math.Abs(float64(got-want)) > 1e-4 {
			t.Fatalf("loss of token %d: %v, the model says %v", i+1, got, want)
		}
	}
	need := &scene.Need{ID: 4, Layer: 1, Head: 0, QueryFrom: 20, QueryTo: 40, KeyFrom: 10, KeyTo: 30, Rows: 20, Cols: 20}
	b.measure(tokens, jobs.Measure{Maps: []string{"yarn"}, FactorRule: jobs.FactorRule{T: 2}, Need: need})
	if len(b.maps) != 1 || b.maps[0].Need != 4 || b.maps[0].Rows != 20 || b.maps[0].Cols != 20 {
		t.Fatalf("answers to a need: %+v", b.maps)
	}
	v := b.maps[0]
	if got, want := v.Max[5*20+3], rows.Weights[25][13]; math.Abs(float64(got-want)) > 1e-5 {
		t.Errorf("query 25, key 13: %v, the model says %v", got, want)
	}
	if v.Max[19] != -1 {
		t.Errorf("query 20 cannot see key 29: %v", v.Max[19])
	}
}

func TestCoarseAnswerIsOfTheLastTokens(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	// A machine that reads the whole text in time would not answer coarsely.
	var at time.Time
	b.clock = func() time.Time { at = at.Add(time.Second); return at }
	tokens := b.tok.Encode(nil, strings.Repeat("the old king sat in the wood by the sea. ", 30))[:400]
	b.measure(tokens, jobs.Measure{Maps: []string{"pi"}, FactorRule: jobs.FactorRule{T: 13}})
	b.measure(tokens, jobs.Measure{Maps: []string{"pi"}, FactorRule: jobs.FactorRule{T: 9}, Coarse: true})
	if len(b.maps) != 1 {
		t.Fatalf("%d maps are shown", len(b.maps))
	}
	if v := b.maps[0]; !v.Coarse || v.QueryFrom != 400-64 || v.QueryTo != 400 || v.KeyTo != 400 || v.T != 9 {
		t.Fatalf("coarse answer %+v", v)
	}
}

// What the page hears of maps has one size, however long the text is; they themselves are the picture's.
func TestPageHearsASummary(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	sizes := map[int]bool{}
	for _, n := range []int{50, 400} {
		answers := b.measure(b.sampleText(n), jobs.Measure{Maps: []string{"pi"}, FactorRule: jobs.FactorRule{T: 2}})
		if len(b.maps) != 1 || len(b.maps[0].Max) < 48*48 {
			t.Fatalf("%d tokens: %d maps are shown", n, len(b.maps))
		}
		bytes := 0
		for _, a := range answers {
			if a.View == nil {
				continue
			}
			f, err := wire.Encode(a.View)
			if err != nil {
				t.Fatal(err)
			}
			for _, table := range f.Tables {
				bytes += 4 * len(table)
			}
		}
		sizes[bytes] = true
	}
	c := b.m.Config()
	if want := 4 * 4 * c.Layers * c.Heads; len(sizes) != 1 || !sizes[want] {
		t.Errorf("tables of %v bytes for texts of 50 and 400 tokens, want %d", sizes, want)
	}
}
