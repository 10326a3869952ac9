package checkpoint

import (
	"cmp"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

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
	ends    []int32
	// notes are what a person should know of the file: see Checkpoint.Notes.
	notes []string
}

// A family is a model_type of transformers whose computation one of our architectures has.
type family struct {
	kind, class string
	parse       func(s *settings, f *fields)
}

var families = []family{
	{"llama", "LlamaForCausalLM", (*settings).parseLLaMA},
	{"mistral", "MistralForCausalLM", (*settings).parseMistral},
	{"qwen2", "Qwen2ForCausalLM", (*settings).parseQwen2},
	{"qwen3", "Qwen3ForCausalLM", (*settings).parseQwen3},
	{"gpt_neox", "GPTNeoXForCausalLM", (*settings).parseNeoX},
	{"phi", "PhiForCausalLM", (*settings).parsePhi},
}

// learnt are model types that are asked for and that have no rotary positions to extend.
var learnt = map[string]string{"gpt2": "learnt positions", "gpt_neo": "learnt positions", "opt": "learnt positions", "bloom": "ALiBi", "mpt": "ALiBi", "t5": "relative biases"}

func parseConfig(text []byte) (*settings, error) {
	f, err := parseFields("", text)
	if err != nil {
		return nil, err
	}
	s := &settings{}
	kind, class := take(f, "model_type", ""), slices.Concat(take[[]string](f, "architectures", nil), []string{""})[0]
	at := slices.IndexFunc(families, func(m family) bool { return kind == m.kind || kind == "" && class == m.class })
	switch positions, old := learnt[kind]; {
	case at >= 0:
		families[at].parse(s, f)
	case old:
		f.fail("model_type", "%q has %s, not rotary ones: there are no frequencies to scale", kind, positions)
	default:
		var known []string
		for _, m := range families {
			known = append(known, fmt.Sprintf("%s (%s)", m.kind, m.class))
		}
		f.fail("model_type", "%q (architectures %q): only %s are understood", kind, class, strings.Join(known, ", "))
	}
	if f.has("quantization_config") {
		f.fail("quantization_config", "not understood: weights must be F32, F16, BF16 or I8")
	}
	if f.err != nil {
		return nil, f.err
	}
	if s.ends, err = endTokens(text); err != nil {
		return nil, err
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
	s.parseEpsilon(f, "rms_norm_eps", 1e-6)
	attention := take(f, "attention_bias", false)
	s.biases = biases{qkv: attention, o: attention, mlp: take(f, "mlp_bias", false)}
	s.parseActivation(f, model.SiLU)
	s.parseRotary(f)
}

// parseMistral reads a LLaMA whose queries see a window of keys, which is not computed here: texts
// beyond it get attention that the model never had.
func (s *settings) parseMistral(f *fields) {
	if w := take[jsontext.Value](f, "sliding_window", nil); w != nil {
		s.notes = append(s.notes, fmt.Sprintf("%s: sliding_window: attention is not cut to the last %s tokens here, as the model's own is", ConfigFile, w))
	}
	s.parseLLaMA(f)
}

// parseQwen2 reads a LLaMA with biases on queries, keys and values alone.
func (s *settings) parseQwen2(f *fields) {
	s.noteWindow(f)
	s.parseLLaMA(f)
	s.biases = biases{qkv: true}
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
	s.parseEpsilon(f, "layer_norm_eps", 1e-5)
	c.SequentialResidual = !take(f, "use_parallel_residual", true)
	attention := take(f, "attention_bias", true)
	s.biases = biases{qkv: attention, o: attention, mlp: true}
	s.parseActivation(f, model.GELU)
	s.parseRotary(f)
}

// parsePhi reads a GPT-NeoX with one norm a layer and a bias on its head (Phi 1, 1.5 and 2).
func (s *settings) parsePhi(f *fields) {
	c := &s.config
	c.Architecture = model.NeoX
	s.parseSizes(f)
	c.KVHeads = f.count("num_key_value_heads", c.Heads, maxExtent)
	if c.Heads > 0 && c.Dim%c.Heads != 0 {
		f.fail("num_attention_heads", "%d does not divide hidden_size %d", c.Heads, c.Dim)
	}
	c.Rotary.HeadDim = max(c.Dim/max(c.Heads, 1), 1)
	s.parseEpsilon(f, "layer_norm_eps", 1e-5)
	if take(f, "qk_layernorm", false) {
		f.fail("qk_layernorm", "normalised queries and keys are not understood in the phi form")
	}
	s.biases = biases{qkv: true, o: true, mlp: true, head: true}
	if !f.has("hidden_act") {
		f.values["hidden_act"] = jsontext.Value(`"gelu_new"`) // the class's default
	}
	s.parseActivation(f, model.GELU)
	s.parseRotary(f)
}

// activations are transformers' names.
var activations = map[string]model.Activation{
	"silu": model.SiLU, "swish": model.SiLU, "relu": model.ReLU, "gelu": model.GELU, "gelu_python": model.GELU,
	"gelu_new": model.TanhGELU, "gelu_fast": model.TanhGELU, "gelu_pytorch_tanh": model.TanhGELU, "gelu_accurate": model.TanhGELU,
}

// parseActivation reads hidden_act, of which byDefault is the form's own.
func (s *settings) parseActivation(f *fields, byDefault model.Activation) {
	name := take(f, "hidden_act", byDefault.String())
	act, ok := activations[name]
	if !ok {
		f.fail("hidden_act", "%q: only %s are understood", name, strings.Join(slices.Sorted(maps.Keys(activations)), ", "))
	}
	if act != byDefault {
		s.config.Activation = act
	}
}

// parseQwen3 reads a LLaMA that normalises each head of queries and keys.
func (s *settings) parseQwen3(f *fields) {
	s.noteWindow(f)
	if !f.has("head_dim") {
		f.values["head_dim"] = jsontext.Value("128") // the class's default
	}
	s.config.HeadNorm = true
	s.parseLLaMA(f)
	s.biases.mlp = false
}

// noteWindow reads the settings of Qwen's attention to a window, which is not computed here.
func (s *settings) noteWindow(f *fields) {
	window := take[jsontext.Value](f, "sliding_window", nil)
	if take(f, "use_sliding_window", false) && window != nil {
		s.notes = append(s.notes, fmt.Sprintf("%s: sliding_window: attention is not cut to the last %s tokens here, as that of some of the model's layers is", ConfigFile, window))
	}
}

// rotatedDims is how many components of a head a rotary_pct of share rotates.
func rotatedDims(headDim int, share float64) int { return int(float64(headDim) * share) }

// rotatedShare is a share that rotatedDims makes the same of.
func rotatedShare(c *model.Config) float64 {
	share := float64(c.Rotary.Dims) / float64(c.Rotary.HeadDim)
	if rotatedDims(c.Rotary.HeadDim, share) != c.Rotary.Dims {
		share = math.Nextafter(share, 2)
	}
	return share
}

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
		"attention_bias": s.biases.qkv || s.biases.o, "max_position_embeddings": c.Rotary.Window,
		"rope_scaling": nil,
	})
	if c.Architecture == model.LLaMA {
		if c.Rotary.Dims != c.Rotary.HeadDim {
			return nil, fmt.Errorf("Rotary.Dims: the LLaMA form has no partial rotary in config.json")
		}
		maps.Copy(v, map[string]any{
			"model_type": "llama", "architectures": []string{"LlamaForCausalLM"}, "hidden_act": "silu",
			"num_key_value_heads": c.KVHeads, "head_dim": c.Rotary.HeadDim, "rms_norm_eps": c.NormEps,
			"mlp_bias": s.biases.mlp, "rope_theta": c.Rotary.Base,
		})
		if s.biases == (biases{qkv: true}) {
			maps.Copy(v, map[string]any{"model_type": "qwen2", "architectures": []string{"Qwen2ForCausalLM"}})
			delete(v, "attention_bias")
			delete(v, "mlp_bias")
		}
		if c.HeadNorm {
			if s.biases.mlp {
				return nil, fmt.Errorf("HeadNorm: config.json has a model with normalised heads (qwen3), but none with biases in its MLP")
			}
			maps.Copy(v, map[string]any{"model_type": "qwen3", "architectures": []string{"Qwen3ForCausalLM"}})
			v["attention_bias"] = s.biases.qkv || s.biases.o
			delete(v, "mlp_bias")
		}
	} else if s.biases.head {
		if c.Rotary.HeadDim*c.Heads != c.Dim {
			return nil, fmt.Errorf("Rotary.HeadDim: in config.json the phi form has heads of width/heads each")
		}
		maps.Copy(v, map[string]any{
			"model_type": "phi", "architectures": []string{"PhiForCausalLM"}, "hidden_act": "gelu", "num_key_value_heads": c.KVHeads,
			"layer_norm_eps": c.NormEps, "partial_rotary_factor": rotatedShare(c), "rope_theta": c.Rotary.Base,
		})
		delete(v, "attention_bias")
	} else {
		if c.KVHeads != c.Heads || c.Rotary.HeadDim*c.Heads != c.Dim {
			return nil, fmt.Errorf("KVHeads, Rotary.HeadDim: in config.json the GPT-NeoX form has as many key heads as query heads, of width/heads each")
		}
		maps.Copy(v, map[string]any{
			"model_type": "gpt_neox", "architectures": []string{"GPTNeoXForCausalLM"}, "hidden_act": "gelu",
			"layer_norm_eps": c.NormEps, "rotary_pct": rotatedShare(c), "rotary_emb_base": c.Rotary.Base,
			"use_parallel_residual": !c.SequentialResidual,
		})
	}
	if c.Activation != model.DefaultActivation {
		v["hidden_act"] = c.Activation.String()
	}
	if len(s.ends) > 0 {
		v["eos_token_id"] = s.ends
		if len(s.ends) == 1 {
			v["eos_token_id"] = s.ends[0]
		}
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
