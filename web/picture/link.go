// Package picture is the page's end of the talk with its picture: it knows what the picture
// has been told and tells it what has changed since. While t is dragged that is t alone.
package picture

import (
	"math"
	"slices"

	"clexlab/clex"
	"clexlab/viz/scene"
	"clexlab/web/state"
)

// Link tells one picture. The zero Link, with Post, has told it nothing.
type Link struct {
	// Post sends a message to the picture.
	Post func(m any)

	heard bool // the picture has said hello
	told  scene.State
	model string
	// network is that of the model, learnt the step of its training, -1 where it is not in training.
	network *clex.Network
	learnt  int
	// trained is the field of the method of that name.
	trained *clex.Network
	text    scene.Text // without its tokens
	count   int        // of its tokens
	loss    map[string]*scene.Loss
	probe   probed
	files   int
}

// probed is all that the grids of the recall probe depend on. Cells come as a new list whenever one is answered; methods and lengths
// are kept as sums over the lists.
type probed struct {
	cells                                   *state.Cell
	count, methods, lengths, depths, window int
}

// Hello notes that the picture has begun anew and knows nothing.
func (l *Link) Hello() { *l = Link{Post: l.Post, heard: true, files: l.files} }

// Show tells the picture what has changed; dark says which theme is in force.
func (l *Link) Show(s *state.State, dark bool) {
	if !l.heard {
		return
	}
	l.showModel(s)
	l.showState(s, dark)
	l.showText(s)
	l.showMeasured(s)
	l.showProbe(s)
}

func (l *Link) showModel(s *state.State) {
	m, learnt := s.Pictured(), -1
	if m.Learning != nil {
		learnt = m.Learning.Step
	}
	if m.ID != "" && (m.ID != l.model || m.Network != l.network || m.TrainedHere != l.trained || learnt != l.learnt) {
		l.model, l.network, l.learnt, l.trained = m.ID, m.Network, learnt, m.TrainedHere
		l.Post(&m.Model)
	}
}

func (l *Link) showState(s *state.State, dark bool) {
	next := s.Settings.State
	next.Theme = "light"
	if dark {
		next.Theme = "dark"
	}
	next.Token = s.Pointed()
	switch {
	case l.told.Scene == "" || !l.told.OnlyT(next):
		// The settings' list changes in place of being copied.
		next.Shown = slices.Clone(next.Shown)
		l.Post(&next)
	case next.T != l.told.T:
		l.Post(&scene.Factor{T: next.T, Seq: next.Seq})
	}
	l.told = next
}

// showText tells the text's tokens once.
func (l *Link) showText(s *state.State) {
	id, revision, n, token := s.Subject()
	if id == l.text.Subject && revision == l.text.Revision && n == l.count {
		return
	}
	from := l.count
	if id != l.text.Subject || n < l.count {
		from = 0
		l.loss = nil
	}
	piece := &scene.Text{Subject: id, Revision: revision, From: from, Tokens: make([]string, n-from)}
	for i := range piece.Tokens {
		piece.Tokens[i] = token(from + i)
	}
	l.text, l.count = scene.Text{Subject: id, Revision: revision}, n
	l.Post(piece)
}

func (l *Link) showMeasured(s *state.State) {
	if l.loss == nil {
		l.loss = map[string]*scene.Loss{}
	}
	for method, m := range s.Losses {
		if l.loss[method] != m {
			l.loss[method] = m
			l.Post(m)
		}
	}
}

// showProbe sums the probe's answers up as grids, one a method.
func (l *Link) showProbe(s *state.State) {
	p := &s.Probe
	now := probed{count: len(p.Cells), depths: p.Depths, window: s.Window()}
	if len(p.Cells) > 0 {
		now.cells = &p.Cells[0]
	}
	for _, m := range p.Methods {
		for _, c := range m {
			now.methods = 31*now.methods + int(c)
		}
	}
	for _, w := range p.Windows {
		now.lengths = 31*now.lengths + w
	}
	if row, _ := scene.Find(l.told.Scene); !row.Recall || now == l.probe {
		return
	}
	l.probe = now
	l.Post(&scene.Asked{Methods: p.Methods})
	for _, method := range p.Methods {
		g := grid(p, method, s.Window())
		for i := 0; i < len(g.Lengths) && len(p.Cells) > 0; i++ {
			g.T = append(g.T, s.RecalledAt(method, g.Lengths[i]))
		}
		l.Post(g)
	}
}

var unknown = float32(math.NaN())

// grid is a method's answers by length and depth.
func grid(p *state.Probe, method string, window int) *scene.Recall {
	r := &scene.Recall{Method: method}
	for _, c := range p.Plan(window) {
		if c.Method != method {
			continue
		}
		if n := len(r.Lengths); n == 0 || r.Lengths[n-1] != c.Tokens {
			r.Lengths = append(r.Lengths, c.Tokens)
		}
		if len(r.Lengths) == 1 {
			r.Depths = append(r.Depths, c.Depth)
		}
		share, asked := unknown, float32(0)
		if a, ok := p.Answer(method, c.Tokens, c.Depth); ok && a.Trials > 0 {
			share, asked = float32(a.Right)/float32(a.Trials), float32(a.Trials)
		}
		r.Right, r.Asked = append(r.Right, share), append(r.Asked, asked)
	}
	return r
}

// Press gives the picture a key.
func (l *Link) Press(key string) {
	if l.heard {
		l.Post(&scene.Key{Key: key})
	}
}

// Export asks the picture for a file, which tells its story: page is the address that shows
// it again. Of is the scene, "" the one shown.
func (l *Link) Export(s *state.State, of scene.Name, format, page, version string) {
	if l.heard {
		l.files++
		if of == "" {
			of = s.Scene
		}
		l.Post(&scene.Export{ID: l.files, Scene: of, Format: format, Story: s.Story(page, version)})
	}
}
