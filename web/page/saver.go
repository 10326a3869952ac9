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
	// scene and tab are the picture and the part in front that the address shows, "" before anything was saved.
	scene scene.Name
	tab   string
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
		if s.scene != "" && (s.scene != p.s.Scene || inFront(s.tab) != inFront(p.s.Tab)) {
			// Another picture or tab is another page of the reader's: Back leads to the one before.
			pushAddress(u.String())
		} else {
			ctx.Page().ReplaceURL(&u)
		}
		s.scene, s.tab = p.s.Scene, p.s.Tab
	})
}

// inFront is what a tab shows: where the picture stands beside the text, its tab is the text's.
func inFront(tab string) string {
	if tab == "picture" && !narrow() {
		return "text"
	}
	return tab
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

// back shows the picture and the tab of an address that the reader has gone back to.
func (p *Page) back(query url.Values) {
	settings, _ := state.Parse(query)
	p.saver.scene, p.saver.tab = settings.Scene, settings.Tab
	p.send(state.ChooseTab{Tab: settings.Tab})
	p.send(state.ChooseScene{Scene: settings.Scene})
}
