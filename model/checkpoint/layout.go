package checkpoint

import (
	"fmt"

	"clexlab/model"
)

// slot ties a tensor of the file to the weights it holds. Its elements are
// rows×cols, row-major.
type slot struct {
	name       string
	rows, cols int
	// vector says that the tensor has one dimension: rows·cols.
	vector bool
	// matrices take whole rows, or the vectors do: one of the two is set. Three
	// of either share a fused query_key_value, whose rows go round by head:
	// headDim of Q, of K and of V of head 0, then of head 1, and so on.
	matrices []*model.Matrix
	vectors  []*[]float32
	headDim  int
	// float says that the matrices must not be I8.
	float bool
	// rounded says that the matrices became I8 as they were read: they have no scales in the file.
	rounded bool
	// optional says that the file need not have the tensor.
	optional bool
}

// shape is the tensor's shape in the file.
func (s *slot) shape() []int64 {
	if s.vector {
		return []int64{int64(s.rows * s.cols)}
	}
	return []int64{int64(s.rows), int64(s.cols)}
}

// place says which part, and which row of that part, row belongs to.
func (s *slot) place(row int) (part, partRow int) {
	if s.headDim == 0 {
		return 0, row
	}
	block := row / s.headDim
	return block % 3, block/3*s.headDim + row%s.headDim
}

// biases says which linear maps of every layer have one: queries, keys and values; the output of
// attention; the MLP. The output head has one in Phi alone, which is how its layout is known.
type biases struct{ qkv, o, mlp, head bool }

// layout is a list of slots under construction.
type layout struct{ slots []slot }

func (l *layout) matrix(name string, rows, cols int, m *model.Matrix) {
	l.slots = append(l.slots, slot{name: name, rows: rows, cols: cols, matrices: []*model.Matrix{m}})
}

func (l *layout) vectorOf(name string, n int, v *[]float32) {
	l.slots = append(l.slots, slot{name: name, rows: 1, cols: n, vector: true, vectors: []*[]float32{v}})
}

func (l *layout) linear(name string, rows, cols int, bias bool, m *model.Linear) {
	l.matrix(name+".weight", rows, cols, &m.Matrix)
	if bias {
		l.vectorOf(name+".bias", rows, &m.Bias)
	}
}

func (l *layout) norm(name string, c *model.Config, n *model.Norm) {
	l.vectorOf(name+".weight", c.Dim, &n.Weight)
	if c.Architecture == model.NeoX {
		l.vectorOf(name+".bias", c.Dim, &n.Bias)
	}
}

// layoutOf lists every tensor that the weights of a transformer of shape c are
// made of, under the names of Hugging Face's LlamaForCausalLM,
// GPTNeoXForCausalLM and PhiForCausalLM. w.Layers must have c.Layers layers.
func layoutOf(c *model.Config, b biases, w *model.Weights) []slot {
	var l layout
	switch {
	case b.head:
		l.phi(c, w)
	case c.Architecture == model.NeoX:
		l.neox(c, b, w)
	default:
		l.llama(c, b, w)
	}
	return l.slots
}

func (l *layout) llama(c *model.Config, b biases, w *model.Weights) {
	q, kv := c.Heads*c.Rotary.HeadDim, c.KVHeads*c.Rotary.HeadDim
	l.matrix("model.embed_tokens.weight", c.Vocab, c.Dim, &w.Embedding)
	for i := range w.Layers {
		layer, name := &w.Layers[i], fmt.Sprintf("model.layers.%d.", i)
		l.norm(name+"input_layernorm", c, &layer.AttentionNorm)
		l.linear(name+"self_attn.q_proj", q, c.Dim, b.qkv, &layer.Q)
		if c.HeadNorm {
			l.vectorOf(name+"self_attn.q_norm.weight", c.Rotary.HeadDim, &layer.QNorm.Weight)
			l.vectorOf(name+"self_attn.k_norm.weight", c.Rotary.HeadDim, &layer.KNorm.Weight)
		}
		l.linear(name+"self_attn.k_proj", kv, c.Dim, b.qkv, &layer.K)
		l.linear(name+"self_attn.v_proj", kv, c.Dim, b.qkv, &layer.V)
		l.linear(name+"self_attn.o_proj", c.Dim, q, b.o, &layer.O)
		if b.o {
			// Qwen's attention in LLaMA's clothes says attention_bias and has none here.
			l.slots[len(l.slots)-1].optional = true
		}
		l.norm(name+"post_attention_layernorm", c, &layer.MLPNorm)
		l.linear(name+"mlp.gate_proj", c.HiddenDim, c.Dim, b.mlp, &layer.Gate)
		l.linear(name+"mlp.up_proj", c.HiddenDim, c.Dim, b.mlp, &layer.Up)
		l.linear(name+"mlp.down_proj", c.Dim, c.HiddenDim, b.mlp, &layer.Down)
	}
	l.norm("model.norm", c, &w.FinalNorm)
	if !c.TiedHead {
		l.slots = append(l.slots, headSlot(c, b, &w.Head))
	}
}

