package gpu

import (
	"cmp"
	"go/constant"
	"go/token"
	"go/types"
	"math"
	"math/big"
	"math/bits"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"clexlab/clex"
)

// angleOf is rotary.wgsl's angle in Go.
func angleOf(position, high, low uint32) uint32 {
	carry, _ := bits.Mul32(position, low)
	return position*high + carry
}

// The angle at a position is exact to a few 2⁻³² of a turn, however far out: big numbers say so.
func TestAnglesAreExact(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	turn := new(big.Float).SetPrec(200).SetFloat64(2 * math.Pi)
	// 2π to float64 is what the frequencies are divided by; its own error cancels, as models are trained with float64 too.
	for range 2000 {
		theta := math.Exp(-random.Float64() * 15)
		position := random.Uint32N(1 << 20)
		high, low := Turns(theta)
		got := float64(angleOf(position, high, low)) / (1 << 32)
		exact := new(big.Float).SetPrec(200).SetFloat64(theta)
		exact.Mul(exact, new(big.Float).SetUint64(uint64(position))).Quo(exact, turn)
		whole, _ := exact.Int(nil)
		want, _ := exact.Sub(exact, new(big.Float).SetInt(whole)).Float64()
		if d := math.Abs(got - want); d > 1e-9 && d < 1-1e-9 {
			t.Fatalf("θ = %v at %d: %v of a turn, want %v", theta, position, got, want)
		}
	}
}

func TestTurnsOfNegativeAndLargeFrequencies(t *testing.T) {
	for _, theta := range []float64{-0.3, 7, -9.5, 0} {
		high, low := Turns(theta)
		got := math.Mod(float64(angleOf(5, high, low))/(1<<32)*2*math.Pi, 2*math.Pi)
		if d := math.Abs(math.Sin(got) - math.Sin(5*theta)); d > 1e-7 {
			t.Errorf("θ = %v: sin is off by %v", theta, d)
		}
	}
}

// params packs into the words that shared.wgsl reads, in that order.
func TestParamsAreTheShadersStruct(t *testing.T) {
	source, err := shaders.ReadFile("shaders/shared.wgsl")
	if err != nil {
		t.Fatal(err)
	}
	body, _, _ := strings.Cut(strings.SplitAfter(string(source), "struct Params {")[1], "}")
	var fields []string
	for _, m := range regexp.MustCompile(`(?m)^\s+(\w+): (u32|f32),`).FindAllStringSubmatch(body, -1) {
		fields = append(fields, m[1]+" "+m[2])
	}
	want := []string{"start u32", "n u32", "block u32", "capacity u32", "parts u32", "row u32", "slot u32", "top_k u32", "draw f32", "temperature f32",
		"top_p f32", "min_p f32", "head u32", "query_from u32", "key_to u32", "rows u32", "cols u32", "cell u32", "bins u32", "bin u32",
		"heads u32", "kv_heads u32", "dim u32", "vocab u32"}
	if !slices.Equal(fields, want) || len(fields) != ParamWords {
		t.Fatalf("the shader reads %v", fields)
	}
	n := params{start: 1, n: 2, block: 3, capacity: 4, parts: 5, row: 6, slot: 7, topK: 8, draw: 9, temperature: 10, topP: 11, minP: 12,
		head: 13, queryFrom: 14, keyTo: 15, rows: 16, cols: 17, cell: 18, bins: 19, bin: 20, heads: 21, kvHeads: 22, dim: 23, vocab: 24}
	words := make([]uint32, ParamWords)
	n.pack(words)
	for i, w := range words {
		value := float64(w)
		if strings.HasSuffix(fields[i], "f32") {
			value = float64(math.Float32frombits(w))
		}
		if value != float64(i+1) {
			t.Errorf("field %s is %v", fields[i], value)
		}
	}
	if 4*ParamWords > SlotBytes {
		t.Error("a slot is too small")
	}
}

