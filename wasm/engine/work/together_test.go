package work

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"clexlab/model/checkpoint"
	"clexlab/model/modeltest"
	"clexlab/viz/scene"
	"clexlab/wasm/wire/jobs"
)

// pool is workers as goroutines that hear each other; the first one leads.
type pool struct {
	t           *testing.T
	workers     []*bench
	dispatchers []*Dispatcher
	mu          sync.Mutex
	answers     []jobs.Answer
	ended       chan jobs.Answer
	// looked counts the chunks that were read.
	looked int
	// lose, if set, says which notes get lost on their way; note hears of all.
	lose func(from, to int, n *Note) bool
}

// newPool makes a pool whose models read up to 2,048 tokens.
func newPool(t *testing.T, size int) *pool {
	t.Helper()
	files, c, _, err := modeltest.New()
	if err != nil {
		t.Fatal(err)
	}
	c.Scaling = checkpoint.CLEXScaling(c.CLEX, 64)
	if files.Config, err = c.MarshalConfig(checkpoint.F32); err != nil {
		t.Fatal(err)
	}
	p := &pool{t: t, ended: make(chan jobs.Answer, 16)}
	for i := range size {
		b := newBench(t)
		if err := b.Load(files.Config, files.Weights, files.Tokenizer, nil); err != nil {
			t.Fatal(err)
		}
		b.Emit = func(a jobs.Answer) {
			p.mu.Lock()
			p.answers = append(p.answers, a)
			p.mu.Unlock()
			if a.Done || a.Error != "" {
				p.ended <- a
			}
		}
		d := NewDispatcher(b.Worker)
		// A machine that does other things as well is no failure.
		b.patience = patience{10 * time.Second, 20 * time.Second}
		b.Send = func(to int, n *Note) error {
			p.mu.Lock()
			lost := p.lose != nil && p.lose(i, to, n)
			if n.Kind == lookedNote && !lost {
				p.looked++
			}
			p.mu.Unlock()
			if lost {
				return nil
			}
			f, err := n.Frame()
			if err != nil {
				return err
			}
			read, err := ReadNote(f)
			if err != nil {
				return err
			}
			p.dispatchers[to].Hear(i, read)
			return nil
		}
		p.workers, p.dispatchers = append(p.workers, b), append(p.dispatchers, d)
	}
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	for _, d := range p.dispatchers {
		go d.Run(ctx)
	}
	return p
}

// ask has a worker do a job with helpers and returns its answers.
func (p *pool) ask(r jobs.Request, helpers ...int) []jobs.Answer {
	p.mu.Lock()
	p.answers, p.looked = nil, 0
	p.mu.Unlock()
	r.Helpers = helpers
	p.dispatchers[0].Take(r)
	<-p.ended
	return p.said()
}

func (p *pool) said() []jobs.Answer {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.answers)
}

func (p *pool) chunks() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.looked
}

// read measures a text and writes on from it, and returns all of it.
func (p *pool) read(tokens []int32, helpers ...int) (loss *scene.Loss, maps *scene.Maps, text []jobs.Token, chunks [2]int) {
	p.t.Helper()
	lead, tokens := p.workers[0], slices.Clone(tokens) // a text that is written on grows where it is
	clear(lead.first.losses)
	lead.first.look, lead.first.text, lead.maps = cachedSequence{}, cachedSequence{}, nil
	p.ask(jobs.Request{ID: 1, Subject: &jobs.Subject{ID: 1, Tokens: tokens}})
	for _, a := range p.ask(jobs.Request{ID: 2, Measure: &jobs.Measure{Subject: 1, Loss: []string{"clex"}, Maps: []string{"clex"}, FactorRule: jobs.FactorRule{Auto: true}}}, helpers...) {
		if v, ok := a.View.(*scene.Loss); ok {
			loss = v
		}
	}
	chunks[0] = p.chunks()
	r := writeRequest("clex")
	r.Write.Tokens, r.Write.MaxLength = tokens, len(tokens)+40
	for _, a := range p.ask(r, helpers...) {
		if a.Tokens != nil {
			text = append(text, a.Tokens.List...)
		}
		if a.Error != "" {
			p.t.Fatal(a.Error)
		}
	}
	chunks[1] = p.chunks()
	if loss == nil || len(lead.maps) != 1 || len(text) != 40 {
		p.t.Fatalf("losses %v, %d maps, %d tokens", loss != nil, len(lead.maps), len(text))
	}
	return loss, lead.maps[0], text, chunks
}

