package checkpoint

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"clexlab/clex"
)

func TestShardedEqualsWhole(t *testing.T) {
	tensors := tinyTensors()
	whole, err := ReadParts([]byte(tinyConfig), handFile(tensors...))
	if err != nil {
		t.Fatal(err)
	}
	fsys := fstest.MapFS{ConfigFile: {Data: []byte(tinyConfig)}}
	var parts [][]byte
	var entries []string
	for shard := range 3 {
		file := fmt.Sprintf("model-%05d-of-00003.safetensors", shard+1)
		var mine []handTensor
		for i := shard; i < len(tensors); i += 3 {
			mine = append(mine, tensors[i])
			entries = append(entries, fmt.Sprintf("%q:%q", tensors[i].name, file))
		}
		parts = append(parts, handFile(mine...))
		fsys[file] = &fstest.MapFile{Data: parts[shard]}
	}
	fsys[IndexFile] = &fstest.MapFile{Data: []byte(`{"metadata":{"total_size":1},"weight_map":{` + strings.Join(entries, ",") + "}}")}
	sharded, err := Read(t.Context(), fsys, nil)
	if err != nil {
		t.Fatal(err)
	}
	inMemory, err := ReadParts([]byte(tinyConfig), parts[2], parts[0], parts[1])
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(sharded, whole) || !reflect.DeepEqual(inMemory, whole) {
		t.Error("the shards give another checkpoint than the whole file")
	}
}

// halfValue is the definition of IEEE 754 binary16, in float64.
func halfValue(h uint16) float64 {
	sign := 1.0
	if h&0x8000 != 0 {
		sign = -1
	}
	exp, mantissa := int(h>>10&0x1f), float64(h&0x3ff)
	switch exp {
	case 0:
		return sign * math.Ldexp(mantissa, -24)
	case 31:
		if mantissa != 0 {
			return math.NaN()
		}
		return sign * math.Inf(1)
	}
	return sign * math.Ldexp(1+mantissa/1024, exp-15)
}

func TestEveryHalfIsWidenedExactly(t *testing.T) {
	for h := range 1 << 16 {
		want := halfValue(uint16(h))
		got := fromHalf(uint16(h))
		if math.IsNaN(want) {
			if got == got {
				t.Fatalf("%#04x is %v, want NaN", h, got)
			}
			continue
		}
		if float64(got) != want || math.Signbit(float64(got)) != math.Signbit(want) {
			t.Fatalf("%#04x is %v, want %v", h, got, want)
		}
		if back := toHalf(got); back != uint16(h) {
			t.Fatalf("%v goes back to %#04x, want %#04x", got, back, h)
		}
		// bfloat16 is the upper half of a float32.
		b := uint32(h) << 16
		var x [1]float32
		finite := dtypeBF16.decode(x[:], binary.LittleEndian.AppendUint16(nil, uint16(h))) < 0
		if math.Float32bits(x[0]) != b || finite != (h&0x7f80 != 0x7f80) {
			t.Fatalf("BF16 %#04x is %v, finite %v", h, x[0], finite)
		}
	}
}

// Rounding to binary16: to the nearer neighbour, from the middle to the even one.
func TestHalfRoundsToNearestEven(t *testing.T) {
	for h := range uint16(0x7bff) {
		low, high := halfValue(h), halfValue(h+1)
		middle := (low + high) / 2 // exact in float32: 12 bits
		even := h + h&1
		for _, c := range []struct {
			x    float32
			want uint16
		}{
			{math.Nextafter32(float32(middle), 0), h},
			{float32(middle), even},
			{math.Nextafter32(float32(middle), math.MaxFloat32), h + 1},
		} {
			if got := toHalf(c.x); got != c.want {
				t.Fatalf("%v becomes %#04x, want %#04x", c.x, got, c.want)
			}
			if got := toHalf(-c.x); got != c.want|0x8000 {
				t.Fatalf("%v becomes %#04x, want %#04x", -c.x, got, c.want|0x8000)
			}
		}
	}
	for x, want := range map[float32]uint16{65519.996: 0x7bff, 65520: 0x7c00, math.MaxFloat32: 0x7c00} {
		if got := toHalf(x); got != want {
			t.Errorf("%v becomes %#04x, want %#04x", x, got, want)
		}
	}
}

func TestNarrowTypesLandInTheirPlaces(t *testing.T) {
	const name = "model.layers.0.mlp.gate_proj.weight"
	for dtype, narrow := range map[string]func(x float32) uint16{
		"F16":  toHalf, // checked above
		"BF16": func(x float32) uint16 { return uint16(math.Float32bits(x) >> 16) },
	} {
		file := handFile(change(name, func(t *handTensor) {
			t.dtype, t.data = dtype, nil
			for i := range 24 {
				t.data = binary.LittleEndian.AppendUint16(t.data, narrow(float32(i)-0.5))
			}
		})...)
		c, err := ReadParts([]byte(tinyConfig), file)
		if err != nil {
			t.Fatal(err)
		}
		checkF32(t, dtype, c.Weights.Layers[0].Gate.F32, -0.5, 24)
	}
}

