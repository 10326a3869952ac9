package main

import (
	"context"
	"encoding/csv"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/model/checkpoint"
	"clexlab/model/modeltest"
	"clexlab/model/tokenizer"
)

// folder writes the test model, whose window is 32 tokens, and returns it.
func folder(t *testing.T) (dir string, c *checkpoint.Checkpoint, tok *tokenizer.Tokenizer) {
	t.Helper()
	files, c, tok, err := modeltest.New()
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	if err := files.Folder(dir); err != nil {
		t.Fatal(err)
	}
	return dir, c, tok
}

// byHand is what the model writes after a prompt, driven call by call.
func byHand(t *testing.T, c *checkpoint.Checkpoint, tok *tokenizer.Tokenizer, scheme string, o clex.Options, rule clex.LengthRule, length int) string {
	t.Helper()
	m, err := model.New(c.Config, c.Weights)
	if err != nil {
		t.Fatal(err)
	}
	x := &model.Extension{Rule: rule}
	if x.Scheme, err = clex.New(scheme, c.Config.Rotary, o); err != nil {
		t.Fatal(err)
	}
	s, err := m.NewSequence(length)
	if err != nil {
		t.Fatal(err)
	}
	tokens := tok.Encode(nil, "the little fox")
	if _, err := x.Fit(t.Context(), s, len(tokens)); err != nil {
		t.Fatal(err)
	}
	if err := s.Prefill(t.Context(), tokens, nil); err != nil {
		t.Fatal(err)
	}
	for tk, err := range model.Generate(t.Context(), s, model.Options{Sampling: model.Sampling{Temperature: 0.9, TopP: 0.95, Seed: 7}, MaxTokens: length - len(tokens), Extension: x}) {
		if err != nil {
			t.Fatal(err)
		}
		tokens = append(tokens, tk.ID)
	}
	return string(tok.Decode(nil, tokens)) + "\n"
}

func TestWritesWhatTheModelWrites(t *testing.T) {
	dir, c, tok := folder(t)
	for _, test := range []struct {
		args   []string
		scheme string
		o      clex.Options
		rule   clex.LengthRule
	}{
		// The checkpoint was made for CLEX up to 16.
		{nil, "clex", clex.Options{Network: c.CLEX}, clex.LengthRule{}},
		{[]string{"-t", "2.5"}, "clex", clex.Options{Network: c.CLEX}, clex.AtT(2.5)},
		{[]string{"-method", "yarn"}, "yarn", clex.Options{}, clex.LengthRule{}},
		{[]string{"-method", "yarn", "-t", "auto"}, "yarn", clex.Options{}, clex.LengthRule{}},
		{[]string{"-method", "rope", "-t", "3"}, "rope", clex.Options{}, clex.AtT(3)},
	} {
		var out, notes strings.Builder
		args := append([]string{"-prompt", "the little fox", "-length", "80", "-seed", "7", "-temperature", "0.9"}, append(test.args, dir)...)
		if err := run(t.Context(), args, &out, &notes); err != nil {
			t.Fatalf("%q: %v", test.args, err)
		}
		if want := byHand(t, c, tok, test.scheme, test.o, test.rule, 80); out.String() != want {
			t.Errorf("%q writes %q, want %q", test.args, out.String(), want)
		}
		if !strings.Contains(notes.String(), test.scheme) || !strings.Contains(notes.String(), "token limit") {
			t.Errorf("%q says %q", test.args, notes.String())
		}
	}
}

