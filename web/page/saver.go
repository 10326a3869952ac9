package page

import (
	"net/url"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/viz/scene"
	"clexlab/web/state"
)

// saver writes the settings into the address, not more often than browsers
// allow: Safari refuses more than a hundred changes in thirty seconds.
type saver struct {
	waiting bool
	// scene is the picture that the address shows, "" before anything was saved.
	scene scene.Name
}

const saveEvery = 350 * time.Millisecond

func (s *saver) save(p *Page) {
	if s.waiting {
		return
	}
	s.waiting = true
	p.ctx.After(saveEvery, func(ctx app.Context) {
		s.waiting = false
		u := *p.address()
		u.RawQuery = p.query()
		if s.scene != "" && s.scene != p.s.Scene {
			// Another picture is another page of the reader's: Back leads to the one before.
			pushAddress(u.String())
		} else {
			ctx.Page().ReplaceURL(&u)
		}
		s.scene = p.s.Scene
	})
}

// version is the build of the page.
func version() string { return app.Getenv("GOAPP_VERSION") }

func (p *Page) address() *url.URL { return p.ctx.Page().URL() }

// query is the settings and, behind them, what else the address held that is
// not ours to drop: test hooks and the like.
func (p *Page) query() string {
	q := p.s.Settings.Query()
	for key, v := range p.address().Query() {
		if kept[key] {
			q[key] = v
		}
	}
	return q.Encode()
}

// kept are keys of the address that choose how the page runs, not what it shows.
var kept = map[string]bool{"backend": true, "models": true, "fail": true}

// back shows the picture of an address that the reader has gone back to.
func (p *Page) back(query url.Values) {
	settings, _ := state.Parse(query)
	p.saver.scene = settings.Scene
	p.send(state.ChooseScene{Scene: settings.Scene})
}
