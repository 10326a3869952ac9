package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"clexlab/model/checkpoint"
)

// TestWritesHF: the folder holds a model that writes what its origin writes at that t, and nothing that
// only this program understands where a stock reader looks.
func TestWritesHF(t *testing.T) {
	dir, _, _ := folder(t)
	to := filepath.Join(t.TempDir(), "new")
	var out, notes strings.Builder
	if err := run(t.Context(), []string{"-method", "ntk", "-t", "4", "-hf", to, "-type", "f32", dir}, &out, &notes); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(notes.String(), "128 tokens") || out.Len() > 0 {
		t.Errorf("%q, %q", notes.String(), out.String())
	}
	var direct, through strings.Builder
	args := []string{"-temperature", "0", "-length", "40", "-prompt", "the little fox"}
	if err := run(t.Context(), append(args, "-method", "ntk", "-t", "4", dir), &direct, &notes); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), append(args, to), &through, &notes); err != nil {
		t.Fatal(err)
	}
	if direct.String() != through.String() || direct.Len() == 0 {
		t.Errorf("from the folder %q, from the new one %q", direct.String(), through.String())
	}
	// The field of CLEX is in the frequencies, and so not beside them.
	clexTo := filepath.Join(t.TempDir(), "clex")
	if err := run(t.Context(), []string{"-t", "4", "-hf", clexTo, dir}, &out, &notes); err != nil {
		t.Fatal(err)
	}
	c, err := checkpoint.Read(t.Context(), os.DirFS(clexTo), nil)
	if err != nil || c.CLEX != nil || c.Scaling.Type != "longrope" {
		t.Errorf("%+v, %v", c, err)
	}
	fresh := filepath.Join(t.TempDir(), "fresh")
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"-hf", fresh, dir}, "name it with -t"},
		{[]string{"-hf", fresh, "-t", "2", "-type", "q8_0", dir}, "q8_0"},
		{[]string{"-hf", fresh, "-gguf", fresh, "-t", "2", dir}, "one at a time"},
		{[]string{"-hf", fresh, "-t", "2", "-method", "string", dir}, "remaps"},
		{[]string{"-hf", dir, "-t", "2", dir}, "not empty"},
		{[]string{"-hf", filepath.Join(dir, "config.json"), "-t", "2", dir}, "config.json"},
	} {
		if err := run(t.Context(), c.args, &out, &notes); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.args, err, c.want)
		}
	}
	if _, err := os.Stat(fresh); !os.IsNotExist(err) {
		t.Errorf("a refused folder is there: %v", err)
	}
}

// TestWritesCLEX: the folder holds the network, which reads at any t as its origin does, and the Python for transformers.
func TestWritesCLEX(t *testing.T) {
	dir, origin, _ := folder(t)
	to := filepath.Join(t.TempDir(), "new")
	var out, notes strings.Builder
	if err := run(t.Context(), []string{"-clex", to, "-type", "f32", dir}, &out, &notes); err != nil {
		t.Fatal(err)
	}
	if out.Len() > 0 || !strings.Contains(notes.String(), "t up to 16") {
		t.Errorf("%q, %q", notes.String(), out.String())
	}
	c, err := checkpoint.Read(t.Context(), os.DirFS(to), nil)
	if err != nil || c.CLEX == nil || !slices.Equal(c.CLEX.Up, origin.CLEX.Up) || c.Scaling.Type != "clex" {
		t.Fatalf("%+v, %v", c, err)
	}
	card, err := os.ReadFile(filepath.Join(to, "README.md"))
	if err != nil || !strings.Contains(string(card), "ROPE_INIT_FUNCTIONS") {
		t.Errorf("%s, %v", card, err)
	}
	for _, at := range []string{"1", "3.5", "16", "auto"} {
		var direct, through strings.Builder
		args := []string{"-temperature", "0", "-length", "40", "-prompt", "the little fox", "-t", at}
		for from, out := range map[string]*strings.Builder{dir: &direct, to: &through} {
			if err := run(t.Context(), append(slices.Clone(args), from), out, &notes); err != nil {
				t.Fatal(err)
			}
		}
		if direct.String() != through.String() || direct.Len() == 0 {
			t.Errorf("t = %s: from the folder %q, from the new one %q", at, direct.String(), through.String())
		}
	}
	fresh := filepath.Join(t.TempDir(), "fresh")
	plain := filepath.Join(t.TempDir(), "plain")
	if err := run(t.Context(), []string{"-t", "2", "-hf", plain, dir}, &out, &notes); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"-clex", fresh, plain}, "no network"},
		{[]string{"-clex", fresh, "-t", "2", dir}, "every t"},
		{[]string{"-clex", fresh, "-method", "clex", dir}, "every t"},
		{[]string{"-clex", fresh, "-hf", fresh, dir}, "one at a time"},
		{[]string{"-clex", fresh, "-type", "q8_0", dir}, "q8_0"},
		{[]string{"-clex", dir, dir}, "not empty"},
	} {
		if err := run(t.Context(), c.args, &out, &notes); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.args, err, c.want)
		}
	}
	if _, err := os.Stat(fresh); !os.IsNotExist(err) {
		t.Errorf("a refused folder is there: %v", err)
	}
}

// TestHFOfGGUF: a .gguf file, whose tokenizer is inside, becomes a folder that writes the same.
func TestHFOfGGUF(t *testing.T) {
	dir, _, _ := folder(t)
	file, to := filepath.Join(t.TempDir(), "model.GGUF"), filepath.Join(t.TempDir(), "new")
	var out, notes, direct, through strings.Builder
	for _, args := range [][]string{{"-method", "yarn", "-t", "4", "-type", "f32", "-gguf", file, dir}, {"-t", "4", "-type", "f32", "-hf", to, file}} {
		if err := run(t.Context(), args, &out, &notes); err != nil {
			t.Fatal(err)
		}
	}
	for from, out := range map[string]*strings.Builder{dir: &direct, to: &through} {
		if err := run(t.Context(), []string{"-method", "yarn", "-t", "4", "-temperature", "0", "-length", "40", "-prompt", "the little fox", from}, out, &notes); err != nil {
			t.Fatal(err)
		}
	}
	if direct.String() != through.String() || direct.Len() == 0 {
		t.Errorf("from the folder %q, from the file's folder %q", direct.String(), through.String())
	}
}
