package server

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io/fs"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/assets"
	"clexlab/assets/brand"
	"clexlab/assets/static"
	"clexlab/wasm/wire/jobs"
	"clexlab/web/page"
)

// Policy is the content security policy of every answer. Nothing comes from
// elsewhere, nothing is inline.
const Policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; " +
	"connect-src 'self' blob:; worker-src 'self'; frame-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'self'"

//go:embed app-worker.js
var workerTemplate string

// Options say what is shipped and where.
type Options struct {
	// Dist holds the built programs: app.wasm, engine.wasm, engine.js, view.html, …,
	// each perhaps with compressed twins (.br, .gz; .dcz, which package dictionary tells of).
	Dist fs.FS
	// Models holds the checkpoints in the layout of package tinymodels.
	Models fs.FS
	// Own, if not nil, is a folder with models of the server's owner, which are offered beside them: see the flag -models.
	// Warn is told which of them cannot be read; nil passes them by.
	Own  fs.FS
	Warn func(error)
	// Base is the path below which the page lives, "" or "/something".
	Base string
	// Public is the address under which the world reaches the page ("https://example.org"), for
	// the preview that other sites make of a link; "" leaves that to them.
	Public string
	// Frames says who may show the page inside one of theirs, as frame-ancestors does
	// ("https://school.example", "*"); "" is the page's own site.
	Frames string
}

// Handler serves the page.
type Handler struct {
	base    string
	public  string
	policy  string
	version string
	goapp   *app.Handler
	files   files
	own     map[string]ownFile
	// pages are the documents that go-app has made, by name: they are the same for everybody.
	pages sync.Map
}

// New makes the handler. The error names the file that is missing or damaged, or
// the base that is no path.
func New(o Options) (*Handler, error) {
	base := strings.TrimRight(o.Base, "/")
	if base != "" && !strings.HasPrefix(base, "/") || strings.ContainsAny(base, "?#\"<> ") {
		return nil, fmt.Errorf("server: base %q: want a path such as /clexlab", o.Base)
	}
	if strings.ContainsAny(o.Frames, ";,\r\n") {
		return nil, fmt.Errorf("server: frames %q: want sites apart by spaces, as in frame-ancestors", o.Frames)
	}
	if o.Public != "" && !strings.HasPrefix(o.Public, "https://") && !strings.HasPrefix(o.Public, "http://") {
		return nil, fmt.Errorf("server: public address %q: want one such as https://example.org", o.Public)
	}
	for _, program := range []string{"app.wasm", "engine.wasm", "view.wasm"} {
		if _, err := fs.Stat(o.Dist, program); err != nil {
			return nil, fmt.Errorf("server: a program is not built: %w; run make dist", err)
		}
	}
	index, err := Catalogue(o.Models)
	if err != nil {
		return nil, err
	}
	h := &Handler{base: base, files: files{}, policy: Policy, public: strings.TrimRight(o.Public, "/")}
	for _, part := range []struct {
		under string
		fsys  fs.FS
	}{{"", o.Dist}, {"", static.FS}, {"models", o.Models}} {
		if err := h.files.add(part.under, part.fsys); err != nil {
			return nil, fmt.Errorf("server: %w", err)
		}
	}
	if err := h.files.addDictionaries(o.Dist); err != nil {
		return nil, err
	}
	if err := h.files.addDifferences(index.Models); err != nil {
		return nil, err
	}
	if o.Own != nil {
		if o.Warn == nil {
			o.Warn = func(error) {}
		}
		var offers []jobs.Offer
		if offers, h.own, err = ownModels(o.Own, o.Warn); err != nil {
			return nil, err
		}
		index.Models = append(index.Models, offers...)
	}
	list, err := json.Marshal(index)
	if err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	if o.Frames != "" {
		h.policy = strings.Replace(Policy, "frame-ancestors 'self'", "frame-ancestors "+o.Frames, 1)
	}
	palette := newFile(static.Palette, []byte(brand.CSS()))
	if err := palette.compress(); err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	h.files[static.Palette] = palette
	offers := newFile("index.json", list)
	if err := offers.compress(); err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	h.files["models/index.json"] = offers
	if len(index.Models) > 0 {
		first, err := first(index.Models)
		if err != nil {
			return nil, err
		}
		h.files["models/first.json"] = first
	}
	page.SetShipped(page.Shipped{Models: index.Models, Still: stillOf(o, index.Models)})
	h.version = h.files.version()
	app.Route("/", page.New)
	h.goapp = &app.Handler{
		Name: "clexlab", ShortName: "clexlab", Title: "clexlab: length, live",
		Description: "Drag the length scaling factor of a small language model and watch its rotary frequencies, its attention and its loss follow. Everything runs in your browser.",
		Author:      "clexlab", Lang: "en", StartURL: "/",
		BackgroundColor: "#0b0f14", ThemeColor: assets.DarkGround.Background.Hex(), LoadingLabel: "Loading the page: {progress} %",
		Icon: app.Icon{Default: "/web/" + static.IconDefault, Large: "/web/" + static.IconLarge,
			SVG: "/web/" + static.IconSVG, Maskable: "/web/" + static.IconMaskable},
		Version: h.version, WasmContentLength: strconv.Itoa(len(h.files["app.wasm"].data)), ServiceWorkerTemplate: workerTemplate,
		Resources: resolver{base: h.base, version: h.version},
	}
	if h.files["boot.js"] != nil {
		// It has a word to say before the others run.
		h.goapp.Scripts = []string{"/web/boot.js"}
	}
	for _, s := range static.Styles {
		h.goapp.Styles = append(h.goapp.Styles, "/web/"+s)
	}
	h.goapp.CacheableResources = h.offline(index.Models)
	return h, nil
}

