package gputrain

import (
	"context"
	"embed"
	"fmt"

	"clexlab/model"
	"clexlab/model/gpu"
)

//go:embed shaders/*.wgsl
var shaders embed.FS

// kernel is a compiled shader.
type kernel struct {
	gpu.Shader
	pipeline gpu.Pipeline
}

// kernels are those of one model's shape.
type kernels struct {
	embed, embedBack, norm, normBack, angles, rotate, rotateBack    *kernel
	attend, attendQuery, attendKey, attendValue, swiGLU, swiGLUBack *kernel
	forward, residual, inputGradient, weightGradient, gather        *kernel
	crossEntropy, softCrossEntropy, shardSums, squares, clip, adamW *kernel
}

// threads of the kernels' workgroups, as their files say.
const (
	small = 64
	large = 256
)

// sharedBytes is what the tiles of attention may take of a workgroup's memory.
const sharedBytes = 16 << 10

// attentionKeys is how many keys of d values a workgroup holds, beside their values and four numbers each.
func attentionKeys(d int) int {
	keys := 32
	for keys*(2*d+4)*4 > sharedBytes {
		keys /= 2
	}
	return keys
}

// vectorsOf is how many vectors of four each of a small workgroup's invocations takes of a row.
func vectorsOf(dim int) int { return groups(dim/4, small) }

func compile(ctx context.Context, d gpu.Driver, c model.Config) (*kernels, error) {
	var k kernels
	head := c.Rotary.HeadDim
	constants := map[string]int{"HEAD": head, "VECTORS": head / 4, "KEYS": attentionKeys(head), "MOST_VECTORS": vectorsOf(c.Dim)}
	list := []struct {
		to       **kernel
		file     string
		features []string
	}{
		{&k.embed, "embed", nil}, {&k.embedBack, "embedback", nil}, {&k.norm, "norm", nil}, {&k.normBack, "normback", nil},
		{&k.angles, "angles", nil}, {&k.rotate, "rotate", nil}, {&k.rotateBack, "rotateback", nil},
		{&k.attend, "attend", nil}, {&k.attendQuery, "attendquery", nil}, {&k.attendKey, "attendkey", nil}, {&k.attendValue, "attendkey", []string{"VALUES"}},
		{&k.swiGLU, "swiglu", nil}, {&k.swiGLUBack, "swigluback", nil},
		{&k.forward, "matmul", nil}, {&k.residual, "matmul", []string{"RESIDUAL"}}, {&k.inputGradient, "matmul", []string{"B_ACROSS"}},
		{&k.weightGradient, "matmul", []string{"A_ACROSS", "B_ACROSS", "SPLIT"}}, {&k.gather, "gather", nil},
		{&k.crossEntropy, "crossentropy", nil}, {&k.softCrossEntropy, "crossentropy", []string{"SOFT"}}, {&k.shardSums, "shardsums", nil},
		{&k.squares, "squares", nil}, {&k.clip, "clip", nil}, {&k.adamW, "adamw", nil},
	}
	sources := make([]gpu.Shader, len(list))
	for i, l := range list {
		var err error
		if sources[i], err = gpu.Assemble(shaders, l.file, constants, l.features...); err != nil {
			return nil, err
		}
	}
	made, refused, err := d.Compile(ctx, sources)
	if err != nil {
		return nil, err
	}
	for i, l := range list {
		if refused[i] != nil {
			return nil, fmt.Errorf("gputrain: kernel %s: %w", sources[i].Name, refused[i])
		}
		*l.to = &kernel{sources[i], made[i]}
	}
	return &k, nil
}

// groups is how many workgroups of a size cover n.
func groups(n, size int) int { return (n + size - 1) / size }
