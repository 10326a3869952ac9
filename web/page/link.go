package page

import (
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/assets"
	"clexlab/wasm/wire"
	"clexlab/web/state"
)

// viewLink is the page's end of the talk with the picture: what it has been
// told, so that a picture that starts anew can be told again.
type viewLink struct {
	loss map[string]*wire.ViewLoss
	maps *wire.ViewMaps
	fine *wire.ViewMaps
	// revision grows with every table that comes, for the data table.
	revision int
	// text is the text's revision as the picture knows it, sentAt when it was told.
	text    int
	sentAt  time.Time
	askedAt time.Time // of the last measurement while writing
	dragSeq int
	exports int
	pending bool
	whole   bool
	hello   bool
}

// textEvery is how often the picture is told of a text that is being written.
const textEvery = 400 * time.Millisecond

// lookEvery is how often attention is computed anew for a text that is being written.
const lookEvery = 3 * time.Second

// Measurement is a question to the engine for the picture: attention or loss of
// a text under a method at t.
type Measurement struct {
	Scene    state.Scene
	Revision int
	Tokens   []int32
	// Method is the one that writes; Shown are all that are drawn.
	Method string
	Shown  []string
	T      float64
	Auto   bool
	Coarse bool
	// Busy says that the text is still growing.
	Busy bool
	// Try, if not 0, is the attempt to do it on the GPU.
	Try int
	// Need is set when the picture asks for one map in more detail.
	Need *wire.ViewNeed
}

// measurement asks about the text on screen as things stand.
func (p *Page) measurement(coarse bool, need *wire.ViewNeed) Measurement {
	d := &p.s.Panes[0]
	return Measurement{
		Scene: p.s.Scene, Revision: d.Revision, Tokens: d.IDs(), Method: d.Method, Shown: p.s.Shown,
		T: p.s.T, Auto: p.s.Auto, Coarse: coarse, Busy: d.Phase.Busy(), Need: need, Try: p.s.TryReading(),
	}
}

// Maps hands attention to the picture; it is called from any goroutine.
func (p *Page) takeMaps(m *wire.ViewMaps) {
	p.ctx.Dispatch(func(app.Context) {
		if m.Need != 0 {
			p.view.fine = m
		} else {
			p.view.maps = m
		}
		p.view.revision++
		p.post(m)
	})
}

// takeLoss hands a loss curve to the picture; it is called from any goroutine.
func (p *Page) takeLoss(m *wire.ViewLoss) {
	p.ctx.Dispatch(func(app.Context) {
		if p.view.loss == nil {
			p.view.loss = map[string]*wire.ViewLoss{}
		}
		p.view.loss[m.Method] = m
		p.view.revision++
		p.post(m)
	})
}

// showView tells the picture, once a frame at most.
func (p *Page) showView(whole bool) {
	p.view.whole = p.view.whole || whole
	if p.view.pending {
		return
	}
	p.view.pending = true
	p.ctx.Defer(func(app.Context) { p.flushView() })
}

func (p *Page) flushView() {
	v := &p.view
	v.pending = false
	if !v.hello {
		return
	}
	if v.whole {
		if p.facts.Revision > 0 {
			p.post(p.viewModel())
		}
	}
	p.post(p.viewState())
	d := &p.s.Panes[0]
	due := !d.Phase.Busy() || time.Since(v.sentAt) > textEvery
	if v.whole || d.Revision != v.text && due {
		v.text, v.sentAt = d.Revision, time.Now()
		p.post(viewText(d))
		p.liveLoss(d)
	}
	if d.Phase == state.Writing && time.Since(v.askedAt) > lookEvery && p.engine != nil {
		v.askedAt = time.Now()
		p.engine.Measure(p.measurement(false, nil))
	}
	if v.whole {
		for _, m := range v.loss {
			p.post(m)
		}
		if v.maps != nil {
			p.post(v.maps)
		}
		if v.fine != nil {
			p.post(v.fine)
		}
	}
	if v.whole || p.s.Scene == state.Recall {
		for _, r := range p.viewRecall() {
			p.post(r)
		}
	}
	v.whole = false
}

// liveLoss shows the surprise of a text while it is written: the engine has told
// it with every token, so nothing is computed twice.
func (p *Page) liveLoss(d *state.Pane) {
	if !d.Phase.Busy() || p.s.Scene != state.Loss && p.s.Scene != state.Overview {
		return
	}
	m := &wire.ViewLoss{Method: d.Method, Revision: d.Revision, NLL: make([]float32, len(d.Tokens))}
	for i, t := range d.Tokens {
		m.NLL[i] = float32(t.NLL)
	}
	if v := &p.view; v.loss == nil {
		v.loss = map[string]*wire.ViewLoss{}
	}
	p.view.loss[d.Method] = m
	p.view.revision++
	p.post(m)
}

func viewText(d *state.Pane) *wire.ViewText {
	m := &wire.ViewText{Revision: d.Revision, Tokens: make([]string, len(d.Tokens))}
	for i, t := range d.Tokens {
		m.Tokens[i] = t.Text
		if t.Prompt {
			m.Prompt = i + 1
		}
	}
	return m
}

// viewModel is the few kilobytes from which the picture integrates the ODE itself.
func (p *Page) viewModel() *wire.ViewModel {
	f := &p.facts
	m := &wire.ViewModel{Name: f.Name, HeadDim: f.Rotary.HeadDim, Dims: f.Rotary.Dims, Base: f.Rotary.Base,
		Window: f.Rotary.Window, Layers: f.Layers, Heads: f.Heads}
	if n := f.Network; n != nil {
		m.Hidden, m.Act, m.PriorBase = n.Hidden, n.Act.String(), n.PriorBase
		for _, v := range n.Up {
			m.Up = append(m.Up, float32(v))
		}
		for _, v := range n.Down {
			m.Down = append(m.Down, float32(v))
		}
	}
	return m
}

