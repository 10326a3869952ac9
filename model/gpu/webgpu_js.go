//go:build js && wasm

package gpu

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"syscall/js"
)

// webGPU is the Driver of a browser. Setting up goes through syscall/js call by
// call; a submit is one copy and one call, see replay.js. Its methods are in the files of their parts.
type webGPU struct {
	adapter Adapter
	device  js.Value
	lists   js.Value
	buffers js.Value
	groups  js.Value
	replay  js.Value
	// words is the JavaScript side's copy of a submit, with room for so many; raw is the same memory as bytes.
	words, raw js.Value
	room       int
	layouts    map[string]js.Value
	compiled   map[string]Pipeline
	uniforms   js.Value
	counts     struct{ buffers, groups, pipelines int }

	mu      sync.Mutex
	waiting map[int]*submitted
	ticket  int
	// lost is why the device is of no use any more.
	lost *Error
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
	features := []any{}
	for name, has := range map[string]*bool{"subgroups": &g.adapter.Subgroups, "shader-f16": &g.adapter.ShaderF16} {
		if *has = adapter.Get("features").Call("has", name).Bool(); *has {
			features = append(features, name)
		}
	}
	// A device has only what WebGPU promises unless it is asked for more, and a large vocabulary needs more.
	limits, most := map[string]any{}, adapter.Get("limits")
	for _, name := range []string{"maxStorageBufferBindingSize", "maxBufferSize"} {
		limits[name] = most.Get(name)
	}
	if g.device, err = await(ctx, adapter.Call("requestDevice", map[string]any{"requiredFeatures": features, "requiredLimits": limits})); err != nil {
		return missing("%s: %v", g.adapter.Name, err)
	}
	given := g.device.Get("limits")
	g.adapter.Limits = Limits{
		BindingBytes:   int(min(given.Get("maxStorageBufferBindingSize").Float(), given.Get("maxBufferSize").Float())),
		WorkgroupBytes: given.Get("maxComputeWorkgroupStorageSize").Int(),
		StorageBuffers: given.Get("maxStorageBuffersPerShaderStage").Int(),
		Invocations:    given.Get("maxComputeInvocationsPerWorkgroup").Int(),
	}
	g.hear()
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
			v := info.Get(key)
			if v.Type() != js.TypeString || v.String() == "" {
				continue
			}
			word := v.String()
			if !within(word, strings.Join(words, " ")) {
				words = append(slices.DeleteFunc(words, func(w string) bool { return within(w, word) }), word)
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

// within tells whether text holds part, in capitals or not.
func within(part, text string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}

// hear sets up what comes back from JavaScript.
func (g *webGPU) hear() {
	g.lists = js.Global().Get("Object").New()
	g.buffers, g.groups = js.Global().Get("Array").New(), js.Global().Get("Array").New()
	g.lists.Set("buffers", g.buffers)
	g.lists.Set("groups", g.groups)
	g.lists.Set("pipelines", js.Global().Get("Array").New())
	on := func(f func(args []js.Value)) js.Func {
		return js.FuncOf(func(_ js.Value, args []js.Value) any {
			f(args)
			return nil
		})
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

// Close implements Driver.
func (g *webGPU) Close() {
	g.fail(&Error{Kind: Lost, Text: "it was given back"})
	g.device.Call("destroy")
}

// Destroy implements Driver.
func (g *webGPU) Destroy() { g.device.Call("destroy") }
