package viz

import (
	"bytes"
	"encoding/csv"
	"math"
	"slices"
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
		if n := len(r); r[n-7] != "small" || r[n-6] != "tuned" || r[n-5] != "a book" || r[n-1] != "v7" {
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

// table reads a file as one row a map from column to value.
func table(t *testing.T, v *View, name scene.Name, story scene.Story) (rows []map[string]string) {
	t.Helper()
	var out bytes.Buffer
	if err := v.WriteCSV(&out, name, story); err != nil {
		t.Fatal(err)
	}
	all, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	for _, r := range all[1:] {
		row := map[string]string{}
		for i, column := range all[0] {
			row[column] = r[i]
		}
		if len(row) != len(r) {
			t.Fatalf("%s: two columns of one name: %v", name, all[0])
		}
		rows = append(rows, row)
	}
	return rows
}

// Every row of every scene says which model, weights, text, seed, prompt and build it is of.
func TestCSVTellsItsStory(t *testing.T) {
	story := scene.Story{Model: "small", Weights: map[string]string{"clex": "tuned", "rope": "base"}, Text: "a tale", Tokens: 1024, Seed: "7", Prompt: "Once, \"long\nago", Version: "v7"}
	want := map[string]string{"model": "small", "text": "a tale", "tokens": "1024", "seed": "7", "prompt": "Once, \"long\nago", "version": "v7"}
	for _, s := range scene.Scenes {
		v, l, _ := newTestView(t, s.Name, 1000, 700)
		draw(v, l)
		rows := table(t, v, s.Name, story)
		if len(rows) < 16 {
			t.Errorf("%s: %d rows", s.Name, len(rows))
		}
		for _, r := range rows {
			for column, value := range want {
				if got, ok := r[column]; !ok || got != value {
					t.Fatalf("%s: %s is %q, want %q: %v", s.Name, column, got, value, r)
				}
			}
			if r["weights"] != story.Weights[r["method"]] {
				t.Fatalf("%s: %s on weights %q", s.Name, r["method"], r["weights"])
			}
		}
	}
	v, _, _ := newTestView(t, scene.Losses, 1000, 700)
	if r := table(t, v, scene.Losses, scene.Story{})[0]; r["tokens"]+r["seed"]+r["prompt"] != "" {
		t.Errorf("of a text that was not written here: %v", r)
	}
}

// What was measured stands at the t that it was read at, wherever the slider has gone since: weights tuned at one factor, a text
// that is still to be read anew, a length of the recall probe.
func TestCSVTellsTheTItWasReadAt(t *testing.T) {
	at := map[string]string{"clex": "4", "rope": "64"}
	for _, s := range scene.Scenes {
		if !s.Maps && !s.Loss && !s.Recall {
			continue
		}
		v, l, _ := newTestView(t, s.Name, 1000, 700)
		other := *v.world.maps.all["clex"]
		other.Method, other.T, other.Steady = "rope", 64, true
		state := v.world.state
		state.Shown = []string{"clex", "rope"}
		for _, m := range []any{&scene.Loss{Method: "clex", T: 4, NLL: []float32{1, 2}}, &scene.Loss{Method: "rope", T: 64, NLL: []float32{1, 2}}, &other, &state,
			&scene.Asked{Methods: []string{"clex"}}, &scene.Recall{Method: "clex", Lengths: []int{256, 512}, Depths: []float64{0, 1}, T: []float64{1, 2}, Right: make([]float32, 4)}} {
			if err := v.Take(m); err != nil {
				t.Fatal(err)
			}
		}
		v.follow(9, 0)
		draw(v, l)
		for _, r := range table(t, v, s.Name, scene.Story{}) {
			want := at[r["method"]]
			if s.Recall {
				want = map[string]string{"256": "1", "512": "2"}[r["length_tokens"]]
			}
			if r["t"] != want {
				t.Fatalf("%s of %s: at t = %q, was read at %s", s.Name, r["method"], r["t"], want)
			}
		}
	}
}

// A file of recall counts right answers, as the page's table does, and leaves free what was not asked yet.
func TestCSVOfRecall(t *testing.T) {
	v, l, _ := newTestView(t, scene.RecallGrids, 1000, 700)
	for _, m := range []any{&scene.Asked{Methods: []string{"clex"}}, &scene.Recall{Method: "clex", Lengths: []int{256}, Depths: []float64{0, 0.5, 1},
		Right: []float32{2. / 3, 0, float32(math.NaN())}, Asked: []float32{3, 3, 0}}} {
		if err := v.Take(m); err != nil {
			t.Fatal(err)
		}
	}
	draw(v, l)
	var got []string
	for _, r := range table(t, v, scene.RecallGrids, scene.Story{}) {
		got = append(got, r["right"]+" of "+r["asked"]+": "+r["share_right"])
	}
	if want := []string{"2 of 3: 0.6666667", "0 of 3: 0", " of 0: "}; !slices.Equal(got, want) {
		t.Errorf("recall's rows are %q, want %q", got, want)
	}
}

// The overview's files are the losses of the two methods that it draws, and the maps of both.
func TestCSVOfTheOverview(t *testing.T) {
	v, l, _ := newTestView(t, scene.Overview, 1000, 700)
	maps := v.world.maps.all["clex"]
	other := *maps
	other.Method, other.Max = "rope", slices.Clone(maps.Max)
	other.Max[0] = 0.875
	if err := v.Take(&other); err != nil {
		t.Fatal(err)
	}
	draw(v, l)
	count := map[string]int{}
	for _, r := range table(t, v, scene.Overview, scene.Story{}) {
		count[r["method"]]++
	}
	if len(count) != 2 || count["clex"] != 4096 || count["rope"] != 4096 {
		t.Errorf("losses of the overview: %v", count)
	}
	clear(count)
	for _, r := range table(t, v, scene.Attention, scene.Story{}) {
		if r["method"] == "rope" && count["rope"] == 0 && (r["layer"] != "1" || r["query_from"] != "1" || r["query_to"] != "4" || r["weight_max"] != "0.875") {
			t.Errorf("the first cell: %v", r)
		}
		count[r["method"]]++
	}
	if want := 16 * 24 * 25 / 2; len(count) != 2 || count["clex"] != want || count["rope"] != want {
		t.Errorf("maps of the overview: %v, want %d each", count, want)
	}
	alone, l, _ := newTestView(t, scene.Attention, 1000, 700)
	draw(alone, l)
	if rows := table(t, alone, scene.Attention, scene.Story{}); len(rows) != 16*24*25/2 || rows[0]["method"] != "clex" {
		t.Errorf("%d rows of attention", len(rows))
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
