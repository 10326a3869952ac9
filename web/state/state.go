package state

import "time"

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

// Pane is one text column: a method, its text and its job.
type Pane struct {
	Document
	// Method wrote, or is about to write, this text.
	Method string
	Phase  Phase
	// Job identifies the current job; answers to older jobs are dropped. 0 is none.
	Job int
	// Read and ToRead are prompt tokens read so far and in all, while Reading.
	Read, ToRead int
	// Error says what went wrong and what to do; the text stays on screen.
	Error string
	// T is the length scaling factor in force for the newest token.
	T float64
	// Rate is tokens per second while writing, FirstToken the time from asking to the
	// first token, both measured by the engine's clock and 0 until known.
	Rate       float64
	FirstToken time.Duration
	// Finished says why writing ended, "" while it has not.
	Finished StopReason
}

// StopReason is why writing ended.
type StopReason string

const (
	// StopLength: the text has the length asked for.
	StopLength StopReason = "length"
	// StopEndOfText: the model wrote the token that ends a text.
	StopEndOfText StopReason = "end of text"
	// StopCancelled: the reader stopped it.
	StopCancelled StopReason = "stopped"
)

// Engine is what is known of the worker pool.
type Engine struct {
	// Ready is set once a model is loaded in at least one worker.
	Ready bool
	// Doing says in a few words what is loading: "model", "engine".
	Doing         string
	Loaded, Total int64 // bytes
	// Backend is what the CPU's engine calls itself, "CPU SIMD" or "CPU"; Memory is bytes over all workers.
	Backend string
	Memory  int64
	// Error says what went wrong for good, and what to do; empty when all is well.
	Error string
}

// View is what is known of the picture.
type View struct {
	// Alive is set when the picture's program has said hello.
	Alive bool
	// Drawn is set when it has solved and painted; until then the page's own curves stand.
	Drawn bool
	// Error says why there is no picture.
	Error string
	// Evaluations and Steps count the last solve; Solve is how long it took.
	Evaluations, Steps int
	Solve              time.Duration
	// Reading is what the pointer reads in the picture, as words.
	Reading string
}

// Pick is the token under the pointer or the keyboard's cursor.
type Pick struct {
	Pane, Index int
	// Held is set when a click or Enter keeps it open.
	Held bool
}

// NoPick is the absence of a pick.
var NoPick = Pick{Pane: -1, Index: -1}

// Level is how grave a notice is.
type Level int

// The levels of a notice.
const (
	Info Level = iota
	Warning
	Failure
)

// Notice is a message that stays on the page until it is dismissed or its cause is gone.
type Notice struct {
	Key   string // one notice a key
	Level Level
	Title string
	Text  string
	// Action names a button that helps: "reload", "retry-model", "restart-worker", "" for none.
	Action string
}

// Panel is a part of the page that opens and closes.
type Panel string

// The panels.
const (
	SamplingPanel Panel = "sampling"
	SolverPanel   Panel = "solver"
	TablePanel    Panel = "table"
	SharePanel    Panel = "share"
	GuidePanel    Panel = "guide"
	MethodsPanel  Panel = "methods"
)

// State is all that the page knows.
type State struct {
	Settings
	Models  []Model
	Engine  Engine
	GPU     GPU
	View    View
	Panes   [2]Pane
	Picked  Pick
	Probe   Probe
	Notices []Notice
	// Open is the set of open panels.
	Open map[Panel]bool
	// Tab is the phone's choice between picture, text and guide.
	Tab string
	// Spoken is what the live region says.
	Spoken string
	// Dragging is set between the first and the last move of a drag of t.
	Dragging bool
	// Updated is set when a newer version of the page is waiting for a reload.
	Updated bool
	// Installable is set when the browser offers to install the page.
	Installable bool
	jobs        int
}

// New returns the state of a page opened with the given settings.
func New(s Settings) State {
	st := State{Settings: s, Picked: NoPick, Open: map[Panel]bool{GuidePanel: true}, Tab: "picture"}
	if s.Hidden.Has(HidePicture) {
		st.Tab = "text"
	}
	st.Panes[0].Method = s.First
	st.Panes[1].Method = s.Second
	st.Probe = newProbe()
	return st
}

// DefaultWindow stands in for L until the model is known, so that the slider is
// never without its lengths: it is the trained window of the shipped models.
const DefaultWindow = 256

// Window is the trained length L in tokens.
func (s *State) Window() int {
	if w := s.Current().Window; w > 0 {
		return w
	}
	return DefaultWindow
}

// Comparing reports whether two texts stand side by side.
func (s *State) Comparing() bool { return s.Second != "" }

// Active lists the panes in use.
func (s *State) Active() []int {
	if s.Comparing() {
		return []int{0, 1}
	}
	return []int{0}
}

// Busy reports whether any pane has a job.
func (s *State) Busy() bool {
	for _, i := range s.Active() {
		if s.Panes[i].Phase.Busy() {
			return true
		}
	}
	return false
}

// TextLength is the length of the longest text on screen, in tokens.
func (s *State) TextLength() int {
	n := 0
	for _, i := range s.Active() {
		n = max(n, len(s.Panes[i].Tokens))
	}
	return n
}

// Target is the length to which a text is written, in tokens.
func (s *State) Target() int { return s.Windows * s.Window() }
