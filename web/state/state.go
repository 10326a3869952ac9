package state

import (
	"time"

	"clexlab/viz/scene"
	"clexlab/wasm/wire/jobs"
)

// Phase is what a pane's writer is doing.
type Phase int

// The phases of a text, in the order in which they usually come.
const (
	Empty   Phase = iota // nothing asked yet
	Waiting              // asked; the engine or the model is still loading
	Reading              // the model reads the prompt
	Writing              // tokens arrive
	Rested               // stopped, done or failed; the text stays
)

// Busy reports whether a job is under way.
func (p Phase) Busy() bool { return p == Waiting || p == Reading || p == Writing }

// Pane is one text column: a text with its authors, and its job.
type Pane struct {
	Document
	// Method writes next; who wrote what stands here is the Document's affair.
	Method string
	Phase  Phase
	// Job identifies the current job; answers to older jobs are dropped. 0 is none.
	Job int
	// Read and ToRead are prompt tokens read so far and in all, while Reading.
	Read, ToRead int
	// Aim is the length that the job is to reach, in tokens.
	Aim int
	// Error says what went wrong and what to do; the text stays on screen.
	Error string
	// T is the length scaling factor in force for the newest token.
	T float64
	// Rate is tokens per second while writing, FirstToken the time from asking to the
	// first token, both measured by the engine's clock and 0 until known.
	Rate       float64
	FirstToken time.Duration
	// Finished says why writing ended, "" while it has not.
	Finished jobs.StopReason
	// judging is set while the judge is asked about this text.
	judging bool
}

// Pick is the token under the pointer or the keyboard's cursor.
type Pick struct {
	Pane, Index int
	// Held is set when a click or Enter keeps it open.
	Held bool
}

// NoPick is the absence of a pick.
var NoPick = Pick{Pane: -1, Index: -1}

// State is all that the page knows.
type State struct {
	Settings
	Models []Model
	Engine Engine
	GPU    GPU
	View   View
	Panes  [2]Pane
	Picked Pick
	// Attended is what the token that is held looks at, Arcs whose attention was chosen, Layer -1 for none.
	Attended Attended
	Arcs     ChooseArcs
	Probe    Probe
	Training Training
	Opening  Opening
	Lessons  Lessons
	// LeftOut is what the link that is shared leaves out of the page that opens.
	LeftOut Controls
	Export  Exporting
	// Passage is where in the measured text the reader is.
	Passage Passage
	// Book is the excerpt that ships, Reading what the reader brought.
	Book, Reading Excerpt
	// Losses and Maps are what was measured of the subject, by method; the maps themselves are
	// with the picture. Answers grows with each of them.
	Losses  map[string]*scene.Loss
	Maps    map[string]*scene.MapsSummary
	Answers int
	// rereads are Losses from the text's first token on, below 0 where there is none.
	rereads map[string][]float32
	Notices []Notice
	// deleted waits for its end.
	deleted deletion
	// atHand are the models whose files the reader has brought in this visit, which outlive what the browser keeps of them; gone
	// are those whose only files were deleted while they were in use.
	atHand map[string]bool
	gone   []string
	// Open is the set of open panels.
	Open map[Panel]bool
	// opened are the panels in the order in which they were opened.
	opened []Panel
	// Spoken is what the live region says.
	Spoken string
	// Dragging is set between the first and the last move of a drag of t.
	Dragging bool
	// Version is the page's build, "" where it has none.
	Version string
	// Updated is set when a newer version of the page is waiting for a reload.
	Updated bool
	// Installable is set when the browser offers to install the page.
	Installable bool
	// Built is what the build measured, nil where there is none.
	Built *Still
	// filed is what the file of the model in use has fixed.
	filed filedFactor
	// former is what stood before a model was opened that is still to be loaded.
	former former
	// standing is which training, by number, the reader has had stand as the method TrainedHere, by model; trainingsMade is the last number.
	standing      map[string]int
	trainingsMade int
	// leftProbes are of models that were left, the last one last.
	leftProbes []leftProbe
	// modelsChosen counts the changes of model.
	modelsChosen int
	measured     measurement
	jobs         int
	// turn counts messages: changes of both texts at one message are undone together.
	turn int
}

// New returns the state of a page opened with the given settings.
func New(s Settings) State {
	st := State{Settings: s, Picked: NoPick, Open: map[Panel]bool{GuidePanel: true}}
	st.Panes[0].Method = s.Active
	st.Panes[1].Method = s.Beside
	st.View.Token, st.View.Key = -1, -1
	st.Attended.asked, st.Arcs = noQuestion, ChooseArcs{-1, -1}
	st.Probe, st.Training, st.Export = newProbe(), newTraining(), newExporting()
	st.standing, st.atHand = map[string]int{}, map[string]bool{}
	st.forgetMeasured()
	return st
}

// DefaultWindow stands in for L until the model is known, so that the slider is
// never without its lengths: it is the trained window of the shipped models.
const DefaultWindow = 256

// Window is the trained length L in tokens.
func (s *State) Window() int {
	if w := s.Current().Window(); w > 0 {
		return w
	}
	return DefaultWindow
}

// Comparing reports whether two texts stand side by side.
func (s *State) Comparing() bool { return s.Beside != "" }

// Columns lists the panes in use.
func (s *State) Columns() []int {
	if s.Comparing() {
		return []int{0, 1}
	}
	return []int{0}
}

// Busy reports whether any pane has a job.
func (s *State) Busy() bool {
	for _, i := range s.Columns() {
		if s.Panes[i].Phase.Busy() {
			return true
		}
	}
	return false
}

// TextLength is the length of the longest text on screen, in tokens.
func (s *State) TextLength() int {
	n := 0
	for _, i := range s.Columns() {
		n = max(n, len(s.Panes[i].Tokens))
	}
	return n
}

// Target is the length to which a text is written, in tokens.
func (s *State) Target() int { return int(s.Windows * float64(s.Window())) }
