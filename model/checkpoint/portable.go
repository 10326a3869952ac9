package checkpoint

import (
	"encoding/json"
	"encoding/json/jsontext"
	"fmt"
	"maps"

	"clexlab/clex"
)

// schemeMember is the member of config.json that names a scheme of package clex
// where rope_scaling cannot: as it is ours, other readers pass it by.
const schemeMember = "clexlab_scheme"

// SchemeChoice names the scheme that weights were tuned with. Factor is the
// length scaling factor they were tuned at, or 0 where it follows the length of the text.
type SchemeChoice struct {
	Name   string  `json:"name"`
	Factor float64 `json:"factor,omitempty"`
}

// SetScheme describes scheme s at factor as config.json can: in the
// rope_scaling block that other readers know, and under our own name for it.
// Factor 0 says that it follows the length of the text; no block says that, so
// other readers then see plain RoPE. A scheme with options of its own, a trained CLEX
// among them, is an error: its name alone would be read as another scheme.
// CLEX has a block for its network (CLEXScaling).
func (c *Checkpoint) SetScheme(s clex.Scheme, factor float64) error {
	if factor != 0 && !nameSays(s, factor) || factor == 0 && !(nameSays(s, 2) && nameSays(s, 8)) {
		return fmt.Errorf("checkpoint: scheme %s at %v has options of its own: %s holds its name alone", s.Name(), factor, schemeMember)
	}
	choice, err := json.Marshal(SchemeChoice{s.Name(), factor})
	if err != nil {
		return fmt.Errorf("checkpoint: scheme %s: %w", s.Name(), err)
	}
	window := c.Config.Rotary.Window
	switch {
	case factor == 0:
		c.Scaling = nil
	case s.Name() == "pi":
		c.Scaling = &Scaling{Type: "linear", Factor: factor}
	case s.Name() == "yarn":
		c.Scaling = &Scaling{Type: "yarn", Factor: factor, OriginalWindow: window}
	default:
		if c.Scaling, err = Portable(s, factor); err != nil {
			return err
		}
	}
	if c.Extra == nil {
		c.Extra = map[string]jsontext.Value{}
	}
	c.Extra[schemeMember] = choice
	return nil
}

// nameSays tells whether a scheme encodes at t as the one made from its name alone does.
func nameSays(s clex.Scheme, t float64) bool {
	plain, err := clex.New(s.Name(), s.Rotary(), clex.Options{})
	if err != nil {
		return false
	}
	var ours, named clex.Encoding
	length := int(t * float64(s.Rotary().Window))
	return s.Encode(&ours, t, length) == nil && plain.Encode(&named, t, length) == nil && ours.Equal(&named)
}

// Frozen is the checkpoint read by s at one t, as stock readers of Hugging Face's layout run
// it: with s as a block that they know ([Portable]), for texts of L·t tokens, and without the
// network of CLEX, which is in the frequencies. The weights are shared. What this package reads
// of it knows s again where its name says all of it.
func (c *Checkpoint) Frozen(s clex.Scheme, t float64) (*Checkpoint, error) {
	f := *c
	f.CLEX = nil
	f.Extra = maps.Clone(c.Extra)
	delete(f.Extra, schemeMember)
	block, err := Portable(s, t)
	if err != nil {
		return nil, err
	}
	if nameSays(s, t) {
		if err := f.SetScheme(s, t); err != nil {
			return nil, err
		}
	} else {
		f.Scaling = block
	}
	return &f, nil
}

// Portable is any scheme at a fixed length scaling factor t as a longrope block,
// which stock readers run: at one t a scheme is a list of inverse frequencies, and
// longrope divides each plain one by a factor of its own. Readers differ in when
// they change from the short list to the long one, so both are the same, and the attention factor
// is written because they would otherwise take longrope's own. A scheme
// that remaps positions or scales queries by length has no such form: an error.
func Portable(s clex.Scheme, t float64) (*Scaling, error) {
	r := s.Rotary()
	var e clex.Encoding
	if err := s.Encode(&e, t, 0); err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	if e.Remap != nil || e.LogN != 0 {
		return nil, fmt.Errorf("checkpoint: scheme %s remaps positions or scales queries by length: no list of frequencies says that", s.Name())
	}
	factors := make([]float64, len(e.InvFreq))
	r.InvFreq(factors)
	for i, theta := range e.InvFreq {
		factors[i] /= theta
	}
	return &Scaling{Type: "longrope", Factor: t, OriginalWindow: r.Window, AttentionFactor: e.AttentionFactor, ShortFactor: factors, LongFactor: factors}, nil
}
