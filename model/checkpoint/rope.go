package checkpoint

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"maps"
	"math"
	"slices"

	"clexlab/model"
)

// ropeBlock is the one shape that every way of writing rotary settings is brought to before a
// type is looked at: the rope_parameters of transformers 5, with its base and its share of
// components inside. Files have them as keys beside the block (rope_theta, rotary_emb_base,
// rotary_pct, partial_rotary_factor), the block under either name, the type under "type" or
// not at all, nulls for what is not said, and whole numbers as 64.0.
func (s *settings) ropeBlock(f *fields) *fields {
	block := &fields{path: "rope_parameters.", values: map[string]jsontext.Value{}}
	// transformers takes what rope_scaling says, and rope_parameters where that says nothing.
	for _, name := range []string{"rope_scaling", "rope_parameters"} {
		text := take[jsontext.Value](f, name, nil)
		if text == nil || f.err != nil || len(block.values) > 0 {
			continue
		}
		inner, err := parseFields(name+".", text)
		if err != nil {
			f.fail(name, "%v", err)
			return block
		}
		block = inner
	}
	maps.DeleteFunc(block.values, func(_ string, v jsontext.Value) bool { return v.Kind() == 'n' })
	for key, v := range block.values {
		if v.Kind() == '{' {
			block.fail(key, "a block for each type of layer: only one for all layers is understood")
		}
	}
	setDefault := func(key string, outer ...string) {
		for _, name := range outer {
			text, ok := f.values[name]
			delete(f.values, name)
			if _, have := block.values[key]; ok && text.Kind() != 'n' && !have {
				block.values[key] = text
				block.rename(key, name)
			}
		}
	}
	setDefault("rope_theta", "rotary_emb_base", "rope_theta")
	setDefault("partial_rotary_factor", "rotary_pct", "partial_rotary_factor")
	setDefault("original_max_position_embeddings", "original_max_position_embeddings")
	if _, have := block.values["rope_type"]; have {
		delete(block.values, "type")
	} else if old, have := block.values["type"]; have {
		delete(block.values, "type")
		block.values["rope_type"] = old
		block.rename("rope_type", block.path+"type")
	}
	return block
}

// parseRotary reads base, share, window and scaling.
func (s *settings) parseRotary(f *fields) {
	r := &s.config.Rotary
	b := s.ropeBlock(f)
	positions := f.count("max_position_embeddings", 2048, math.MaxInt32)
	share, byDefault := 1.0, 1.0
	switch {
	case s.biases.head:
		byDefault = 0.5 // Phi's
	case s.config.Architecture == model.NeoX:
		byDefault = 0.25 // rotary_pct's
	}
	share = b.number("partial_rotary_factor", byDefault, 0)
	switch {
	case share > 1:
		b.fail("partial_rotary_factor", "%v: must be at most 1", share)
	case share != 1 && s.config.Architecture != model.NeoX:
		b.fail("partial_rotary_factor", "%v: only 1 is understood in the LLaMA form", share)
	}
	r.Dims = rotatedDims(r.HeadDim, share)
	if d := r.Dims; d < 2 || d%2 != 0 {
		b.fail("partial_rotary_factor", "%d of the %d components of a head turn: must be an even number above 0", d, r.HeadDim)
	}
	if r.Base = b.number("rope_theta", 10000, 0); !(r.Base > 1) {
		b.fail("rope_theta", "%v: must be above 1", r.Base)
	}
	logScale := f.has("log_scale")
	logN := take(f, "log_scale", true)
	if f.err == nil {
		f.err = b.err
	}
	if f.err != nil {
		return
	}
	scaling, err := parseScaling(b, r.Dims, positions)
	if err != nil {
		f.err = err
		return
	}
	s.passedBy(b)
	s.scaling, r.Window = scaling, positions
	if scaling != nil {
		if scaling.OriginalWindow != 0 {
			r.Window = scaling.OriginalWindow
			scaling.Extended = positions
		}
		// The reference's default is true for a clex model of the LLaMA form; its Phi has no such
		// scaling, and the switch is unknown to others.
		scaling.LogN = logN && (scaling.Type == "clex" && !s.biases.head || logScale)
	}
}

// passedBy notes the members of a rope block that its type does not know. transformers only warns of them.
func (s *settings) passedBy(b *fields) {
	// A file says these for all types alike.
	delete(b.values, "original_max_position_embeddings")
	for _, key := range slices.Sorted(maps.Keys(b.values)) {
		s.notes = append(s.notes, fmt.Sprintf("%s: %s was passed by", ConfigFile, b.name(key)))
	}
}

// isInteger tells whether a number is whole, and its value.
func isInteger(text jsontext.Value) (int, bool) {
	var x float64
	if err := json.Unmarshal(text, &x); err != nil || x != math.Trunc(x) || math.Abs(x) > 1<<53 {
		return 0, false
	}
	return int(x), true
}
