package checkpoint

import (
	"fmt"

	"clexlab/model"
)

// ggufSlots are the places of a GGUF file's tensors by name.
type ggufSlots map[string]*slot

func (g ggufSlots) put(s slot) { g[s.name] = &s }

func (g ggufSlots) matrix(name string, rows, cols int, m *model.Matrix) {
	g.put(slot{name: name, rows: rows, cols: cols, matrices: []*model.Matrix{m}})
}

func (g ggufSlots) vector(name string, n int, v *[]float32, optional bool) {
	g.put(slot{name: name, rows: 1, cols: n, vector: true, vectors: []*[]float32{v}, optional: optional})
}

func (g ggufSlots) linear(name string, rows, cols int, l *model.Linear) {
	g.matrix(name+".weight", rows, cols, &l.Matrix)
	g.vector(name+".bias", rows, &l.Bias, true)
}

func (g ggufSlots) norm(name string, c *model.Config, n *model.Norm) {
	g.vector(name+".weight", c.Dim, &n.Weight, false)
	if c.Architecture == model.NeoX {
		g.vector(name+".bias", c.Dim, &n.Bias, false)
	}
}

// ggufLayout lists the tensors of llama.cpp's graph of that name for a transformer of shape c. w.Layers must have c.Layers layers.
func ggufLayout(arch string, c *model.Config, w *model.Weights, factors *[]float32) ggufSlots {
	g := ggufSlots{}
	q, kv := c.Heads*c.Rotary.HeadDim, c.KVHeads*c.Rotary.HeadDim
	g.matrix("token_embd.weight", c.Vocab, c.Dim, &w.Embedding)
	g.put(slot{name: "output.weight", rows: c.Vocab, cols: c.Dim, matrices: []*model.Matrix{&w.Head}, optional: true})
	g.norm("output_norm", c, &w.FinalNorm)
	if c.Architecture == model.LLaMA {
		g.vector(factorsTensor, c.Rotary.Dims/2, factors, true)
	}
	if arch == "phi2" {
		g.vector("output.bias", c.Vocab, &w.HeadBias, false)
	}
	for i := range w.Layers {
		l, name := &w.Layers[i], fmt.Sprintf("blk.%d.", i)
		g.norm(name+"attn_norm", c, &l.AttentionNorm)
		g.linear(name+"attn_output", c.Dim, q, &l.O)
		if c.HeadNorm {
			g.vector(name+"attn_q_norm.weight", c.Rotary.HeadDim, &l.QNorm.Weight, false)
			g.vector(name+"attn_k_norm.weight", c.Rotary.HeadDim, &l.KNorm.Weight, false)
		}
		if c.Architecture == model.NeoX && q == kv {
			g.fused(name+"attn_qkv", q, c.Dim, l)
		}
		if arch != "gptneox" {
			g.linear(name+"attn_q", q, c.Dim, &l.Q)
			g.linear(name+"attn_k", kv, c.Dim, &l.K)
			g.linear(name+"attn_v", kv, c.Dim, &l.V)
		}
		if arch != "phi2" {
			g.norm(name+"ffn_norm", c, &l.MLPNorm)
		}
		if c.Architecture == model.LLaMA {
			g.linear(name+"ffn_gate", c.HiddenDim, c.Dim, &l.Gate)
		}
		g.linear(name+"ffn_up", c.HiddenDim, c.Dim, &l.Up)
		g.linear(name+"ffn_down", c.Dim, c.HiddenDim, &l.Down)
	}
	if arch == "phi2" && q == kv {
		// Queries, keys and values come together or apart.
		for i := range w.Layers {
			for _, part := range []string{"q", "k", "v", "qkv"} {
				g[fmt.Sprintf("blk.%d.attn_%s.weight", i, part)].optional = true
			}
		}
	}
	return g
}

// fused is one map to queries, keys and values, one below the other.
func (g ggufSlots) fused(name string, rows, cols int, l *model.Layer) {
	g.put(slot{name: name + ".weight", rows: 3 * rows, cols: cols, headDim: rows, matrices: []*model.Matrix{&l.Q.Matrix, &l.K.Matrix, &l.V.Matrix}})
	g.put(slot{name: name + ".bias", rows: 3 * rows, cols: 1, vector: true, headDim: rows, vectors: []*[]float32{&l.Q.Bias, &l.K.Bias, &l.V.Bias}, optional: true})
}

// fused sees that each layer of a phi2 file has queries, keys and values once, together or apart.
func (r *ggufReader) fused(read map[string]bool) error {
	if r.arch != "phi2" {
		return nil
	}
	for i := range r.config.Layers {
		name := fmt.Sprintf("blk.%d.attn_", i)
		together := read[name+"qkv.weight"]
		for _, part := range []string{"q", "k", "v"} {
			switch apart := read[name+part+".weight"]; {
			case together && (apart || read[name+part+".bias"]):
				return fmt.Errorf("tensor %q: stands beside %q: which of them counts?", name+part, name+"qkv.weight")
			case !together && !apart:
				return fmt.Errorf("tensor %q is missing", name+part+".weight")
			case !together && read[name+"qkv.bias"]:
				return fmt.Errorf("tensor %q: has no weight beside it", name+"qkv.bias")
			}
		}
	}
	return nil
}
