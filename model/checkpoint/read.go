package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"slices"

	"clexlab/clex"
	"clexlab/model"
)

// maxConfig is the most bytes of a config.json that are read.
const maxConfig = 1 << 20

// chunkSize is how much of a file is read between two looks at the context.
const chunkSize = 256 << 10

// Read reads the checkpoint in fsys: config.json, and model.safetensors or the
// shards that model.safetensors.index.json lists. progress, if not nil, is called
// with the bytes of weights read so far and in all; it must be quick. A cancelled
// context ends the read with its error.
func Read(ctx context.Context, fsys fs.FS, progress func(done, total int64)) (*Checkpoint, error) {
	return Loader{Progress: progress}.Read(ctx, fsys)
}

// Read is [Read].
func (l Loader) Read(ctx context.Context, fsys fs.FS) (*Checkpoint, error) {
	text, err := readSmall(fsys, ConfigFile, maxConfig)
	if err != nil {
		return nil, err
	}
	r, err := newReader(ctx, text, l)
	if err != nil {
		return nil, err
	}
	if err := r.readGeneration(fsys); err != nil {
		return nil, err
	}
	files, err := r.openWeights(fsys)
	defer files.close()
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if err := r.shard(f.name, f.File, f.size); err != nil {
			return nil, err
		}
	}
	return r.finish()
}

// weightFiles are the open files of a checkpoint's weights.
type weightFiles []weightFile

type weightFile struct {
	fs.File
	name string
	size int64
}

func (files weightFiles) close() {
	for _, f := range files {
		f.Close()
	}
}

// openWeights opens model.safetensors, or the shards of the index, and counts their bytes. What
// it returns is to be closed, with an error as well.
func (r *reader) openWeights(fsys fs.FS) (files weightFiles, err error) {
	names := []string{WeightsFile}
	if _, err := fs.Stat(fsys, WeightsFile); errors.Is(err, fs.ErrNotExist) {
		if names, err = r.readIndex(fsys); err != nil {
			return nil, err
		}
	}
	for _, name := range names {
		f, err := fsys.Open(name)
		if err != nil {
			return files, fmt.Errorf("checkpoint: %w", err)
		}
		files = append(files, weightFile{File: f, name: name})
		info, err := f.Stat()
		if err != nil {
			return files, fmt.Errorf("checkpoint: %w", err)
		}
		files[len(files)-1].size = info.Size()
		r.total += info.Size()
	}
	return files, nil
}

// ReadParts reads a checkpoint from the contents of its config.json and of its
// safetensors file or, in any order, shards.
func ReadParts(config []byte, shards ...[]byte) (*Checkpoint, error) {
	return Loader{}.ReadParts(config, shards...)
}

func readSmall(fsys fs.FS, name string, limit int64) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	if int64(len(text)) > limit {
		return nil, fmt.Errorf("checkpoint: %s: more than %d bytes", name, limit)
	}
	return text, nil
}

// reader is a checkpoint on its way in.
type reader struct {
	Loader
	ctx         context.Context
	done, total int64
	buf         []byte
	row         []float32 // of a matrix that is rounded
	memory      int64     // that the weights of all headers so far take
	limit       int64     // of memory: a size is only a claim until the data comes

	settings *settings
	weights  *model.Weights
	up, down model.Matrix // of the CLEX network
	head     model.Matrix // of a tied model whose file has a head all the same
	slots    map[string]*slot
	order    []string          // of slots, for errors that do not depend on a map
	seen     map[string]string // the file of each tensor, by its canonical name
	there    map[string]bool   // names as the files have them
	files    map[string]string // the file of each tensor as the index has it, nil without index
	metadata map[string]string
}

// source is the file to name when a tensor is nowhere: the one that should have it.
func (r *reader) source(tensor string) string {
	if r.files == nil {
		return WeightsFile
	}
	if file, ok := r.files[tensor]; ok {
		return file
	}
	return IndexFile
}

func newReader(ctx context.Context, config []byte, l Loader) (*reader, error) {
	s, err := parseConfig(config)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %s: %w", ConfigFile, err)
	}
	r := &reader{
		Loader: l, ctx: ctx, settings: s, limit: maxMemory,
		weights: &model.Weights{Layers: make([]model.Layer, s.config.Layers)},
		slots:   map[string]*slot{}, seen: map[string]string{}, there: map[string]bool{}, metadata: map[string]string{},
	}
	slots := layoutOf(&s.config, s.biases, r.weights)
	if s.scaling != nil && s.scaling.Type == "clex" {
		dims := s.config.Rotary.Dims
		hidden := s.scaling.ParamFactor * float64(dims)
		if hidden < 1 || hidden > maxExtent {
			return nil, fmt.Errorf("checkpoint: %s: rope_scaling.param_factor: %v: %v·%d is no width of a network", ConfigFile, s.scaling.ParamFactor, s.scaling.ParamFactor, dims)
		}
		slots = append(slots, networkSlots(&s.config, s.biases, int(math.Round(hidden)), &r.up, &r.down)...)
	}
	if s.config.TiedHead {
		// Programs that save the head beside the embedding it shares are many, and so are heads
		// that were tuned and no longer share it.
		slots = append(slots, headSlot(&s.config, s.biases, &r.head))
	}
	for i := range slots {
		r.slots[slots[i].name] = &slots[i]
		r.order = append(r.order, slots[i].name)
	}
	return r, nil
}

