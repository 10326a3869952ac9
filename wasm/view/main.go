//go:build js && wasm

package main

import (
	"bytes"
	"fmt"
	"math"
	"syscall/js"
	"time"

	"github.com/hajimehoshi/ebiten/v2"

	"clexlab/viz"
	"clexlab/viz/fonts"
	"clexlab/viz/paint"
	"clexlab/viz/scene"
	"clexlab/viz/screen"
	"clexlab/wasm/wire"
)

// maxScale caps device pixels per CSS pixel: a phone's third pixel costs twice the fragments for what nobody sees.
const maxScale = 2

type program struct {
	window, parent js.Value
	origin         string
	view           *viz.View
	game           *screen.Game
	solved, need   held
}

// held is the last of many messages of a kind, sent when its time has come.
type held struct {
	message any
	due     time.Time
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
	kind, err := paint.NewTypesetter(fonts.Regular, fonts.Bold)
	if err != nil {
		p.fault(0, true, fmt.Errorf("the picture's font cannot be read: %w", err))
		return
	}
	p.view = viz.NewView(p.heard)
	p.game = &screen.Game{Screen: screen.New(p.view, kind, scale, screen.EbitenImage), Before: p.before}
	p.listen()

	ebiten.SetScreenClearedEveryFrame(false)
	//lint:ignore SA1019 the only means to draw on demand, and ebiten keeps it
	ebiten.SetFPSMode(ebiten.FPSModeVsyncOffMinimum)
	p.post(&scene.Hello{})
	if err := ebiten.RunGameWithOptions(p.game, &ebiten.RunGameOptions{InitUnfocused: true}); err != nil {
		p.fault(0, true, fmt.Errorf("the picture cannot be drawn: %w; check that WebGL is switched on in this browser", err))
	}
}

func (p *program) post(m any) {
	if err := wire.Post(p.parent, p.origin, m); err != nil {
		js.Global().Get("console").Call("error", err.Error())
	}
}

func (p *program) fault(id int, fatal bool, err error) {
	p.post(&scene.Fault{ID: id, Fatal: fatal, Text: err.Error()})
}

// needAfter is how long a wish for finer maps rests, solvedEvery the least time between two words about solves.
const (
	needAfter   = 120 * time.Millisecond
	solvedEvery = 250 * time.Millisecond
)

// heard passes the view's events on. Solves come in every frame of a drag, and zooming asks
// for maps in every frame: of these the page hears the last.
func (p *program) heard(e any) {
	switch e.(type) {
	case *scene.Solved:
		if p.solved.message == nil && p.solved.due.Before(time.Now()) {
			p.solved.due = time.Now()
		}
		p.solved.message = e
	case *scene.Need:
		p.need = held{e, time.Now().Add(needAfter)}
	default:
		p.post(e)
	}
	p.wake()
}

func (p *program) wake() {
	//lint:ignore SA1019 belongs to FPSModeVsyncOffMinimum
	ebiten.ScheduleFrame()
}

// before runs in each frame: it sends what was held back, and asks for another frame while something is.
func (p *program) before() {
	now := time.Now()
	for _, h := range []*held{&p.solved, &p.need} {
		switch {
		case h.message == nil:
		case now.Before(h.due):
			p.wake()
		default:
			p.post(h.message)
			*h = held{due: now.Add(solvedEvery)}
		}
	}
}

// receive hears the page. It brings a port to the worker that measures, whose maps come
// straight from there.
func (p *program) receive(event js.Value) {
	ours := event.Get("source").Equal(p.parent) && event.Get("origin").String() == p.origin
	if port, ok := wire.ReadPort(event); ok && ours {
		wire.Listen(port, p.take)
		return
	}
	m, err := wire.Read(event, p.parent, p.origin)
	if m == nil && err == nil {
		return
	}
	p.take(m, err)
}

// take takes in a message of the page, or of the worker that measures.
func (p *program) take(m any, err error) {
	if export, ok := m.(*scene.Export); ok {
		p.export(export)
	} else if err == nil && m != nil {
		err = p.view.Take(m)
	}
	if err != nil {
		p.fault(0, false, err)
	}
	if m != nil {
		p.wake()
	}
}

// export answers with a file, under a name that says scene and t.
func (p *program) export(m *scene.Export) {
	of := m.Scene
	if of == "" {
		of = p.view.SceneShown()
	}
	name := fmt.Sprintf("clexlab-%s-t%.2f.%s", of, p.view.T(), m.Format)
	done := func(data []byte, kind string, err error) {
		if err != nil {
			p.fault(m.ID, false, err)
			return
		}
		p.post(&scene.Exported{ID: m.ID, Name: name, Type: kind, Data: data})
	}
	switch m.Format {
	case "png":
		p.game.Picture(of, m.Caption, 0, 0, 0, func(data []byte, err error) { done(data, "image/png", err) })
	case "csv":
		var out bytes.Buffer
		err := p.view.WriteCSV(&out, of, m.Story)
		done(out.Bytes(), "text/csv", err)
	default:
		done(nil, "", fmt.Errorf("a picture in the format %q: want png or csv", m.Format))
	}
}
