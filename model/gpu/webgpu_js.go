//go:build js && wasm

package gpu

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"syscall/js"
	"unsafe"
)

// webGPU is the Driver of a browser. Setting up goes through syscall/js call by
// call; a submit is one copy and one call, see replay.js.
type webGPU struct {
	adapter Adapter
	device  js.Value
	lists   js.Value
	buffers js.Value
	groups  js.Value
	replay  js.Value
	// words is the JavaScript side's copy of a submit, raw the same memory as bytes.
	words, raw js.Value
	layouts    map[string]js.Value
	compiled   map[string]Pipeline
	uniforms   js.Value
	counts     struct{ buffers, groups, pipelines int }

	mu      sync.Mutex
	waiting map[int]*submitted
	ticket  int
	// lost is why the device is of no use any more.
	lost  *Error
	funcs []js.Func
}

// Open asks the browser for its best adapter and a device. An *Error of kind
// Missing says why there is none. replay.js must have been loaded.
func Open(ctx context.Context) (Driver, error) {
	missing := func(format string, args ...any) (Driver, error) {
		return nil, &Error{Kind: Missing, Text: fmt.Sprintf(format, args...)}
	}
	api := js.Global().Get("navigator").Get("gpu")
	if !api.Truthy() {
		return missing("this browser has no WebGPU")
	}
	if js.Global().Get("clexgpu").Type() != js.TypeFunction {
		return missing("replay.js is not loaded")
	}
	adapter, err := await(ctx, api.Call("requestAdapter", map[string]any{"powerPreference": "high-performance"}))
	if err != nil {
		return missing("%v", err)
	}
	if !adapter.Truthy() {
		return missing("the browser offers no adapter")
	}
	g := &webGPU{adapter: describe(adapter), layouts: map[string]js.Value{}, compiled: map[string]Pipeline{}, waiting: map[int]*submitted{}}
	if g.device, err = await(ctx, adapter.Call("requestDevice")); err != nil {
		return missing("%s: %v", g.adapter.Name, err)
	}
	limits := g.device.Get("limits")
	g.adapter.Limits = Limits{
		BindingBytes:   int(min(limits.Get("maxStorageBufferBindingSize").Float(), limits.Get("maxBufferSize").Float())),
		WorkgroupBytes: limits.Get("maxComputeWorkgroupStorageSize").Int(),
		StorageBuffers: limits.Get("maxStorageBuffersPerShaderStage").Int(),
		Invocations:    limits.Get("maxComputeInvocationsPerWorkgroup").Int(),
	}
	g.listen()
	return g, nil
}

// describe names an adapter as well as the browser lets it.
func describe(adapter js.Value) Adapter {
	info := adapter.Get("info")
	flagged := adapter.Get("isFallbackAdapter").Truthy()
	var words []string
	if info.Truthy() {
		flagged = flagged || info.Get("isFallbackAdapter").Truthy()
		for _, key := range []string{"vendor", "architecture", "device", "description"} {
			if v := info.Get(key); v.Type() == js.TypeString && v.String() != "" && !strings.Contains(strings.Join(words, " "), v.String()) {
				words = append(words, v.String())
			}
		}
	}
	name := strings.Join(words, " ")
	if name == "" {
		name = "unnamed adapter"
	}
	if strings.Contains(strings.ToLower(name), "swiftshader") {
		name = "SwiftShader"
	}
	return Adapter{Name: name, Software: SoftwareAdapter(name, flagged)}
}

