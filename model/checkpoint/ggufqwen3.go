package checkpoint

import (
	"fmt"
	"math"
	"strings"

	"clexlab/clex"
)

// baseKey is the base that frequencies have without scaling, where rope.freq_base is another one that says the scaling.
const baseKey = "clexlab.rope_base"

// ggufQwen3 makes metadata of the LLaMA form that of llama.cpp's Qwen 3. That graph takes no factors: frequencies are in its keys.
func (c *Checkpoint) ggufQwen3(list []ggufValue, s clex.Scheme, t float64, e *clex.Encoding) ([]ggufValue, error) {
	for i := range c.Weights.Layers {
		l := &c.Weights.Layers[i]
		for _, b := range [][]float32{l.Q.Bias, l.K.Bias, l.V.Bias, l.O.Bias, l.Gate.Bias, l.Up.Bias, l.Down.Bias} {
			if b != nil {
				return nil, fmt.Errorf("layer %d has biases: llama.cpp's graph with normalised heads (Qwen 3) has none", i)
			}
		}
	}
	said, err := ropeKeys(c.Config.Rotary, s, t, e)
	if err != nil {
		return nil, err
	}
	out := make([]ggufValue, 0, len(list)+len(said))
	for _, v := range list {
		name, own := strings.CutPrefix(v.key, "llama.")
		switch {
		case v.key == "general.architecture":
			v.value = "qwen3"
		case own:
			v.key = "qwen3." + name
		}
		out = append(out, v)
	}
	for _, v := range said {
		for i := range out {
			if out[i].key == v.key {
				out[i].value, v.key = v.value, ""
			}
		}
		if v.key != "" {
			out = append(out, v)
		}
	}
	return out, nil
}

// ropeKeys says an encoding by what llama.cpp computes of its own: frequencies of another base, plain ones over one factor, or YaRN.
func ropeKeys(r clex.Rotary, s clex.Scheme, t float64, e *clex.Encoding) ([]ggufValue, error) {
	as := func(x clex.Encoding) bool {
		for i, theta := range x.InvFreq {
			if math.Abs(e.InvFreq[i]/theta-1) > 1e-6 {
				return false
			}
		}
		return true
	}
	based, factor := r, r.Plain().InvFreq[0]/e.InvFreq[0]
	based.Base = math.Pow(e.InvFreq[len(e.InvFreq)-1], -float64(r.Dims)/float64(r.Dims-2))
	if r.Dims > 2 && based.Base > 1 && as(based.Plain()) {
		return []ggufValue{{"qwen3.rope.freq_base", float32(based.Base)}, {baseKey, float32(r.Base)}}, nil
	}
	slow := r.Plain()
	for i := range slow.InvFreq {
		slow.InvFreq[i] /= factor
	}
	kind := ggufValue{"qwen3.rope.scaling.type", "linear"}
	if !as(slow) {
		yarn, err := clex.New("yarn", r, clex.Options{})
		var x clex.Encoding
		if err != nil || yarn.Encode(&x, t, 0) != nil || !as(x) {
			return nil, fmt.Errorf("scheme %s at t = %g: llama.cpp's graph with normalised heads (Qwen 3) takes no frequency factors, and neither another base nor linear scaling nor YaRN says it", s.Name(), t)
		}
		kind.value, factor = "yarn", t
	}
	list := []ggufValue{kind, {"qwen3.rope.scaling.factor", float32(factor)}, {"qwen3.rope.scaling.original_context_length", uint32(r.Window)}}
	if kind.value == "yarn" {
		// Its own attention factor of YaRN comes on top.
		list = append(list, ggufValue{"qwen3.rope.scaling.attn_factor", float32(e.AttentionFactor / (0.1*math.Log(t) + 1))})
	}
	return list, nil
}
