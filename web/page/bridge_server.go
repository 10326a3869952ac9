//go:build !js

package page

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/wasm/wire"
)

// On the server there is no browser to talk to: the page is rendered once.

func (p *Page) listen()               {}
func (p *Page) post(wire.ViewMessage) {}
func (p *Page) checkPicture()         {}
func (p *Page) checkNetwork()         {}
func (p *Page) putTheme()             {}
func (p *Page) dark() bool            { return p.s.Theme == "dark" }

func reducedMotion() bool               { return false }
func narrow() bool                      { return false }
func setVar(app.Value, string, float64) {}
func focus(string)                      {}
func reveal(string, int)                {}
func copyText(string)                   {}

//lint:ignore U1000 what the picture sends is heard in the browser alone
func saveFile(name, kind string, _ []byte) {}
