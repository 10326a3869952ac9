package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"clexlab/model/modeltest"
	"clexlab/web/server"
)

// A document says before its program runs what the program will say: what is chosen, the prompt, and the still that the
// build measured, of these weights and no others.
func TestDocumentShowsTheStill(t *testing.T) {
	files, _, _, err := modeltest.New()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := files.Write(dir); err != nil {
		t.Fatal(err)
	}
	models := os.DirFS(dir)
	still, err := measure(models)
	if err != nil {
		t.Fatal(err)
	}
	dist := fstest.MapFS{server.StillFile: {Data: still}}
	for _, name := range []string{"app.wasm", "engine.wasm", "view.wasm"} {
		dist[name] = &fstest.MapFile{Data: []byte("program")}
	}
	document := func() string {
		h, err := server.New(server.Options{Dist: dist, Models: models})
		if err != nil {
			t.Fatal(err)
		}
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/", nil))
		return answer.Body.String()
	}
	is := document()
	for _, want := range []string{"A still, from the build", `class="ln thick m-rope"`, "So the build read it", `aria-selected="true"`, ">Once upon a time there was a little fox who lived</textarea>"} {
		if !strings.Contains(is, want) {
			t.Errorf("the document lacks %q", want)
		}
	}
	if !regexp.MustCompile(`<option[^>]* selected[^>]*>Plain RoPE`).MatchString(is) {
		t.Error("nothing says that the second text is plain RoPE's")
	}
	for _, wrong := range []string{`selected="false"`, `hidden="false"`} {
		if strings.Contains(strings.ReplaceAll(is, `aria-selected="false"`, ""), wrong) {
			t.Errorf("the document has %s, which HTML takes for the contrary", wrong)
		}
	}
	dist[server.StillFile].Data = bytes.Replace(still, []byte(`"sum":"`), []byte(`"sum":"0`), 1)
	if strings.Contains(document(), "A still") {
		t.Error("a still of other weights is shown")
	}
}