// shard reads one safetensors file of the given size.
func (r *reader) shard(name string, src io.Reader, size int64) error {
	h, err := readHeader(src, size)
	if err != nil {
		return fmt.Errorf("checkpoint: %s: %w", name, err)
	}
	if err := r.advance(h.size); err != nil {
		return fmt.Errorf("checkpoint: %s: %w", name, err)
	}
	for key, value := range h.metadata {
		r.metadata[key] = value
	}
	for i := range h.tensors {
		t := &h.tensors[i]
		s := r.slots[r.canonical(t.name)]
		if s == nil {
			continue
		}
		if r.memory += r.bytesOf(s, t); r.memory > r.limit {
			return fmt.Errorf("checkpoint: %s: tensor %s: the weights up to here take %d bytes of memory: at most %d are allowed", name, shortName(t.name), r.memory, r.limit)
		}
	}
	for i := range h.tensors {
		t := &h.tensors[i]
		if err := r.tensor(name, src, t); err != nil {
			return fmt.Errorf("checkpoint: %s: tensor %s: %w", name, shortName(t.name), err)
		}
	}
	return nil
}

// advance counts n more bytes.
func (r *reader) advance(n int64) error {
	r.done += n
	if r.Progress != nil {
		r.Progress(r.done, max(r.total, r.done))
	}
	return r.ctx.Err()
}

// each calls use with every chunk of the n bytes that follow in src.
func (r *reader) each(src io.Reader, n int64, use func(chunk []byte) error) error {
	if r.buf == nil {
		r.buf = make([]byte, chunkSize)
	}
	for n > 0 {
		chunk := r.buf[:min(n, chunkSize)]
		if err := readFull(src, chunk); err != nil {
			return err
		}
		if err := use(chunk); err != nil {
			return err
		}
		n -= int64(len(chunk))
		if err := r.advance(int64(len(chunk))); err != nil {
			return err
		}
	}
	return nil
}

// finish sees that nothing is missing and hands the checkpoint over.
func (r *reader) finish() (*Checkpoint, error) {
	for _, name := range r.order {
		s := r.slots[name]
		home, ok := r.seen[name]
		if !ok && s.optional {
			continue
		}
		if !ok {
			return nil, fmt.Errorf("checkpoint: %s: tensor %q is missing", r.source(name), name)
		}
		if s.quantised() {
			if _, ok := r.seen[name+scaleSuffix]; !ok {
				return nil, fmt.Errorf("checkpoint: %s: tensor %q is I8, but %q is missing", home, name, name+scaleSuffix)
			}
		} else if file, ok := r.seen[name+scaleSuffix]; ok {
			return nil, fmt.Errorf("checkpoint: %s: tensor %q: %q is not I8", file, name+scaleSuffix, name)
		}
	}
	if err := r.checkOptional(); err != nil {
		return nil, err
	}
	for name, file := range r.files {
		if !r.there[name] {
			return nil, fmt.Errorf("checkpoint: %s: weight_map: tensor %s is not in %s", IndexFile, shortName(name), file)
		}
	}
	r.untie()
	if r.settings.biases.head {
		for i := range r.weights.Layers {
			r.weights.Layers[i].MLPNorm = r.weights.Layers[i].AttentionNorm
		}
	}
	c := &Checkpoint{
		Config: r.settings.config, Weights: r.weights, Scaling: r.settings.scaling,
		Metadata: r.metadata, Extra: r.settings.extra, EndOfText: r.settings.ends, Notes: r.settings.notes,
	}
	err := c.Weights.Validate(c.Config)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	if c.CLEX, err = r.network(); err != nil {
		return nil, err
	}
	return c, nil
}

// network is the CLEX network as read, nil where config.json asks for none.
func (r *reader) network() (*clex.Network, error) {
	s := r.settings
	if s.scaling == nil || s.scaling.Type != "clex" {
		return nil, nil
	}
	n := &clex.Network{
		Dims: s.config.Rotary.Dims, Hidden: r.up.Cols, Up: widen(r.up.F32), Down: widen(r.down.F32),
		Act: s.scaling.Act, PriorBase: s.scaling.PriorBase,
	}
	if err := n.Validate(); err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	return n, nil
}

// checkOptional sees that biases which the file need not have are there for every layer or for none.
func (r *reader) checkOptional() error {
	var with, without string
	for _, name := range r.order {
		if s := r.slots[name]; !s.optional || !s.vector {
			continue
		}
		if _, ok := r.seen[name]; ok {
			with = name
		} else {
			without = name
		}
	}
	if with != "" && without != "" {
		return fmt.Errorf("checkpoint: %s: tensor %q is missing, while %q is there", r.source(without), without, with)
	}
	return nil
}

// untie makes the head of a tied model one of its own if the file has it and it is not the embedding.
func (r *reader) untie() {
	e := &r.weights.Embedding
	if r.head.Rows == 0 || sameBits(r.head.F32, e.F32) && slices.Equal(r.head.I8, e.I8) && sameBits(r.head.Scale, e.Scale) {
		return
	}
	r.settings.config.TiedHead = false
	r.weights.Head = r.head
	r.settings.notes = append(r.settings.notes, fmt.Sprintf("%s: tie_word_embeddings is true, but the file's %s is not its embedding: it is used as it is", ConfigFile, headName(&r.settings.config, r.settings.biases)))
}

func sameBits(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) })
}

func widen(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}
