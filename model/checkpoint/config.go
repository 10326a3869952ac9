package checkpoint

import (
	"cmp"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"maps"
	"math"
	"slices"

	"clexlab/clex"
	"clexlab/model"
)

// Limits of a config.json: what is larger is not a model for a browser tab.
const (
	maxExtent = 1 << 20
	maxLayers = 256
)

// settings is what a config.json says.
type settings struct {
	config  model.Config
	biases  biases
	scaling *Scaling
	extra   map[string]jsontext.Value
}

const (
	llamaClass = "LlamaForCausalLM"
	neoxClass  = "GPTNeoXForCausalLM"
)

func parseConfig(text []byte) (*settings, error) {
	f, err := parseFields("", text)
	if err != nil {
		return nil, err
	}
	s := &settings{}
	switch kind, class := take(f, "model_type", ""), slices.Concat(take[[]string](f, "architectures", nil), []string{""})[0]; {
	case kind == "llama", kind == "" && class == llamaClass:
		s.parseLLaMA(f)
	case kind == "gpt_neox", kind == "" && class == neoxClass:
		s.parseNeoX(f)
	default:
		f.fail("model_type", "%q (architectures %q): only llama (%s) and gpt_neox (%s) are understood", kind, class, llamaClass, neoxClass)
	}
	for _, key := range []string{"quantization_config", "sliding_window"} {
		if f.has(key) {
			f.fail(key, "not understood")
		}
	}
	if f.err != nil {
		return nil, f.err
	}
	if err := s.config.Validate(); err != nil {
		return nil, err
	}
	// What describes the file rather than the model is written anew.
	delete(f.values, "torch_dtype")
	delete(f.values, "dtype")
	s.extra = f.values
	return s, nil
}

func (s *settings) parseLLaMA(f *fields) {
	c := &s.config
	c.Architecture = model.LLaMA
	s.parseSizes(f)
	c.KVHeads = f.count("num_key_value_heads", c.Heads, maxExtent)
	c.Rotary.HeadDim = f.count("head_dim", max(c.Dim/max(c.Heads, 1), 1), maxExtent)
	if f.err == nil && c.Heads%c.KVHeads != 0 {
		f.fail("num_key_value_heads", "%d: does not divide num_attention_heads %d", c.KVHeads, c.Heads)
	}
	if c.Rotary.HeadDim%2 != 0 {
		f.fail("head_dim", "%d: must be even, for its components turn in pairs", c.Rotary.HeadDim)
	}
	c.Rotary.Dims = c.Rotary.HeadDim
	s.parseEpsilon(f, "rms_norm_eps", 1e-6)
	s.biases = biases{attention: take(f, "attention_bias", false), mlp: take(f, "mlp_bias", false)}
	if act := take(f, "hidden_act", "silu"); act != "silu" {
		f.fail("hidden_act", "%q: only silu is understood in the LLaMA form", act)
	}
	if p := take(f, "partial_rotary_factor", 1.0); p != 1 {
		f.fail("partial_rotary_factor", "%v: only 1 is understood in the LLaMA form", p)
	}
	s.parseRotary(f, "rope_theta")
}

func (s *settings) parseNeoX(f *fields) {
	c := &s.config
	c.Architecture = model.NeoX
	s.parseSizes(f)
	c.KVHeads = c.Heads
	if c.Heads > 0 && c.Dim%c.Heads != 0 {
		f.fail("num_attention_heads", "%d does not divide hidden_size %d", c.Heads, c.Dim)
	}
	c.Rotary.HeadDim = max(c.Dim/max(c.Heads, 1), 1)
	share := f.number("rotary_pct", 0.25, 0)
	if share > 1 {
		f.fail("rotary_pct", "%v: must be at most 1", share)
	}
	c.Rotary.Dims = rotatedDims(c.Rotary.HeadDim, share)
	s.parseEpsilon(f, "layer_norm_eps", 1e-5)
	c.SequentialResidual = !take(f, "use_parallel_residual", true)
	s.biases = biases{attention: take(f, "attention_bias", true), mlp: true}
	if act := take(f, "hidden_act", "gelu"); act != "gelu" {
		f.fail("hidden_act", "%q: only gelu is understood in the GPT-NeoX form", act)
	}
	if f.has("rotary_emb_base") {
		delete(f.values, "rope_theta") // an alias
		s.parseRotary(f, "rotary_emb_base")
	} else {
		s.parseRotary(f, "rope_theta")
	}
}

// rotatedDims is how many components of a head a rotary_pct of share rotates.
func rotatedDims(headDim int, share float64) int { return int(float64(headDim) * share) }

func (s *settings) parseSizes(f *fields) {
	c := &s.config
	c.Vocab = f.count("vocab_size", 0, maxExtent)
	c.Dim = f.count("hidden_size", 0, maxExtent)
	c.HiddenDim = f.count("intermediate_size", 0, maxExtent)
	c.Layers = f.count("num_hidden_layers", 0, maxLayers)
	c.Heads = f.count("num_attention_heads", 0, maxExtent)
	c.TiedHead = take(f, "tie_word_embeddings", false)
	c.Rotary.Pairing = clex.HalfSplit
}

