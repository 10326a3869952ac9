// Package corpus reads the training and validation books and turns them into the
// tokens of a model's vocabulary, which it learns from the training books alone.
package corpus

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"clexlab/model/recall"
	"clexlab/model/tokenizer"
	"clexlab/model/train"
)

// EndOfText separates documents and is token 0.
const EndOfText = "<|endoftext|>"

// Corpus is a folder with train/ and valid/, one plain-text book a file.
type Corpus struct{ Dir string }

// Books reads the books of part ("train" or "valid") in order of file name.
func (c Corpus) Books(part string) ([]string, error) {
	names, err := filepath.Glob(filepath.Join(c.Dir, part, "*.txt"))
	if err != nil {
		return nil, fmt.Errorf("corpus: %w", err)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("corpus: no books (*.txt) in %s; name the corpus folder with -corpus", filepath.Join(c.Dir, part))
	}
	slices.Sort(names)
	books := make([]string, len(names))
	for i, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("corpus: %w", err)
		}
		books[i] = string(data)
	}
	return books, nil
}

// Tokenizer reads path, or learns a vocabulary of size tokens from the training
// books and writes it there. The recall task's sentences count as text, often
// enough that its names become single tokens.
func (c Corpus) Tokenizer(path string, size int) (*tokenizer.Tokenizer, error) {
	data, err := os.ReadFile(path)
	if err == nil {
		t, err := tokenizer.Parse(data)
		if err != nil {
			return nil, fmt.Errorf("corpus: %s: %w", path, err)
		}
		if t.Size() != size {
			return nil, fmt.Errorf("corpus: %s has %d tokens, the recipe wants %d; remove the file to learn it anew", path, t.Size(), size)
		}
		return t, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("corpus: %w", err)
	}
	books, err := c.Books("train")
	if err != nil {
		return nil, err
	}
	const repeats = 2000
	words := " " + strings.Join(recall.Keys, " ") + " " + strings.Join(recall.Values, " ") + "\n"
	books = append(books, strings.Repeat(words, repeats))
	t, err := tokenizer.Train(strings.Join(books, EndOfText), size, EndOfText)
	if err != nil {
		return nil, err
	}
	if data, err = t.MarshalJSON(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("corpus: %w", err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		return nil, fmt.Errorf("corpus: %w", err)
	}
	return t, nil
}

// Text tokenises the books of part for rows of window tokens.
func (c Corpus) Text(part string, t *tokenizer.Tokenizer, window int) (*train.Text, error) {
	books, err := c.Books(part)
	if err != nil {
		return nil, err
	}
	documents := make([][]int32, len(books))
	for i, b := range books {
		documents[i] = t.Encode(nil, b)
	}
	task, err := recall.NewTask(t.Encode)
	if err != nil {
		return nil, err
	}
	return train.NewText(documents, SentenceEnds(t), digits(t), task, window)
}

// SentenceEnds marks the tokens whose text can close a sentence.
func SentenceEnds(t *tokenizer.Tokenizer) []bool {
	ends := make([]bool, t.Size())
	for id := range ends {
		text := strings.TrimRight(string(t.Token(int32(id))), "\"')\n")
		ends[id] = text != "" && strings.ContainsRune(".!?", rune(text[len(text)-1]))
	}
	return ends
}

// digits marks the tokens that hold a digit.
func digits(t *tokenizer.Tokenizer) []bool {
	holds := make([]bool, t.Size())
	for id := range holds {
		holds[id] = strings.ContainsAny(string(t.Token(int32(id))), "0123456789")
	}
	return holds
}