func TestScaledBytesStayBytes(t *testing.T) {
	const name = "model.layers.0.mlp.gate_proj.weight"
	tensors := append(change(name, func(t *handTensor) {
		t.dtype, t.data = "I8", nil
		for i := range 24 {
			t.data = append(t.data, byte(int8(10*i-120)))
		}
	}), handF32(name+".scale", counting(2), 6))
	c, err := ReadParts([]byte(tinyConfig), handFile(tensors...))
	if err != nil {
		t.Fatal(err)
	}
	gate := &c.Weights.Layers[0].Gate
	if gate.F32 != nil || len(gate.I8) != 24 {
		t.Fatalf("I8 became %d float32 and %d int8 values", len(gate.F32), len(gate.I8))
	}
	for i, q := range gate.I8 {
		if int(q) != 10*i-120 {
			t.Errorf("value %d is %d, want %d", i, q, 10*i-120)
		}
	}
	checkF32(t, "scales", gate.Scale, 2, 6)
}

// slowReader hands out at most n bytes at a time.
type slowReader struct {
	r io.Reader
	n int
}

func (s slowReader) Read(p []byte) (int, error) { return s.r.Read(p[:min(len(p), s.n)]) }

func TestProgressReachesTheEnd(t *testing.T) {
	config, weights := wideFile(t)
	for name, read := range map[string]func(progress func(done, total int64)) error{
		"file": func(p func(done, total int64)) error {
			_, err := Read(t.Context(), fstest.MapFS{ConfigFile: {Data: config}, WeightsFile: {Data: weights}}, p)
			return err
		},
		"stream": func(p func(done, total int64)) error {
			_, err := readStream(t.Context(), config, slowReader{strings.NewReader(string(weights) + "more"), 1000}, int64(len(weights)), p)
			return err
		},
	} {
		var last int64
		calls := 0
		err := read(func(done, total int64) {
			calls++
			if done <= last || total != int64(len(weights)) || done > total {
				t.Errorf("%s: %d of %d after %d", name, done, total, last)
			}
			last = done
		})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if last != int64(len(weights)) || calls < len(weights)/chunkSize {
			t.Errorf("%s: %d calls ended at %d of %d", name, calls, last, len(weights))
		}
	}
}

