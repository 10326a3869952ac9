package viz

import (
	"fmt"

	"clexlab/clex"
	"clexlab/viz/flow"
)

// samples is how many points of t a comparison curve has: on a wide screen one in about eight pixels.
const samples = 97

// world is what all panels share: what the view was told and what follows from it.
type world struct {
	state  State
	model  Model
	text   Text
	maps   mapStore
	losses []LossCurve
	recall []RecallGrid

	schemes map[string]clex.Scheme
	curves  map[string]*flow.Curves
	live    *flow.Live
	// solved is the t that live stands at; 0 asks for a new solve.
	solved float64
	// trouble is why there is no live solve, in words.
	trouble string
	emit    func(Event)
}

// method finds a method by name.
func (w *world) method(name string) *Method {
	for i := range w.state.Methods {
		if w.state.Methods[i].Name == name {
			return &w.state.Methods[i]
		}
	}
	return nil
}

// active is the active method, or nil.
func (w *world) active() *Method { return w.method(w.state.Active) }

// tokens is the length L·t.
func (w *world) tokens() float64 { return float64(w.model.Rotary.Window) * w.state.T }

// rebuild makes schemes, curves and the live solve anew after model, methods or solver changed.
func (w *world) rebuild() {
	w.schemes, w.curves = map[string]clex.Scheme{}, map[string]*flow.Curves{}
	w.live, w.solved, w.trouble = nil, 0, ""
	if w.model.Rotary.Window == 0 {
		return
	}
	for i := range w.state.Methods {
		m := &w.state.Methods[i]
		if !m.Shown && m.Name != w.state.Active {
			continue
		}
		o := m.Options
		if m.Name == "clex" {
			o.Network, o.TMax = w.model.Network, w.state.TMax
		}
		scheme, err := clex.New(m.Name, w.model.Rotary, o)
		if err != nil {
			w.trouble = err.Error()
			continue
		}
		curves, err := flow.Sample(scheme, w.state.TMax, samples)
		if err != nil {
			w.trouble = err.Error()
			continue
		}
		w.schemes[m.Name], w.curves[m.Name] = scheme, curves
	}
	w.solver()
}

// solver makes the live solve of the active method.
func (w *world) solver() {
	w.live, w.solved = nil, 0
	scheme := w.schemes[w.state.Active]
	if scheme == nil {
		return
	}
	live, err := flow.NewLive(scheme, w.state.Solver, w.state.Step, w.state.Tolerance)
	if err != nil {
		w.trouble = err.Error()
		return
	}
	w.live = live
}

// solve integrates from 1 to the t of the state, if that is not where the solution stands.
func (w *world) solve() {
	if w.live == nil || w.solved == w.state.T {
		return
	}
	w.solved, w.trouble = w.state.T, ""
	if err := w.live.Solve(w.state.T); err != nil {
		w.trouble = err.Error()
	}
	s := &w.live.Stats
	w.emit(StatsEvent{
		T: w.state.T, Solver: w.live.Solver, Evals: s.Evals, Accepted: s.Accepted, Rejected: s.Rejected,
		SolveMs: w.live.Took.Seconds() * 1000, Theta: w.live.Theta(),
	})
}

// visible converts white space and control characters of a token into signs that can be seen.
func visible(token string) string {
	out := make([]rune, 0, len(token))
	for _, r := range token {
		switch {
		case r == ' ':
			out = append(out, '·')
		case r == '\n':
			out = append(out, '¶')
		case r == '\t':
			out = append(out, '»')
		case r < ' ' || r == 0x7f:
			out = append(out, []rune(fmt.Sprintf("\\x%02x", r))...)
		default:
			out = append(out, r)
		}
	}
	const most = 18
	if len(out) > most {
		out = append(append(out[:most/2:most/2], '…'), out[len(out)-most/2+1:]...)
	}
	return string(out)
}

// token is token i of the text as it can be seen, or its number.
func (w *world) token(i int) string {
	if i < 0 || i >= len(w.text.Tokens) {
		return fmt.Sprintf("token %d", i)
	}
	return "“" + visible(w.text.Tokens[i]) + "”"
}
