// Package jobs is the talk between the page and an engine worker: what is asked
// and what is answered. Small facts travel as JSON, what comes again and again while t
// is dragged as bytes; attention and loss travel as the
// messages of package viz/scene that the picture takes, so the page only hands them on.
package jobs

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"clexlab/clex"
	"clexlab/viz/scene"
)

// Version is refused when it differs: an old worker out of a cache says so
// instead of answering nonsense.
const Version = 6

// Request is one message from the page to a worker. Exactly one part is set. A request
// does not change once it is sent.
type Request struct {
	Version int `json:"v"`
	// ID names the job among those of its kind; 0 is for requests without an answer.
	ID    int    `json:"id"`
	Load  *Load  `json:"load,omitempty"`
	Write *Write `json:"write,omitempty"`
	// SetFactor gives the writing job ID another t.
	SetFactor *FactorRule `json:"setFactor,omitempty"`
	// Subject hands over a text, or the rest of one, that Measure asks about.
	Subject *Subject `json:"subject,omitempty"`
	// Helpers are workers that have nothing to do and may read along in a long text, by their numbers.
	Helpers []int    `json:"helpers,omitempty"`
	Measure *Measure `json:"measure,omitempty"`
	Judge   *Judge   `json:"judge,omitempty"`
	Attend  *Attend  `json:"attend,omitempty"`
	Probe   *Probe   `json:"probe,omitempty"`
	Train   *Train   `json:"train,omitempty"`
	Tune    *Tune    `json:"tune,omitempty"`
	// Describe and Export are about files and need no model loaded.
	Describe *Describe `json:"describe,omitempty"`
	Export   *Export   `json:"export,omitempty"`
	// Steer changes the training job ID.
	Steer *Steer `json:"steer,omitempty"`
	// Calibrate asks which machine is faster at what.
	Calibrate *Calibrate `json:"calibrate,omitempty"`
	// Cancel ends job ID of the kind Cancel.
	Cancel Kind `json:"cancel,omitempty"`
	// FreeGPU gives the worker's GPU back, with all memory there. A job that asks for it opens it again.
	FreeGPU bool `json:"freeGPU,omitempty"`
	// Call asks which jobs the worker has, running or waiting.
	Call bool `json:"call,omitempty"`
	// Resend asks for the answers from that number on once more.
	Resend int `json:"resend,omitempty"`
	// Fault causes a failure, in builds for tests alone.
	Fault Fault `json:"fault,omitempty"`
}

// Job names one.
type Job struct {
	Kind Kind `json:"kind"`
	ID   int  `json:"id"`
}

// Kind is what a request asks for; answers say it again, so that nobody has to know it by a number.
type Kind string

// The kinds of jobs.
const (
	Loading     Kind = "load"
	Writing     Kind = "write"
	Subjects    Kind = "subject"
	Measuring   Kind = "measure"
	Judging     Kind = "judge"
	Attending   Kind = "attend"
	Probing     Kind = "probe"
	Training    Kind = "train"
	Describing  Kind = "describe"
	Exporting   Kind = "export"
	Calibrating Kind = "calibrate"
	Freeing     Kind = "freeGPU"
	Calling     Kind = "call"
	Tuning      Kind = "tune"
)

// Kind is the kind of the job that r asks for, "" for what is no job: a word about another one.
func (r *Request) Kind() Kind {
	switch {
	case r.Load != nil:
		return Loading
	case r.Write != nil:
		return Writing
	case r.Subject != nil:
		return Subjects
	case r.Measure != nil:
		return Measuring
	case r.Judge != nil:
		return Judging
	case r.Attend != nil:
		return Attending
	case r.Probe != nil:
		return Probing
	case r.Train != nil:
		return Training
	case r.Describe != nil:
		return Describing
	case r.Export != nil:
		return Exporting
	case r.Calibrate != nil:
		return Calibrating
	case r.FreeGPU:
		return Freeing
	case r.Tune != nil:
		return Tuning
	}
	return ""
}

// Fault is a failure that a test causes.
type Fault string

// The faults: the worker dies of exhausted memory as it would for real, or its GPU goes as
// when a driver is reset.
const (
	OutOfMemory Fault = "memory"
	LostGPU     Fault = "gpu"
)

