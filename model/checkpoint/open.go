package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"clexlab/model/tokenizer"
)

// TokenizerFile is the file beside config.json that holds the tokenizer.
const TokenizerFile = "tokenizer.json"

// maxTokenizer is the most bytes of a tokenizer.json that are read: the largest published ones have a tenth of it.
const maxTokenizer = 256 << 20

// Open reads a model and its tokenizer from the top of fsys, in whichever of the two forms they lie there: one .gguf
// file, or config.json with its weights (as [Loader.Read] takes them) and tokenizer.json. Other files are passed by.
func (l Loader) Open(ctx context.Context, fsys fs.FS) (*Checkpoint, *tokenizer.Tokenizer, error) {
	name, err := ggufIn(fsys)
	if err != nil {
		return nil, nil, err
	}
	if name == "" {
		// First, for it is the smaller.
		tok, err := readWords(fsys)
		if err != nil {
			return nil, nil, err
		}
		c, err := l.Read(ctx, fsys)
		if err != nil {
			return nil, nil, err
		}
		return c, tok, belong(c, tok)
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, nil, fmt.Errorf("checkpoint: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, nil, fmt.Errorf("checkpoint: %w", err)
	}
	c, tok, err := l.ReadGGUF(ctx, f, info.Size())
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	return c, tok, belong(c, tok)
}

// ggufIn names the one .gguf file at the top of fsys, "" where config.json is there or no such file.
func ggufIn(fsys fs.FS) (string, error) {
	if _, err := fs.Stat(fsys, ConfigFile); err == nil {
		return "", nil
	}
	all, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return "", fmt.Errorf("checkpoint: neither %s nor a .gguf file: %w", ConfigFile, err)
	}
	found := ""
	for _, f := range all {
		if f.IsDir() || !strings.EqualFold(path.Ext(f.Name()), ".gguf") {
			continue
		}
		if found != "" {
			return "", fmt.Errorf("checkpoint: %s and %s: one model at a time", found, f.Name())
		}
		found = f.Name()
	}
	if found == "" {
		return "", fmt.Errorf("checkpoint: neither %s nor a .gguf file is there", ConfigFile)
	}
	return found, nil
}

// readWords reads the tokenizer of a folder whose config.json is one that can be read: what is wrong with
// that one is the better reason.
func readWords(fsys fs.FS) (*tokenizer.Tokenizer, error) {
	config, err := readSmall(fsys, ConfigFile, maxConfig)
	if err != nil {
		return nil, err
	}
	if _, err := parseConfig(config); err != nil {
		return nil, fmt.Errorf("checkpoint: %s: %w", ConfigFile, err)
	}
	return readTokenizer(fsys)
}

func readTokenizer(fsys fs.FS) (*tokenizer.Tokenizer, error) {
	text, err := readSmall(fsys, TokenizerFile, maxTokenizer)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("checkpoint: %s is not there: without it no text can be read: %w", TokenizerFile, fs.ErrNotExist)
	}
	if err != nil {
		return nil, err
	}
	tok, err := tokenizer.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %s: %w", TokenizerFile, err)
	}
	return tok, nil
}

// belong refuses a tokenizer that has ids beyond the model's.
func belong(c *Checkpoint, tok *tokenizer.Tokenizer) error {
	if tok.Size() > c.Config.Vocab {
		return fmt.Errorf("checkpoint: the tokenizer has ids up to %d, the model has %d: they do not belong together", tok.Size()-1, c.Config.Vocab)
	}
	return nil
}
