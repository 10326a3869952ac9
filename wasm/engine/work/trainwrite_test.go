package work

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/wasm/wire/jobs"
)

var sampleAsked = jobs.Write{Method: "clex", Prompt: "The fox went out.", MaxLength: 40, FactorRule: jobs.FactorRule{T: 1, Auto: true}}

// A training writes between two steps with the weights as they are, before the first step those that it begins with under
// CLEX's prior, as is written here by themselves; it goes on as if nothing had been written.
func TestTrainingWritesBetweenSteps(t *testing.T) {
	t.Parallel()
	_, straight, _ := newSchool(t).steeredResult(t, six(), nil)
	s := newSchool(t)
	none := sampleAsked
	none.Prompt = ""
	far := sampleAsked
	far.MaxLength = 1 << 20
	told, steered, failed := s.steeredResult(t, six(), map[int][]jobs.Steer{0: {{Write: &sampleAsked}, {Write: &none}}, 4: {{Run: jobs.Paused}, {Write: &sampleAsked}, {Run: jobs.Going}}, 5: {{Write: &far}}})
	if failed != "" || !bytes.Equal(straight, steered) {
		t.Errorf("the weights are others than those of a run that writes nothing: %s", failed)
	}
	texts, errors := map[int][]jobs.Token{}, map[int]string{}
	for _, x := range told {
		if w := x.Wrote; w != nil {
			texts[x.Step] = append(texts[x.Step], w.Tokens...)
			errors[x.Step] += w.Error
			if w.Done && w.Error == "" && w.Stop != jobs.StopLength && w.Stop != jobs.StopEndOfText {
				t.Errorf("step %d: it ends for %q", x.Step, w.Stop)
			}
		}
	}
	if len(texts) != 3 || !strings.Contains(errors[0], "prompt is empty") || errors[4]+errors[5] != "" {
		t.Fatalf("texts of %d steps, errors %v", len(texts), errors)
	}
	ids := func(list []jobs.Token) (out []int32) {
		for _, x := range list {
			out = append(out, x.ID)
		}
		return out
	}
	if got, want := ids(texts[0]), s.greedy(t); !slices.Equal(got, want) {
		t.Errorf("before the first step: %v, want %v", got, want)
	}
	for _, n := range []int{len(texts[0]), len(texts[4])} {
		if n > sampleAsked.MaxLength {
			t.Errorf("%d tokens, asked for %d", n, sampleAsked.MaxLength)
		}
	}
	if most := 16 * s.first.window(); len(texts[5]) > most {
		t.Errorf("%d tokens are more than it is trained for, %d", len(texts[5]), most)
	}
	if texts[4][1].NLL == texts[0][1].NLL {
		t.Error("four steps change nothing")
	}
}

// greedy writes the sample with the weights of the base and the prior.
func (s *school) greedy(t *testing.T) []int32 {
	t.Helper()
	p, config, err := s.start(t.Context(), "rope")
	if err != nil {
		t.Fatal(err)
	}
	m, err := model.New(config, p.Weights())
	if err != nil {
		t.Fatal(err)
	}
	q, err := m.NewSequence(sampleAsked.MaxLength)
	if err != nil {
		t.Fatal(err)
	}
	scheme, err := clex.New("clex", config.Rotary, clex.Options{TMax: 16})
	if err != nil {
		t.Fatal(err)
	}
	by := &model.Extension{Scheme: scheme, Rule: clex.LengthRule{TMax: 16}}
	out := s.tok.Encode(nil, sampleAsked.Prompt)
	if _, err := by.Fit(t.Context(), q, len(out)); err != nil {
		t.Fatal(err)
	}
	if err := q.Prefill(t.Context(), out, nil); err != nil {
		t.Fatal(err)
	}
	for x, err := range model.Generate(t.Context(), q, model.Options{MaxTokens: sampleAsked.MaxLength - len(out), Extension: by}) {
		if err != nil {
			t.Fatal(err)
		}
		if x.Stop == model.StopByToken {
			break
		}
		out = append(out, x.ID)
	}
	return out
}

// A training that is stopped while it writes leaves what it has learnt.
func TestTrainingStopsWhileItWrites(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	ctx, cancel := context.WithCancel(t.Context())
	emit := s.Emit
	var files *jobs.Files
	var end jobs.Answer
	s.Emit = func(a jobs.Answer) {
		emit(a)
		end = a
		x := a.Trained
		switch {
		case x == nil:
		case x.Files != nil:
			files = x.Files
		case x.Wrote != nil:
			cancel()
		case x.Step == 1:
			s.Steer(5, jobs.Steer{Write: &sampleAsked})
		}
	}
	ask := six()
	s.Do(ctx, jobs.Request{ID: 5, Train: &ask})
	if files == nil || end.StopReason != jobs.StopCancelled {
		t.Errorf("files %v, last answer %+v", files, end)
	}
}

// The field that has learnt so far writes: where the weights stay and t is held, nothing else can change what is written.
func TestTrainingWritesWithItsField(t *testing.T) {
	t.Parallel()
	ask, held := six(), sampleAsked
	ask.Part, held.FactorRule = jobs.TrainField, jobs.FactorRule{T: 16}
	told, _, failed := newSchool(t).steeredResult(t, ask, map[int][]jobs.Steer{0: {{Write: &held}}, 4: {{Write: &held}}})
	nll := map[int]float64{}
	for _, x := range told {
		if x.Wrote != nil && len(x.Wrote.Tokens) > 0 && x.Wrote.Tokens[0].Prompt {
			nll[min(x.Step, 1)] = x.Wrote.Tokens[3].NLL
		}
	}
	if failed != "" || len(nll) != 2 || nll[0] == nll[1] {
		t.Errorf("losses of the prompt: %v, %s", nll, failed)
	}
}