// version names the build: it changes when anything that is shipped changes.
func (f files) version() string {
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(f)) {
		sum.Write([]byte(name + f[name].tag))
	}
	sum.Write([]byte(workerTemplate))
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

// ServeHTTP adds to go-app's handler the base path, the headers and compression.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", h.policy)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Vary", "Accept-Encoding, Available-Dictionary")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "only GET and HEAD", http.StatusMethodNotAllowed)
		return
	}
	name, ok := strings.CutPrefix(r.URL.Path, h.base+"/")
	switch {
	case !ok && (r.URL.Path == h.base || r.URL.Path == "/"):
		http.Redirect(w, r, h.base+"/", http.StatusFound)
		return
	case !ok:
		http.NotFound(w, r)
		return
	}
	forever := false
	if file, ok := strings.CutPrefix(name, "web/"); ok {
		if rest, ok := strings.CutPrefix(file, "v-"+h.version+"/"); ok {
			file, forever = rest, true
		}
		if f := h.files[file]; f != nil {
			f.serve(w, r, forever)
			return
		}
		if f, ok := h.own[file]; ok {
			f.serve(w, r)
			return
		}
		http.NotFound(w, r)
		return
	}
	h.page(w, r, name)
}

// page serves what go-app makes: the document, its scripts, manifest and service worker.
func (h *Handler) page(w http.ResponseWriter, r *http.Request, name string) {
	if name == "wasm_exec.js" && h.files[name] != nil {
		// The glue of the toolchain that built the programs, not the one go-app was released with.
		h.files[name].serve(w, r, false)
		return
	}
	if made, ok := h.pages.Load(name); ok {
		made.(*file).serve(w, r, false)
		return
	}
	f, err := h.render(name)
	switch {
	case err != nil:
		http.Error(w, err.Error(), http.StatusInternalServerError)
	case f == nil:
		http.NotFound(w, r)
	default:
		h.pages.Store(name, f)
		f.serve(w, r, false)
	}
}

// render has go-app make a document, nil if it has none of that name.
func (h *Handler) render(name string) (*file, error) {
	r, err := http.NewRequest(http.MethodGet, "/", nil)
	if err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	r.URL.Path = "/" + name
	rec := &recorder{header: http.Header{}, status: http.StatusOK}
	h.goapp.ServeHTTP(rec, r)
	if rec.status != http.StatusOK {
		return nil, nil
	}
	body := rec.body.Bytes()
	if name == "manifest.webmanifest" || name == "manifest.json" {
		body = bytes.Replace(body, []byte(`"scope":"/"`), []byte(`"scope":"`+h.base+`/","id":"`+h.base+`/"`), 1)
	}
	if name == "app.js" {
		if body, err = patience(body); err != nil {
			return nil, err
		}
	}
	kind := rec.header.Get("Content-Type")
	if kind == "" {
		kind = "text/html; charset=utf-8"
	}
	if strings.HasPrefix(kind, "text/html") {
		if body, err = h.bootFirst(asHTML(h.preview(body))); err != nil {
			return nil, err
		}
	}
	f := newFile(name, body)
	f.kind = kind
	if compressible(f.kind) && len(body) > 1000 {
		if err := f.compress(); err != nil {
			return nil, fmt.Errorf("server: %w", err)
		}
	}
	return f, nil
}

