//go:build !js

package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"clexlab/tinymodels"
	"clexlab/web/dictionary"
	"clexlab/web/server"
)

// TestBrowserReadsWithDictionaries: Chromium, which has loaded one program, is sent the next as what is new against it, and has the same
// bytes.
func TestBrowserReadsWithDictionaries(t *testing.T) {
	s := builtSite(t)
	if _, err := exec.LookPath("zstd"); err != nil {
		t.Skip("zstd is not installed")
	}
	// Stand-ins that nothing but each other makes smaller: the programs themselves take a minute to be coded.
	dist, bytes := t.TempDir(), map[string][]byte{}
	r := rand.NewChaCha8([32]byte{2})
	some := func() []byte { b := make([]byte, 200_000); r.Read(b); return b }
	bytes["engine.wasm"] = some()
	bytes["app.wasm"] = append(some(), bytes["engine.wasm"]...)
	bytes["view.wasm"] = append(some(), bytes["engine.wasm"]...)
	bytes["view.html"] = []byte("<!doctype html><title>Nothing</title>")
	for name, data := range bytes {
		if err := os.WriteFile(filepath.Join(dist, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, of := range dictionary.Of {
		if err := dictionary.Make(filepath.Join(dist, name+dictionary.Ending), filepath.Join(dist, name), filepath.Join(dist, of)); err != nil {
			t.Fatal(err)
		}
	}
	h, err := server.New(server.Options{Dist: os.DirFS(dist), Models: tinymodels.Files})
	if err != nil {
		t.Fatal(err)
	}
	document := httptest.NewRecorder()
	h.ServeHTTP(document, httptest.NewRequest("GET", "/", nil))
	version := regexp.MustCompile(`/web/v-[0-9a-f]+/`).FindString(document.Body.String())
	web := httptest.NewServer(h)
	t.Cleanup(web.Close)
	b := s.tab(t, 800, 600)
	b.Do(chromedp.Navigate(web.URL + version + "view.html"))
	for i, name := range []string{"engine.wasm", "app.wasm", "view.wasm"} {
		if i == 1 {
			time.Sleep(2 * time.Second) // Chromium puts a dictionary away when it has time
		}
		var got struct {
			Sum  string
			Came int
		}
		b.Eval(fmt.Sprintf(`(async () => { const data = await (await fetch(%[1]q)).arrayBuffer(), sum = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
			const entry = () => performance.getEntriesByType("resource").find(e => e.name.endsWith(%[1]q) && e.responseEnd);
			while (!entry()) await new Promise(r => setTimeout(r, 20));
			return {Sum: [...sum].map(b => b.toString(16).padStart(2, "0")).join(""), Came: entry().encodedBodySize} })()`, name), &got)
		if sum := sha256.Sum256(bytes[name]); got.Sum != hex.EncodeToString(sum[:]) {
			t.Errorf("%s is not what it was", name)
		}
		if got.Came < 200_000 || got.Came > 201_000 {
			t.Errorf("%s came as %d bytes, want the 200,000 that the first does not hold", name, got.Came)
		}
	}
}