func TestCancelEndsARead(t *testing.T) {
	config, weights := wideFile(t)
	ctx, cancel := context.WithCancel(t.Context())
	var read int64
	_, err := readStream(ctx, config, strings.NewReader(string(weights)), int64(len(weights)), func(done, total int64) {
		if read = done; done > total/3 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want %v", err, context.Canceled)
	}
	if limit := int64(len(weights))/3 + chunkSize; read > limit {
		t.Errorf("%d bytes were read, want at most one chunk past the cancellation: %d", read, limit)
	}
	cancel()
	if _, err := Read(ctx, fstest.MapFS{ConfigFile: {Data: config}, WeightsFile: {Data: weights}}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want %v", err, context.Canceled)
	}
}

// wideFile is a model whose weights take several chunks, in the hand-made form.
func wideFile(t testing.TB) (config, weights []byte) {
	const vocab, width, hidden = 3000, 64, 128
	const l = "model.layers.0."
	zero := counting(0)
	return fmt.Appendf(nil, `{"model_type":"llama","vocab_size":%d,"hidden_size":%d,"intermediate_size":%d,"num_hidden_layers":1,
			"num_attention_heads":2,"max_position_embeddings":8,"tie_word_embeddings":true}`, vocab, width, hidden),
		handFile(
			handF32("model.embed_tokens.weight", zero, vocab, width),
			handF32(l+"input_layernorm.weight", zero, width),
			handF32(l+"self_attn.q_proj.weight", zero, width, width),
			handF32(l+"self_attn.k_proj.weight", zero, width, width),
			handF32(l+"self_attn.v_proj.weight", zero, width, width),
			handF32(l+"self_attn.o_proj.weight", zero, width, width),
			handF32(l+"post_attention_layernorm.weight", zero, width),
			handF32(l+"mlp.gate_proj.weight", zero, hidden, width),
			handF32(l+"mlp.up_proj.weight", zero, hidden, width),
			handF32(l+"mlp.down_proj.weight", zero, width, hidden),
			handF32("model.norm.weight", zero, width),
		)
}

func TestSchemeOfEveryScaling(t *testing.T) {
	rotary := clex.Rotary{HeadDim: 8, Dims: 8, Base: 10000, Window: 64}
	network, err := clex.NewNetwork(8, 1, clex.Tanh, rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		t.Fatal(err)
	}
	for i := range network.Down {
		network.Down[i] = 0.01 * float64(i%7)
	}
	for _, c := range []struct {
		name    string
		scaling *Scaling
		want    string
		options clex.Options
		rule    clex.LengthRule
	}{
		{"none", nil, "rope", clex.Options{}, clex.AtT(1)},
		{"linear", &Scaling{Type: "linear", Factor: 4}, "pi", clex.Options{}, clex.AtT(4)},
		{"dynamic", &Scaling{Type: "dynamic", Factor: 2}, "dynamic", clex.Options{Factor: 2}, clex.LengthRule{Kind: clex.ContinuousRule, TMax: 16}},
		{"yarn", &Scaling{Type: "yarn", Factor: 8, BetaSlow: 2, BetaFast: 16}, "yarn", clex.Options{TurnsLow: 2, TurnsHigh: 16}, clex.AtT(8)},
		{"yarn's defaults", &Scaling{Type: "yarn", Factor: 8}, "yarn", clex.Options{TurnsLow: 1, TurnsHigh: 32}, clex.AtT(8)},
		{"yarn's attention factor spelled out", &Scaling{Type: "yarn", Factor: 8, AttentionFactor: 1.5}, "yarn", clex.Options{AttentionFactor: 1.5}, clex.AtT(8)},
		{"yarn of DeepSeek", &Scaling{Type: "yarn", Factor: 8, MScale: 0.7, MScaleAllDim: 1, KeepFractions: true}, "yarn", clex.Options{MScale: 0.7, MScaleAllDim: 1, KeepFractions: true}, clex.AtT(8)},
		{"llama3", &Scaling{Type: "llama3", Factor: 8, OriginalWindow: 64, LowFreqFactor: 1, HighFreqFactor: 4}, "llama3", clex.Options{TurnsLow: 1, TurnsHigh: 4}, clex.AtT(8)},
		{"clex", &Scaling{Type: "clex", Factor: 1, MaxFactor: 8, ParamFactor: 1, TimeStep: 0.01}, "clex", clex.Options{Network: network, TMax: 8}, clex.LengthRule{TMax: 8}},
		{"clex with log-n", &Scaling{Type: "clex", Factor: 1, MaxFactor: 8, ParamFactor: 1, TimeStep: 0.01, LogN: true}, "clex", clex.Options{Network: network, TMax: 8, LogN: true}, clex.LengthRule{TMax: 8}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ck := &Checkpoint{Scaling: c.scaling}
			ck.Config.Rotary = rotary
			if c.want == "clex" {
				ck.CLEX = network
			}
			got, rule, err := ck.Scheme()
			if err != nil {
				t.Fatal(err)
			}
			want, err := clex.New(c.want, rotary, c.options)
			if err != nil {
				t.Fatal(err)
			}
			if got.Name() != c.want || rule != c.rule {
				t.Errorf("scheme %q read by %+v, want %q by %+v", got.Name(), rule, c.want, c.rule)
			}
			for _, at := range []float64{1, 2.5, 8} {
				var a, b clex.Encoding
				if err := got.Encode(&a, at, 300); err != nil {
					t.Fatal(err)
				}
				if err := want.Encode(&b, at, 300); err != nil {
					t.Fatal(err)
				}
				if !reflect.DeepEqual(a, b) {
					t.Errorf("t = %v: encoding is %+v, want %+v", at, a, b)
				}
			}
		})
	}
	for _, c := range []struct {
		scaling Scaling
		want    string
	}{
		{Scaling{Type: "longrope", Factor: 4}, "longrope"},
		{Scaling{Type: "yarn", Factor: 8, BetaSlow: 32, BetaFast: 1}, "Turns"},
	} {
		ck := &Checkpoint{Scaling: &c.scaling}
		ck.Config.Rotary = rotary
		_, _, err := ck.Scheme()
		wantError(t, err, "rope_scaling", c.want)
	}
}

// log_scale is the reference's switch for log-n scaling, on where a clex config does not say.
func TestLogScaleSwitch(t *testing.T) {
	const clexBlock = `"rope_scaling":{"type":"clex","max_factor":16}`
	const linearBlock = `"rope_scaling":{"type":"linear","factor":2}`
	for _, c := range []struct {
		members string
		want    bool
	}{
		{clexBlock, true},
		{clexBlock + `,"log_scale":true`, true},
		{clexBlock + `,"log_scale":false`, false},
		{linearBlock, false},
		{linearBlock + `,"log_scale":true`, true},
		{linearBlock + `,"log_scale":false`, false},
	} {
		s, err := parseConfig([]byte(strings.Replace(tinyConfig, `"vocab_size"`, c.members+`,"vocab_size"`, 1)))
		if err != nil {
			t.Fatal(err)
		}
		if s.scaling.LogN != c.want {
			t.Errorf("%s: log-n is %v, want %v", c.members, s.scaling.LogN, c.want)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	config, weights := wideFile(b)
	b.SetBytes(int64(len(weights)))
	for b.Loop() {
		if _, err := ReadParts(config, weights); err != nil {
			b.Fatal(err)
		}
	}
}
