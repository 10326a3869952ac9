// Package corpus reads the training and validation books and turns them into the
// tokens of a model's vocabulary, which it learns from the training books alone.
package corpus

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
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

// Corpus is a list of folders with parts in them (train/, valid/, tales/ …), each a folder of
// plain-text books, one a file, gzipped or not.
type Corpus struct {
	Dirs []string
	// texts are those that Text made, so that runs of one process share them.
	texts map[string]*train.Text
}

// Default are the folders that recipes and evaluations read unless they are told others.
const Default = "../shared/corpus,../shared/corpus2"

// New takes folders as a flag lists them, with commas.
func New(dirs string) Corpus {
	return Corpus{Dirs: strings.Split(dirs, ","), texts: map[string]*train.Text{}}
}

// Books reads the books of the parts, in the order of parts, folders and file names.
func (c Corpus) Books(parts ...string) ([]string, error) {
	var books []string
	for _, part := range parts {
		before := len(books)
		for _, dir := range c.Dirs {
			names, err := filepath.Glob(filepath.Join(dir, part, "*.txt*"))
			if err != nil {
				return nil, fmt.Errorf("corpus: %w", err)
			}
			slices.Sort(names)
			for _, name := range names {
				text, err := read(name)
				if err != nil {
					return nil, fmt.Errorf("corpus: %w", err)
				}
				books = append(books, text)
			}
		}
		if len(books) == before {
			return nil, fmt.Errorf("corpus: no books (*.txt, *.txt.gz) in a folder %q of %s; name the corpus folders with -corpus", part, strings.Join(c.Dirs, ", "))
		}
	}
	return books, nil
}

// read reads a book; only .txt and .txt.gz are books.
func read(name string) (string, error) {
	data, err := os.ReadFile(name)
	if err != nil || !strings.HasSuffix(name, ".gz") {
		return string(data), err
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	if data, err = io.ReadAll(z); err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	return string(data), nil
}

// Tokenizer reads path, or learns a vocabulary of size tokens from the books of parts
// and writes it there. The recall task's sentences count as text, often
// enough that its names become single tokens.
func (c Corpus) Tokenizer(path string, size int, parts ...string) (*tokenizer.Tokenizer, error) {
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
	books, err := c.Books(parts...)
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

// Text tokenises the books of parts for rows of window tokens.
func (c Corpus) Text(t *tokenizer.Tokenizer, window int, parts ...string) (*train.Text, error) {
	key := fmt.Sprint(window, parts)
	if text := c.texts[key]; text != nil {
		return text, nil
	}
	books, err := c.Books(parts...)
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
	text, err := train.NewText(documents, SentenceEnds(t), digits(t), task, window)
	if err == nil && c.texts != nil {
		c.texts[key] = text
	}
	return text, err
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
