package train

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// A saved state is the recipe, the step and every vector that training changes.
// Everything random follows from the seed and the step, so nothing else is kept.
// On disk: magic, length of the header, header (JSON), vectors (little-endian
// float32: weights, both moments, the average if there is one; then the field's float64), SHA-256 of all before it.
const stateMagic = "clexlab-train-2\n"

const (
	latestState   = "latest.state"
	previousState = "previous.state"
)

type stateHeader struct {
	Recipe  *Recipe `json:"recipe"`
	Step    int     `json:"step"`
	Weights int     `json:"weights"`
	Field   int     `json:"field"`
}

// WriteState writes the state of the run. What a Computer holds is brought here first, see [Trainer.Store].
func (t *Trainer) WriteState(w io.Writer) error {
	if err := t.Store(context.Background()); err != nil {
		return fmt.Errorf("train: save state: %w", err)
	}
	h := stateHeader{Recipe: t.Recipe, Step: t.step, Weights: t.Parameters.Total, Field: len(t.Field.vector())}
	header, err := json.Marshal(h)
	if err != nil {
		return fmt.Errorf("train: save state: %w", err)
	}
	sum := sha256.New()
	b := bufio.NewWriterSize(io.MultiWriter(w, sum), 1<<20)
	b.WriteString(stateMagic)
	binary.Write(b, binary.LittleEndian, uint64(len(header)))
	b.Write(header)
	for _, v := range t.vectors.all() {
		for len(v) > 0 { // binary.Write makes a copy of what it is given
			n := min(len(v), 1<<18)
			binary.Write(b, binary.LittleEndian, v[:n])
			v = v[n:]
		}
	}
	binary.Write(b, binary.LittleEndian, t.Field.vector())
	if err := b.Flush(); err != nil {
		return fmt.Errorf("train: save state: %w", err)
	}
	if _, err := w.Write(sum.Sum(nil)); err != nil {
		return fmt.Errorf("train: save state: %w", err)
	}
	return nil
}

// Save writes the state into dir, keeping the one before as a fallback. The new
// file takes the old one's place only when it is whole.
func (t *Trainer) Save(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("train: save state: %w", err)
	}
	temporary := filepath.Join(dir, "writing.state")
	f, err := os.Create(temporary)
	if err != nil {
		return fmt.Errorf("train: save state: %w", err)
	}
	if err := cmp.Or(t.WriteState(f), f.Close()); err != nil {
		return err
	}
	latest := filepath.Join(dir, latestState)
	if err := os.Rename(latest, filepath.Join(dir, previousState)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("train: save state: %w", err)
	}
	if err := os.Rename(temporary, latest); err != nil {
		return fmt.Errorf("train: save state: %w", err)
	}
	return nil
}

// Resume restores the newest whole state in dir. It returns a warning when the
// latest was damaged and the one before was taken, and fs.ErrNotExist when dir
// holds no state.
func (t *Trainer) Resume(dir string) (warning error, err error) {
	latest := t.load(filepath.Join(dir, latestState))
	if latest == nil {
		return nil, nil
	}
	if errors.Is(latest, fs.ErrNotExist) {
		if err := t.load(filepath.Join(dir, previousState)); err != nil {
			return nil, err
		}
		return nil, nil
	}
	if err := t.load(filepath.Join(dir, previousState)); err != nil {
		return nil, errors.Join(latest, err)
	}
	return fmt.Errorf("%w; went back to the state before, step %d", latest, t.step), nil
}

func (t *Trainer) load(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("train: %w", err)
	}
	r, err := StateRecipe(data)
	if err == nil && !sameJSON(t.Recipe, r) {
		err = errOtherRecipe
	}
	if err == nil {
		err = t.ReadState(data)
	}
	if err != nil {
		return fmt.Errorf("train: state %s: %w", path, err)
	}
	return nil
}

var errOtherRecipe = errors.New("was made by another recipe; remove it to start anew")

