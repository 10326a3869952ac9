//go:build !js

package page_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/assets/brand"
	"clexlab/assets/static"
	"clexlab/web/browsertest"
	"clexlab/web/page"
)

// policy is the content security policy that the page has to live with.
const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'self'"

// stand is a running page with the engine of testdata/stand, one for all tests.
type stand struct {
	url     string
	browser *browsertest.Browser
	close   []func()
}

var (
	theStand *stand
	standErr error
	once     sync.Once
)

func TestMain(m *testing.M) {
	code := m.Run()
	if theStand != nil {
		for i := len(theStand.close) - 1; i >= 0; i-- {
			theStand.close[i]()
		}
	}
	os.Exit(code)
}

// open gives the test a fresh tab on the stand at a width and height.
func open(t *testing.T, query string, width, height int64) *browsertest.Tab {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a browser")
	}
	once.Do(func() { theStand, standErr = start() })
	if standErr != nil {
		browsertest.Missing(t, standErr)
	}
	b := theStand.browser.Tab(t, width, height)
	b.Visit(theStand.url + "/" + query)
	b.Until("there is something", `document.querySelector("#story-0-stat, #recall, #guide, .notice.failure, .cols.no-text") !== null`)
	return b
}

func start() (*stand, error) {
	browser, err := browsertest.Start(browsertest.Quick...)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "stand")
	if err != nil {
		return nil, err
	}
	s := &stand{browser: browser, close: []func(){func() { os.RemoveAll(dir) }, browser.Close}}
	// As the page's program is built, which has compiled most of it.
	build := exec.Command("go", slices.Concat([]string{"build", "-ldflags=-s -w"}, strings.Fields(os.Getenv("CLEXLAB_BUILD")), []string{"-o", filepath.Join(dir, "app.wasm"), "./testdata/stand"})...)
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "GOEXPERIMENT=nojsonv2")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, &exec.Error{Name: string(out), Err: err}
	}
	server := httptest.NewServer(handler(dir))
	s.url = server.URL
	s.close = append(s.close, server.Close)
	return s, browser.Keep(s.url+"/web/view.html", s.url+"/web/app.wasm")
}

// handler serves the stand as the real server would: same page, same policy.
func handler(dir string) http.Handler {
	app.Route("/", page.New)
	h := &app.Handler{Name: "clexlab", Title: "clexlab", Description: "The page under test.", Version: "test",
		Icon: app.Icon{Default: "/web/" + static.IconDefault, Large: "/web/" + static.IconLarge,
			SVG: "/web/" + static.IconSVG, Maskable: "/web/" + static.IconMaskable},
		Resources: resources{dir}}
	for _, s := range static.Styles {
		h.Styles = append(h.Styles, "/web/"+s)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		h.ServeHTTP(w, r)
	})
}

type resources struct{ dir string }

func (resources) Resolve(path string) string { return path }

func (s resources) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch name := strings.TrimPrefix(r.URL.Path, "/web/"); name {
	case "app.wasm":
		http.ServeFile(w, r, filepath.Join(s.dir, name))
	case static.Palette:
		w.Header().Set("Content-Type", "text/css")
		_, _ = w.Write([]byte(brand.CSS()))
	case "view.html":
		// The picture has tests of its own; here its frame stays silent.
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<!doctype html><html lang=en><title>view</title>"))
	default:
		http.ServeFileFS(w, r, static.FS, name)
	}
}
