package checkpoint

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"clexlab/model"
)

// Precision is the type that matrices are written in. Norms and biases are
// never I8 and the CLEX network is always F32: they are small and matter.
type Precision uint8

const (
	// F32 is exact.
	F32 Precision = iota
	// F16 rounds to IEEE 754 binary16; a weight beyond ±65504 is an error.
	F16
	// I8 is one scale per row; see the package comment and model.Quantize.
	I8
)

// String is the name that safetensors has for the type.
func (p Precision) String() string {
	switch p {
	case F32:
		return "F32"
	case F16:
		return "F16"
	case I8:
		return "I8"
	}
	return fmt.Sprintf("Precision(%d)", uint8(p))
}

// Write writes config.json and model.safetensors to the folder dir, which it
// makes if need be. Each file is replaced only once it is complete.
func Write(dir string, c *Checkpoint, p Precision) error {
	config, err := c.MarshalConfig(p)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	if err := replace(dir, WeightsFile, func(w io.Writer) error { return c.WriteWeights(w, p) }); err != nil {
		return err
	}
	return replace(dir, ConfigFile, func(w io.Writer) error {
		_, err := w.Write(config)
		return err
	})
}

// replace writes a file beside its destination and then moves it there.
func replace(dir, name string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(dir, name+".*")
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	defer os.Remove(f.Name()) // fails, as it should, after the move
	b := bufio.NewWriterSize(f, chunkSize)
	err = cmp.Or(write(b), b.Flush(), f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(dir, name))
	}
	if err != nil {
		f.Close()
		return fmt.Errorf("checkpoint: %s: %w", name, err)
	}
	return nil
}

// MarshalConfig is the config.json that belongs to the weights in precision p.
func (c *Checkpoint) MarshalConfig(p Precision) ([]byte, error) {
	s, err := c.settings()
	if err != nil {
		return nil, err
	}
	dtype := "float32"
	if p == F16 {
		dtype = "float16"
	}
	text, err := marshalConfig(s, dtype)
	if err == nil {
		_, err = parseConfig(text) // whatever is written can be read
	}
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %s: %w", ConfigFile, err)
	}
	return text, nil
}

// settings checks that the parts of c fit together and gathers what config.json says of them.
func (c *Checkpoint) settings() (*settings, error) {
	if err := c.Weights.Validate(c.Config); err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	clexType := c.Scaling != nil && c.Scaling.Type == "clex"
	if clexType != (c.CLEX != nil) {
		return nil, fmt.Errorf("checkpoint: Scaling of type clex and a CLEX network belong together: one is missing")
	}
	if n := c.CLEX; n != nil {
		if err := n.Validate(); err != nil {
			return nil, fmt.Errorf("checkpoint: %w", err)
		}
		want := CLEXScaling(n, c.Scaling.MaxFactor)
		if n.Dims != c.Config.Rotary.Dims || want.ParamFactor != c.Scaling.ParamFactor || want.Act != c.Scaling.Act || want.PriorBase != c.Scaling.PriorBase {
			return nil, fmt.Errorf("checkpoint: Scaling has λ %v, act %v, prior base %v for %d dimensions; the CLEX network %v, %v, %v for %d",
				c.Scaling.ParamFactor, c.Scaling.Act, c.Scaling.PriorBase, c.Config.Rotary.Dims, want.ParamFactor, want.Act, want.PriorBase, n.Dims)
		}
	}
	s := &settings{config: c.Config, scaling: c.Scaling, extra: c.Extra, ends: c.EndOfText}
	for i := range c.Weights.Layers {
		l := &c.Weights.Layers[i]
		has := func(ls ...*model.Linear) bool {
			return slices.ContainsFunc(ls, func(l *model.Linear) bool { return l.Bias != nil })
		}
		s.biases.qkv = s.biases.qkv || has(&l.Q, &l.K, &l.V)
		s.biases.o = s.biases.o || has(&l.O)
		s.biases.mlp = s.biases.mlp || has(&l.Gate, &l.Up, &l.Down)
	}
	if c.Config.Architecture == model.NeoX {
		s.biases.mlp = true // the form has no switch for it
	}
	if c.Weights.HeadBias != nil {
		// Of the files only Phi's have it, whose attention and MLP share a norm.
		for i := range c.Weights.Layers {
			if l := &c.Weights.Layers[i]; !sameBits(l.AttentionNorm.Weight, l.MLPNorm.Weight) || !sameBits(l.AttentionNorm.Bias, l.MLPNorm.Bias) {
				return nil, fmt.Errorf("checkpoint: HeadBias is set and layer %d has two norms: config.json has a form for one of them (phi, gpt_neox), not for both", i)
			}
		}
		if c.Config.SequentialResidual {
			return nil, fmt.Errorf("checkpoint: HeadBias is set and residuals are sequential: config.json has no form for both")
		}
		s.biases = biases{qkv: true, o: true, mlp: true, head: true}
	}
	// Either form has one switch for all of attention, and Qwen's has none for o alone or the MLP.
	qwen := s.config.Architecture == model.LLaMA && s.biases == biases{qkv: true} && s.config.Rotary.HeadDim*s.config.Heads == s.config.Dim
	if !qwen {
		attention := s.biases.qkv || s.biases.o
		s.biases.qkv, s.biases.o = attention, attention
	}
	return s, nil
}

