//go:build js && wasm

package page

import (
	"encoding/base64"
	"strconv"
	"strings"
	"syscall/js"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/assets"
	"clexlab/viz/scene"
	"clexlab/wasm/wire"
	"clexlab/web/state"
)

var (
	window   = js.Global()
	document = window.Get("document")
)

// begin gives the state the still that the document holds, as long as it is the server's.
func begin(s *state.State) {
	if stage := document.Call("getElementById", "stage"); stage.Truthy() {
		if built := stage.Get("dataset").Get("built"); built.Type() == js.TypeString {
			if still, err := base64.RawURLEncoding.DecodeString(built.String()); err == nil {
				s.Built = state.ParseStill(still)
			}
		}
	}
}

func handedOn() string { return "" }

// earlyWords are those that boot.js has put into the server's document.
func earlyWords() string {
	words := ""
	runs := document.Call("querySelectorAll", "#story-0 > .tk:not(.p)")
	for i := range runs.Length() {
		words += runs.Index(i).Get("textContent").String()
	}
	return words
}

// listen takes the picture's messages and the system's changes of theme.
func (p *Page) listen() {
	origin := window.Get("location").Get("origin").String()
	window.Call("addEventListener", "message", js.FuncOf(func(_ js.Value, args []js.Value) any {
		frame := document.Call("getElementById", "view")
		if !frame.Truthy() {
			return nil
		}
		m, err := wire.Read(args[0], frame.Get("contentWindow"), origin)
		if m == nil && err == nil {
			return nil
		}
		p.ctx.Dispatch(func(app.Context) {
			e, ok := m.(scene.Event)
			if err != nil || !ok {
				why := "Reload the page."
				if err != nil {
					why = err.Error()
				}
				p.trouble("view", "The picture and the page do not understand each other.", why, "reload")
				return
			}
			p.send(state.PictureMessage{Event: e})
		})
		return nil
	}))
	again := js.FuncOf(func(js.Value, []js.Value) any {
		p.ctx.Dispatch(func(app.Context) { p.SetTheme(); p.ShowView(state.ShowView{}) })
		return nil
	})
	for _, q := range []string{"(prefers-color-scheme: dark)", narrowScreen} {
		window.Call("matchMedia", q).Call("addEventListener", "change", again)
	}
	network := js.FuncOf(func(js.Value, []js.Value) any {
		p.ctx.Dispatch(func(app.Context) { p.checkNetwork() })
		return nil
	})
	p.takeFiles()
	// Nothing has the keyboard after a click on the ground, or on a button in some browsers.
	window.Call("addEventListener", "keydown", js.FuncOf(func(_ js.Value, args []js.Value) any {
		if args[0].Get("key").String() == "Escape" && args[0].Get("target").Equal(document.Get("body")) {
			p.ctx.Dispatch(func(app.Context) { p.send(state.CloseDrawer{}) })
		}
		return nil
	}))
	// go-app would make the whole page anew, and its texts with it.
	window.Call("addEventListener", "popstate", js.FuncOf(func(_ js.Value, args []js.Value) any {
		args[0].Call("stopImmediatePropagation")
		p.saver.gone = true
		p.ctx.Dispatch(func(app.Context) { p.back(p.address().Query()) })
		return nil
	}), true)
	window.Call("addEventListener", "beforeprint", js.FuncOf(func(js.Value, []js.Value) any {
		// At once: the browser does not wait for the next frame, and does not print what WebGL drew.
		if paper := document.Call("getElementById", "paper"); paper.Truthy() {
			paper.Set("innerHTML", p.paper(drawnForPaper()))
		}
		return nil
	}))
	window.Call("addEventListener", "online", network)
	window.Call("addEventListener", "offline", network)
}

// drawnForPaper asks the picture's program for its picture as SVG, "" where it does not run.
func drawnForPaper() string {
	frame := document.Call("getElementById", "view")
	if !frame.Truthy() {
		return ""
	}
	return wire.AskPaper(frame.Get("contentWindow"))
}

// pushAddress makes an address the page's, with the one before behind it.
func pushAddress(address string) { window.Get("history").Call("pushState", nil, "", address) }

// post tells the picture something.
func (p *Page) post(m any) {
	frame := document.Call("getElementById", "view")
	if !frame.Truthy() {
		return
	}
	if err := wire.Post(frame.Get("contentWindow"), window.Get("location").Get("origin").String(), m); err != nil {
		p.trouble("view", "The picture could not be told.", err.Error(), "")
	}
}