// Text, losses and maps that several workers read together are those of one.
func TestWorkersReadTogether(t *testing.T) {
	t.Parallel()
	tokens := modeltest.Text(640)
	for helpers := 1; helpers <= 3; helpers++ {
		t.Run(fmt.Sprint(helpers), func(t *testing.T) {
			t.Parallel()
			p := newPool(t, 4)
			wantLoss, wantMaps, wantText, alone := p.read(tokens)
			loss, maps, text, chunks := p.read(tokens, []int{2, 1, 3}[:helpers]...)
			if alone != [2]int{} || chunks != [2]int{helpers, helpers} {
				t.Errorf("%v chunks read without helpers and %v with %d", alone, chunks, helpers)
			}
			if !slices.Equal(loss.NLL, wantLoss.NLL) || loss.From != wantLoss.From || loss.T != wantLoss.T {
				t.Error("the losses differ")
			}
			for i, token := range text {
				if token.ID != wantText[i].ID || token.NLL != wantText[i].NLL {
					t.Fatalf("token %d is %d with %v, alone %d with %v", i, token.ID, token.NLL, wantText[i].ID, wantText[i].NLL)
				}
			}
			if maps.Rows != wantMaps.Rows || maps.Cols != wantMaps.Cols || maps.QueryFrom != wantMaps.QueryFrom || maps.QueryTo != wantMaps.QueryTo ||
				maps.KeyTo != wantMaps.KeyTo || !slices.Equal(maps.Max, wantMaps.Max) {
				t.Errorf("the maps differ: %d × %d of queries %d to %d, alone %d × %d of %d to %d",
					maps.Rows, maps.Cols, maps.QueryFrom, maps.QueryTo, wantMaps.Rows, wantMaps.Cols, wantMaps.QueryFrom, wantMaps.QueryTo)
			}
			for name, pair := range map[string][2][]float32{"means": {maps.Mean, wantMaps.Mean}, "keys": {maps.Keys, wantMaps.Keys},
				"queries": {maps.Queries, wantMaps.Queries}, "profiles": {maps.Profile, wantMaps.Profile}} {
				for i, v := range pair[0] {
					if math.Abs(float64(v-pair[1][i])) > 1e-5*math.Max(1, math.Abs(float64(v))) {
						t.Errorf("%s: value %d is %v, alone %v", name, i, v, pair[1][i])
						break
					}
				}
			}
			p.idle()
		})
	}
}

// idle waits until no worker does anything or keeps anything of a reading.
func (p *pool) idle() {
	p.t.Helper()
	busy := func() bool {
		for i, d := range p.dispatchers {
			d.mu.Lock()
			busy := d.chunk != nil || d.cancel != nil || len(d.queue) > 0
			d.mu.Unlock()
			a := &p.workers[i].inboxes
			a.mu.Lock()
			busy = busy || len(a.open) > 0
			a.mu.Unlock()
			if busy {
				return true
			}
		}
		return false
	}
	for end := time.Now().Add(5 * time.Second); busy(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			p.t.Fatal("a worker is not idle, or keeps something of a reading that is over")
		}
	}
}

