//go:build js && wasm

package main

import (
	"bytes"
	"fmt"
	"math"
	"syscall/js"
	"time"

	"github.com/hajimehoshi/ebiten/v2"

	"clexlab/clex"
	"clexlab/viz"
	"clexlab/viz/lettering"
	"clexlab/viz/paint"
	"clexlab/viz/screen"
	"clexlab/wasm/wire"
)

// maxScale caps device pixels per CSS pixel: a phone's third pixel costs twice the fragments for what nobody sees.
const maxScale = 2

// statsEvery is the least time between two ViewStats.
const statsEvery = 250 * time.Millisecond

type program struct {
	window, parent js.Value
	origin         string
	view           *viz.View
	game           *screen.Game
	stats          wire.ViewStats
	statsDue       bool
	statsSent      time.Time
	need           *wire.ViewNeed
	needSince      time.Time
}

func main() {
	window := js.Global()
	scale := math.Min(window.Get("devicePixelRatio").Float(), maxScale)
	// Ebiten sizes its buffer by window.devicePixelRatio, which it reads after this.
	property := js.Global().Get("Object").New()
	property.Set("value", scale)
	property.Set("configurable", true)
	js.Global().Get("Object").Call("defineProperty", window, "devicePixelRatio", property)

	p := &program{window: window, parent: window.Get("parent"), origin: window.Get("location").Get("origin").String()}
	kind, err := paint.NewType(lettering.Regular, lettering.Bold)
	if err != nil {
		p.fault(0, true, fmt.Errorf("the picture's font cannot be read: %w", err))
		return
	}
	p.view = viz.NewView(p.heard)
	p.game = screen.New(p.view, kind, scale)
	p.game.Before = p.before
	p.listen()

	ebiten.SetScreenClearedEveryFrame(false)
	//lint:ignore SA1019 the only means to draw on demand, and ebiten keeps it
	ebiten.SetFPSMode(ebiten.FPSModeVsyncOffMinimum)
	hello := &wire.ViewHello{Width: window.Get("innerWidth").Float(), Height: window.Get("innerHeight").Float(), Scale: scale}
	for _, tb := range clex.Tableaus() {
		hello.Solvers = append(hello.Solvers, tb.Name)
	}
	p.post(hello)
	if err := ebiten.RunGameWithOptions(p.game, &ebiten.RunGameOptions{InitUnfocused: true}); err != nil {
		p.fault(0, true, fmt.Errorf("the picture cannot be drawn: %w; check that WebGL is switched on in this browser", err))
	}
}

func (p *program) post(m wire.ViewMessage) {
	if err := wire.PostView(p.parent, p.origin, m); err != nil {
		js.Global().Get("console").Call("error", err.Error())
	}
}

func (p *program) fault(id int, fatal bool, err error) {
	p.post(&wire.ViewFault{ID: id, Fatal: fatal, Text: err.Error()})
}

// heard passes the view's events on. Solves come in every frame of a drag: they are told a few times a second.
func (p *program) heard(e viz.Event) {
	switch e := e.(type) {
	case viz.StatsEvent:
		s := &p.stats
		s.T, s.Solver, s.Evals, s.Accepted, s.Rejected, s.SolveMs = e.T, e.Solver, e.Evals, e.Accepted, e.Rejected, e.SolveMs
		s.InvFreq = s.InvFreq[:0]
		for _, v := range e.Theta {
			s.InvFreq = append(s.InvFreq, float32(v))
		}
		p.statsDue = true
	case viz.NeedEvent:
		// Zooming asks in every frame; the page hears the last wish once the hand rests.
		p.need, p.needSince = tell(e).(*wire.ViewNeed), time.Now()
	default:
		if m := tell(e); m != nil {
			p.post(m)
		}
	}
	p.wake()
}

func (p *program) wake() {
	//lint:ignore SA1019 belongs to FPSModeVsyncOffMinimum
	ebiten.ScheduleFrame()
}

const needAfter = 120 * time.Millisecond

// before runs in each frame: it sends what was held back, and asks for another frame while something is.
func (p *program) before() {
	now := time.Now()
	if p.need != nil && now.Sub(p.needSince) >= needAfter {
		p.post(p.need)
		p.need = nil
	}
	if p.statsDue && now.Sub(p.statsSent) >= statsEvery {
		p.stats.FrameMs, p.stats.WorstMs = p.game.Last.Seconds()*1000, p.game.Worst.Seconds()*1000
		p.stats.Frames = p.game.Frames
		p.post(&p.stats)
		p.game.Worst = 0
		p.statsSent, p.statsDue = now, false
	}
	if p.need != nil || p.statsDue {
		p.wake()
	}
}

// receive takes in a message of the page.
func (p *program) receive(event js.Value) {
	m, err := wire.ReadView(event, p.parent, p.origin)
	if err == nil && m != nil {
		err = p.take(m)
	}
	if err != nil {
		p.fault(0, false, err)
	}
	if m != nil {
		p.wake()
	}
}

func (p *program) take(m wire.ViewMessage) error {
	switch m := m.(type) {
	case *wire.ViewState:
		s, err := stateOf(m)
		if err != nil {
			return err
		}
		p.view.SetState(s)
	case *wire.ViewModel:
		model, err := modelOf(m)
		if err != nil {
			return fmt.Errorf("model: %w", err)
		}
		p.view.SetModel(model)
	case *wire.ViewText:
		p.view.SetText(viz.Text{Revision: m.Revision, Tokens: m.Tokens})
	case *wire.ViewMaps:
		p.view.SetMaps(mapsOf(m))
	case *wire.ViewLoss:
		p.view.SetLoss(viz.LossCurve{Method: m.Method, T: m.T, Revision: m.Revision, From: m.From, Done: m.Done, NLL: m.NLL})
	case *wire.ViewRecall:
		p.view.SetRecall(viz.RecallGrid{Method: m.Method, Lengths: m.Lengths, Depths: m.Depths, Done: m.Done, Right: m.Right, Asked: m.Asked})
	case *wire.ViewKey:
		p.view.Key(m.Key)
	case *wire.ViewExport:
		p.export(m)
	}
	return nil
}

// export answers with a file, under a name that says scene and t.
func (p *program) export(m *wire.ViewExport) {
	scene := viz.Scene(m.Scene)
	if scene == "" {
		scene = p.view.SceneShown()
	}
	name := fmt.Sprintf("clexlab-%s-t%.2f.%s", scene, p.view.T(), m.Format)
	done := func(data []byte, kind string, err error) {
		if err != nil {
			p.fault(m.ID, false, err)
			return
		}
		p.post(&wire.ViewExported{ID: m.ID, Name: name, Type: kind, Data: data})
	}
	switch m.Format {
	case "png":
		p.game.Picture(scene, float64(m.Width), float64(m.Height), m.Scale, func(data []byte, err error) { done(data, "image/png", err) })
	case "csv":
		var out bytes.Buffer
		err := p.view.WriteCSV(&out, scene)
		done(out.Bytes(), "text/csv", err)
	default:
		done(nil, "", fmt.Errorf("a picture in the format %q: want png or csv", m.Format))
	}
}
