package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"clexlab/model/tokenizer"
)

// OpenPath is [Loader.Open] of what lies at a path of the file system, see [FilesAt]. Errors name the path.
func (l Loader) OpenPath(ctx context.Context, path string) (*Checkpoint, *tokenizer.Tokenizer, error) {
	c, tok, err := l.Open(ctx, FilesAt(path))
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, tok, nil
}

// FilesAt is the folder of the model at a path: a folder in Hugging Face's layout, whose tokenizer may lie in the one above it, or a
// .gguf file, as if nothing else lay beside it.
func FilesAt(path string) fs.FS {
	if strings.EqualFold(filepath.Ext(path), ".gguf") {
		return oneFile(path)
	}
	return modelFolder{os.DirFS(path), path}
}

// modelFolder is a model's folder, whose tokenizer may lie in the one above it.
type modelFolder struct {
	fs.FS
	path string
}

func (f modelFolder) Open(name string) (fs.File, error) {
	file, err := f.FS.Open(name)
	if name == TokenizerFile && errors.Is(err, fs.ErrNotExist) {
		if above, ok := os.Open(filepath.Join(f.path, "..", name)); ok == nil {
			return above, nil
		}
	}
	return file, err
}

// oneFile is the folder that a file lies in, as if nothing else did.
type oneFile string

func (f oneFile) Open(name string) (fs.File, error) {
	if name != filepath.Base(string(f)) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return os.Open(string(f))
}

func (f oneFile) ReadDir(string) ([]fs.DirEntry, error) {
	info, err := os.Stat(string(f))
	if err != nil {
		return nil, err
	}
	return []fs.DirEntry{fs.FileInfoToDirEntry(info)}, nil
}