func (l *layout) neox(c *model.Config, b biases, w *model.Weights) {
	l.matrix("gpt_neox.embed_in.weight", c.Vocab, c.Dim, &w.Embedding)
	for i := range w.Layers {
		layer, name := &w.Layers[i], fmt.Sprintf("gpt_neox.layers.%d.", i)
		l.norm(name+"input_layernorm", c, &layer.AttentionNorm)
		l.norm(name+"post_attention_layernorm", c, &layer.MLPNorm)
		fused := name + "attention.query_key_value"
		l.slots = append(l.slots, slot{
			name: fused + ".weight", rows: 3 * c.Dim, cols: c.Dim, headDim: c.Rotary.HeadDim,
			matrices: []*model.Matrix{&layer.Q.Matrix, &layer.K.Matrix, &layer.V.Matrix},
		})
		if b.qkv {
			l.slots = append(l.slots, slot{
				name: fused + ".bias", rows: 3 * c.Dim, cols: 1, vector: true, headDim: c.Rotary.HeadDim,
				vectors: []*[]float32{&layer.Q.Bias, &layer.K.Bias, &layer.V.Bias},
			})
		}
		l.linear(name+"attention.dense", c.Dim, c.Dim, b.o, &layer.O)
		l.linear(name+"mlp.dense_h_to_4h", c.HiddenDim, c.Dim, b.mlp, &layer.Up)
		l.linear(name+"mlp.dense_4h_to_h", c.Dim, c.HiddenDim, b.mlp, &layer.Down)
	}
	l.norm("gpt_neox.final_layer_norm", c, &w.FinalNorm)
	if !c.TiedHead {
		l.slots = append(l.slots, headSlot(c, b, &w.Head))
	}
}

// phi lists the tensors of a GPT-NeoX whose two norms of a layer are one, and whose queries, keys and values
// lie apart. The norm is read into AttentionNorm.
func (l *layout) phi(c *model.Config, w *model.Weights) {
	q, kv := c.Heads*c.Rotary.HeadDim, c.KVHeads*c.Rotary.HeadDim
	l.matrix("model.embed_tokens.weight", c.Vocab, c.Dim, &w.Embedding)
	for i := range w.Layers {
		layer, name := &w.Layers[i], fmt.Sprintf("model.layers.%d.", i)
		l.norm(name+"input_layernorm", c, &layer.AttentionNorm)
		l.linear(name+"self_attn.q_proj", q, c.Dim, true, &layer.Q)
		l.linear(name+"self_attn.k_proj", kv, c.Dim, true, &layer.K)
		l.linear(name+"self_attn.v_proj", kv, c.Dim, true, &layer.V)
		l.linear(name+"self_attn.dense", c.Dim, q, true, &layer.O)
		l.linear(name+"mlp.fc1", c.HiddenDim, c.Dim, true, &layer.Up)
		l.linear(name+"mlp.fc2", c.Dim, c.HiddenDim, true, &layer.Down)
	}
	l.norm("model.final_layernorm", c, &w.FinalNorm)
	if !c.TiedHead {
		l.slots = append(l.slots, headSlot(c, biases{head: true}, &w.Head))
	}
	l.vectorOf("lm_head.bias", c.Vocab, &w.HeadBias)
}

// baseName is the prefix of all tensors but the head's.
func baseName(c *model.Config, b biases) string {
	if c.Architecture == model.NeoX && !b.head {
		return "gpt_neox."
	}
	return "model."
}

// headName is what Hugging Face calls the output head.
func headName(c *model.Config, b biases) string {
	if c.Architecture == model.NeoX && !b.head {
		return "embed_out.weight"
	}
	return "lm_head.weight"
}

// headSlot is the slot of the output head, which a tied model need not have.
func headSlot(c *model.Config, b biases, m *model.Matrix) slot {
	return slot{name: headName(c, b), rows: c.Vocab, cols: c.Dim, matrices: []*model.Matrix{m}, optional: c.TiedHead}
}

// networkSlots lists the tensors of a CLEX network under the names of the reference.
func networkSlots(c *model.Config, b biases, hidden int, up, down *model.Matrix) []slot {
	prefix := baseName(c, b) + "clex_layer.proj_func.ode_"
	pairs := c.Rotary.Dims / 2
	return []slot{
		{name: prefix + "up_proj", rows: pairs, cols: hidden, matrices: []*model.Matrix{up}, float: true},
		{name: prefix + "down_proj", rows: hidden, cols: pairs, matrices: []*model.Matrix{down}, float: true},
	}
}

// allocate makes room for float32 values.
func (s *slot) allocate() {
	for _, m := range s.matrices {
		m.Rows, m.Cols = s.rows/len(s.matrices), s.cols
		m.F32 = make([]float32, m.Rows*m.Cols)
	}
	for _, v := range s.vectors {
		*v = make([]float32, s.rows*s.cols/len(s.vectors))
	}
}

// allocateI8 makes room for int8 values; their scales come with a tensor of their own.
func (s *slot) allocateI8() {
	for _, m := range s.matrices {
		m.Rows, m.Cols = s.rows/len(s.matrices), s.cols
		m.I8 = make([]int8, m.Rows*m.Cols)
	}
}

// row is where the float32 values of one row of the tensor live.
func (s *slot) row(i int) []float32 {
	part, i := s.place(i)
	if len(s.vectors) > 0 {
		return (*s.vectors[part])[i*s.cols : (i+1)*s.cols]
	}
	return s.matrices[part].F32[i*s.cols : (i+1)*s.cols]
}

// rowI8 is where the int8 values of one row of the tensor live.
func (s *slot) rowI8(i int) []int8 {
	part, i := s.place(i)
	return s.matrices[part].I8[i*s.cols : (i+1)*s.cols]
}

// quantised tells whether the file's values are int8.
func (s *slot) quantised() bool {
	return len(s.matrices) > 0 && s.matrices[0].I8 != nil && !s.rounded
}
