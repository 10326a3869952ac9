package tokenizer

import (
	"encoding/json/v2"
	"os"
	"slices"
	"strings"
	"testing"
)

// golden is what the reference library makes of our strings; its Source tells the provenance.
type golden struct {
	Source string   `json:"source"`
	Merges []string `json:"merges"`
	Cases  []struct {
		Text   string             `json:"text"`
		Splits map[string][]int   `json:"splits"`
		IDs    map[string][]int32 `json:"ids"`
	} `json:"cases"`
}

var goldenPatterns = map[string]pattern{
	"gpt2": patternGPT2, "digits": patternDigits, "llama3": patternLlama3, "qwen2": patternQwen2,
}

func readGolden(t testing.TB) (g golden, story string) {
	t.Helper()
	data, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &g); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("testdata/story.txt")
	if err != nil {
		t.Fatal(err)
	}
	return g, string(text)
}

func storyTokenizer(t testing.TB) *Tokenizer {
	_, story := readGolden(t)
	tok, err := Train(story, 500, "<|endoftext|>")
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func TestTrainGivesTheReferencesMerges(t *testing.T) {
	g, story := readGolden(t)
	tok, err := Train(story, 256+len(g.Merges))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range g.Merges {
		p := tok.merges[i]
		if got := tok.spell(p.left()) + " " + tok.spell(p.right()); got != want {
			t.Fatalf("merge %d is %q, the reference has %q", i, got, want)
		}
	}
}

func TestWordsAreCutAsTheReferenceDoes(t *testing.T) {
	g, _ := readGolden(t)
	for name, p := range goldenPatterns {
		for _, c := range g.Cases {
			var got []int
			for rest := c.Text; len(rest) > 0; {
				n := p.word(rest)
				got = append(got, n)
				rest = rest[n:]
			}
			if !slices.Equal(got, c.Splits[name]) {
				t.Errorf("%s: %q cut to %d, the reference to %d", name, c.Text, got, c.Splits[name])
			}
		}
	}
}

func TestEncodeGivesTheReferencesIDs(t *testing.T) {
	g, _ := readGolden(t)
	tok := *storyTokenizer(t)
	for name, p := range goldenPatterns {
		tok.pattern = p
		for _, c := range g.Cases {
			got := tok.Encode(nil, c.Text)
			if !slices.Equal(got, c.IDs[name]) {
				t.Errorf("%s: %q is %d, the reference has %d", name, c.Text, got, c.IDs[name])
			}
			if text := string(tok.Decode(nil, got)); text != c.Text {
				t.Errorf("%s: %q comes back as %q", name, c.Text, text)
			}
		}
		// Long enough for the cache of words, which must not change a thing.
		var whole []int32
		for _, c := range g.Cases {
			whole = append(whole, tok.Encode(nil, "<|endoftext|>"+c.Text)...)
		}
		var text strings.Builder
		for _, c := range g.Cases {
			text.WriteString("<|endoftext|>" + c.Text)
		}
		if got := tok.Encode(nil, text.String()); !slices.Equal(got, whole) {
			t.Errorf("%s: the texts encode differently together and one by one", name)
		}
	}
}
