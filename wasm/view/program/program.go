package program

import (
	"bytes"
	"fmt"
	"time"

	"clexlab/viz"
	"clexlab/viz/paint"
	"clexlab/viz/scene"
	"clexlab/viz/screen"
)

// Program is a picture between its page and its screen.
type Program struct {
	View   *viz.View
	Screen *screen.Screen

	kind         *paint.Typesetter
	post         func(any)
	wake         func()
	now          func() time.Time
	solved, need held
}

// held is the last of many messages of a kind, sent when its time has come.
type held struct {
	message any
	due     time.Time
}

// needAfter is how long a wish for finer maps rests, solvedEvery the least time between two words about solves.
const (
	needAfter   = 120 * time.Millisecond
	solvedEvery = 250 * time.Millisecond
)

// New makes a program that draws on images of make, scale pixels to a CSS pixel; post sends a
// message to the page, wake asks for another frame.
func New(kind *paint.Typesetter, scale float64, make screen.Make, post func(any), wake func()) *Program {
	p := &Program{kind: kind, post: post, wake: wake, now: time.Now}
	p.View = viz.NewView(p.send)
	p.Screen = screen.New(p.View, kind, scale, make)
	return p
}

// send passes the view's events on. Solves come in every frame of a drag, and zooming asks
// for maps in every frame: of these the page hears the last.
func (p *Program) send(e any) {
	switch e.(type) {
	case *scene.Solved:
		if p.solved.message == nil && p.solved.due.Before(p.now()) {
			p.solved.due = p.now()
		}
		p.solved.message = e
	case *scene.Need:
		p.need = held{e, p.now().Add(needAfter)}
	default:
		p.post(e)
	}
	p.wake()
}

// BeforeFrame sends what was held back, and asks for another frame while something is.
func (p *Program) BeforeFrame() {
	now := p.now()
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

// Take takes a message in, or what kept it from being read.
func (p *Program) Take(m any, err error) {
	if export, ok := m.(*scene.Export); ok {
		p.export(export)
	} else if err == nil && m != nil {
		err = p.View.Take(m)
	}
	if err != nil {
		p.Fault(0, false, err)
	}
	if m != nil {
		p.wake()
	}
}

// SetType tells the picture the reader's type size as a share of the usual one.
func (p *Program) SetType(size float64) {
	p.View.SetType(size)
	p.wake()
}

// Fault tells the page what went wrong, and in which file of the page's, if it was in one; after
// a fatal one there is no picture.
func (p *Program) Fault(id int, fatal bool, err error) {
	p.post(&scene.Fault{ID: id, Fatal: fatal, Text: err.Error()})
}

// Paper is the scene shown as SVG for a sheet of paper, "" where it cannot be drawn.
func (p *Program) Paper() string {
	data, err := p.View.Paper(p.kind)
	if err != nil {
		return ""
	}
	p.wake()
	return string(data)
}

// export answers with a file, under a name that says scene and t, but for recall, which is asked at a t of its own.
func (p *Program) export(m *scene.Export) {
	of := m.Scene
	if of == "" {
		of = p.View.SceneShown()
	}
	name := fmt.Sprintf("clexlab-%s-t%.2f.%s", of, p.View.T(), m.Format)
	if row, _ := scene.Find(of); row.Recall {
		name = fmt.Sprintf("clexlab-%s.%s", of, m.Format)
	}
	done := func(data []byte, kind string, err error) {
		if err != nil {
			p.Fault(m.ID, false, err)
			return
		}
		p.post(&scene.Exported{ID: m.ID, Name: name, Type: kind, Data: data})
	}
	switch m.Format {
	case "png":
		p.Screen.Picture(of, m.Caption, 0, 0, 0, func(data []byte, err error) { done(data, "image/png", err) })
	case "svg":
		data, err := p.View.SVG(of, m.Story, p.kind)
		done(data, "image/svg+xml", err)
	case "csv":
		var out bytes.Buffer
		err := p.View.WriteCSV(&out, of, m.Story)
		done(out.Bytes(), "text/csv", err)
	default:
		done(nil, "", fmt.Errorf("a picture in the format %q: want png, svg or csv", m.Format))
	}
}