// patience has go-app's loader fetch the page's program when boot.js lets it come, after what the first words need; and
// take it as it comes where it lies on the device already: for a program that is read through a stream, as the loader does
// to show its progress, browsers keep no compiled code from visit to visit.
func patience(loader []byte) ([]byte, error) {
	const read = "const response = await fetch(url);"
	if bytes.Count(loader, []byte(read)) != 1 {
		return nil, fmt.Errorf("server: go-app's loader does not read its program by %q", read)
	}
	return bytes.Replace(loader, []byte(read), []byte("await window.clexlabFirst;\n  "+read+"\n  if (navigator.serviceWorker?.controller) return response;"), 1), nil
}

// charset begins a document's head; go-app writes it before all else.
const charset = `<meta charset="UTF-8">`

// bootFirst has boot.js run before the style sheets: a script behind them waits for all of them.
func (h *Handler) bootFirst(document []byte) ([]byte, error) {
	if len(h.goapp.Scripts) == 0 {
		return document, nil
	}
	tag := []byte(`<script src="` + h.goapp.Resources.Resolve("/web/boot.js") + `"></script>`)
	if bytes.Count(document, tag) != 1 || bytes.Count(document, []byte(charset)) != 1 {
		return nil, fmt.Errorf("server: go-app's document has not one %s and one %s", charset, tag)
	}
	document = bytes.Replace(document, tag, nil, 1)
	return bytes.Replace(document, []byte(charset), append([]byte(charset+"\n    "), tag...), 1), nil
}

// previewTag is what go-app says of the page's address and picture to sites that show a preview.
var previewTag = regexp.MustCompile(`<meta[^>]*property="og:(url|image)"[^>]*>`)

// preview gives a document the address under which the world reaches it; without one it says
// nothing rather than something wrong.
func (h *Handler) preview(body []byte) []byte {
	return previewTag.ReplaceAllFunc(body, func(tag []byte) []byte {
		if h.public == "" {
			return nil
		}
		address := h.public + h.base + "/"
		if bytes.Contains(tag, []byte("og:image")) {
			address = h.public + h.goapp.Resources.Resolve("/web/"+static.IconLarge)
		}
		return []byte(`<meta property="og:` + string(previewTag.FindSubmatch(tag)[1]) + `" content="` + html.EscapeString(address) + `">`)
	})
}

// What go-app writes of attributes that are true or false is not what HTML reads: a selected="false" selects, and aria-checked without a
// value says nothing. A textarea's text is not its value.
var (
	falseAttribute = regexp.MustCompile(` (selected|hidden|checked|disabled|readonly)="false"`)
	ariaAttribute  = regexp.MustCompile(` aria-[a-z]+=?`)
	textareaValue  = regexp.MustCompile(`(<textarea[^>]*) value="([^"]*)"([^>]*>)`)
)

// asHTML makes a document say before its program runs what the program will say.
func asHTML(body []byte) []byte {
	body = falseAttribute.ReplaceAll(body, nil)
	body = ariaAttribute.ReplaceAllFunc(body, func(a []byte) []byte {
		if bytes.HasSuffix(a, []byte("=")) {
			return a
		}
		return append(bytes.Clone(a), `="true"`...)
	})
	return textareaValue.ReplaceAll(body, []byte("$1$3$2"))
}

// recorder keeps an answer, so that it can be changed before it is sent.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }

// resolver puts the base path before every address of the page's own, and the
// version into those of files, so that browsers may keep them for good.
type resolver struct{ base, version string }

// Resolve implements app.ResourceResolver. An address that is resolved already stays.
func (r resolver) Resolve(location string) string {
	if !strings.HasPrefix(location, "/") || strings.HasPrefix(location, "//") {
		return location
	}
	if r.base != "" && (location == r.base || strings.HasPrefix(location, r.base+"/")) {
		return location
	}
	if location == "/web" || strings.HasPrefix(location, "/web/") && !strings.HasPrefix(location, "/web/v-") {
		location = "/web/v-" + r.version + strings.TrimPrefix(location, "/web")
	}
	return r.base + location
}
