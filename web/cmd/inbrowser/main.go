//go:build !js

// Command inbrowser runs a WebAssembly test program in a headless browser that
// has WebGPU, in software: go test -exec inbrowser. JavaScript files of the
// package under test are loaded before it. Without a browser it says so and
// succeeds, unless CLEXLAB_BROWSER=required.
package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/chromedp/chromedp"

	"clexlab/web/browsertest"
)

//go:embed loader.js
var loader string

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: inbrowser program.wasm [arguments]")
		os.Exit(2)
	}
	code, err := run(os.Args[1], os.Args[2:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "inbrowser:", err)
		os.Exit(2)
	}
	os.Exit(code)
}

func run(program string, args []string) (code int, err error) {
	browser, err := browsertest.Start(browsertest.WebGPU...)
	if err != nil {
		if os.Getenv("CLEXLAB_BROWSER") == "required" {
			return 0, err
		}
		fmt.Println("no browser to test with:", err)
		return 0, nil
	}
	defer browser.Close()
	page, err := newPage(program, args)
	if err != nil {
		return 0, err
	}
	web := httptest.NewServer(page)
	defer web.Close()
	tab, cancel := chromedp.NewContext(browser.Context())
	defer cancel()
	if err := chromedp.Run(tab, chromedp.Navigate(web.URL)); err != nil {
		return 0, err
	}
	for {
		var said struct {
			Text string
			Code *int
		}
		if err := chromedp.Run(tab, chromedp.Evaluate(`said()`, &said)); err != nil {
			return 0, err
		}
		if _, err := io.WriteString(os.Stdout, said.Text); err != nil {
			return 0, err
		}
		if said.Code != nil {
			return *said.Code, nil
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// newPage serves the program with what it needs to run.
func newPage(program string, args []string) (http.Handler, error) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, err
	}
	// The package's own scripts, or those of the one that it lies in.
	scripts, err := filepath.Glob("*.js")
	if err == nil && len(scripts) == 0 {
		scripts, err = filepath.Glob("../*.js")
	}
	if err != nil {
		return nil, err
	}
	// There are no files in a browser.
	args = slices.DeleteFunc(slices.Clone(args), func(a string) bool { return strings.HasPrefix(a, "-test.testlogfile") })
	settings, err := json.Marshal(map[string]any{"argv": append([]string{filepath.Base(program)}, args...)})
	if err != nil {
		return nil, err
	}
	var page strings.Builder
	page.WriteString(`<!doctype html><meta charset="utf-8"><title>test</title><script src="wasm_exec.js"></script>`)
	for _, s := range scripts {
		fmt.Fprintf(&page, `<script src="%s"></script>`, filepath.Base(s))
	}
	fmt.Fprintf(&page, `<script>const settings = %s;</script><script src="loader.js"></script>`, settings)
	mux := http.NewServeMux()
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, page.String())
	})
	mux.HandleFunc("/loader.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		_, _ = io.WriteString(w, loader)
	})
	file := func(path, name, kind string) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", kind)
			http.ServeFile(w, r, name)
		})
	}
	file("/wasm_exec.js", filepath.Join(strings.TrimSpace(string(root)), "lib/wasm/wasm_exec.js"), "text/javascript")
	file("/program.wasm", program, "application/wasm")
	for _, s := range scripts {
		file("/"+filepath.Base(s), s, "text/javascript")
	}
	return mux, nil
}
