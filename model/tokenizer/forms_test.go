package tokenizer

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// forms are small files of our own in many of the shapes that tokenizer.json has, with what the reference
// library makes of a few dozen strings. testdata/forms.mjs writes them.
type forms struct {
	Source string `json:"source"`
	Forms  []struct {
		Name  string         `json:"name"`
		File  jsontext.Value `json:"file"`
		Cases []struct {
			Text    string  `json:"text"`
			IDs     []int32 `json:"ids"`
			Decoded string  `json:"decoded"`
		} `json:"cases"`
	} `json:"forms"`
}

func readForms(t testing.TB) (f forms) {
	t.Helper()
	data, err := os.ReadFile("testdata/forms.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestFormsAsTheReferenceHasThem(t *testing.T) {
	for _, form := range readForms(t).Forms {
		t.Run(form.Name, func(t *testing.T) {
			tok, err := Parse(form.File)
			if err != nil {
				t.Fatal(err)
			}
			again := reparse(t, tok)
			for _, c := range form.Cases {
				if got := tok.Encode(nil, c.Text); !slices.Equal(got, c.IDs) {
					t.Errorf("%q is %d, the reference has %d", c.Text, got, c.IDs)
				}
				if got := again.Encode(nil, c.Text); !slices.Equal(got, c.IDs) {
					t.Errorf("%q is %d after writing and reading", c.Text, got)
				}
				text := string(tok.Decode(nil, c.IDs))
				// What is not UTF-8 the reference replaces.
				if utf8.ValidString(text) && text != c.Decoded {
					t.Errorf("%d decodes to %q, in the reference to %q", c.IDs, text, c.Decoded)
				}
				var b strings.Builder
				stream := tok.Stream()
				for _, id := range c.IDs {
					b.WriteString(stream.Decode(id))
				}
				b.WriteString(stream.Flush())
				if b.String() != text {
					t.Errorf("%d streams as %q, whole it is %q", c.IDs, b.String(), text)
				}
			}
		})
	}
}

// Ids may have gaps; what nothing is written for stays nothing.
func TestSparseIDs(t *testing.T) {
	tok, err := Parse(edited(t, `{"id": 8, "content": "<end>"`, `{"id": 300, "content": "<end>"`))
	if err != nil {
		t.Fatal(err)
	}
	if tok.Size() != 301 || tok.Token(8) != nil || string(tok.Token(300)) != "<end>" || !tok.Special(300) || tok.Special(299) {
		t.Errorf("size %d, token 8 %q, token 300 %q", tok.Size(), tok.Token(8), tok.Token(300))
	}
	if got := tok.Encode(nil, "ab<end>"); !slices.Equal(got, []int32{6, 300}) {
		t.Errorf("encoded to %d", got)
	}
	if got := string(tok.Decode(nil, []int32{6, 200, 300})); got != "ab<end>" {
		t.Errorf("decoded to %q", got)
	}
	reparse(t, tok)
}

// A SentencePiece vocabulary of another kind is named for what it is, whatever else its file has.
func TestOtherModelsAreNamed(t *testing.T) {
	for file, want := range map[string]string{
		`{"version":"1.0","model":{"type":"Unigram","unk_id":0,"vocab":[["<unk>",0.0]]},"decoder":{"type":"Metaspace"}}`: `model.type "Unigram"`,
		`{"version":"1.0","model":{"type":"WordPiece","max_input_chars_per_word":100,"vocab":{}}}`:                       `model.type "WordPiece"`,
		`{"version":"1.0","model":[]}`: "model: missing",
	} {
		if _, err := Parse([]byte(file)); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "Go") {
			t.Errorf("%s: %v", file, err)
		}
	}
}
