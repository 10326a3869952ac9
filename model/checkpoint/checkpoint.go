package checkpoint

import (
	"encoding/json"
	"encoding/json/jsontext"
	"fmt"
	"math"

	"clexlab/clex"
	"clexlab/model"
)

// Checkpoint is a transformer as it lies on disk.
type Checkpoint struct {
	Config  model.Config
	Weights *model.Weights
	// Scaling is the rope_scaling block, nil if there is none.
	Scaling *Scaling
	// CLEX is the trained field, not nil exactly if Scaling has type clex.
	CLEX *clex.Network
	// Metadata are the strings of the safetensors header: of all shards, the last one winning.
	Metadata map[string]string
	// Extra holds the members of config.json that say nothing about the
	// computation (bos_token_id, transformers_version, …), so that they survive a round trip.
	Extra map[string]jsontext.Value
	// EndOfText are the tokens that end a text (eos_token_id), of generation_config.json if it says so.
	EndOfText []int32
	// Notes say, each in a line for a person, where the model is not computed exactly as its file
	// asks for: what was passed by, and what the file contradicts itself in.
	Notes []string
}

// Names of the files in a checkpoint's directory.
const (
	ConfigFile  = "config.json"
	WeightsFile = "model.safetensors"
	IndexFile   = "model.safetensors.index.json"
)

// scaleSuffix makes the name of the row scales of an I8 matrix.
const scaleSuffix = ".scale"

// schemes maps rope_scaling types to the names of package clex.
var schemes = map[string]string{
	"linear": "pi", "dynamic": "dynamic", "yarn": "yarn", "llama3": "llama3", "longrope": "longrope", "clex": "clex",
}

// Options are what the checkpoint says about the scheme called name: those of its Scaling if it was made for that scheme, otherwise
// the zero Options, which ask for the published defaults. Whoever runs a checkpoint under some scheme makes it with these.
func (c *Checkpoint) Options(name string) clex.Options {
	r := c.Scaling
	if r == nil || schemes[r.Type] != name {
		return clex.Options{}
	}
	o := clex.Options{LogN: r.LogN}
	switch r.Type {
	case "dynamic":
		o.Factor = r.Factor
	case "yarn":
		o.TurnsLow, o.TurnsHigh, o.KeepFractions = r.BetaSlow, r.BetaFast, r.KeepFractions
		o.AttentionFactor, o.MScale, o.MScaleAllDim = r.AttentionFactor, r.MScale, r.MScaleAllDim
	case "llama3":
		o.TurnsLow, o.TurnsHigh = r.LowFreqFactor, r.HighFreqFactor
	case "longrope":
		o.Short, o.Long, o.AttentionFactor = r.ShortFactor, r.LongFactor, r.listedAttention()
	case "clex":
		o.Network, o.TMax = c.CLEX, r.MaxFactor
	}
	return o
}

// TMax is the largest length scaling factor that the checkpoint is read at: what its file
// says it was made for, and at least clex.DefaultTMax where that is no CLEX.
func (c *Checkpoint) TMax() float64 {
	switch r := c.Scaling; {
	case r == nil:
		return clex.DefaultTMax
	case r.Type == "clex":
		return r.MaxFactor
	default:
		return max(clex.DefaultTMax, r.Factor)
	}
}

// SchemeNamed makes any scheme of package clex for the checkpoint, with its Options.
func (c *Checkpoint) SchemeNamed(name string) (clex.Scheme, error) {
	s, err := clex.New(name, c.Config.Rotary, c.Options(name))
	if err != nil {
		return nil, fmt.Errorf("checkpoint: scheme %s: %w", name, err)
	}
	return s, nil
}

// Asked is the scheme of [Checkpoint.Scheme] as package clex makes it again: its name, its options without the network of
// CLEX, and the t that the file asks for, 0 where t follows the length of a text.
func (c *Checkpoint) Asked() (name string, o clex.Options, t float64, err error) {
	s, rule, err := c.Scheme()
	if err != nil {
		return "", o, 0, err
	}
	if rule.Kind == clex.FixedRule {
		t = rule.Fixed
	}
	o = c.Options(s.Name())
	o.Network = nil
	return s.Name(), o, t, nil
}

// Scheme makes the length-extension method that the checkpoint was made for, and the rule by
// which it is read: at the one factor its file asks for, or at a t that follows the length of
// the text, up to TMax. What SetScheme wrote comes before Scaling; plain RoPE is the
// scheme of a checkpoint with neither.
func (c *Checkpoint) Scheme() (clex.Scheme, clex.LengthRule, error) {
	follow := clex.LengthRule{TMax: c.TMax()}
	if text, ok := c.Extra[schemeMember]; ok {
		var choice SchemeChoice
		if err := json.Unmarshal(text, &choice); err != nil {
			return nil, follow, fmt.Errorf("checkpoint: %s: %s: %w", ConfigFile, schemeMember, err)
		}
		if f := choice.Factor; f != 0 && !(f >= 1 && f <= math.MaxInt32) {
			return nil, follow, fmt.Errorf("checkpoint: %s: %s: factor %v: must be 0 or at least 1", ConfigFile, schemeMember, f)
		}
		s, err := clex.New(choice.Name, c.Config.Rotary, clex.Options{})
		if err != nil {
			return nil, follow, fmt.Errorf("checkpoint: %s: %s: %w", ConfigFile, schemeMember, err)
		}
		if choice.Factor > 0 {
			return s, clex.AtT(choice.Factor), nil
		}
		return s, follow, nil
	}
	if c.Scaling == nil {
		s, err := c.SchemeNamed("rope")
		return s, clex.AtT(1), err
	}
	r := c.Scaling
	s, err := c.SchemeNamed(schemes[r.Type])
	switch {
	case err != nil:
		return nil, follow, fmt.Errorf("checkpoint: rope_scaling: %w", err)
	case r.Type == "dynamic":
		// As its readers do: the base follows every token.
		follow.Kind = clex.ContinuousRule
		return s, follow, nil
	case r.Type == "clex" || s.UsesLength():
		return s, follow, nil
	}
	return s, clex.AtT(r.Factor), nil
}
