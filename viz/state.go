package viz

import (
	"clexlab/clex"
	"clexlab/viz/paint"
)

// Scene names a picture.
type Scene string

// The scenes; Overview shows trajectories with attention and loss beside them.
const (
	Overview     Scene = "overview"
	Trajectories Scene = "trajectories"
	Spectrum     Scene = "spectrum"
	Attention    Scene = "attention"
	Loss         Scene = "loss"
	Recall       Scene = "recall"
)

// State is everything a View is told but tables.
type State struct {
	Theme         Theme
	ReducedMotion bool
	Scene         Scene
	// T is the length scaling factor, 1 … TMax.
	T, TMax float64
	// Methods in the order in which they are listed; Active is the one drawn in colours of dimension.
	Methods []Method
	Active  string
	// Solver, Step and Tolerance are as for flow.NewLive.
	Solver          string
	Step, Tolerance float64
	// Field draws the vector field, Marks the solver's steps.
	Field, Marks bool
	// Pair is the rotary pair whose phases are shown.
	Pair int
	// Layer and Head are the enlarged attention map, -1 for the grid.
	Layer, Head int
	// Mean pools attention by mean instead of max.
	Mean bool
	// Token is a token of the text to point at, or -1.
	Token int
	// Perplexity labels loss as exp(nats).
	Perplexity bool
}

// Method is a length-extension method in the picture.
type Method struct {
	Name, Label string
	Color       paint.Color
	Dash        []float64
	Shown       bool
	Options     clex.Options
}

// Theme holds colours and the size of labels.
type Theme struct {
	Dark                                 bool
	Background, Ink, Muted, Grid, Accent paint.Color
	FontSize                             float64
}

// Model is what is known of the model.
type Model struct {
	Name          string
	Rotary        clex.Rotary
	Network       *clex.Network
	Layers, Heads int
}

// Text is the text on screen.
type Text struct {
	Revision int
	Tokens   []string
}

// LossCurve is one method's loss by position.
type LossCurve struct {
	Method   string
	T        float64
	Revision int
	From     int
	Done     bool
	// NLL is the loss of each token from position From, NaN where unknown.
	NLL []float32
}

// RecallGrid is one method's share of right answers by length and depth.
type RecallGrid struct {
	Method  string
	Lengths []int
	Depths  []float64
	Done    bool
	// Right and Asked are (lengths × depths); Right is NaN where nothing was asked yet.
	Right, Asked []float32
}

// Event is what a View tells: one of DragEvent, HoverEvent, SelectEvent, StatsEvent, NeedEvent.
type Event any

// DragEvent is t moved by hand. Phase is "start", "move" or "end".
type DragEvent struct {
	Phase string
	T     float64
	Seq   int
}

// HoverEvent is what the pointer is on; -1 where an index means nothing.
type HoverEvent struct {
	Scene                         Scene
	Text, Method                  string
	Pair, Layer, Head             int
	T, InvFreq, Wavelength, Turns float64
	Query, QueryTo, Key, KeyTo    int
	Weight, NLL                   float64
}

// SelectEvent is a choice made in the picture.
type SelectEvent struct {
	Scene             Scene
	Pair, Layer, Head int
	Mean              bool
}

// StatsEvent tells of the last solve.
type StatsEvent struct {
	T                         float64
	Solver                    string
	Evals, Accepted, Rejected int
	SolveMs                   float64
	Theta                     []float64
}

// NeedEvent asks for finer attention over a rectangle of tokens.
type NeedEvent struct {
	ID, Layer, Head                    int
	QueryFrom, QueryTo, KeyFrom, KeyTo int
	Rows, Cols                         int
}