func (s *settings) parseEpsilon(f *fields, key string, byDefault float64) {
	eps := float32(f.number(key, byDefault, 0))
	if !(eps > 0 && eps <= 1) {
		f.fail(key, "%v: must be above 0 and at most 1", eps)
	}
	s.config.NormEps = eps
}

// parseRotary reads base, window and scaling: as rope_theta and rope_scaling,
// or as the one block rope_parameters that later files have.
func (s *settings) parseRotary(f *fields, baseKey string) {
	r := &s.config.Rotary
	r.Base = f.number(baseKey, 10000, 0)
	positions := f.count("max_position_embeddings", 2048, math.MaxInt32)
	block := "rope_scaling"
	if f.has("rope_parameters") {
		block = "rope_parameters"
	}
	logScale := f.has("log_scale")
	logN := take(f, "log_scale", true)
	if text := take[jsontext.Value](f, block, nil); text != nil && f.err == nil {
		inner, err := parseFields(block+".", text)
		if err != nil {
			f.fail(block, "%v", err)
			return
		}
		if block == "rope_parameters" {
			r.Base = inner.number("rope_theta", r.Base, 0)
			if p := inner.number("partial_rotary_factor", 1, 0); p != 1 && f.err == nil {
				if s.config.Architecture != model.NeoX || p > 1 {
					inner.fail("partial_rotary_factor", "%v: not understood", p)
				}
				r.Dims = rotatedDims(r.HeadDim, p)
			}
		}
		s.scaling, err = parseScaling(inner, r.Dims)
		if err != nil && f.err == nil {
			f.err = err
		}
	}
	delete(f.values, "rope_scaling")
	delete(f.values, "rope_parameters")
	if !(r.Base > 1) {
		f.fail(baseKey, "%v: must be above 1", r.Base)
	}
	if d := r.Dims; d < 2 || d%2 != 0 {
		f.fail("rotary_pct", "%d of the %d components of a head turn: must be an even number above 0", d, r.HeadDim)
	}
	r.Window = positions
	if s.scaling != nil {
		if s.scaling.OriginalWindow != 0 {
			r.Window = s.scaling.OriginalWindow
			s.scaling.Extended = positions
		}
		// The reference's default is true for a clex model and the switch unknown to others.
		s.scaling.LogN = logN && (s.scaling.Type == "clex" || logScale)
	}
}

// marshalConfig writes the config.json of c, with the keys sorted.
func marshalConfig(s *settings, dtype string) ([]byte, error) {
	c := &s.config
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if c.Rotary.Pairing != clex.HalfSplit {
		return nil, fmt.Errorf("Rotary.Pairing: only half-split rotary has a form in config.json")
	}
	v := map[string]any{}
	for key, value := range s.extra {
		v[key] = value
	}
	maps.Copy(v, map[string]any{
		"torch_dtype": dtype, "vocab_size": c.Vocab, "hidden_size": c.Dim, "intermediate_size": c.HiddenDim,
		"num_hidden_layers": c.Layers, "num_attention_heads": c.Heads, "tie_word_embeddings": c.TiedHead,
		"attention_bias": s.biases.attention, "max_position_embeddings": c.Rotary.Window,
		"rope_scaling": nil,
	})
	if c.Architecture == model.LLaMA {
		if c.Rotary.Dims != c.Rotary.HeadDim {
			return nil, fmt.Errorf("Rotary.Dims: the LLaMA form has no partial rotary in config.json")
		}
		maps.Copy(v, map[string]any{
			"model_type": "llama", "architectures": []string{llamaClass}, "hidden_act": "silu",
			"num_key_value_heads": c.KVHeads, "head_dim": c.Rotary.HeadDim, "rms_norm_eps": c.NormEps,
			"mlp_bias": s.biases.mlp, "rope_theta": c.Rotary.Base,
		})
	} else {
		if c.KVHeads != c.Heads || c.Rotary.HeadDim*c.Heads != c.Dim {
			return nil, fmt.Errorf("KVHeads, Rotary.HeadDim: in config.json the GPT-NeoX form has as many key heads as query heads, of width/heads each")
		}
		share := float64(c.Rotary.Dims) / float64(c.Rotary.HeadDim)
		if rotatedDims(c.Rotary.HeadDim, share) != c.Rotary.Dims {
			share = math.Nextafter(share, 2)
		}
		maps.Copy(v, map[string]any{
			"model_type": "gpt_neox", "architectures": []string{neoxClass}, "hidden_act": "gelu",
			"layer_norm_eps": c.NormEps, "rotary_pct": share, "rotary_emb_base": c.Rotary.Base,
			"use_parallel_residual": !c.SequentialResidual,
		})
	}
	if s.scaling != nil {
		v["rope_scaling"] = s.scaling.block()
		if s.scaling.Type == "clex" || s.scaling.LogN {
			v["log_scale"] = s.scaling.LogN
		}
		if w := s.scaling.OriginalWindow; w != 0 {
			v["max_position_embeddings"] = cmp.Or(s.scaling.Extended, int(math.Ceil(float64(w)*s.scaling.Factor)))
		}
	}
	text, err := json.Marshal(v, json.Deterministic(true), jsontext.WithIndent("  "))
	if err != nil {
		return nil, err
	}
	return append(text, '\n'), nil
}
