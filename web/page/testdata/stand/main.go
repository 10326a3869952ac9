//go:build js && wasm

// Command stand is the page with an engine that answers by rule instead of by a
// model, so that tests of the page know what must stand on it: token i of a text
// is "w<i> " and was expected with probability exp(-(i mod 8)).
package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/viz/scene"
	"clexlab/wasm/wire/jobs"
	"clexlab/web/page"
	"clexlab/web/page/testdata/stand/rule"
	"clexlab/web/state"
)

func main() {
	page.Connect(connect)
	app.Route("/", page.New)
	app.RunWhenOnBrowser()
}

type engine struct {
	host    page.Host
	mu      sync.Mutex
	stopped map[int]bool
	// tuned gives the model weights for each method, and has words and losses tell how they came about.
	tuned bool
	// asked counts what was to be measured: the last is, one method after the other.
	asked atomic.Int64
}

func connect(d page.Host) page.Engine {
	e := &engine{host: d, stopped: map[int]bool{}, tuned: app.Window().URL().Query().Get("models") == "tuned"}
	m := state.Model{ID: "rule", Model: scene.Model{Name: "rule", Rotary: rule.Rotary, Network: rule.Network(), Layers: 2, Heads: 2}}
	if e.tuned {
		m.Tuned = rule.Tuned
		app.Window().Set("measured", map[string]any{})
	}
	go d.Send(state.ModelsListed{Models: []state.Model{m}})
	return e
}

func (e *engine) load() {
	if app.Window().URL().Query().Get("models") == "missing" {
		e.host.Send(state.EngineFailed{Key: "model", Title: "The model could not be loaded.", Text: "Its file is missing.", Action: "retry-model"})
		return
	}
	e.host.Send(state.EngineReady{Backend: "rule", Memory: 1 << 20})
}

func (e *engine) over(job int) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.stopped[job]
}

func (e *engine) StartWriting(x state.StartWriting) { go e.write(x) }
func (e *engine) StartProbe(x state.StartProbe)     { go e.probe(x) }
func (e *engine) Measure(x state.Measure)           { go e.measure(x, e.asked.Add(1)) }
func (e *engine) Judge(x state.Judge)               { go e.judge(x) }
func (e *engine) RestartEngine()                    { go e.load() }
func (e *engine) LoadModel(state.LoadModel)         { go e.load() }

// Attend gives the token before half, the first one a quarter.
func (e *engine) Attend(x state.Attend) {
	e.host.Send(state.AttendedCome{Attended: jobs.Attended{T: 1, Keys: []int{max(0, len(x.Tokens)-2), 0}, Weights: []float64{0.5, 0.25}}})
}

func (e *engine) CancelJob(x state.CancelJob) {
	e.mu.Lock()
	e.stopped[x.Job] = true
	e.mu.Unlock()
}

// There is nothing here to do the rest with.
func (e *engine) Calibrate(state.Calibrate)         {}
func (e *engine) ReleaseGPU(state.ReleaseGPU)       {}
func (e *engine) ConnectPicture()                   {}
func (e *engine) SetFactor(state.SetFactor)         {}
func (e *engine) StopMeasuring()                    {}
func (e *engine) SteerTraining(state.SteerTraining) {}
func (e *engine) ForgetTraining()                   {}
func (e *engine) StartExport(state.StartExport)     {}
func (e *engine) DescribeFiles(state.DescribeFiles) {}
func (e *engine) KeepModel(state.KeepModel)         {}
func (e *engine) ForgetModel(state.ForgetModel)     {}
func (e *engine) StartTraining(state.StartTraining) {}
func (e *engine) OfferModel(state.OfferModel)       {}
func (e *engine) TuneMethod(state.TuneMethod)       {}

// measure answers by rule: a method's loss at position i is rule.Loss.
func (e *engine) measure(x state.Measure, turn int64) {
	if x.Text.Kind != state.OnText {
		n := min(x.Text.MaxTokens, 4*rule.Rotary.Window)
		e.host.Send(state.Spelled{Subject: x.Subject, Spelled: jobs.Spelled{Tokens: slices.Repeat([]string{"word "}, n), Bytes: 5 * n, Of: 5 * n}})
	}
	n := max(len(x.Text.Tokens), x.Length, 4*rule.Rotary.Window)
	for _, method := range x.Loss {
		if e.tuned {
			time.Sleep(15 * time.Millisecond) // as of a real one, some are there before others
			if e.asked.Load() != turn {
				return
			}
		}
		c := &scene.Loss{Method: method, Subject: x.Subject, Revision: x.Revision, From: 1, T: x.T}
		mark := 0.0
		if e.tuned {
			c.T, mark = rule.Read(method, x.FactorRule, n), rule.Mark(x.Subject)
			app.Window().Get("measured").Set(fmt.Sprintf("%.2f %s", mark, method), map[string]any{"kind": string(x.Text.Kind), "t": c.T})
		}
		for i := 1; i < n; i++ {
			c.NLL = append(c.NLL, float32(rule.Loss(method, i)+mark))
		}
		e.host.Send(state.LossMeasured{Loss: c})
	}
	e.host.Send(state.MeasureEnded{})
}

// judge rates token i of its text at i mod 8 nats.
func (e *engine) judge(x state.Judge) {
	m := state.Judged{Pane: x.Pane, Epoch: x.Epoch, From: x.From}
	for i := range len(x.Tokens) - x.Skip {
		m.NLL = append(m.NLL, float64((x.From+i)%8))
	}
	e.host.Send(m)
}

func (e *engine) write(x state.StartWriting) {
	n := len(x.Tokens)
	if n == 0 {
		e.host.Send(state.PromptTokens{Job: x.Job, Tokens: []state.Token{{Text: x.Prompt + " ", NLL: -1, Prompt: true}}})
		n = 1
	}
	for ; n < x.MaxLength && !e.over(x.Job); n++ {
		token := rule.Token(n, x.Seed, x.Method)
		if e.tuned {
			token = rule.Telling(n, x.Seed, x.Method, rule.Read(x.Method, x.FactorRule, n))
		}
		e.host.Send(state.TokensWritten{Job: x.Job, Tokens: []state.Token{token}, Rate: 100})
		if n%16 == 0 {
			time.Sleep(5 * time.Millisecond)
		}
	}
	e.host.Send(state.JobDone{Job: x.Job, StopReason: "length"})
}

func (e *engine) probe(x state.StartProbe) {
	random := rand.New(rand.NewPCG(x.Seed, 0))
	begun := time.Now()
	for _, c := range x.Cells {
		if e.over(x.Job) {
			return
		}
		time.Sleep(60 * time.Millisecond)
		if c.Method == "clex" || c.Tokens <= rule.Rotary.Window {
			c.Right = c.Trials
		}
		answer := state.ProbeAnswered{Job: x.Job, Recalled: jobs.Recalled{Cell: c, Want: " blue", Said: " red"}, Took: time.Since(begun)}
		if c.Right > 0 {
			answer.Said = answer.Want
		}
		if x.Show {
			answer.Shown = &state.Shown{Before: "and then ", Fact: "the sea was blue.", After: " They went", Skipped: c.Tokens - 30, Question: "… and the sea was",
				Chance: random.Float64(), Alternatives: []state.Alternative{{Text: answer.Said, P: 0.5}, {Text: " grey", P: 0.25}}, Layer: 1, Head: 2, Weight: random.Float64()}
		}
		e.host.Send(answer)
	}
	e.host.Send(state.JobDone{Job: x.Job})
}