// Methods are those that the job runs, each once.
func (r *Request) Methods() []string {
	var all []string
	switch {
	case r.Write != nil:
		all = []string{r.Write.Method}
	case r.Measure != nil:
		all = slices.Concat(r.Measure.Loss, r.Measure.Maps)
	case r.Judge != nil:
		all = []string{r.Judge.Method}
	case r.Attend != nil:
		all = []string{r.Attend.Method}
	case r.Probe != nil:
		for _, c := range r.Probe.Cells {
			all = append(all, c.Method)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Calibrate asks for a race between the machines.
type Calibrate struct {
	// GPUAttempt numbers the attempts to use the GPU, from 1: a higher one forgets earlier trouble.
	GPUAttempt int `json:"gpuAttempt"`
	// Software lets an adapter race that is only software.
	Software bool `json:"software,omitempty"`
}

// Load asks for a checkpoint. The addresses are fetched by the worker.
type Load struct {
	Config    string `json:"config"`
	Weights   string `json:"weights"`
	Tokenizer string `json:"tokenizer"`
	// Size is the size of the weights in bytes, for progress and for the reader.
	Size int64 `json:"size"`
	// Difference, if not nil, is how they can be had as well.
	Difference *Difference `json:"difference,omitempty"`
	// Files, if given, are a whole model in any form that can be opened, instead of the three above;
	// Bounds, if not nil, count instead of what they say.
	Files  []File  `json:"files,omitempty"`
	Bounds *Bounds `json:"bounds,omitempty"`
	// Tuned are the weights that some methods run on instead, by method; they
	// share the tokenizer and are fetched when first needed.
	Tuned map[string]Weights `json:"tuned,omitempty"`
}

// At is the same request with its addresses below a folder.
func (l Load) At(folder string) Load {
	below := func(name string) string {
		if strings.HasPrefix(name, "blob:") {
			return name // it was made in this page and is an address already
		}
		return folder + name
	}
	if l.Files != nil {
		files := l.Files
		l.Files = make([]File, len(files))
		for i, f := range files {
			l.Files[i] = File{Name: f.Name, Address: below(f.Address), Size: f.Size}
		}
		return l
	}
	l.Config, l.Weights, l.Tokenizer = below(l.Config), below(l.Weights), below(l.Tokenizer)
	l.Difference = l.Difference.at(below)
	tuned := l.Tuned
	l.Tuned = map[string]Weights{}
	for method, t := range tuned {
		t.Config, t.Weights, t.Difference = below(t.Config), below(t.Weights), t.Difference.at(below)
		l.Tuned[method] = t
	}
	return l
}

// Weights is one set of weights, by the name of its checkpoint.
type Weights struct {
	Name string `json:"name"`
	// Factor is the one length scaling factor that they were tuned at, and that their method
	// keeps whatever t is asked for; 0 where it follows t.
	Factor  float64 `json:"factor,omitempty"`
	Config  string  `json:"config"`
	Weights string  `json:"weights"`
	Size    int64   `json:"size"`
	// Difference, if not nil, is how they can be had as well.
	Difference *Difference `json:"difference,omitempty"`
}

// Tune gives a method weights of its own in place of those that it had, or takes them away where Weights has no name.
type Tune struct {
	Method  string  `json:"method"`
	Weights Weights `json:"weights"`
}

// EarlyJob is the number of the text that is begun before the page's program runs; the page knows it by one of its own.
const EarlyJob = 1 << 30

// First are the requests that a few lines of script send on before any program runs: for a model, with the addresses
// as the worker sees them, and, once it has that, for the text that a page without wishes begins with. The page takes over what
// is under way if these are, to the letter, what it would ask for.
func First(o Offer, w Write) (load, write string, err error) {
	l := o.At("models/")
	for _, r := range []struct {
		Request
		to *string
	}{{Request{ID: 1, Load: &l}, &load}, {Request{ID: EarlyJob, Write: &w}, &write}} {
		r.Version = Version
		data, err := json.Marshal(r.Request)
		if err != nil {
			return "", "", fmt.Errorf("jobs: %w", err)
		}
		*r.to = string(data)
	}
	return load, write, nil
}

// FactorRule is how t is found: the smallest whole one that covers the text with Auto, T without.
type FactorRule struct {
	T    float64 `json:"t"`
	Auto bool    `json:"auto,omitempty"`
}

// Rule is the rule of package clex, for a model that goes up to most.
func (r FactorRule) Rule(most float64) clex.LengthRule {
	if r.Auto {
		return clex.LengthRule{TMax: most}
	}
	return clex.AtT(min(most, max(1, r.T)))
}

// At is t for a text of n tokens on a model of a trained window that goes up to most.
func (r FactorRule) At(n, window int, most float64) float64 {
	t, err := r.Rule(most).T(max(0, n), max(1, window))
	if err != nil || window < 1 {
		return 1
	}
	return t
}

// Write asks for text.
type Write struct {
	Method string `json:"method"`
	// Prompt is read when Tokens is empty.
	Prompt string  `json:"prompt,omitempty"`
	Tokens []int32 `json:"tokens,omitempty"`
	// MaxLength is the length to reach in tokens, those given included.
	MaxLength int `json:"maxLength"`
	// GPUAttempt, if not 0, lets the GPU do it; see Calibrate.
	GPUAttempt int `json:"gpuAttempt,omitempty"`
	FactorRule
	Temperature float64 `json:"temperature"`
	TopP        float64 `json:"topP"`
	MinP        float64 `json:"minP"`
	TopK        int     `json:"topK"`
	Seed        uint64  `json:"seed,string"`
}

// Subject is a text that Measure asks about: its tokens from From on, those before stay; or
// the file at Address, or Text, cut into tokens by the worker.
type Subject struct {
	ID       int `json:"id"`
	Revision int `json:"revision"`
	// Replaces is a text that is not asked about any more, 0 for none.
	Replaces int `json:"replaces,omitempty"`
	// From is the place of the first of Tokens.
	From    int     `json:"from,omitempty"`
	Tokens  []int32 `json:"tokens,omitempty"`
	Address string  `json:"address,omitempty"`
	Text    string  `json:"text,omitempty"`
	// MaxTokens is where a text that the worker cuts into tokens ends.
	MaxTokens int `json:"maxTokens,omitempty"`
}

// Measure asks for loss by position and for attention, of the first Length tokens of a subject.
type Measure struct {
	// Loss lists the methods to measure loss of, Maps those whose attention is wanted.
	Loss     []string `json:"loss,omitempty"`
	Maps     []string `json:"maps,omitempty"`
	Subject  int      `json:"subject"`
	Revision int      `json:"revision"`
	// Length is how much of the subject is read, 0 for all of it.
	Length     int `json:"length,omitempty"`
	GPUAttempt int `json:"gpuAttempt,omitempty"`
	FactorRule
	Coarse bool        `json:"coarse,omitempty"`
	Need   *scene.Need `json:"need,omitempty"`
}

// Judge asks how likely a method that stays inside its trained window holds tokens for: those of
// Tokens from Skip on, each after those before it here.
type Judge struct {
	Method     string  `json:"method"`
	Tokens     []int32 `json:"tokens"`
	Skip       int     `json:"skip"`
	GPUAttempt int     `json:"gpuAttempt,omitempty"`
}

// Attend asks what the last of Tokens looks at, under Method: in one head of a layer, or with Head -1 in
// the mean of the layer's heads; both count from 0.
type Attend struct {
	Method string  `json:"method"`
	Tokens []int32 `json:"tokens"`
	// Length is how long the text is that they begin, 0 for as long as they are: t is the whole text's.
	Length int `json:"length,omitempty"`
	FactorRule
	Layer int `json:"layer"`
	Head  int `json:"head"`
}

// Probe asks for recall in cells, one after the other; with Show, every answer is Shown.
type Probe struct {
	Cells      []Cell `json:"cells"`
	Show       bool   `json:"show,omitempty"`
	Seed       uint64 `json:"seed,string"`
	GPUAttempt int    `json:"gpuAttempt,omitempty"`
	FactorRule
}

// Cell is one place of the recall grid.
type Cell struct {
	Method string  `json:"method"`
	Tokens int     `json:"tokens"`
	Depth  float64 `json:"depth"`
	Trials int     `json:"trials"`
	Right  int     `json:"right"`
}
