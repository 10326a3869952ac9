package main

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/model/checkpoint"
	"clexlab/model/modeltest"
	"clexlab/model/train/evaluate"
)

// ownModel writes the test model into a folder of its own, and what it is to be measured on.
func ownModel(t *testing.T) (dir, text string, c *checkpoint.Checkpoint, tokens []int32) {
	t.Helper()
	files, c, tok, err := modeltest.New()
	if err != nil {
		t.Fatal(err)
	}
	dir, text = filepath.Join(t.TempDir(), "mine"), filepath.Join(t.TempDir(), "text.txt")
	if err := files.Folder(dir); err != nil {
		t.Fatal(err)
	}
	words := strings.Repeat("the old king sat in the wood by the sea. the little fox ran and ran, and the king sat. ", 60)
	if err := os.WriteFile(text, []byte(words), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir, text, c, tok.Encode(nil, words)
}

// evaluated runs the command with small sizes and returns what it left.
func evaluated(t *testing.T, e evaluation, model, lengths string) evaluate.Results {
	t.Helper()
	e.plan.Windows, e.plan.LongWindows, e.plan.Long = 3, 3, 4096
	if err := e.arguments([]string{model}, lengths); err != nil {
		t.Fatal(err)
	}
	if err := e.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	var r evaluate.Results
	if err := readJSON(filepath.Join(e.out, "results.json"), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// TestOwnModel: a folder and a .gguf file anywhere are measured by what they ask for and by other methods, and what is said of
// them is the model's own loss, token by token.
func TestOwnModel(t *testing.T) {
	dir, text, c, tokens := ownModel(t)
	out := filepath.Join(t.TempDir(), "new", "results")
	r := evaluated(t, evaluation{out: out, texts: text, only: []string{"clex", "pi"}, plan: evaluate.Plan{Questions: 1}}, dir, "320,512")
	if len(r.Rows) != 2 || r.Model != "mine" || r.Window != 32 || r.Rows[0].Scheme != "clex" || !r.Rows[0].Trained || r.Rows[1].Scheme != "pi" || r.Rows[1].Trained {
		t.Fatalf("%+v", r)
	}
	m, err := model.New(c.Config, c.Weights)
	if err != nil {
		t.Fatal(err)
	}
	windows, err := evaluate.Windows([][]int32{tokens}, 3, 512)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range r.Rows {
		scheme, err := clex.New(row.Scheme, c.Config.Rotary, c.Options(row.Scheme))
		if err != nil {
			t.Fatal(err)
		}
		for i, n := range []int{320, 512} {
			for k, w := range windows {
				x := &model.Extension{Scheme: scheme, Rule: clex.AtT(float64(n) / 32), IgnoreLength: true}
				want := lossByHand(t, m, x, tokens[w.End-n:w.End])
				if got := row.Measured[textPart].Losses[i][k]; math.Abs(got-want) > 2e-4 {
					t.Errorf("%s, %d tokens, window %d: %v, want %v", row.Scheme, n, k, got, want)
				}
			}
		}
		if x := row.Measured[textPart].Recall; len(x) != 7 || x[0].Questions[0] != 5 {
			t.Errorf("%s: recall %+v", row.Scheme, x)
		}
	}
	table, err := os.ReadFile(filepath.Join(out, "RESULTS.md"))
	if err != nil || !strings.Contains(string(table), "clex, tuned") || !strings.Contains(string(table), "## Perplexity on text/\n") || strings.Contains(string(table), "novel") {
		t.Errorf("%s, %v", table, err)
	}
	for _, name := range []string{"perplexity.png", "loss-by-position.png", "recall.png"} {
		if _, err := os.Stat(filepath.Join(out, name)); err != nil {
			t.Error(err)
		}
	}
	// Nothing is left beside the model, and the same from one .gguf file: PI at 4 as its list of frequencies, and by its own name.
	if there, err := os.ReadDir(dir); err != nil || slices.ContainsFunc(there, func(e os.DirEntry) bool { return strings.Contains(strings.ToLower(e.Name()), "results") }) {
		t.Errorf("%v, %v", there, err)
	}
	pi, err := clex.New("pi", c.Config.Rotary, clex.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, tok, err := checkpoint.Loader{}.OpenPath(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := c.WriteGGUF(&b, tok, pi, 16, checkpoint.F32); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "mine.gguf")
	if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	g := evaluated(t, evaluation{out: filepath.Join(t.TempDir(), "gguf"), texts: text, only: []string{"pi"}}, file, "512")
	if len(g.Rows) != 1 || !g.Rows[0].Trained || g.Rows[0].Factor != 16 {
		t.Fatalf("%+v", g)
	}
	for k, got := range g.Rows[0].Measured[textPart].Losses[0] {
		if want := r.Rows[1].Measured[textPart].Losses[1][k]; math.Abs(got-want) > 2e-4 {
			t.Errorf("window %d of the file: %v, of the folder %v", k, got, want)
		}
	}
}

// TestOwnModelBeyondItsT: what was tuned to one t is read at the one that is asked for, CLEX up to it and a fixed factor at it.
func TestOwnModelBeyondItsT(t *testing.T) {
	dir, text, c, tokens := ownModel(t)
	m, err := model.New(c.Config, c.Weights)
	if err != nil {
		t.Fatal(err)
	}
	windows, err := evaluate.Windows([][]int32{tokens}, 3, 320)
	if err != nil {
		t.Fatal(err)
	}
	pi, err := clex.New("pi", c.Config.Rotary, clex.Options{})
	if err != nil {
		t.Fatal(err)
	}
	network := c.Options("clex")
	network.TMax = 3
	trained, err := clex.New("clex", c.Config.Rotary, network)
	if err != nil {
		t.Fatal(err)
	}
	_, tok, err := checkpoint.Loader{}.OpenPath(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := c.WriteGGUF(&b, tok, pi, 2, checkpoint.F32); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "mine.gguf")
	if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		path   string
		scheme clex.Scheme
	}{{dir, trained}, {file, pi}} {
		r := evaluated(t, evaluation{out: t.TempDir(), texts: text, only: []string{x.scheme.Name()}, tMax: 3}, x.path, "320")
		if len(r.Rows) != 1 || max(r.Rows[0].Factor, r.Rows[0].TMax) != 3 {
			t.Fatalf("%+v", r.Rows)
		}
		for k, w := range windows {
			want := lossByHand(t, m, &model.Extension{Scheme: x.scheme, Rule: clex.AtT(3), IgnoreLength: true}, tokens[w.End-320:w.End])
			if got := r.Rows[0].Measured[textPart].Losses[0][k]; math.Abs(got-want) > 2e-4 {
				t.Errorf("%s, window %d: %v, want %v", x.scheme.Name(), k, got, want)
			}
		}
	}
}

// lossByHand is the mean loss of a window's last tokens, each from the logits before it.
func lossByHand(t *testing.T, m *model.Model, x *model.Extension, window []int32) float64 {
	t.Helper()
	s, err := m.NewSequence(len(window))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.Fit(t.Context(), s, len(window)); err != nil {
		t.Fatal(err)
	}
	total := 0.0
	for i, id := range window {
		if i >= len(window)-evaluate.Tail {
			sum := 0.0
			for _, l := range s.Logits() {
				sum += math.Exp(float64(l))
			}
			total += math.Log(sum) - float64(s.Logits()[id])
		}
		if err := s.Decode(id); err != nil {
			t.Fatal(err)
		}
	}
	return total / evaluate.Tail
}

// A second run measures what the first left out and leaves what it found as it is.
func TestMeasuredIsKept(t *testing.T) {
	dir, text, _, _ := ownModel(t)
	out := t.TempDir()
	e := evaluation{out: out, texts: text, only: []string{"pi"}, plan: evaluate.Plan{Longest: 512}}
	held := evaluated(t, e, dir, "320").Rows[0].Measured[textPart]
	kept := *held
	held.Losses = [][]float64{{1, 2, 3}} // that nothing measures
	if err := writeJSON(filepath.Join(out, "results.json"), evaluate.Results{Model: "mine", Window: 32, Rows: []evaluate.Row{{Scheme: "pi", Variant: "base", TMax: 10, Measured: map[string]*evaluate.Measurement{textPart: held}}}}); err != nil {
		t.Fatal(err)
	}
	e.plan.Questions, e.plan.LongQuestions = 1, 1
	row := evaluated(t, e, dir, "320,512").Rows[0]
	got := row.Measured[textPart]
	if row.TMax != 16 || !slices.Equal(got.Lengths, []int{320, 512}) || !slices.Equal(got.Losses[0], held.Losses[0]) || len(got.Losses[1]) != 3 {
		t.Errorf("t to %g, %+v", row.TMax, got)
	}
	if x := got.RecallOf("eight"); x == nil || !slices.Equal(x.Lengths, []int{320, 512}) || !slices.Equal(x.Questions, []int{5, 5}) {
		t.Errorf("recall %+v", x)
	}
	e.again, e.plan.Questions = true, 0
	again := evaluated(t, e, dir, "320").Rows[0].Measured[textPart]
	for k, v := range again.Losses[0] {
		if math.Abs(v-kept.Losses[0][k]) > 0.5 || v == held.Losses[0][k] {
			t.Errorf("window %d measured anew has %v", k, v)
		}
	}
}

func TestOwnModelRefused(t *testing.T) {
	dir, text, _, _ := ownModel(t)
	held := t.TempDir()
	if err := writeJSON(filepath.Join(held, "results.json"), evaluate.Results{Model: "another"}); err != nil {
		t.Fatal(err)
	}
	short := filepath.Join(t.TempDir(), "short.txt")
	if err := os.WriteFile(short, []byte("the old king"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		e       evaluation
		models  []string
		lengths string
		want    string
	}{
		{evaluation{texts: text}, []string{dir}, "160", "-out"},
		{evaluation{out: held, texts: text}, []string{dir}, "160", `"another"`},
		{evaluation{out: held}, nil, "", "name the model"},
		{evaluation{texts: text}, nil, "", "name the model"},
		{evaluation{out: held}, []string{dir, dir}, "", "2 models"},
		{evaluation{out: t.TempDir(), texts: text}, []string{dir}, "12", `"12"`},
		{evaluation{out: t.TempDir(), texts: text}, []string{filepath.Join(dir, "none")}, "160", "none"},
		{evaluation{out: t.TempDir(), texts: filepath.Join(dir, "none")}, []string{dir}, "160", "-text"},
		{evaluation{out: t.TempDir(), texts: text, tMax: 0.5}, []string{dir}, "160", "-t-max is 0.5"},
		{evaluation{tMax: 2}, nil, "", "name the model"},
		{evaluation{out: t.TempDir(), texts: short}, []string{dir}, "160", "do not fit into the text"},
		{evaluation{out: t.TempDir(), texts: text, states: dir}, []string{dir}, "160", "-rounding"},
	} {
		c.e.plan.Windows, c.e.plan.Long = 1, 4096
		err := c.e.arguments(c.models, c.lengths)
		if err == nil {
			err = c.e.run(t.Context())
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %q", c.models, err, c.want)
		}
	}
}
