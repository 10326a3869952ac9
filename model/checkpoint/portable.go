package checkpoint

import (
	"encoding/json"
	"encoding/json/jsontext"
	"fmt"

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
// other readers then see plain RoPE. CLEX has a block of its own (CLEXScaling).
func (c *Checkpoint) SetScheme(s clex.Scheme, factor float64) error {
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