// PostPort hands the picture a port to the worker that measures.
func PostPort(port js.Value) {
	if frame := document.Call("getElementById", "view"); frame.Truthy() {
		wire.PostPort(frame.Get("contentWindow"), window.Get("location").Get("origin").String(), port)
	}
}

// checkPicture says what this browser lacks for the picture, before its program starts.
func (p *Page) checkPicture() {
	canvas := document.Call("createElement", "canvas")
	if gl := canvas.Call("getContext", "webgl2"); !gl.Truthy() {
		p.send(state.ViewFailed{Text: "no WebGL"})
		p.trouble("view", "This browser has no WebGL 2.",
			"The moving picture needs it. The curves are drawn by the page itself instead, and text, loss and the data table work as usual. Switch hardware acceleration on in the browser's settings, or use another browser.", "")
	} else if lose := gl.Call("getExtension", "WEBGL_lose_context"); lose.Truthy() {
		lose.Call("loseContext")
	}
}

// checkNetwork says once that there is no network; what was loaded works on.
func (p *Page) checkNetwork() {
	if window.Get("navigator").Get("onLine").Bool() {
		p.send(state.DismissNotice{Key: "offline"})
		return
	}
	text := "What has been loaded works on without it."
	if !p.s.Engine.Ready {
		text = "The model has not been loaded on this device yet if this is the first visit. Connect once; afterwards the page works offline."
	}
	p.send(state.Notify{Notice: state.Notice{Key: "offline", Level: state.Warning, Title: "You are offline.", Text: text}})
}

// SetTheme puts the theme and the presenter's view on the document.
func (p *Page) SetTheme() {
	root := document.Get("documentElement")
	put := func(name, value string) {
		if value == "" {
			root.Call("removeAttribute", name)
		} else {
			root.Call("setAttribute", name, value)
		}
	}
	put("data-theme", p.s.Theme)
	present := ""
	if p.s.Large {
		present = "true"
	}
	put("data-present", present)
	if meta := document.Call("querySelector", `meta[name="theme-color"]`); meta.Truthy() {
		meta.Call("setAttribute", "content", assets.GroundOf(p.dark()).Background.Hex())
	}
}

func matches(query string) bool { return window.Call("matchMedia", query).Get("matches").Bool() }

func (p *Page) dark() bool {
	if p.s.Theme != "" {
		return p.s.Theme == "dark"
	}
	return matches("(prefers-color-scheme: dark)")
}

// narrowScreen is the style sheets' condition for one column, which layout.css states as well.
const narrowScreen = "(max-width: 51.25em) and (orientation: portrait)"

// narrow reports the phone's layout: one column.
func narrow() bool { return matches(narrowScreen) }

// setVar gives CSS a number to draw with.
func setVar(v app.Value, name string, value float64) {
	if v != nil && v.Truthy() {
		v.Get("style").Call("setProperty", name, strconv.FormatFloat(value, 'f', 5, 64))
	}
}

func focus(id string) {
	if e := document.Call("getElementById", id); e.Truthy() {
		e.Call("focus")
	}
}

// reveal scrolls a token into sight without moving the page.
func reveal(box string, index int) {
	b := document.Call("getElementById", box)
	if !b.Truthy() {
		return
	}
	if t := b.Call("querySelector", `[data-i="`+strconv.Itoa(index)+`"]`); t.Truthy() {
		t.Call("scrollIntoView", map[string]any{"block": "nearest"})
	}
}

// copyText puts text on the clipboard, or selects it where that is not allowed.
func copyText(text string) {
	if c := window.Get("navigator").Get("clipboard"); c.Truthy() {
		c.Call("writeText", text)
		return
	}
	if e := document.Call("getElementById", "share-link"); e.Truthy() {
		e.Call("select")
		document.Call("execCommand", "copy")
	}
}

// saveFile hands a file to the browser's downloads.
func saveFile(name, kind string, data []byte) {
	bytes := js.Global().Get("Uint8Array").New(len(data))
	js.CopyBytesToJS(bytes, data)
	blob := js.Global().Get("Blob").New([]any{bytes}, map[string]any{"type": kind})
	address := js.Global().Get("URL").Call("createObjectURL", blob)
	a := document.Call("createElement", "a")
	a.Set("href", address)
	a.Set("download", strings.ReplaceAll(name, "/", "-"))
	document.Get("body").Call("appendChild", a)
	a.Call("click")
	a.Call("remove")
	window.Call("setTimeout", js.Global().Get("URL").Get("revokeObjectURL").Call("bind", js.Global().Get("URL")), 10000, address)
}
