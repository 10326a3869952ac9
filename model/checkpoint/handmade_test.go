package checkpoint

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
)

// handTensor is a tensor of a safetensors file that a test puts together by
// hand, byte by byte, without any of this package's writing code.
type handTensor struct {
	name, dtype string
	shape       []int
	data        []byte
}

// handFile lays tensors out one after the other. Header is length, JSON and no padding.
func handFile(tensors ...handTensor) []byte {
	var entries []string
	var data []byte
	for _, t := range tensors {
		var shape []string
		for _, d := range t.shape {
			shape = append(shape, fmt.Sprint(d))
		}
		entries = append(entries, fmt.Sprintf(`"%s":{"dtype":"%s","shape":[%s],"data_offsets":[%d,%d]}`,
			t.name, t.dtype, strings.Join(shape, ","), len(data), len(data)+len(t.data)))
		data = append(data, t.data...)
	}
	return handHeader("{"+strings.Join(entries, ",")+"}", data)
}

// handHeader joins any text as header with data.
func handHeader(text string, data []byte) []byte {
	file := binary.LittleEndian.AppendUint64(nil, uint64(len(text)))
	return append(append(file, text...), data...)
}

// handF32 is an F32 tensor whose element i is at(i).
func handF32(name string, at func(i int) float32, shape ...int) handTensor {
	n := 1
	for _, d := range shape {
		n *= d
	}
	var data []byte
	for i := range n {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(at(i)))
	}
	return handTensor{name, "F32", shape, data}
}

// counting gives every tensor of a file other values: base, base+1, …
func counting(base float32) func(int) float32 {
	return func(i int) float32 { return base + float32(i) }
}

// tinyConfig and tinyTensors are the smallest LLaMA that has every tensor: one
// layer, width 4, two heads of 2, one key head, 6 in the MLP, 3 tokens.
const tinyConfig = `{"model_type":"llama","vocab_size":3,"hidden_size":4,"intermediate_size":6,"num_hidden_layers":1,
	"num_attention_heads":2,"num_key_value_heads":1,"max_position_embeddings":8}`

func tinyTensors() []handTensor {
	const l = "model.layers.0."
	return []handTensor{
		handF32("model.embed_tokens.weight", counting(100), 3, 4),
		handF32(l+"input_layernorm.weight", counting(200), 4),
		handF32(l+"self_attn.q_proj.weight", counting(300), 4, 4),
		handF32(l+"self_attn.k_proj.weight", counting(400), 2, 4),
		handF32(l+"self_attn.v_proj.weight", counting(500), 2, 4),
		handF32(l+"self_attn.o_proj.weight", counting(600), 4, 4),
		handF32(l+"post_attention_layernorm.weight", counting(700), 4),
		handF32(l+"mlp.gate_proj.weight", counting(800), 6, 4),
		handF32(l+"mlp.up_proj.weight", counting(900), 6, 4),
		handF32(l+"mlp.down_proj.weight", counting(1000), 4, 6),
		handF32("model.norm.weight", counting(1100), 4),
		handF32("lm_head.weight", counting(1200), 3, 4),
	}
}
