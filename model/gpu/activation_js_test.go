//go:build js && wasm

package gpu

import (
	"encoding/binary"
	"math"
	"testing"
	"testing/fstest"

	"clexlab/model"
	"clexlab/model/kernel"
)

// Each nonlinearity is that of package kernel to a few in a million, also where exponentials end.
func TestActivations(t *testing.T) {
	d := open(t)
	const source = `
@group(1) @binding(0) var<storage, read_write> v: array<f32>;
//#include activation
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) { v[id.x] = activated(v[id.x]); }
`
	x := []float32{0, 1e-30, -1e-30, 30, -30, 300, -300, 1e4, -1e4}
	for len(x) < 64*40 {
		x = append(x, float32(len(x)-1280)/100)
	}
	files := fstest.MapFS{"shaders/try.wgsl": {Data: []byte(source)}}
	for a, reference := range map[model.Activation]func(dst, x []float32){
		model.SiLU: kernel.SiLUScalar, model.GELU: kernel.GELUScalar, model.TanhGELU: kernel.GELUTanhScalar,
		model.ReLU: func(dst, x []float32) {
			for i, v := range x {
				dst[i] = max(v, 0)
			}
		},
	} {
		s, err := Assemble(files, "try", map[string]int{"MOST_PAIRS": mostPairs}, activationFeatures(&model.Config{Activation: a})...)
		if err != nil {
			t.Fatal(err)
		}
		made, refused, err := d.Compile(t.Context(), []Shader{s})
		if err != nil || refused[0] != nil {
			t.Fatal(a, err, refused)
		}
		b, err := d.Alloc(t.Context(), SlotBytes, 4*encodingWords, 4*len(x))
		if err != nil {
			t.Fatal(err)
		}
		defer d.Free(b...)
		var c Commands
		words := make([]uint32, len(x))
		for i, v := range x {
			words[i] = math.Float32bits(v)
		}
		c.Write(b[2], 0, words)
		c.set(d.Uniforms(b[0], b[1]), &params{})
		c.Run(made[0], d.Bind(&s, b[2]), len(x)/64, 1, 1)
		c.ReadBack(b[2], 0, 4*len(x))
		c.Finish(b[0])
		data, err := d.Submit(&c).Wait(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		want := make([]float32, len(x))
		reference(want, x)
		for i, v := range x {
			got := math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
			if off := math.Abs(float64(got - want[i])); !(off <= 1e-6*max(1, math.Abs(float64(v)))) {
				t.Errorf("%v of %v is %v, should be %v", a, v, got, want[i])
				break
			}
		}
	}
}
