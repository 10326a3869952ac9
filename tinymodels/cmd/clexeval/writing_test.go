package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"clexlab/clex"
	"clexlab/model/train/evaluate"
)

// The measured part of a card is put before its limits, then in place of itself, and nothing else of the card changes.
func TestCard(t *testing.T) {
	root := t.TempDir()
	name := filepath.Join(root, "base", "README.md")
	if err := os.Mkdir(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	const before, after = "# small/base\n\nA transformer.\n", "\n## Limits\n\nIt is a toy.\n"
	if err := os.WriteFile(name, []byte(before+after), 0o644); err != nil {
		t.Fatal(err)
	}
	e := evaluation{}
	e.results.Writing = &evaluate.Writing{
		BitsPerByte: map[string]float64{"test": 1.2345}, Tokens: 256, Prompt: "Once", Begun: []string{"Once *upon"},
		Own:   evaluate.Wording{Texts: 40, Words: 7000, Known: 0.9876, Repeated: 0.0123, Distinct: 321.4},
		Books: map[string]evaluate.Wording{"test": {Texts: 40, Words: 7100, Known: 0.95, Distinct: 450}},
	}
	for range 2 {
		if err := e.card(root); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text := string(got)
		if !strings.HasPrefix(text, before) || !strings.HasSuffix(text, after) || strings.Count(text, cardHeading) != 1 {
			t.Errorf("the card is\n%s", text)
		}
		for _, want := range []string{"| its own texts |  | 7000 | 98.8 % | 1.2 % | 321 |", "| the novels of test/ | 1.234 | 7100 | 95.0 % | 0.0 % | 450 |", `1. Once \*upon …`} {
			if !strings.Contains(text, want) {
				t.Errorf("the card lacks %q:\n%s", want, text)
			}
		}
	}
	if got := withSection("a\n", "## B", "c"); got != "a\n\n## B\n\nc\n" {
		t.Errorf("a card without limits: %q", got)
	}
}

// What rows call CLEX before training is: a field that learnt nothing gives the frequencies of dynamic NTK that grows by 2.
func TestUntrainedCLEX(t *testing.T) {
	rotary := clex.Rotary{HeadDim: 48, Dims: 48, Base: 10000, Window: 256, Pairing: clex.HalfSplit}
	field, err := clex.New("clex", rotary, clex.Options{TMax: 64})
	if err != nil {
		t.Fatal(err)
	}
	dynamic, err := clex.New(untrainedCLEX, rotary, clex.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, times := range []int{1, 2, 4, 8, 16, 32, 64} {
		var a, b clex.Encoding
		if err := field.Encode(&a, float64(times), times*256); err != nil {
			t.Fatal(err)
		}
		if err := dynamic.Encode(&b, float64(times), times*256); err != nil {
			t.Fatal(err)
		}
		for i, f := range a.InvFreq {
			if g := b.InvFreq[i]; f/g < 1-1e-6 || f/g > 1+1e-6 {
				t.Errorf("t = %d, pair %d: CLEX untrained %v, dynamic NTK %v", times, i, f, g)
			}
		}
		if a.AttentionFactor != b.AttentionFactor {
			t.Errorf("t = %d: attention factors %v, %v", times, a.AttentionFactor, b.AttentionFactor)
		}
	}
}
