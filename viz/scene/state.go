package scene

import (
	"fmt"
	"reflect"

	"clexlab/clex"
)

// State is everything a picture is told but tables. The page owns it and sends it when
// something other than T has changed; while t is dragged, Factor goes alone.
type State struct {
	// Theme is "light" or "dark"; in the page's settings also "", the system's choice.
	Theme string `json:"theme,omitempty"`
	// Large asks for large type, for a projector.
	Large bool `json:"large,omitempty"`
	// Scene is the scene shown; "" is the first of Scenes.
	Scene Name `json:"scene,omitempty"`
	// T is the length scaling factor, 1 … Model.TMax.
	T float64 `json:"t"`
	// Seq is that of the picture's last Factor which the page had taken in with this T.
	Seq uint32 `json:"seq,omitempty"`
	// Shown lists the methods drawn; Active is the one whose trajectories are thick and
	// coloured by pair, drawn whether or not it is listed.
	Shown  []string `json:"shown"`
	Active string   `json:"active"`
	// Beside is the method that the first look compares it with, "" for none.
	Beside string `json:"beside,omitempty"`
	// Solver is the method that integrates the ODE, by clex's name ("rk4"); Step its fixed
	// step in t, Tol the relative tolerance of adaptive ones. Zeros are defaults.
	Solver string  `json:"solver,omitempty"`
	Step   float64 `json:"step,omitempty"`
	Tol    float64 `json:"tol,omitempty"`
	// Field draws the vector field dz/dt under the trajectories, and the solver's steps.
	Field bool `json:"field,omitempty"`
	// Pair is the rotary pair whose phases the spectrum shows, -1 for the middle one.
	Pair int `json:"pair"`
	// Layer and Head are the enlarged attention map, -1 and -1 for the grid.
	Layer int `json:"layer"`
	Head  int `json:"head"`
	// Mean pools tiles of many tokens by mean instead of maximum.
	Mean bool `json:"mean,omitempty"`
	// Token is the token of the text under the pointer in the page, or -1.
	Token int `json:"token"`
}

// Shows reports whether a method is drawn.
func (s *State) Shows(method string) bool {
	if method == s.Active || method == s.Beside {
		return true
	}
	for _, m := range s.Shown {
		if m == method {
			return true
		}
	}
	return false
}

// OnlyT reports whether o differs from s in T at most.
func (s State) OnlyT(o State) bool {
	o.T, o.Seq = s.T, s.Seq
	return reflect.DeepEqual(s, o)
}

// Factor is t moved, alone. From the picture Seq counts up with every move of the hand; the
// page sends the last Seq that it has taken in back with every t of its own, so that a picture
// knows an echo that is older than its hand.
type Factor struct {
	Phase Phase
	Seq   uint32
	T     float64
}

// Phase is where in a drag a Factor stands.
type Phase uint8

// The phases of a drag.
const (
	Moved Phase = iota
	Grabbed
	LetGo
)

// LinearTMax is the largest t_max, the paper's, whose axis of t is linear. Beyond it the axis is
// logarithmic: even steps would leave no room for small t, where curves bend most.
const LinearTMax = 16

// Model is what is known of a model before its weights have come: its rotary geometry and
// CLEX's network, a few kilobytes, from which a picture integrates the ODE itself.
type Model struct {
	Name   string      `json:"name"`
	Rotary clex.Rotary `json:"rotary"`
	// Network is CLEX's trained part, nil before training.
	Network *clex.Network `json:"network,omitempty"`
	// TrainedHere is the field of the method of that name, nil where it has none.
	TrainedHere *clex.Network `json:"trainedHere,omitempty"`
	// TMax is the largest t that the checkpoint was tuned for.
	TMax   float64 `json:"tMax,omitempty"`
	Layers int     `json:"layers"`
	Heads  int     `json:"heads"`
	// Learning is set while Network is one that is being trained.
	Learning *Learning `json:"learning,omitempty"`
	// Method is what its file asks to be read by, with Options where that is more than a name, at the t AskedT, 0 where t follows the length.
	Method  string        `json:"method,omitempty"`
	Options *clex.Options `json:"options,omitempty"`
	AskedT  float64       `json:"askedT,omitempty"`
}

// MaxT is the largest t of the model.
func (m *Model) MaxT() float64 {
	if m.TMax > 1 {
		return m.TMax
	}
	return clex.DefaultTMax
}

// Scheme makes a method for the model: CLEX with the network and the range it was tuned for, the one its file names as it says.
func (m *Model) Scheme(method string) (clex.Scheme, error) {
	o := clex.Options{}
	if m.Options != nil && method == m.Method {
		o = *m.Options
	}
	o.Network, o.TMax = m.Network, m.MaxT()
	if method == clex.TrainedHere {
		o.Network = m.TrainedHere
	}
	return clex.New(method, m.Rotary, o)
}

// Learning is where a training stands: so many steps are made, of texts up to TMax trained windows, 0 for as many as the model's t_max.
type Learning struct {
	Step int     `json:"step"`
	TMax float64 `json:"tMax,omitempty"`
}

// Reach is the largest t at which a method's frequencies are shown: that of the model, or of the training that CLEX's field is in.
func (m *Model) Reach(method string) float64 {
	if l := m.Learning; l != nil && method == "clex" && l.TMax > 1 {
		return min(l.TMax, m.MaxT())
	}
	return m.MaxT()
}

// Named is the label of a method in a picture of frequencies, which says so where they are those of a field in training.
func (m *Model) Named(method, label string) string {
	if m.Learning == nil || method != "clex" {
		return label
	}
	to := ""
	if t := m.Reach(method); t < m.MaxT() {
		to = fmt.Sprintf(" to t = %g", t)
	}
	return fmt.Sprintf("%s, in training%s, step %d", label, to, m.Learning.Step)
}

// Prior is CLEX as it is before training.
func (m *Model) Prior() (clex.Scheme, error) {
	return clex.New("clex", m.Rotary, clex.Options{TMax: m.MaxT()})
}

// Check refuses a geometry or a network that nothing can be made of.
func (m *Model) Check() error {
	if err := m.Rotary.Validate(); err != nil {
		return err
	}
	if m.Network == nil {
		return nil
	}
	return m.Network.Validate()
}
