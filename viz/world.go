package viz

import (
	"fmt"
	"iter"

	"clexlab/clex"
	"clexlab/viz/curves"
	"clexlab/viz/scale"
	"clexlab/viz/scene"
)

// samples is how many points of t a comparison curve has: on a wide screen one in about eight pixels.
const samples = 97

// world is what all panels share: what the view was told and what follows from it.
type world struct {
	state   scene.State
	theme   theme
	methods []method
	model   scene.Model
	text    scene.Text
	maps    mapStore
	// ahead are maps of a text that the page has not told of yet.
	ahead  mapStore
	losses map[string]*scene.Loss
	recall []scene.Recall
	// point and key are the tokens under the pointer in the picture, -1 for none.
	point, key int

	schemes map[string]clex.Scheme
	curves  map[string]*curves.Family
	live    *curves.Live
	// prior are CLEX's curves before training, while its field is being trained.
	prior *curves.Family
	// solved is the t that live stands at; 0 asks for a new solve.
	solved float64
	// trouble is why there is no live solve, in words.
	trouble string
	emit    func(scene.Event)
}

// method finds a method by name.
func (w *world) method(name string) *method {
	for i := range w.methods {
		if w.methods[i].Name == name {
			return &w.methods[i]
		}
	}
	return nil
}

// active is the active method, or nil.
func (w *world) active() *method { return w.method(w.state.Active) }

// tokens is the length L·t, as the page has it.
func (w *world) tokens() float64 { return float64(scene.Length(w.state.T, w.model.Rotary.Window)) }

// rebuild makes schemes, curves and the live solve anew after model, methods or solver changed.
func (w *world) rebuild() {
	w.schemes, w.curves = map[string]clex.Scheme{}, map[string]*curves.Family{}
	w.live, w.prior, w.solved, w.trouble = nil, nil, 0, ""
	if w.model.Rotary.Window == 0 {
		return
	}
	for i := range w.methods {
		m := &w.methods[i]
		if !m.Shown {
			continue
		}
		scheme, err := w.model.Scheme(m.Name)
		if err != nil {
			w.trouble = err.Error()
			continue
		}
		family, err := curves.Sample(scheme, w.model.Reach(m.Name), samples)
		if err != nil {
			w.trouble = err.Error()
			continue
		}
		w.schemes[m.Name], w.curves[m.Name] = scheme, family
	}
	if w.model.Learning != nil && w.curves["clex"] != nil {
		if prior, err := w.model.Prior(); err == nil {
			w.prior, _ = curves.Sample(prior, w.model.Reach("clex"), samples)
		}
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
	live, err := curves.NewLive(scheme, w.state.Solver, w.state.Step, w.state.Tol)
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
	if err := w.live.Solve(w.solvedTo()); err != nil {
		w.trouble = err.Error()
	}
	s := &w.live.Stats
	w.emit(&scene.Solved{Evaluations: s.Evals, Steps: s.Accepted, Ms: w.live.Took.Seconds() * 1000})
}

// solvedTo is where the live solve ends: at the t of the state, or where the active method's curves do.
func (w *world) solvedTo() float64 { return min(w.state.T, w.model.Reach(w.state.Active)) }

// takeLoss puts a method's curve, or its next piece, in place. A curve of another text is
// no curve of this picture.
func (w *world) takeLoss(m *scene.Loss) {
	if m.Subject != w.text.Subject {
		return
	}
	if have := w.losses[m.Method]; have != nil && m.From > have.From && m.From <= have.From+len(have.NLL) {
		joined := *m
		joined.From, joined.NLL = have.From, append(have.NLL[:m.From-have.From:m.From-have.From], m.NLL...)
		m = &joined
	}
	w.losses[m.Method] = m
}

// scored are the methods whose loss is known, with their curves, in the order of methods.
func (w *world) scored() iter.Seq2[*method, *scene.Loss] {
	return func(yield func(*method, *scene.Loss) bool) {
		for i := range w.methods {
			if c := w.losses[w.methods[i].Name]; c != nil && !yield(&w.methods[i], c) {
				return
			}
		}
	}
}

// takeRecall puts a method's grid in place of what it had.
func (w *world) takeRecall(m *scene.Recall) {
	for i := range w.recall {
		if w.recall[i].Method == m.Method {
			w.recall[i] = *m
			return
		}
	}
	w.recall = append(w.recall, *m)
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

// token is the number of token i of the text, which readers count from 1, and how it looks where that is known.
func (w *world) token(i int) string {
	number := scale.Number(float64(i+1), 0)
	if i < 0 || i >= len(w.text.Tokens) {
		return number
	}
	return number + " “" + visible(w.text.Tokens[i]) + "”"
}
