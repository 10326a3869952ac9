package train

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
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

// Save writes the state into dir, keeping the one before as a fallback. The new
// file takes the old one's place only when it is whole.
//
// What a Computer holds is brought here first, see [Trainer.Store].
func (t *Trainer) Save(dir string) error {
	if err := t.Store(context.Background()); err != nil {
		return fmt.Errorf("train: save state: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("train: save state: %w", err)
	}
	h := stateHeader{Recipe: t.Recipe, Step: t.step, Weights: t.Parameters.Total, Field: len(t.Field.vector())}
	header, err := json.Marshal(h)
	if err != nil {
		return fmt.Errorf("train: save state: %w", err)
	}
	b := bytes.NewBuffer(make([]byte, 0, len(stateMagic)+8+len(header)+16*h.Weights+8*h.Field+sha256.Size))
	b.WriteString(stateMagic)
	binary.Write(b, binary.LittleEndian, uint64(len(header)))
	b.Write(header)
	for _, v := range t.vectors.all() {
		binary.Write(b, binary.LittleEndian, v)
	}
	binary.Write(b, binary.LittleEndian, t.Field.vector())
	sum := sha256.Sum256(b.Bytes())
	b.Write(sum[:])
	temporary := filepath.Join(dir, "writing.state")
	if err := os.WriteFile(temporary, b.Bytes(), 0o644); err != nil {
		return fmt.Errorf("train: save state: %w", err)
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
	bad := func(what string) error { return fmt.Errorf("train: state %s: %s", path, what) }
	if len(data) < len(stateMagic)+8+sha256.Size || string(data[:len(stateMagic)]) != stateMagic {
		return bad("not a state file")
	}
	body, sum := data[:len(data)-sha256.Size], data[len(data)-sha256.Size:]
	if got := sha256.Sum256(body); !bytes.Equal(got[:], sum) {
		return bad("damaged: the checksum does not match")
	}
	body = body[len(stateMagic):]
	size := binary.LittleEndian.Uint64(body)
	body = body[8:]
	if size > uint64(len(body)) {
		return bad("the header is longer than the file")
	}
	var h stateHeader
	if err := json.Unmarshal(body[:size], &h); err != nil {
		return bad("header: " + err.Error())
	}
	body = body[size:]
	if h.Weights != t.Parameters.Total || h.Field != len(t.Field.vector()) || len(body) != 4*len(t.vectors.all())*h.Weights+8*h.Field {
		return bad(fmt.Sprintf("holds %d weights and %d of a field, want %d and %d", h.Weights, h.Field, t.Parameters.Total, len(t.Field.vector())))
	}
	want, _ := json.Marshal(t.Recipe)
	if got, _ := json.Marshal(h.Recipe); !bytes.Equal(got, want) {
		return bad("was made by another recipe; remove it to start anew")
	}
	r := bytes.NewReader(body)
	for _, v := range t.vectors.all() {
		if err := binary.Read(r, binary.LittleEndian, v); err != nil {
			return bad(err.Error())
		}
	}
	field := make([]float64, h.Field)
	if err := binary.Read(r, binary.LittleEndian, field); err != nil {
		return bad(err.Error())
	}
	t.Field.setVector(field)
	t.step = h.Step
	return nil
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
