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
	"linear": "pi", "dynamic": "dynamic", "yarn": "yarn", "llama3": "llama3", "clex": "clex",
}

// Scheme makes the length-extension method that the checkpoint was made for,
// and t, the length scaling factor its file asks for (1 where the method
// follows the length of the text). What SetScheme wrote comes before Scaling;
// plain RoPE is the scheme of a checkpoint with neither.
func (c *Checkpoint) Scheme() (s clex.Scheme, t float64, err error) {
	name, o := "rope", clex.Options{}
	t = 1
	if text, ok := c.Extra[schemeMember]; ok {
		var choice SchemeChoice
		if err := json.Unmarshal(text, &choice); err != nil {
			return nil, 0, fmt.Errorf("checkpoint: %s: %s: %w", ConfigFile, schemeMember, err)
		}
		if f := choice.Factor; f != 0 && !(f >= 1 && f <= math.MaxInt32) {
			return nil, 0, fmt.Errorf("checkpoint: %s: %s: factor %v: must be 0 or at least 1", ConfigFile, schemeMember, f)
		}
		flow, err := clex.New(choice.Name, c.Config.Rotary, o)
		if err != nil {
			return nil, 0, fmt.Errorf("checkpoint: %s: %s: %w", ConfigFile, schemeMember, err)
		}
		return flow, max(1, choice.Factor), nil
	}
	if r := c.Scaling; r != nil {
		if r.Type == "longrope" {
			return nil, 0, fmt.Errorf("checkpoint: rope_scaling type longrope is a list of frequencies at one factor: package clex has no scheme for it")
		}
		name = schemes[r.Type]
		o.LogN = r.LogN
		switch r.Type {
		case "linear":
			t = r.Factor
		case "dynamic":
			o.Factor = r.Factor
		case "yarn":
			// Package clex has YaRN's own rule for the attention factor and no other.
			if rule := 0.1*math.Log(r.Factor) + 1; r.AttentionFactor != 0 && math.Abs(r.AttentionFactor-rule) > 1e-6 {
				return nil, 0, fmt.Errorf("checkpoint: rope_scaling.attention_factor: %v: only YaRN's own, %v at factor %v, is understood", r.AttentionFactor, rule, r.Factor)
			}
			t, o.TurnsLow, o.TurnsHigh = r.Factor, r.BetaSlow, r.BetaFast
		case "llama3":
			t, o.TurnsLow, o.TurnsHigh = r.Factor, r.LowFreqFactor, r.HighFreqFactor
		case "clex":
			o.Network, o.TMax = c.CLEX, r.MaxFactor
		}
	}
	flow, err := clex.New(name, c.Config.Rotary, o)
	if err != nil {
		return nil, 0, fmt.Errorf("checkpoint: rope_scaling: %w", err)
	}
	return flow, t, nil
}
