package viz

import (
	"bytes"
	"encoding/csv"
	"math"
	"strconv"
	"testing"

	"clexlab/clex"
	"clexlab/viz/paint"
	"clexlab/viz/scene"
)

// The file of a picture holds the numbers clex computes.
func TestCSV(t *testing.T) {
	v, l, _ := newTestView(t, scene.Spectrum, 1000, 700)
	draw(v, l)
	var out bytes.Buffer
	if err := v.WriteCSV(&out, "", scene.Story{Model: "small", Weights: map[string]string{"clex": "tuned"}, Text: "a book", Version: "v7"}); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	scheme, err := clex.New("clex", v.world.model.Rotary, clex.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var e clex.Encoding
	if err := scheme.Encode(&e, 4, 0); err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, r := range rows {
		if r[0] != "clex" {
			continue
		}
		if n := len(r); r[n-4] != "small" || r[n-3] != "tuned" || r[n-2] != "a book" || r[n-1] != "v7" {
			t.Fatalf("a row does not say where it comes from: %v", r)
		}
		pair, _ := strconv.Atoi(r[2])
		theta, _ := strconv.ParseFloat(r[3], 64)
		if math.Abs(theta/e.InvFreq[pair]-1) > 1e-4 {
			t.Errorf("pair %d: got %v, want %v", pair, theta, e.InvFreq[pair])
		}
		found++
	}
	if found != 16 {
		t.Errorf("%d rows of CLEX, want 16", found)
	}
	for _, row := range scene.Scenes {
		if err := v.WriteCSV(&out, row.Name, scene.Story{}); err != nil {
			t.Errorf("%s: %v", row.Name, err)
		}
	}
	if v.WriteCSV(&out, "nonsense", scene.Story{}) == nil {
		t.Error("an unknown scene is accepted")
	}
}

// A picture that is saved at another scale than the screen's has textures of its own until it
// is painted: filled for the screen they would be scrambled.
func TestSavedPictureKeepsItsTextures(t *testing.T) {
	v, screen, _ := newTestView(t, scene.Overview, 300, 240)
	screen.Reset(1)
	v.Resize(300, 241, screen)
	// A map of more cells than the screen has pixels for.
	const n = 256
	if err := v.Take(&scene.Maps{Method: "clex", T: 4, Layer: -1, Head: -1, Layers: 1, Heads: 1, QueryTo: n, KeyTo: n, Rows: n, Cols: n, Max: make([]float32, n*n)}); err != nil {
		t.Fatal(err)
	}
	v.layout()
	l := &paint.List{Type: screen.Type}
	l.Reset(2)
	restore := v.DrawScene(scene.Overview, 300, 241, []string{"a caption"}, l)
	sizes := map[*paint.Texture][2]int{}
	for _, op := range l.Ops {
		if op.Texture == nil {
			continue
		}
		sizes[op.Texture] = [2]int{op.Texture.W, op.Texture.H}
		for _, i := range l.Indices[op.First : op.First+op.Count] {
			if x := l.Vertices[i]; x.SrcX > float32(op.Texture.W) || x.SrcY > float32(op.Texture.H) {
				t.Fatalf("texel %v, %v of a texture of %d × %d", x.SrcX, x.SrcY, op.Texture.W, op.Texture.H)
			}
		}
	}
	if len(sizes) == 0 {
		t.Fatal("no maps are drawn")
	}
	restore()
	for texture, size := range sizes {
		if [2]int{texture.W, texture.H} == size {
			t.Error("the screen's texture is as large as the file's: the test shows nothing")
		}
	}
}