// StateRecipe is the recipe of the run whose state data holds, so that a trainer can be made to go on with it.
func StateRecipe(data []byte) (*Recipe, error) {
	h, _, err := openState(data)
	if err != nil {
		return nil, err
	}
	if h.Recipe == nil {
		return nil, errors.New("header: there is no recipe")
	}
	text, err := json.Marshal(h.Recipe)
	if err != nil {
		return nil, err
	}
	return ParseRecipe(text)
}

// openState checks a state and takes its header off.
func openState(data []byte) (h stateHeader, vectors []byte, err error) {
	if len(data) < len(stateMagic)+8+sha256.Size || string(data[:len(stateMagic)]) != stateMagic {
		return h, nil, errors.New("not a state file")
	}
	body, sum := data[:len(data)-sha256.Size], data[len(data)-sha256.Size:]
	if got := sha256.Sum256(body); !bytes.Equal(got[:], sum) {
		return h, nil, errors.New("damaged: the checksum does not match")
	}
	body = body[len(stateMagic):]
	size := binary.LittleEndian.Uint64(body)
	body = body[8:]
	if size > uint64(len(body)) {
		return h, nil, errors.New("the header is longer than the file")
	}
	if err := json.Unmarshal(body[:size], &h); err != nil {
		return h, nil, fmt.Errorf("header: %w", err)
	}
	return h, body[size:], nil
}

// ReadState goes back, or on, to a state of this run: one of the same recipe, rates aside, which are those of the state then. A
// Computer is given up: the next step begins with the vectors as they stand, see [Trainer.Compute].
func (t *Trainer) ReadState(data []byte) error {
	h, body, err := openState(data)
	if err != nil {
		return err
	}
	if h.Weights != t.Parameters.Total || h.Field != len(t.Field.vector()) || len(body) != 4*len(t.vectors.all())*h.Weights+8*h.Field {
		return fmt.Errorf("holds %d weights and %d of a field, want %d and %d", h.Weights, h.Field, t.Parameters.Total, len(t.Field.vector()))
	}
	if h.Recipe == nil || !sameRun(t.Recipe, h.Recipe) {
		return errOtherRecipe
	}
	r := bytes.NewReader(body)
	for _, v := range t.vectors.all() {
		if err := binary.Read(r, binary.LittleEndian, v); err != nil {
			return err
		}
	}
	field := make([]float64, h.Field)
	if err := binary.Read(r, binary.LittleEndian, field); err != nil {
		return err
	}
	t.Field.setVector(field)
	t.step, t.behind = h.Step, false
	t.Recipe.LearningRate, t.Recipe.FieldRate = h.Recipe.LearningRate, h.Recipe.FieldRate
	if _, here := t.computer.(*cores); !here {
		t.computer = nil // cores work on the vectors themselves
	}
	return nil
}

// sameRun tells whether two recipes are one but for the rates that may change on the way.
func sameRun(a, b *Recipe) bool {
	x, y := *a, *b
	x.LearningRate, x.FieldRate = y.LearningRate, y.FieldRate
	return sameJSON(&x, &y)
}

func sameJSON(a, b *Recipe) bool {
	p, _ := json.Marshal(a)
	q, _ := json.Marshal(b)
	return bytes.Equal(p, q)
}

// ReadParameters reads the weights that a run of recipe r leaves behind (not merged) and the step from
// its newest whole state in dir.
func ReadParameters(dir string, r *Recipe) (*Parameters, int, error) {
	p, err := NewParameters(r.Model.Config(), r.Seed)
	if err != nil {
		return nil, 0, err
	}
	t := &Trainer{Recipe: r, Parameters: p, vectors: newVectors(p, r.Average != nil)}
	if r.Scheme.Name == "clex" {
		if t.Field, err = newField(p.Config.Rotary, r); err != nil {
			return nil, 0, err
		}
	}
	if _, err := t.Resume(dir); err != nil {
		return nil, 0, err
	}
	return t.averaged(), t.step, nil
}