func TestEncodingIsPacked(t *testing.T) {
	e := clex.Encoding{InvFreq: []float64{1, 0.5}, AttentionFactor: 1.25, LogN: 100, Remap: &clex.Remap{Shift: 9, Local: 4}}
	w := packEncoding(nil, &e, 16)
	if len(w) != 8+4*2 || math.Float32frombits(w[0]) != 1.25 || math.Abs(float64(math.Float32frombits(w[1]))*math.Log(100)-1) > 1e-6 ||
		w[2] != 9 || w[3] != 4 || w[4] != 2 || math.Float32frombits(w[5]) != 0.25 {
		t.Errorf("packed as %v", w)
	}
	e.Remap, e.LogN = nil, 0
	if w = packEncoding(w, &e, 16); w[1] != 0 || w[2] != noShift {
		t.Errorf("without remap and log-n it is %v", w)
	}
}

// sharedBytes is how much memory the invocations of a workgroup share.
func sharedBytes(t *testing.T, s *Shader) (bytes int) {
	t.Helper()
	values := map[string]string{}
	for _, m := range regexp.MustCompile(`const (\w+): u32 = ([^;]+);`).FindAllStringSubmatch(s.WGSL, -1) {
		values[m[1]] = "(" + m[2] + ")"
	}
	name := regexp.MustCompile(`[A-Z]\w*`)
	for _, m := range regexp.MustCompile(`var<workgroup> \w+: array<([\w<>]+), ([^>]+)>;`).FindAllStringSubmatch(s.WGSL, -1) {
		size := map[string]int{"f32": 4, "vec2<f32>": 8, "vec2<u32>": 8, "vec4<f32>": 16, "Held": 16}[m[1]]
		count := m[2]
		for name.MatchString(count) {
			count = name.ReplaceAllStringFunc(count, func(n string) string { return cmp.Or(values[n], "unknown") })
		}
		v, err := types.Eval(token.NewFileSet(), nil, token.NoPos, regexp.MustCompile(`(\d+)u`).ReplaceAllString(count, "$1"))
		if err != nil || size == 0 {
			t.Fatalf("%s: %q: %v", s.Name, m[0], err)
		}
		n, _ := constant.Int64Val(v.Value)
		bytes += size * int(n)
	}
	return bytes
}

// Every form of every kernel keeps within what any WebGPU device has.
func TestKernelsKeepWithinTheLimits(t *testing.T) {
	for _, d := range []int{4, 12, 16, 48, 64, 80, 128, 192, 196, 256} {
		queries, keys, lanes := attentionTile(d, DefaultLimits.WorkgroupBytes)
		if queries < 1 || keys < 1 || queries*lanes > DefaultLimits.Invocations || d/4%lanes != 0 {
			t.Errorf("heads of %d: %d queries, %d keys, %d lanes", d, queries, keys, lanes)
		}
		for _, s := range shapes {
			s.cfg.Rotary.HeadDim, s.cfg.Rotary.Dims = d, d
			dev := &recorder{adapter: Adapter{Subgroups: true, ShaderF16: true, Limits: DefaultLimits}}
			if _, err := New(t.Context(), dev, s.cfg, s.weights()); err != nil {
				t.Fatal(err)
			}
			for i := range dev.list {
				if bytes := sharedBytes(t, &dev.list[i]); bytes > DefaultLimits.WorkgroupBytes || bytes == 0 && dev.list[i].Name == "attend" {
					t.Errorf("%s with heads of %d shares %d bytes", dev.list[i].Name, d, bytes)
				}
			}
		}
	}
	files, err := shaders.ReadDir("shaders")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		name := strings.TrimSuffix(f.Name(), ".wgsl")
		if slices.Contains([]string{"shared", "shape", "reduce", "rotary", "activation"}, name) {
			continue
		}
		s, err := shader(name, nil, "NORM", "ACTIVATED", "GELU", "GATED", "INT8", "BIAS", "ADD", "REMAP", "HEADNORM")
		if err != nil {
			t.Fatal(err)
		}
		storage := 0
		for _, b := range s.Bindings {
			if !b.Uniform {
				storage++
			}
		}
		if storage == 0 || storage > DefaultLimits.StorageBuffers {
			t.Errorf("%s binds %d storage buffers", name, storage)
		}
	}
}

