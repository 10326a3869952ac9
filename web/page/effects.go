package page

import (
	"fmt"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/web/state"
)

// What the page itself does for the state: see state.PageEffects.

// ShowView tells the picture what has changed, once a frame at most.
func (p *Page) ShowView(e state.ShowView) {
	if e.Whole {
		p.link.Hello()
	}
	if p.pending {
		return
	}
	p.pending = true
	p.ctx.Defer(func(app.Context) {
		p.pending = false
		p.link.Show(&p.s, p.dark())
	})
}

func (p *Page) SaveAddress()                      { p.saver.save(p) }
func (p *Page) SaveFile(e state.SaveFile)         { saveFile(e.Name, e.Type, e.Data) }
func (p *Page) ReleaseFiles(e state.ReleaseFiles) { releaseFiles(e.Files) }
func (p *Page) PressKey(e state.PressKey)         { p.link.Press(e.Key) }
func (p *Page) Focus(e state.Focus)               { focus(e.ID) }
func (p *Page) Reload()                           { p.ctx.Reload() }
func (p *Page) ExportPicture(e state.ExportPicture) {
	p.link.Export(&p.s, e.Scene, e.Format, p.address().String(), version())
}

// Reveal scrolls a token into sight after what came with it has been laid out.
func (p *Page) Reveal(e state.Reveal) {
	p.ctx.Defer(func(app.Context) { reveal(fmt.Sprintf("story-%d", e.Pane), e.Index) })
}
