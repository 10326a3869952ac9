package checkpoint

import (
	"bufio"
	"context"
	"fmt"
	"io/fs"

	"clexlab/model/tokenizer"
)

// Description is what can be said of a model before its weights are read.
type Description struct {
	// Checkpoint has no Weights; all else is as [Loader.Open] would read it.
	Checkpoint
	Tokenizer *tokenizer.Tokenizer
	// Parameters counts the weights, Int8Bytes the memory that they take as int8 rows.
	Parameters, Int8Bytes int64
	// FileBytes is the size of the files that hold the weights.
	FileBytes int64
}

// CacheBytes is the memory that the keys, before rotation and after, and the values of one token take on the CPU: 16 bits a component
// and a scale of 32 for each row.
func (d *Description) CacheBytes() int64 {
	c := &d.Config
	return int64(c.Layers) * int64(c.KVHeads) * 3 * (int64(c.Rotary.HeadDim)*2 + 4)
}

// Describe looks at the model at the top of fsys as [Loader.Open] would read it: headers and
// settings, the tokenizer, and the network of CLEX if it has one. Of weights it reads no more than lie before that
// network, so a model that cannot be read is mostly refused here, before long work begins.
func Describe(ctx context.Context, fsys fs.FS) (*Description, error) {
	name, err := ggufIn(fsys)
	if err != nil {
		return nil, err
	}
	d := &Description{}
	if name == "" {
		if d.Tokenizer, err = readWords(fsys); err == nil {
			err = d.describe(ctx, fsys)
		}
	} else if err = d.describeGGUF(ctx, fsys, name); err != nil {
		err = fmt.Errorf("checkpoint: %s: %w", name, err)
	}
	if err != nil {
		return nil, err
	}
	return d, belong(&d.Checkpoint, d.Tokenizer)
}

func (d *Description) describe(ctx context.Context, fsys fs.FS) error {
	text, err := readSmall(fsys, ConfigFile, maxConfig)
	if err != nil {
		return err
	}
	r, err := newReader(ctx, text, Loader{Int8: true})
	if err != nil {
		return err
	}
	if err := r.readGeneration(fsys); err != nil {
		return err
	}
	files, err := r.openWeights(fsys)
	defer files.close()
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := d.file(r, f); err != nil {
			return fmt.Errorf("checkpoint: %s: %w", f.name, err)
		}
	}
	s := r.settings
	d.Config, d.Scaling, d.Extra, d.EndOfText, d.Notes = s.config, s.scaling, s.extra, s.ends, s.notes
	for _, name := range r.order {
		if s := r.slots[name]; s.float && r.seen[name] == "" {
			return fmt.Errorf("checkpoint: %s: tensor %q is missing", r.source(name), name)
		}
	}
	if d.CLEX, err = r.network(); err != nil {
		return err
	}
	d.FileBytes = r.total
	return d.small()
}

// file adds what one file holds, and reads of it the tensors of the network.
func (d *Description) file(r *reader, f weightFile) error {
	h, err := readHeader(f, f.size)
	if err != nil {
		return err
	}
	left := 0
	for i := range h.tensors {
		t := &h.tensors[i]
		s := r.slots[r.canonical(t.name)]
		if s == nil {
			continue
		}
		if s.float {
			left++
			continue
		}
		d.Parameters += (t.to - t.from) / t.dtype.size()
		d.Int8Bytes += r.bytesOf(s, t)
		if t.dtype == dtypeI8 {
			d.Int8Bytes += 4 * int64(s.rows) // the scales, a tensor of their own
		}
	}
	for i := range h.tensors {
		if left == 0 {
			break
		}
		t := &h.tensors[i]
		if s := r.slots[r.canonical(t.name)]; s != nil && s.float {
			left--
			if err := r.tensor(f.name, f, t); err != nil {
				return fmt.Errorf("tensor %s: %w", shortName(t.name), err)
			}
		} else if err := r.each(f, t.to-t.from, func([]byte) error { return nil }); err != nil {
			return fmt.Errorf("tensor %s: %w", shortName(t.name), err)
		}
	}
	return nil
}

func (d *Description) describeGGUF(ctx context.Context, fsys fs.FS, name string) error {
	f, err := fsys.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	d.FileBytes = info.Size()
	r := &ggufReader{reader: reader{ctx: ctx, limit: maxMemory}, src: bufio.NewReaderSize(f, chunkSize)}
	if r.head, err = readGGUFHeader(r.src, d.FileBytes); err != nil {
		return err
	}
	if len(r.head.tensors) == 0 {
		return fmt.Errorf("n_tensors: 0: the file has a vocabulary alone")
	}
	if d.Scaling, err = r.parse(); err != nil {
		return err
	}
	if d.Tokenizer, d.EndOfText, err = r.tokenizer(); err != nil {
		return err
	}
	d.Config, d.Notes = r.config, r.notes
	d.Config.TiedHead = true
	for i := range r.head.tensors {
		t := &r.head.tensors[i]
		if t.name == factorsTensor {
			continue
		}
		n := t.rows() * t.cols()
		d.Parameters += n
		if t.rows() == 1 {
			d.Int8Bytes += 4 * n
		} else {
			d.Int8Bytes += n + 4*t.rows()
		}
		if t.name == "output.weight" {
			d.Config.TiedHead = false
		}
	}
	factors, err := r.factors()
	if err != nil {
		return fmt.Errorf("tensor %q: %w", factorsTensor, err)
	}
	if err := r.frequencies(&d.Checkpoint, factors); err != nil {
		return err
	}
	return d.small()
}

// factors reads on to the tensor that divides frequencies, nil where there is none.
func (r *ggufReader) factors() (factors []float32, err error) {
	for i := range r.head.tensors {
		t := &r.head.tensors[i]
		if t.name != factorsTensor {
			continue
		}
		s := &slot{name: t.name, rows: 1, cols: r.config.Rotary.Dims / 2, vector: true, vectors: []*[]float32{&factors}}
		if int64(s.cols) != t.cols() || t.rows() != 1 {
			return nil, fmt.Errorf("%d rows of %d: the metadata wants 1 of %d", t.rows(), t.cols(), s.cols)
		}
		if err := r.skip(t.offset); err != nil {
			return nil, err
		}
		err := r.fill(t, s)
		return factors, err
	}
	return nil, nil
}

// small refuses what no memory here holds.
func (d *Description) small() error {
	if d.Int8Bytes > maxMemory {
		return fmt.Errorf("checkpoint: the weights take %d bytes of memory: at most %d are allowed", d.Int8Bytes, int64(maxMemory))
	}
	return d.Config.Validate()
}
