package checkpoint

import (
	"fmt"
	"math"

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
	// MScale and MScaleAllDim make yarn's attention factor (0.1·MScale·ln t + 1)/(0.1·MScaleAllDim·ln t + 1), as
	// DeepSeek writes it; only where both are set, and AttentionFactor is not.
	MScale, MScaleAllDim float64
	// KeepFractions leaves the ends of yarn's ramp unrounded (truncate: false).
	KeepFractions bool
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

// parseScaling reads a block that ropeBlock has normalised, of a model of positions in all, and leaves what its type does
// not know. A nil result means no scaling.
func parseScaling(f *fields, dims, positions int) (*Scaling, error) {
	s := &Scaling{Type: take(f, "rope_type", "default"), Factor: 1}
	if s.Type == "su" { // longrope's first name
		s.Type = "longrope"
	}
	original := func() {
		if f.has("original_max_position_embeddings") {
			s.OriginalWindow = f.count("original_max_position_embeddings", 0, math.MaxInt32)
		}
	}
	switch s.Type {
	case "linear", "dynamic":
		s.Factor = f.number("factor", required, 1)
		original()
	case "yarn":
		original()
		byDefault := required
		if s.OriginalWindow > 0 && positions > s.OriginalWindow {
			byDefault = float64(positions) / float64(s.OriginalWindow)
		}
		s.Factor = f.number("factor", byDefault, 1)
		s.MScale, s.MScaleAllDim = f.number("mscale", 0, 0), f.number("mscale_all_dim", 0, 0)
		s.KeepFractions = !take(f, "truncate", true)
		s.AttentionFactor = f.number("attention_factor", 0, 0)
		s.BetaFast = f.number("beta_fast", 0, 0)
		s.BetaSlow = f.number("beta_slow", 0, 0)
	case "llama3":
		s.Factor = f.number("factor", required, 1)
		original()
		s.LowFreqFactor = f.number("low_freq_factor", required, 0)
		s.HighFreqFactor = f.number("high_freq_factor", required, 0)
		if f.err == nil && !(s.LowFreqFactor > 0 && s.HighFreqFactor > s.LowFreqFactor) {
			f.fail("high_freq_factor", "%v: must be above low_freq_factor %v, and that above 0", s.HighFreqFactor, s.LowFreqFactor)
		}
	case "longrope":
		original()
		byDefault := 1.0
		if s.OriginalWindow > 0 {
			byDefault = max(1, float64(positions)/float64(s.OriginalWindow))
		}
		s.Factor = f.number("factor", byDefault, 1)
		s.AttentionFactor = f.number("attention_factor", 0, 0)
		s.ShortFactor = divisors(f, "short_factor", dims)
		s.LongFactor = divisors(f, "long_factor", dims)
	case "clex":
		s.parseCLEX(f)
	case "default":
		s = nil
	default:
		f.fail("rope_type", "%q: only default, linear, dynamic, yarn, llama3, longrope and clex are understood", s.Type)
	}
	if f.err != nil {
		return nil, f.err
	}
	return s, nil
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

// listedAttention is what longrope multiplies queries and keys by: √(1 + ln s/ln L) for a factor s and a window L, where the
// file does not say (arXiv 2402.13753, section 3.3, as transformers has it).
func (s *Scaling) listedAttention() float64 {
	if s.AttentionFactor != 0 || s.Factor <= 1 || s.OriginalWindow < 2 {
		return s.AttentionFactor
	}
	return math.Sqrt(1 + math.Log(s.Factor)/math.Log(float64(s.OriginalWindow)))
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
		set("mscale", s.MScale)
		set("mscale_all_dim", s.MScaleAllDim)
		if s.KeepFractions {
			b["truncate"] = false
		}
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