// viewState is everything else that the picture is told.
func (p *Page) viewState() *wire.ViewState {
	s := &p.s
	dark := p.dark()
	ground, accent := assets.GroundOf(dark), assets.Methods[0].Color(dark)
	size := 12.0
	if s.Present {
		size = 16
	}
	m := &wire.ViewState{
		Theme: wire.ViewTheme{Dark: dark, Background: ground.Background.Hex(), Ink: ground.Ink.Hex(),
			Muted: ground.Muted.Hex(), Grid: ground.Grid.Hex(), Accent: accent.Hex(), FontSize: size},
		ReducedMotion: reducedMotion(), Scene: string(p.scene()), T: s.T, TMax: state.MaxT, DragSeq: p.view.dragSeq,
		Active: s.First, Solver: s.Solver, Step: s.Step, Tolerance: s.Tol, Field: s.Field, Marks: s.Field,
		Pair: s.Pair, Layer: s.Layer, Head: s.Head, Pool: s.Pool, Token: -1,
	}
	if m.Pair < 0 {
		m.Pair = p.facts.Rotary.Pairs() / 2
	}
	if s.Picked.Pane == 0 {
		m.Token = s.Picked.Index
	}
	for _, a := range assets.Methods {
		m.Methods = append(m.Methods, wire.ViewMethod{Name: a.Name, Label: a.Label, Color: a.Color(dark).Hex(), Dash: a.Dash, Shown: s.Shows(a.Name)})
	}
	return m
}

// scene is the scene that fits the screen: the overview needs room.
func (p *Page) scene() state.Scene {
	if p.s.Scene == state.Overview && narrow() {
		return state.Trajectories
	}
	return p.s.Scene
}

// viewMessage takes what the picture says.
func (p *Page) viewMessage(m wire.ViewMessage) {
	switch m := m.(type) {
	case *wire.ViewHello:
		p.view.hello, p.view.whole = true, true
		p.send(state.ViewSaysHello{})
	case *wire.ViewDrag:
		p.view.dragSeq = m.Seq
		p.send(state.DragT{T: m.T, Done: m.Phase == "end"})
	case *wire.ViewHover:
		p.send(state.ViewReads{Text: m.Text})
	case *wire.ViewSelect:
		if m.Scene != "" && state.Scene(m.Scene) != p.scene() {
			p.send(state.ChooseScene{Scene: state.Scene(m.Scene)})
		}
		p.send(state.Look{Pair: m.Pair, Layer: m.Layer, Head: m.Head, Pool: m.Pool, Field: p.s.Field})
	case *wire.ViewStats:
		p.send(state.ViewSolved{Evaluations: m.Evals, Steps: m.Accepted, Took: time.Duration(m.SolveMs * float64(time.Millisecond))})
	case *wire.ViewNeed:
		if p.engine != nil {
			p.engine.Measure(p.measurement(false, m))
		}
	case *wire.ViewExported:
		saveFile(m.Name, m.Type, m.Data)
		p.s.Spoken = "Saved " + m.Name
	case *wire.ViewFault:
		if m.Fatal {
			p.send(state.ViewFailed{Text: m.Text})
		}
		p.trouble("view", "The picture cannot be drawn.", m.Text, "")
	case *wire.ViewKey:
		p.viewKey(m)
	}
}

// viewKey gives keys that were pressed inside the picture their meaning here.
func (p *Page) viewKey(m *wire.ViewKey) {
	switch m.Key {
	case "Tab":
		focus("solver")
	case "Escape":
		p.send(state.Look{Pair: p.s.Pair, Layer: -1, Head: -1, Field: p.s.Field})
	default:
		p.post(&wire.ViewKey{Key: m.Key, Shift: m.Shift})
	}
}

// export asks the picture for a file.
func (p *Page) export(format string) {
	p.view.exports++
	p.post(&wire.ViewExport{ID: p.view.exports, Scene: string(p.scene()), Format: format})
}

// viewRecall sums the probe's answers up as grids, one a method.
func (p *Page) viewRecall() []*wire.ViewRecall {
	probe := &p.s.Probe
	var out []*wire.ViewRecall
	for _, method := range probe.Methods {
		r := &wire.ViewRecall{Method: method, Done: probe.Job == 0}
		for _, c := range probe.Plan(p.s.Window()) {
			if c.Method != method {
				continue
			}
			if n := len(r.Lengths); n == 0 || r.Lengths[n-1] != c.Tokens {
				r.Lengths = append(r.Lengths, c.Tokens)
			}
			if len(r.Lengths) == 1 {
				r.Depths = append(r.Depths, c.Depth)
			}
			share, asked := nan32, float32(0)
			if a, ok := probe.Answer(method, c.Tokens, c.Depth); ok && a.Trials > 0 {
				share, asked = float32(a.Right)/float32(a.Trials), float32(a.Trials)
			}
			r.Right = append(r.Right, share)
			r.Asked = append(r.Asked, asked)
		}
		out = append(out, r)
	}
	return out
}

// trouble shows a failure that stays until it is dismissed.
func (p *Page) trouble(key, title, text, action string) {
	p.send(state.Notify{Notice: state.Notice{Key: key, Level: state.Failure, Title: title, Text: text, Action: action}})
}