func TestWritesLoss(t *testing.T) {
	dir, c, tok := folder(t)
	file := filepath.Join(t.TempDir(), "loss.csv")
	prompt := filepath.Join(t.TempDir(), "text")
	const text = "the old king sat in the wood by the sea. the little fox ran and ran and the old king sat. the old king sat in the wood by the sea."
	if err := os.WriteFile(prompt, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	var out, notes strings.Builder
	if err := run(t.Context(), []string{"-prompt", "@" + prompt, "-loss", file, dir}, &out, &notes); err != nil {
		t.Fatal(err)
	}
	if out.Len() != 0 {
		t.Errorf("wrote %q", out.String())
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	tokens := tok.Encode(nil, text)
	if len(rows) != len(tokens) || rows[0][3] != "loss_nats" {
		t.Fatalf("%d rows for %d tokens, head %q", len(rows), len(tokens), rows[0])
	}
	m, err := model.New(c.Config, c.Weights)
	if err != nil {
		t.Fatal(err)
	}
	s, err := m.NewSequence(len(tokens))
	if err != nil {
		t.Fatal(err)
	}
	scheme, rule, err := c.Scheme()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (&model.Extension{Scheme: scheme, Rule: rule}).Fit(t.Context(), s, len(tokens)); err != nil {
		t.Fatal(err)
	}
	// Token by token: the loss is minus the log-probability that the logits before gave it.
	for i, id := range tokens {
		if i > 0 {
			var sum float64
			logits := s.Logits()
			for _, l := range logits {
				sum += math.Exp(float64(l))
			}
			want := math.Log(sum) - float64(logits[id])
			got, err := strconv.ParseFloat(rows[i][3], 64)
			if err != nil || math.Abs(got-want) > 1e-3 || rows[i][0] != strconv.Itoa(i) || rows[i][1] != strconv.Itoa(int(id)) || rows[i][4] != "2" {
				t.Fatalf("row %q, want loss %v of token %d at %d, t = 2: %v", rows[i], want, id, i, err)
			}
		}
		if err := s.Decode(id); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRefusesWithWords(t *testing.T) {
	dir, _, _ := folder(t)
	broken := t.TempDir()
	if err := os.WriteFile(filepath.Join(broken, "config.json"), []byte(`{"model_type":"bloom"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	lonely, _, _ := folder(t)
	if err := os.Remove(filepath.Join(lonely, "tokenizer.json")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "0 models"},
		{[]string{dir, "-t", "2"}, "3 models"},
		{[]string{filepath.Join(dir, "nowhere")}, "config.json"},
		{[]string{broken}, "ALiBi"},
		{[]string{lonely}, "tokenizer.json"},
		{[]string{"-method", "magic", dir}, `"magic"`},
		{[]string{"-t", "0.5", dir}, `-t "0.5"`},
		{[]string{"-t", "seventeen", dir}, `-t "seventeen"`},
		{[]string{"-t", "17", dir}, "t = 17"},
		{[]string{"-length", "2", dir}, "already"},
		{[]string{"-length", "-2", dir}, "-length -2"},
		{[]string{"-prompt", "", dir}, "-prompt"},
		{[]string{"-prompt", "@" + filepath.Join(dir, "none"), dir}, "-prompt"},
		{[]string{"-top-p", "2", dir}, "TopP"},
		{[]string{"-loss", filepath.Join(dir, "no", "folder.csv"), dir}, "folder.csv"},
		{[]string{"-loss", "x.csv", "-prompt", "a", dir}, "nothing to predict"},
	} {
		var out, notes strings.Builder
		if err := run(t.Context(), c.args, &out, &notes); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.args, err, c.want)
		}
		if out.Len() > 0 {
			t.Errorf("%q wrote %q", c.args, out.String())
		}
	}
}

// Untrained CLEX goes as far as one asks; a cancelled run says so.
func TestFarAndCancelled(t *testing.T) {
	dir, c, _ := folder(t)
	c.CLEX, c.Scaling = nil, nil
	if err := checkpoint.Write(dir, c, checkpoint.F32); err != nil {
		t.Fatal(err)
	}
	var out, notes strings.Builder
	if err := run(t.Context(), []string{"-method", "clex", "-t", "64", "-prompt", "the", "-length", "20", dir}, &out, &notes); err != nil || !strings.Contains(notes.String(), "t = 64") {
		t.Errorf("%v, %q", err, notes.String())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(ctx, []string{dir}, &out, &notes); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestWritesGGUF(t *testing.T) {
	dir, _, _ := folder(t)
	file := filepath.Join(t.TempDir(), "model.gguf")
	var out, notes strings.Builder
	if err := run(t.Context(), []string{"-t", "4", "-gguf", file, "-type", "q8_0", dir}, &out, &notes); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil || !strings.HasPrefix(string(data), "GGUF") || !strings.Contains(notes.String(), "128 tokens") {
		t.Errorf("%d bytes, %v, %q", len(data), err, notes.String())
	}
	// It is read again: CLEX by its list, as its field is not in it.
	for _, method := range []string{"clex", "yarn"} {
		if err := run(t.Context(), []string{"-method", method, "-t", "4", "-gguf", file, "-type", "f32", dir}, &out, &notes); err != nil {
			t.Fatal(err)
		}
		var direct, through, plain strings.Builder
		written := []string{"-temperature", "0", "-length", "40", "-prompt", "the little fox"}
		for args, out := range map[string]*strings.Builder{"-method " + method + " -t 4 " + dir: &direct, "-method rope " + dir: &plain, file: &through} {
			if err := run(t.Context(), append(slices.Clone(written), strings.Fields(args)...), out, &notes); err != nil {
				t.Fatal(err)
			}
		}
		if direct.String() != through.String() || direct.Len() == 0 || direct.String() == plain.String() {
			t.Errorf("%s: from the folder %q, from the file %q, under plain RoPE %q", method, direct.String(), through.String(), plain.String())
		}
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{filepath.Join(dir, "none.gguf")}, "none.gguf"},
		{[]string{"-gguf", file, dir}, "name it with -t"},
		{[]string{"-gguf", file, "-t", "2", "-type", "q4", dir}, "q4"},
		{[]string{"-gguf", file, "-t", "2", "-method", "string", dir}, "moves positions"},
		{[]string{"-gguf", filepath.Join(dir, "no", "x"), "-t", "2", dir}, "no such file"},
	} {
		if err := run(t.Context(), c.args, &out, &notes); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.args, err, c.want)
		}
	}
	// What was refused leaves no file behind.
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Errorf("a refused file is there: %v", err)
	}
}

// TestInt8 writes what the model does whose weights were rounded after they were read.
func TestInt8(t *testing.T) {
	dir, c, tok := folder(t)
	c.Weights = model.Quantize(c.Weights)
	want := byHand(t, c, tok, "yarn", clex.Options{}, clex.AtT(2), 40)
	var out, notes strings.Builder
	args := []string{"-int8", "-method", "yarn", "-t", "2", "-length", "40", "-seed", "7", "-temperature", "0.9", "-prompt", "the little fox", dir}
	if err := run(t.Context(), args, &out, &notes); err != nil {
		t.Fatal(err)
	}
	if out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
}