// listen sets up what comes back from JavaScript.
func (g *webGPU) listen() {
	g.lists = js.Global().Get("Object").New()
	g.buffers, g.groups = js.Global().Get("Array").New(), js.Global().Get("Array").New()
	g.lists.Set("buffers", g.buffers)
	g.lists.Set("groups", g.groups)
	g.lists.Set("pipelines", js.Global().Get("Array").New())
	on := func(f func(args []js.Value)) js.Func {
		fn := js.FuncOf(func(_ js.Value, args []js.Value) any {
			f(args)
			return nil
		})
		g.funcs = append(g.funcs, fn)
		return fn
	}
	g.device.Get("lost").Call("then", on(func(args []js.Value) {
		g.fail(&Error{Kind: Lost, Text: g.adapter.Label() + ": " + args[0].Get("message").String()})
	}))
	g.device.Set("onuncapturederror", on(func(args []js.Value) {
		g.fail(&Error{Kind: Invalid, Text: args[0].Get("error").Get("message").String()})
	}))
	g.replay = js.Global().Call("clexgpu", g.device, g.lists, on(g.done))
	g.grow(1 << 14)
}

func (g *webGPU) grow(words int) {
	g.words = js.Global().Get("Uint32Array").New(words)
	g.raw = js.Global().Get("Uint8Array").New(g.words.Get("buffer"))
}

// fail ends all work under way and all to come.
func (g *webGPU) fail(err *Error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.lost == nil {
		g.lost = err
	}
	for t, s := range g.waiting {
		delete(g.waiting, t)
		s.answer <- outcome{err: g.lost}
	}
}

func (g *webGPU) broken() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.lost != nil {
		return g.lost
	}
	return nil
}

// Adapter implements Driver.
func (g *webGPU) Adapter() Adapter { return g.adapter }

// Alloc implements Driver.
func (g *webGPU) Alloc(ctx context.Context, sizes ...int) ([]Buffer, error) {
	if err := g.broken(); err != nil {
		return nil, err
	}
	usage := js.Global().Get("GPUBufferUsage")
	all := usage.Get("STORAGE").Int() | usage.Get("UNIFORM").Int() | usage.Get("COPY_DST").Int() | usage.Get("COPY_SRC").Int()
	g.device.Call("pushErrorScope", "out-of-memory")
	g.device.Call("pushErrorScope", "validation")
	out := make([]Buffer, len(sizes))
	total := 0
	for i, size := range sizes {
		out[i] = Buffer(g.counts.buffers)
		total += size
		g.buffers.SetIndex(g.counts.buffers, g.device.Call("createBuffer", map[string]any{"size": max(16, size), "usage": all}))
		g.counts.buffers++
	}
	// Both scopes are closed before anything is waited for.
	scopes := []js.Value{g.device.Call("popErrorScope"), g.device.Call("popErrorScope")}
	for i, kind := range []Kind{Invalid, Memory} {
		trouble, err := await(ctx, scopes[i])
		if err == nil && trouble.Truthy() {
			err = &Error{Kind: kind, Text: fmt.Sprintf("%d MB: %s", total>>20, trouble.Get("message").String())}
		}
		if err != nil {
			g.Free(out...)
			return nil, err
		}
	}
	return out, g.broken()
}

// Upload implements Driver.
func (g *webGPU) Upload(b Buffer, data []byte) {
	array := js.Global().Get("Uint8Array").New(len(data))
	js.CopyBytesToJS(array, data)
	g.device.Get("queue").Call("writeBuffer", g.buffers.Index(int(b)), 0, array)
}

