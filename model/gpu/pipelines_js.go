//go:build js && wasm

package gpu

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"syscall/js"
)

// Compile implements Driver. Models of one head size have the same kernels; a device compiles them once.
func (g *webGPU) Compile(ctx context.Context, list []Shader) ([]Pipeline, []error, error) {
	// All are begun before any is waited for.
	pipelines, scopes := make([]pending, len(list)), make([]pending, len(list))
	for i := range list {
		if _, ok := g.compiled[list[i].WGSL]; ok {
			continue
		}
		layout := g.device.Call("createPipelineLayout", map[string]any{"bindGroupLayouts": []any{g.uniformLayout(), g.layout(&list[i])}})
		g.device.Call("pushErrorScope", "validation")
		module := g.device.Call("createShaderModule", map[string]any{"code": list[i].WGSL, "label": list[i].Name})
		description := map[string]any{"label": list[i].Name, "layout": layout, "compute": map[string]any{"module": module, "entryPoint": "main"}}
		if g.adapter.Software {
			// Compiled in the background, which is at the end of every queue of a
			// machine whose processors are also its GPU, it would take many times as long.
			pipelines[i] = listen(js.Global().Get("Promise").Call("resolve", g.device.Call("createComputePipeline", description)))
		} else {
			pipelines[i] = listen(g.device.Call("createComputePipelineAsync", description))
		}
		scopes[i] = listen(g.device.Call("popErrorScope"))
	}
	made, refused := make([]Pipeline, len(list)), make([]error, len(list))
	for i := range list {
		if have, ok := g.compiled[list[i].WGSL]; ok {
			made[i] = have
			continue
		}
		pipeline, err := pipelines[i].wait(ctx)
		trouble, lost := scopes[i].wait(ctx)
		if lost == nil && trouble.Truthy() {
			err = js.Error{Value: trouble}
		}
		if lost = cmp.Or(g.broken(), lost, ctx.Err()); lost != nil {
			return nil, nil, lost
		}
		if err != nil {
			refused[i] = &Error{Kind: Invalid, Text: firstLine(strings.TrimPrefix(err.Error(), "JavaScript error: "))}
			continue
		}
		made[i] = Pipeline(g.counts.pipelines)
		g.compiled[list[i].WGSL] = made[i]
		g.lists.Get("pipelines").SetIndex(g.counts.pipelines, pipeline)
		g.counts.pipelines++
	}
	return made, refused, g.broken()
}

// firstLine keeps a compiler from telling the whole source in an error.
func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// layout is the layout of a shader's storage buffers.
func (g *webGPU) layout(s *Shader) js.Value {
	key := s.Signature()
	if l, ok := g.layouts[key]; ok {
		return l
	}
	var entries []any
	for _, b := range s.Bindings {
		kind := "read-only-storage"
		switch {
		case b.Uniform:
			kind = "uniform"
		case b.Write:
			kind = "storage"
		}
		entries = append(entries, map[string]any{"binding": b.Index, "visibility": computeStage, "buffer": map[string]any{"type": kind}})
	}
	l := g.device.Call("createBindGroupLayout", map[string]any{"entries": entries})
	g.layouts[key] = l
	return l
}

// computeStage is GPUShaderStage.COMPUTE.
const computeStage = 4

func (g *webGPU) uniformLayout() js.Value {
	if !g.uniforms.Truthy() {
		g.uniforms = g.device.Call("createBindGroupLayout", map[string]any{"entries": []any{
			map[string]any{"binding": 0, "visibility": computeStage, "buffer": map[string]any{"type": "uniform", "hasDynamicOffset": true}},
			map[string]any{"binding": 1, "visibility": computeStage, "buffer": map[string]any{"type": "uniform"}},
		}})
	}
	return g.uniforms
}

func (g *webGPU) group(layout js.Value, entries []any) Group {
	g.groups.SetIndex(g.counts.groups, g.device.Call("createBindGroup", map[string]any{"layout": layout, "entries": entries}))
	g.counts.groups++
	return Group(g.counts.groups - 1)
}

// Bind implements Driver.
func (g *webGPU) Bind(s *Shader, buffers ...Buffer) Group {
	if len(buffers) != len(s.Bindings) {
		panic(fmt.Sprintf("gpu: %d buffers for the %d bindings of %s", len(buffers), len(s.Bindings), s.Name))
	}
	var entries []any
	for i, b := range s.Bindings {
		entries = append(entries, map[string]any{"binding": b.Index, "resource": map[string]any{"buffer": g.buffers.Index(int(buffers[i]))}})
	}
	return g.group(g.layout(s), entries)
}

// Uniforms implements Driver.
func (g *webGPU) Uniforms(params, encoding Buffer) Group {
	return g.group(g.uniformLayout(), []any{
		map[string]any{"binding": 0, "resource": map[string]any{"buffer": g.buffers.Index(int(params)), "size": 4 * ParamWords}},
		map[string]any{"binding": 1, "resource": map[string]any{"buffer": g.buffers.Index(int(encoding))}},
	})
}
