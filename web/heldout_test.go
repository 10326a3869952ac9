//go:build !js

package main

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"clexlab/assets"
	"clexlab/assets/static"
	"clexlab/model/tokenizer"
	"clexlab/tinymodels"
	"clexlab/tinymodels/corpus"
)

// served is a text that the page brings.
func served(t *testing.T, address string) string {
	t.Helper()
	data, err := fs.ReadFile(static.FS, strings.TrimPrefix(address, "/web/"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// The book that figures are measured on is as long as the longest text of every model that ships, by its own tokens: 16,384 of them.
func TestBookIsLongEnough(t *testing.T) {
	book := served(t, assets.Book.Address)
	models, err := fs.Glob(tinymodels.Files, "*/tokenizer.json")
	if err != nil || len(models) == 0 {
		t.Fatalf("tokenizers %q, %v", models, err)
	}
	for _, name := range models {
		data, err := tinymodels.Files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		tok, err := tokenizer.Parse(data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		n := len(tok.Encode(nil, book))
		t.Logf("%s: %d tokens", name, n)
		if n < 16384 {
			t.Errorf("by %s %s has %d tokens, want 16,384", name, assets.Book.Title, n)
		}
	}
}

// rowWords is how many words in a row are a text's own: that many are found in two books only where one quotes the other.
const rowWords = 12

// words are those of a text, without case and marks.
func words(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// runs are all rows of so many words of a text.
func runs(text string) map[string]bool {
	out := map[string]bool{}
	w := words(text)
	for i := range max(0, len(w)-rowWords+1) {
		out[strings.Join(w[i:i+rowWords], " ")] = true
	}
	return out
}

// shared counts the rows of words that a book has of a text's.
func shared(of map[string]bool, book string) (n int) {
	// Few words begin a row of the text.
	first := map[string]bool{}
	for row := range of {
		head, _, _ := strings.Cut(row, " ")
		first[head] = true
	}
	w := words(book)
	for i := range max(0, len(w)-rowWords+1) {
		if first[w[i]] && of[strings.Join(w[i:i+rowWords], " ")] {
			n++
		}
	}
	return n
}

// TestBookIsHeldOut: neither the books of any recipe nor those that models were chosen on hold a row of twelve words of the book that
// figures are measured on, and no list of sources names it but among the test novels, on which no recipe trains. The same search finds
// the book among those, and in the recipes' books the text that is said to be a part of them.
func TestBookIsHeldOut(t *testing.T) {
	dirs := strings.Split(corpus.Default, ",")
	for i, dir := range dirs {
		dirs[i] = filepath.Join("..", dir) // they are given from the repository's root
	}
	for _, dir := range dirs {
		if _, err := os.Stat(dir); err != nil {
			t.Skipf("the books that the models were trained on are not here: %v", err)
		}
	}
	recipes, err := fs.Glob(tinymodels.Recipes, "recipes/*/*.json")
	if err != nil || len(recipes) == 0 {
		t.Fatalf("recipes %q, %v", recipes, err)
	}
	var parts []string
	for _, name := range recipes {
		data, err := tinymodels.Recipes.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var recipe struct {
			Corpus []string `json:"corpus"`
		}
		if err := json.Unmarshal(data, &recipe); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		parts = append(parts, recipe.Corpus...)
	}
	slices.Sort(parts)
	trained := slices.Compact(parts)
	if len(trained) == 0 {
		t.Fatal("no recipe names what it is trained on")
	}
	book, lesson := runs(served(t, assets.Book.Address)), runs(served(t, assets.Lesson.Address))
	if len(book) < 10000 {
		t.Fatalf("the book has %d rows of words", len(book))
	}
	known, tested := 0, 0
	for _, part := range slices.Compact(slices.Concat(trained, []string{"valid", "test"})) {
		books, err := corpus.New(strings.Join(dirs, ",")).Books(part)
		if err != nil {
			t.Fatal(err)
		}
		size, n := 0, 0
		for _, text := range books {
			size += len(text)
			n += shared(book, text)
			if slices.Contains(trained, part) {
				known += shared(lesson, text)
			}
		}
		t.Logf("%s: %d books, %.1f MB, %d rows of the book's", part, len(books), float64(size)/1e6, n)
		if part == "test" {
			tested = n
		} else if n > 0 {
			t.Errorf("%d rows of %d words of %s are in the books of %s/", n, rowWords, assets.Book.Title, part)
		}
	}
	if slices.Contains(trained, "test") {
		t.Error("a recipe trains on test/")
	}
	if tested < len(book)*9/10 {
		t.Errorf("of %s, which is in test/, %d rows of words of %d are found: the search finds nothing", assets.Book.Title, tested, len(book))
	}
	if known < len(lesson)*9/10 {
		t.Errorf("of %s, which is a part of what models were trained on, %d rows of words of %d are found: the search finds nothing", assets.Lesson.Title, known, len(lesson))
	}
	lists := []string{"../tinymodels/credits/african-storybook.tsv", "../tinymodels/credits/pratham-books.tsv"}
	for _, dir := range dirs {
		lists = append(lists, filepath.Join(dir, "SOURCES.md"))
	}
	title := strings.Join(words(assets.Book.Title), " ")
	for _, name := range lists {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(string(data), "\n") {
			if w := strings.Join(words(line), " "); strings.Contains(w, title) && !strings.HasPrefix(w, "test ") {
				t.Errorf("%s lists %s: %s", name, assets.Book.Title, line)
			}
		}
	}
}