// Compile implements Driver.
func (g *webGPU) Compile(ctx context.Context, list []Shader) ([]Pipeline, error) {
	// Models of one head size have the same kernels; a device compiles them once.
	promises := make([]js.Value, len(list))
	var scopes []js.Value
	for i := range list {
		if _, ok := g.compiled[list[i].WGSL]; ok {
			continue
		}
		module := g.device.Call("createShaderModule", map[string]any{"code": list[i].WGSL, "label": list[i].Name})
		layout := g.device.Call("createPipelineLayout", map[string]any{"bindGroupLayouts": []any{g.uniformLayout(), g.layout(&list[i])}})
		description := map[string]any{"label": list[i].Name, "layout": layout, "compute": map[string]any{"module": module, "entryPoint": "main"}}
		if g.adapter.Software {
			// Compiled in the background, which is at the end of every queue of a
			// machine whose processors are also its GPU, it would take many times as long.
			g.device.Call("pushErrorScope", "validation")
			p := g.device.Call("createComputePipeline", description)
			promises[i] = js.Global().Get("Promise").Call("resolve", p)
			scopes = append(scopes, g.device.Call("popErrorScope"))
			continue
		}
		promises[i] = g.device.Call("createComputePipelineAsync", description)
	}
	for i, scope := range scopes {
		trouble, err := await(ctx, scope)
		if err == nil && trouble.Truthy() {
			err = &Error{Kind: Invalid, Text: list[i].Name + ": " + trouble.Get("message").String()}
		}
		if err != nil {
			return nil, err
		}
	}
	out := make([]Pipeline, len(list))
	for i := range list {
		if have, ok := g.compiled[list[i].WGSL]; ok {
			out[i] = have
			continue
		}
		p, err := await(ctx, promises[i])
		if err != nil {
			if broken := g.broken(); broken != nil {
				return nil, broken
			}
			return nil, &Error{Kind: Invalid, Text: list[i].Name + ": " + err.Error()}
		}
		out[i] = Pipeline(g.counts.pipelines)
		g.compiled[list[i].WGSL] = out[i]
		g.lists.Get("pipelines").SetIndex(g.counts.pipelines, p)
		g.counts.pipelines++
	}
	return out, g.broken()
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
func (g *webGPU) Uniforms(now, encoding Buffer) Group {
	return g.group(g.uniformLayout(), []any{
		map[string]any{"binding": 0, "resource": map[string]any{"buffer": g.buffers.Index(int(now)), "size": 4 * nowWords}},
		map[string]any{"binding": 1, "resource": map[string]any{"buffer": g.buffers.Index(int(encoding))}},
	})
}

// submitted is work under way in a browser.
type submitted struct{ answer chan outcome }

type outcome struct {
	data []byte
	err  error
}

// Wait implements Pending.
func (s *submitted) Wait(ctx context.Context) ([]byte, error) {
	select {
	case o := <-s.answer:
		// It may be waited for again.
		s.answer <- o
		return o.data, o.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Submit implements Driver.
func (g *webGPU) Submit(c *Commands) Pending {
	s := &submitted{answer: make(chan outcome, 1)}
	if err := g.broken(); err != nil {
		s.answer <- outcome{err: err}
		return s
	}
	words := c.Words()
	if n := g.words.Length(); n < len(words) {
		g.grow(max(2*n, len(words)))
	}
	js.CopyBytesToJS(g.raw, unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(words))), 4*len(words)))
	g.mu.Lock()
	g.ticket++
	g.waiting[g.ticket] = s
	ticket := g.ticket
	g.mu.Unlock()
	g.replay.Invoke(ticket, g.words, len(words), c.Bytes())
	return s
}

// done takes the end of a submit: ticket, bytes or null, error or "", its kind.
func (g *webGPU) done(args []js.Value) {
	g.mu.Lock()
	s := g.waiting[args[0].Int()]
	delete(g.waiting, args[0].Int())
	lost := g.lost
	g.mu.Unlock()
	if s == nil {
		return
	}
	var o outcome
	switch text := args[2].String(); {
	case lost != nil:
		o.err = lost
	case text != "":
		err := &Error{Kind: Kind(args[3].Int()), Text: text}
		o.err = err
		defer g.fail(err)
	case args[1].Truthy():
		o.data = make([]byte, args[1].Get("byteLength").Int())
		js.CopyBytesToGo(o.data, args[1])
	}
	s.answer <- o
}

// Free implements Driver.
func (g *webGPU) Free(list ...Buffer) {
	for _, b := range list {
		if v := g.buffers.Index(int(b)); v.Truthy() {
			v.Call("destroy")
			g.buffers.SetIndex(int(b), js.Null())
		}
	}
}

// Close implements Driver.
func (g *webGPU) Close() {
	g.fail(&Error{Kind: Lost, Text: "it was given back"})
	g.device.Call("destroy")
}

// Destroy implements Driver.
func (g *webGPU) Destroy() { g.device.Call("destroy") }