// outgoing is a tensor with what writes its rows.
type outgoing struct {
	tensor
	rows, cols int
	row        func(dst []float32, i int) // floats
	rowI8      func(i int) []int8         // or int8
}

// WriteWeights writes the safetensors file: the header, then the tensors, those
// of larger elements first so that each lies aligned. A bias that some layers
// have and others lack is written as zeros where it is missing.
func (c *Checkpoint) WriteWeights(w io.Writer, p Precision) error {
	s, err := c.settings()
	if err != nil {
		return err
	}
	if p > I8 {
		return fmt.Errorf("checkpoint: precision %d: must be F32, F16 or I8", p)
	}
	weights := c.Weights
	if p == I8 {
		weights = model.Quantize(weights)
	}
	slots := layoutOf(&c.Config, s.biases, weights)
	if n := c.CLEX; n != nil {
		up := model.Matrix{Rows: n.Dims / 2, Cols: n.Hidden, F32: narrow(n.Up)}
		down := model.Matrix{Rows: n.Hidden, Cols: n.Dims / 2, F32: narrow(n.Down)}
		slots = append(slots, networkSlots(&c.Config, s.biases, n.Hidden, &up, &down)...)
	}
	var out []outgoing
	for i := range slots {
		out = append(out, slots[i].outgoing(p)...)
	}
	slices.SortStableFunc(out, func(a, b outgoing) int { return cmp.Compare(b.dtype.size(), a.dtype.size()) })
	tensors := make([]tensor, len(out))
	for i := range out {
		tensors[i] = out[i].tensor
	}
	metadata := map[string]string{"format": "pt"}
	for key, value := range c.Metadata {
		metadata[key] = value
	}
	head, err := encodeHeader(tensors, metadata)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	if _, err := w.Write(head); err != nil {
		return err
	}
	var b []byte
	for i := range out {
		if b, err = out[i].write(w, b); err != nil {
			return fmt.Errorf("checkpoint: tensor %q: %w", out[i].name, err)
		}
	}
	return nil
}

// outgoing describes how a slot is written: as one tensor, or as I8 and its scales.
func (s *slot) outgoing(p Precision) []outgoing {
	o := outgoing{tensor: tensor{name: s.name, dtype: dtypeF32, shape: s.shape()}, rows: s.rows, cols: s.cols, row: s.copyRow}
	if s.float || p == F32 {
		return []outgoing{o}
	}
	if p == F16 {
		o.dtype = dtypeF16
		return []outgoing{o}
	}
	if len(s.matrices) == 0 {
		return []outgoing{o}
	}
	o.dtype, o.rowI8 = dtypeI8, s.rowI8
	scale := outgoing{tensor: tensor{name: s.name + scaleSuffix, dtype: dtypeF32, shape: []int64{int64(s.rows)}}, rows: s.rows, cols: 1}
	scale.row = func(dst []float32, i int) {
		part, i := s.place(i)
		dst[0] = s.matrices[part].Scale[i]
	}
	return []outgoing{o, scale}
}

// copyRow writes row i as float32, whatever it is held in.
func (s *slot) copyRow(dst []float32, i int) {
	part, row := s.place(i)
	switch {
	case len(s.vectors) > 0 && *s.vectors[part] == nil:
		clear(dst)
	case len(s.vectors) > 0 || s.matrices[part].F32 != nil:
		copy(dst, s.row(i))
	default:
		scale := s.matrices[part].Scale[row]
		for c, q := range s.rowI8(i) {
			dst[c] = float32(q) * scale
		}
	}
}

// write writes the data of one tensor, with b as scratch, which it returns.
func (o *outgoing) write(w io.Writer, b []byte) ([]byte, error) {
	values := make([]float32, o.cols)
	b = b[:0]
	for i := range o.rows {
		n := len(b)
		b = slices.Grow(b, o.cols*int(o.dtype.size()))[:n+o.cols*int(o.dtype.size())]
		if o.rowI8 != nil {
			for c, q := range o.rowI8(i) {
				b[n+c] = byte(q)
			}
		} else {
			o.row(values, i)
			if err := o.dtype.encode(b[n:], values); err != nil {
				return b, fmt.Errorf("row %d: %w", i, err)
			}
		}
		if len(b) >= chunkSize || i == o.rows-1 {
			if _, err := w.Write(b); err != nil {
				return b, err
			}
			b = b[:0]
		}
	}
	return b, nil
}

// narrow rounds to float32. A value beyond its range becomes infinite, which writing refuses.
func narrow(x []float64) []float32 {
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = float32(v)
	}
	return y
}
