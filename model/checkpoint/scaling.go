package checkpoint

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"clexlab/clex"
)

// Scaling is the rope_scaling block of a config.json: the length-extension
// method that a checkpoint was made for. Fields that a type does not use are 0.
type Scaling struct {
	// Type is linear, dynamic, yarn, llama3, longrope or clex.
	Type string
	// Factor is the length scaling factor the file asks for, at least 1. For
	// dynamic it is the growth, and for clex it has no meaning and is 1.
	Factor float64
	// OriginalWindow is original_max_position_embeddings, the trained window
	// where max_position_embeddings is the extended one; 0 if the file has none.
	OriginalWindow int
	// Extended is max_position_embeddings of such a file; 0 is OriginalWindow·Factor.
	Extended int

	// AttentionFactor multiplies cos and sin in yarn and longrope; 0 is each one's own rule.
	AttentionFactor float64
	// BetaFast and BetaSlow are the ends of yarn's ramp in turns per window; 0 is 32 and 1.
	BetaFast, BetaSlow float64
	// LowFreqFactor and HighFreqFactor are the ends of llama3's ramp in turns per window.
	LowFreqFactor, HighFreqFactor float64
	// ShortFactor and LongFactor are longrope's divisors of the inverse frequencies, rotary dims/2 each.
	ShortFactor, LongFactor []float64

	// MaxFactor is CLEX's t_max, ParamFactor its λ, Act its activation and TimeStep the step of its solver.
	MaxFactor, ParamFactor float64
	Act                    clex.Activation
	TimeStep               float64
	// LogN is log_scale, a key beside the block: log-n scaling of queries. The
	// reference's configuration class has it on for a clex model that does not
	// say, so such a file is read that way; its training script turns it off
	// unless told otherwise. A written clex config therefore always says. Other types have it off unless told.
	LogN bool
	// PriorBase is the base of CLEX's prior where it is not the reference's 10000; 0 otherwise.
	PriorBase float64
}

// CLEXScaling describes a network of a model with the given geometry, trained for t up to maxFactor.
func CLEXScaling(n *clex.Network, maxFactor float64) *Scaling {
	return &Scaling{
		Type: "clex", Factor: 1, MaxFactor: maxFactor, ParamFactor: float64(n.Hidden) / float64(n.Dims),
		Act: n.Act, TimeStep: 0.01, PriorBase: n.PriorBase,
	}
}

// parseScaling reads a rope_scaling block. A nil result means no scaling.
func parseScaling(f *fields, dims int) (*Scaling, error) {
	s := &Scaling{Type: take(f, "rope_type", ""), Factor: 1}
	typeKey := "rope_type"
	if legacy := take(f, "type", ""); s.Type == "" {
		s.Type, typeKey = legacy, "type"
	}
	if s.Type == "su" { // longrope's first name
		s.Type = "longrope"
	}
	original := func(byDefault int) {
		s.OriginalWindow = f.count("original_max_position_embeddings", byDefault, math.MaxInt32)
	}
	optionalOriginal := func() {
		if f.has("original_max_position_embeddings") {
			original(0)
		}
	}
	switch s.Type {
	case "linear", "dynamic":
		s.Factor = f.number("factor", required, 1)
		optionalOriginal()
	case "yarn":
		s.Factor = f.number("factor", required, 1)
		optionalOriginal()
		s.AttentionFactor = f.number("attention_factor", 0, 0)
		s.BetaFast = f.number("beta_fast", 0, 0)
		s.BetaSlow = f.number("beta_slow", 0, 0)
	case "llama3":
		s.Factor = f.number("factor", required, 1)
		original(0)
		s.LowFreqFactor = f.number("low_freq_factor", required, 0)
		s.HighFreqFactor = f.number("high_freq_factor", required, 0)
		if f.err == nil && !(s.LowFreqFactor > 0 && s.HighFreqFactor > s.LowFreqFactor) {
			f.fail("high_freq_factor", "%v: must be above low_freq_factor %v, and that above 0", s.HighFreqFactor, s.LowFreqFactor)
		}
	case "longrope":
		s.Factor = f.number("factor", 1, 1)
		optionalOriginal()
		s.AttentionFactor = f.number("attention_factor", 0, 0)
		s.ShortFactor = divisors(f, "short_factor", dims)
		s.LongFactor = divisors(f, "long_factor", dims)
	case "clex":
		s.parseCLEX(f)
	case "default":
		s = nil
	default:
		f.fail(typeKey, "%q: only default, linear, dynamic, yarn, llama3, longrope and clex are understood", s.Type)
	}
	if f.err == nil && len(f.values) > 0 {
		f.fail(slices.Min(slices.Collect(maps.Keys(f.values))), "not understood with type %q", s.kind())
	}
	if f.err != nil {
		return nil, f.err
	}
	return s, nil
}

func (s *Scaling) kind() string {
	if s == nil {
		return "default"
	}
	return s.Type
}

func (s *Scaling) parseCLEX(f *fields) {
	s.Factor = f.number("factor", 1, 1)
	s.MaxFactor = f.number("max_factor", required, 1)
	s.ParamFactor = f.number("param_factor", 1, 0)
	act, err := clex.ParseActivation(take(f, "act", "tanh"))
	if err != nil {
		f.fail("act", "%v", err)
	}
	s.Act = act
	s.TimeStep = f.number("time_dt", 0.01, 0)
	if f.err == nil && !(s.TimeStep > 0) {
		f.fail("time_dt", "must be above 0")
	}
	s.PriorBase = f.number("prior_base", 0, 0)
	if f.err == nil && s.PriorBase != 0 && !(s.PriorBase > 1) {
		f.fail("prior_base", "%v: must be above 1", s.PriorBase)
	}
}

func divisors(f *fields, key string, dims int) []float64 {
	list := take[[]float64](f, key, nil)
	if len(list) != dims/2 {
		f.fail(key, "%d values: must be %d, half of the rotated components", len(list), dims/2)
	}
	for i, x := range list {
		if !(x > 0) {
			f.fail(fmt.Sprintf("%s[%d]", key, i), "%v: must be above 0", x)
		}
	}
	return list
}

// block is the rope_scaling object that parseScaling reads. A clex block has
// exactly the members that the reference code writes, the two oldest types
// exactly the two members that old readers insist on.
func (s *Scaling) block() map[string]any {
	b := map[string]any{"factor": s.Factor}
	set := func(key string, x float64) {
		if x != 0 {
			b[key] = x
		}
	}
	switch s.Type {
	case "linear", "dynamic", "clex":
		b["type"] = s.Type
	default:
		b["rope_type"] = s.Type
	}
	if s.OriginalWindow != 0 {
		b["original_max_position_embeddings"] = s.OriginalWindow
	}
	switch s.Type {
	case "yarn":
		set("attention_factor", s.AttentionFactor)
		set("beta_fast", s.BetaFast)
		set("beta_slow", s.BetaSlow)
	case "llama3":
		b["low_freq_factor"], b["high_freq_factor"] = s.LowFreqFactor, s.HighFreqFactor
	case "longrope":
		set("attention_factor", s.AttentionFactor)
		b["short_factor"], b["long_factor"] = s.ShortFactor, s.LongFactor
	case "clex":
		b["max_factor"], b["param_factor"] = s.MaxFactor, s.ParamFactor
		b["act"], b["time_dt"] = s.Act.String(), s.TimeStep
		set("prior_base", s.PriorBase)
	}
	return b
}