func TestDirectivesOutOfPlace(t *testing.T) {
	for _, source := range []string{"//#if A\n", "//#endif\n", "//#else\n", "//#if A\n//#if B\n//#endif\n", "//#unless A\n"} {
		if _, err := prune(source, nil); err == nil {
			t.Errorf("%q is taken", source)
		}
	}
	got, err := prune("a\n//#if X\nb\n//#else\nc\n//#endif\nd\n", []string{"X"})
	if err != nil || got != "a\nb\nd\n" {
		t.Errorf("pruned to %q, %v", got, err)
	}
}

func TestSoftwareAdapters(t *testing.T) {
	for name, want := range map[string]bool{
		"SwiftShader": true, "Mesa llvmpipe (LLVM 15)": true, "Microsoft Basic Render Driver": true, "apple metal-3": false, "nvidia hopper": false,
	} {
		if got := SoftwareAdapter(name, false); got != want {
			t.Errorf("%s: software %v", name, got)
		}
	}
	if !SoftwareAdapter("something", true) {
		t.Error("the browser's own flag does not count")
	}
}

// A submit's words say what was recorded.
func TestCommands(t *testing.T) {
	var c Commands
	c.set(3, &params{start: 5})
	c.Run(1, 2, 7, 8, 9)
	c.ReadBack(4, 16, 32)
	c.Finish(6)
	want := []uint32{opUniforms, 3, 0, opPipeline, 1, opGroup, 2, opDispatch, 7, 8, 9, opRead, 4, 16, 32, opWrite, 6, 0, SlotBytes / 4, 5}
	if got := c.Words(); !slices.Equal(got[:len(want)], want) || len(got) != len(want)-1+SlotBytes/4 || c.Bytes() != 32 {
		t.Errorf("recorded %v", got)
	}
}

// A device gets the kernels' forms that it has the features for; a plain form
// can stand in for each, as it binds the same.
func TestFormsFollowTheFeatures(t *testing.T) {
	for _, a := range []Adapter{{}, {Subgroups: true}, {ShaderF16: true}, {Subgroups: true, ShaderF16: true}} {
		a.Limits = DefaultLimits
		forms := map[string]bool{}
		for _, s := range shapes {
			d := &recorder{adapter: a}
			m, err := New(t.Context(), d, s.cfg, s.weights())
			if err != nil {
				t.Fatal(err)
			}
			for i, x := range d.list {
				name, features, _ := strings.Cut(x.Name, " ")
				sub, half := strings.Contains(features, subgroups), strings.Contains(features, shaderF16)
				forms[name] = forms[name] || sub || half
				if sub && !a.Subgroups || half && !a.ShaderF16 || sub != strings.HasPrefix(x.WGSL, "enable subgroups;") || half != strings.HasPrefix(x.WGSL, "enable f16;") {
					t.Errorf("%+v: kernel %s begins with %.20q", a, x.Name, x.WGSL)
				}
				if half && !strings.Contains(features, "INT8") {
					t.Errorf("%s rounds float32 weights to 16 bits", x.Name)
				}
				p := m.programs[i]
				if (p.plain != nil) != (sub || half) || p.plain != nil && p.plain.Signature() != x.Signature() {
					t.Errorf("%+v: the plain form of %s is %+v", a, x.Name, p.plain)
				}
			}
		}
		for _, name := range []string{"matvec", "attendpart", "sample", "loss"} {
			if forms[name] != a.Subgroups {
				t.Errorf("%+v: %s has a form of its own: %v", a, name, forms[name])
			}
		}
		if forms["matmul"] != a.ShaderF16 {
			t.Errorf("%+v: matmul has a form of its own: %v", a, forms["matmul"])
		}
	}
}

// Lines of a kernel are repeated with the number of the time, as often as a number or a constant says.
func TestRepeat(t *testing.T) {
	got, err := repeat("a\n//#each i N\nb$i\n//#end\n//#each k 2\n$k$k\n//#end\n", map[string]int{"N": 3})
	if err != nil || got != "a\nb0\nb1\nb2\n00\n11\n" {
		t.Errorf("repeated to %q, %v", got, err)
	}
	for _, bad := range []string{"//#each i N\n", "//#end\n", "//#each i M\n//#end\n", "//#each i N\n//#each k N\n//#end\n//#end\n"} {
		if _, err := repeat(bad, map[string]int{"N": 3}); err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
}
