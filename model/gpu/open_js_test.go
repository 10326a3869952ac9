//go:build js && wasm

package gpu

import (
	"fmt"
	"syscall/js"
	"testing"
	"time"
)

// device is one for all tests: kernels that were compiled stay.
var device Driver

func open(t testing.TB) Driver {
	t.Helper()
	if device == nil {
		d, err := Open(t.Context())
		if err != nil {
			t.Skip(err)
		}
		device = d
	}
	return device
}

func TestOpen(t *testing.T) {
	a := open(t).Adapter()
	t.Logf("%+v", a)
	l, least := a.Limits, DefaultLimits
	if a.Name == "" || l.BindingBytes < least.BindingBytes || l.WorkgroupBytes < least.WorkgroupBytes || l.StorageBuffers < least.StorageBuffers || l.Invocations < least.Invocations {
		t.Errorf("%q has less than WebGPU promises: %+v", a.Name, l)
	}
	adapter, err := await(t.Context(), js.Global().Get("navigator").Get("gpu").Call("requestAdapter", map[string]any{"powerPreference": "high-performance"}))
	if err != nil {
		t.Fatal(err)
	}
	most := min(adapter.Get("limits").Get("maxStorageBufferBindingSize").Float(), adapter.Get("limits").Get("maxBufferSize").Float())
	if l.BindingBytes != int(most) {
		t.Errorf("the device binds %d bytes, its adapter could have given %v", l.BindingBytes, most)
	}
	if a.Software != SoftwareAdapter(a.Name, a.Software) {
		t.Errorf("%q says it is software: %v", a.Name, a.Software)
	}
}

// A word that another one holds is left out of an adapter's name.
func TestAdapterNames(t *testing.T) {
	for _, c := range []struct {
		info map[string]any
		want string
	}{
		{map[string]any{"vendor": "nvidia", "architecture": "nvidia-h200", "device": "", "description": "NVIDIA: 580.1"}, "nvidia-h200 NVIDIA: 580.1"},
		{map[string]any{"vendor": "apple", "architecture": "metal-3"}, "apple metal-3"},
		{map[string]any{"vendor": "intel", "description": "Intel(R) UHD"}, "Intel(R) UHD"},
		{map[string]any{"vendor": "google", "architecture": "swiftshader"}, "SwiftShader"},
		{map[string]any{}, "unnamed adapter"},
	} {
		if got := describe(js.ValueOf(map[string]any{"info": c.info})).Name; got != c.want {
			t.Errorf("%v is named %q, want %q", c.info, got, c.want)
		}
	}
}

// Pipelines are compiled in the background on hardware. One that is refused while an
// earlier one is waited for is an answer and not an error that nobody handled.
func TestRefusedInTheBackground(t *testing.T) {
	open(t)
	d, err := Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	d.(*webGPU).adapter.Software = false
	var list []Shader
	for i := range 20 {
		list = append(list, Shader{Name: "good", WGSL: fmt.Sprintf("@compute @workgroup_size(%d) fn main() {}", i+1)})
	}
	list = append(list, Shader{Name: "bad", WGSL: "this is no WGSL"})
	var unhandled []string
	if on := js.Global().Get("addEventListener"); on.Truthy() { // Node has none: it ends instead
		f := js.FuncOf(func(_ js.Value, args []js.Value) any {
			unhandled = append(unhandled, args[0].Get("reason").Get("message").String())
			args[0].Call("preventDefault")
			return nil
		})
		defer f.Release()
		on.Invoke("unhandledrejection", f)
		defer js.Global().Call("removeEventListener", "unhandledrejection", f)
	}
	_, refused, err := d.Compile(t.Context(), list)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range refused {
		if (r != nil) != (list[i].Name == "bad") {
			t.Errorf("%s shader %d: %v", list[i].Name, i, r)
		}
	}
	time.Sleep(50 * time.Millisecond)
	if len(unhandled) > 0 {
		t.Errorf("nobody handled %q", unhandled)
	}
}
