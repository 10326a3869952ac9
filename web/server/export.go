package server

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
)

// Export writes everything into a folder that any static host can serve below
// the handler's base path. Files have compressed twins beside them, for hosts that
// use those, where that saves a twentieth or more; models of the owner's, which may be large, have none. Hosts that send no policy of their own find it in the document.
func (h *Handler) Export(dir string) error {
	for _, p := range []string{"index.html", "app.js", "app.css", "app-worker.js", "wasm_exec.js", "manifest.webmanifest"} {
		request := httptest.NewRequest(http.MethodGet, h.base+"/"+strings.TrimPrefix(p, "index.html"), nil)
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, request)
		if answer.Code != http.StatusOK {
			return fmt.Errorf("server: %s: HTTP %d", p, answer.Code)
		}
		body := answer.Body.Bytes()
		if p == "index.html" {
			// Browsers ignore frame-ancestors in a document.
			policy, _, _ := strings.Cut(Policy, "; frame-ancestors")
			body = bytes.Replace(body, []byte("<head>"), []byte(`<head><meta http-equiv="Content-Security-Policy" content="`+policy+`">`), 1)
		}
		if err := newFile(p, body).export(filepath.Join(dir, p)); err != nil {
			return err
		}
	}
	for name, f := range h.files {
		if err := f.export(filepath.Join(dir, "web", "v-"+h.version, filepath.FromSlash(name))); err != nil {
			return err
		}
	}
	for name, f := range h.own {
		if err := f.copy(filepath.Join(dir, "web", "v-"+h.version, filepath.FromSlash(name))); err != nil {
			return err
		}
	}
	return nil
}

// export writes the file and its twins. What the server sends as it is, such as weights, is compressed here.
func (f *file) export(name string) error {
	if err := write(name, f.data); err != nil {
		return err
	}
	twins := &file{data: f.data, packed: f.packed}
	if len(twins.packed) == 0 {
		twins.packed = map[string][]byte{}
		if err := twins.compress(); err != nil {
			return fmt.Errorf("server: %s: %w", name, err)
		}
	}
	for coding, ending := range map[string]string{"br": ".br", "gzip": ".gz"} {
		if data := twins.packed[coding]; data != nil && 20*len(data) <= 19*len(f.data) {
			if err := write(name+ending, data); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f ownFile) copy(name string) error {
	from, err := f.fsys.Open(f.name)
	if err != nil {
		return fmt.Errorf("server: %w", err)
	}
	defer from.Close()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return fmt.Errorf("server: %w", err)
	}
	to, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("server: %w", err)
	}
	_, err = io.Copy(to, from)
	if err = cmp.Or(err, to.Close()); err != nil {
		return fmt.Errorf("server: %w", err)
	}
	return nil
}

func write(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return fmt.Errorf("server: %w", err)
	}
	if err := os.WriteFile(name, data, 0o644); err != nil {
		return fmt.Errorf("server: %w", err)
	}
	return nil
}
