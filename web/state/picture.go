package state

import (
	"cmp"
	"time"

	"clexlab/viz/scene"
)

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
	// Token and Key are the tokens of the measured text that the pointer is on in the picture, -1 for none: in a
	// map the one that looks back, and the one that it looks at.
	Token, Key int
}

// What the reader does with the picture: ChooseScene changes its tab, SetSolver how the ODE is
// integrated, Look what it shows in detail.
type (
	// ChooseScene brings the recall probe with its picture where Roomy, with text and picture side by side.
	ChooseScene struct {
		Scene scene.Name
		Roomy bool
	}
	// SavePicture asks for the picture as a file, of the scene shown where Scene is ""; KeyForPicture is a key that was pressed on its frame.
	SavePicture struct {
		Scene  scene.Name
		Format string
	}
	KeyForPicture struct{ Key string }
	// SetSolver leaves what is "" or 0 as it is.
	SetSolver struct {
		Solver    string
		Step, Tol float64
	}
	// Look chooses a rotary pair, one attention map (-1, -1 for the grid), how it pools, and
	// whether the field is drawn.
	Look struct {
		scene.Select
		Field bool
	}
	// EditLook changes a part of it.
	EditLook struct{ Change func(*Look) }
	// ViewFailed says that there is no picture, and why.
	ViewFailed struct{ Text string }
)

func (m SavePicture) apply(*State) []Effect   { return []Effect{ExportPicture(m)} }
func (m KeyForPicture) apply(*State) []Effect { return []Effect{PressKey(m)} }

func (m ChooseScene) apply(s *State) []Effect {
	row, ok := scene.Find(m.Scene)
	if ok && m.Roomy && row.Recall && !s.Hidden.Has(HideRecall) {
		s.Tab = "recall"
	} else if ok && m.Roomy && s.Tab == "recall" {
		s.Tab = "text"
	}
	if !ok || m.Scene == s.Scene {
		return nil
	}
	s.Scene = m.Scene
	s.View.Reading = ""
	s.Spoken = "Picture: " + row.Label
	out := append([]Effect{ShowView{}}, s.measure(false)...)
	return append(out, SaveAddress{})
}

func (m SetSolver) apply(s *State) []Effect {
	s.Solver = cmp.Or(m.Solver, s.Solver)
	s.Step = min(MaxStep, max(MinStep, cmp.Or(m.Step, s.Step)))
	s.Tol = min(MaxTol, max(MinTol, cmp.Or(m.Tol, s.Tol)))
	return []Effect{ShowView{}, SaveAddress{}}
}

func (m Look) apply(s *State) []Effect {
	s.Pair, s.Layer, s.Head, s.Mean, s.Field = m.Pair, m.Layer, m.Head, m.Mean, m.Field
	if m.Layer < 0 || m.Head < 0 {
		s.Layer, s.Head = -1, -1
	}
	out := append([]Effect{ShowView{}}, s.measure(false)...)
	return append(out, SaveAddress{})
}

func (m EditLook) apply(s *State) []Effect {
	l := s.lookNow()
	m.Change(&l)
	return l.apply(s)
}

// lookNow is what the picture shows in detail now.
func (s *State) lookNow() Look {
	return Look{scene.Select{Pair: s.Pair, Layer: s.Layer, Head: s.Head, Mean: s.Mean}, s.Field}
}

func (m ViewFailed) apply(s *State) []Effect {
	s.View.Error = m.Text
	return nil
}

// ConnectPicture lets the worker that measures send its maps to the picture.
type ConnectPicture struct{}

func (ConnectPicture) Do(_ PageEffects, x EngineEffects) { x.ConnectPicture() }

// PictureMessage is a message of the picture's program.
type PictureMessage struct{ scene.Event }

func (m PictureMessage) apply(s *State) []Effect {
	h := hearing{state: s}
	m.Tell(&h)
	return h.effects
}

// hearing is the page that hears one message of the picture, and what it has to do about it.
type hearing struct {
	state   *State
	effects []Effect
}

var _ scene.Page = (*hearing)(nil)

func (h *hearing) Hello(*scene.Hello) {
	s := h.state
	s.View.Alive, s.View.Drawn, s.View.Error = true, false, ""
	s.View.Token, s.View.Key = -1, -1
	s.dismiss("view")
	// It has no maps, whatever was measured before.
	clear(s.Maps)
	h.effects = append([]Effect{ShowView{Whole: true}, ConnectPicture{}}, s.measure(false)...)
}

func (h *hearing) Factor(m *scene.Factor) {
	h.effects = DragT{T: m.T, Seq: m.Seq, Done: m.Phase == scene.LetGo}.apply(h.state)
}

func (h *hearing) Hover(m *scene.Hover) {
	h.state.View.Reading = m.Text
	h.effects = h.state.pointed(m.Token, m.Key)
}

func (h *hearing) Select(m *scene.Select) {
	h.effects = Look{*m, h.state.Field}.apply(h.state)
}

func (h *hearing) Solved(m *scene.Solved) {
	v := &h.state.View
	v.Drawn, v.Evaluations, v.Steps = true, m.Evaluations, m.Steps
	v.Solve = time.Duration(m.Ms * float64(time.Millisecond))
}

func (h *hearing) Need(m *scene.Need) {
	q := h.state.question(false)
	q.Need, q.Maps, q.Loss = m, []string{m.Method}, nil
	h.effects = h.state.ask(Measure{Measure: q})
}

func (h *hearing) Exported(m *scene.Exported) {
	h.state.Spoken = "Saved " + m.Name
	h.effects = []Effect{SaveFile{m.Name, m.Type, m.Data}}
}

func (h *hearing) Fault(m *scene.Fault) {
	if m.Fatal {
		h.state.View.Error = m.Text
	}
	h.state.trouble("view", "The picture cannot be drawn.", m.Text, "")
}

func (h *hearing) Key(m *scene.Key) { h.effects = h.state.pressed(m.Key) }

// Reveal scrolls a token of a text into sight.
type Reveal struct{ Pane, Index int }

func (e Reveal) Do(p PageEffects, _ EngineEffects) { p.Reveal(e) }

// pointed lights tokens of the text that the picture speaks of, wherever it stands on the page.
func (s *State) pointed(token, key int) []Effect {
	_, _, n, _ := s.Subject()
	if token >= n {
		token = -1
	}
	if token < 0 || key >= n {
		key = -1
	}
	moved := token != s.View.Token
	s.View.Token, s.View.Key = token, key
	if token < 0 || !moved {
		return nil
	}
	s.Passage.Middle = token
	return s.reveal(token)
}

// pressed gives keys that were pressed inside the picture their meaning here.
func (s *State) pressed(key string) []Effect {
	switch key {
	case "Tab":
		return []Effect{Focus{"solver"}}
	case "Escape":
		l := s.lookNow()
		l.Layer, l.Head = -1, -1
		return l.apply(s)
	}
	return []Effect{PressKey{key}}
}