// Whatever becomes of the helpers, the answer is that of one worker; a text too short, or held by nobody else, is read alone.
func TestHelpersThatFail(t *testing.T) {
	t.Parallel()
	tokens := modeltest.Text(640)
	for name, c := range map[string]struct {
		tokens int
		lose   func(p *pool) func(from, to int, n *Note) bool
	}{
		"short": {tokens: togetherFrom - 1},
		"dead":  {tokens: 640, lose: func(*pool) func(int, int, *Note) bool { return func(_, to int, _ *Note) bool { return to == 1 } }},
		"dies at once": {tokens: 640, lose: func(*pool) func(int, int, *Note) bool {
			return func(from, _ int, n *Note) bool { return from == 1 && n.Kind != freeNote }
		}},
		"dies late": {tokens: 640, lose: func(*pool) func(int, int, *Note) bool {
			return func(from, _ int, n *Note) bool {
				return from == 1 && n.Kind != freeNote && (n.Kind != keysNote || n.Layer > 0)
			}
		}},
		"loses what it saw": {tokens: 640, lose: func(*pool) func(int, int, *Note) bool {
			return func(_, _ int, n *Note) bool { return n.Kind == lookedNote }
		}},
		"is given a job": {tokens: 640, lose: func(p *pool) func(int, int, *Note) bool {
			return func(from, _ int, n *Note) bool {
				if from == 1 && n.Kind == keysNote {
					p.dispatchers[1].Take(jobs.Request{ID: 77, Subject: &jobs.Subject{ID: 9, Tokens: tokens}})
				}
				return false
			}
		}},
		"has other weights": {tokens: 640, lose: func(*pool) func(int, int, *Note) bool {
			return func(_, _ int, n *Note) bool { n.Weights = "other"; return false }
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPool(t, 2)
			wantLoss, wantMaps, wantText, _ := p.read(tokens[:c.tokens])
			p.workers[0].patience = patience{100 * time.Millisecond, 300 * time.Millisecond}
			if c.lose != nil {
				p.lose = c.lose(p)
			}
			if name == "is given a job" {
				// Its answers end jobs too.
				p.workers[1].Emit = func(jobs.Answer) {}
			}
			loss, maps, text, chunks := p.read(tokens[:c.tokens], 1)
			if chunks != [2]int{} {
				t.Errorf("%v chunks were read", chunks)
			}
			if !slices.Equal(loss.NLL, wantLoss.NLL) || !slices.Equal(maps.Mean, wantMaps.Mean) {
				t.Error("losses or maps differ")
			}
			for i, token := range text {
				if token.ID != wantText[i].ID {
					t.Fatalf("token %d is %d, alone %d", i, token.ID, wantText[i].ID)
				}
			}
		})
	}
}

// A reading that is cancelled ends for all who take part, and the next one is read together again.
func TestCancelledTogether(t *testing.T) {
	t.Parallel()
	p := newPool(t, 3)
	tokens := modeltest.Text(640)
	once := sync.Once{}
	p.workers[0].Yield = func() {
		once.Do(func() { p.dispatchers[0].Take(jobs.Request{ID: 2, Cancel: jobs.Measuring}) })
	}
	p.ask(jobs.Request{ID: 1, Subject: &jobs.Subject{ID: 1, Tokens: tokens}})
	m := jobs.Request{ID: 2, Measure: &jobs.Measure{Subject: 1, Loss: []string{"pi"}, FactorRule: jobs.FactorRule{T: 30}}}
	if a := last(p.ask(m, 1, 2)); a.StopReason != jobs.StopCancelled {
		t.Errorf("it ended with %+v", a)
	}
	p.idle()
	if a := last(p.ask(m, 1, 2)); !a.Done || a.StopReason != "" || p.chunks() != 2 {
		t.Errorf("then it ended with %+v and %d chunks", a, p.chunks())
	}
	p.idle()
}

// What is no note is refused with words.
func TestNotesAreChecked(t *testing.T) {
	t.Parallel()
	for _, n := range []*Note{
		{Kind: chunkNote}, {Kind: chunkNote, Chunk: &chunk{From: 4, To: 4, Tokens: []int32{1, 2, 3, 4, 5}}}, {Kind: chunkNote, Chunk: &chunk{To: 2, Tokens: []int32{1}}},
		{Kind: keysNote, Tables: [][]float32{{1}}}, {Kind: lookedNote}, {Kind: lookedNote, Seen: &observation{}, Tables: [][]float32{{1}}},
	} {
		f, err := n.Frame()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ReadNote(f); err == nil {
			t.Errorf("%s is taken", f.Head)
		}
	}
	f, err := (&Note{Kind: askNote}).Frame()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ReadNote(f); err != nil {
		t.Error(err)
	}
	f.Head = []byte(`{"v":1,"kind":"ask","reading":"3"}`)
	if _, err := ReadNote(f); err == nil || errors.Unwrap(err) != nil {
		t.Errorf("a note of another version: %v", err)
	}
}
