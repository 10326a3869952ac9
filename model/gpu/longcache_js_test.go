//go:build js && wasm

package gpu

import (
	"encoding/binary"
	"math"
	"testing"
)

// Keys are rotated on both sides of where one axis of a dispatch ends.
func TestKeysFarOutAreRotated(t *testing.T) {
	d := open(t)
	s := shapes[1]
	s.cfg.Layers = 1
	m, err := New(t.Context(), d, s.cfg, s.weights())
	if err != nil {
		t.Fatal(err)
	}
	defer d.Free(m.buffers...)
	size := s.cfg.Rotary.HeadDim
	border := mostGroups * threads / size // the first token that needs a second row of workgroups
	n := border + 20
	x, err := m.NewSequence(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Free()
	near := []int{0, 1, border - 1, border, border + 1, n - 1}
	key := func(head, position int) []float32 {
		k := make([]float32, size)
		for c := range k {
			k[c] = float32(math.Sin(float64(1 + c + 7*head + 3*(position%1000))))
		}
		return k
	}
	for h := range s.cfg.KVHeads {
		for _, position := range near {
			words := make([]uint32, size)
			for c, v := range key(h, position) {
				words[c] = math.Float32bits(v)
			}
			x.c.Write(x.buf.plain[0], 4*(h*n+position)*size, words)
		}
	}
	params := x.params(n, 0)
	x.encode()
	x.c.set(x.groups.uniforms, &params)
	x.rotateKeys(x.groups.layers[0].rotateKeys, n)
	for h := range s.cfg.KVHeads {
		for _, position := range near {
			x.c.ReadBack(x.buf.keys[0], 4*(h*n+position)*size, 4*size)
		}
	}
	data, err := x.submit().Wait(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r := reference{cfg: s.cfg, encoding: x.encoding}
	for h := range s.cfg.KVHeads {
		for _, position := range near {
			want := r.rotate(key(h, position), position, 1)
			for c := range want {
				got := math.Float32frombits(binary.LittleEndian.Uint32(data))
				if data = data[4:]; math.Abs(float64(got-want[c])) > 1e-5 {
					t.Fatalf("head %d, token %d of %d, value %d is %v, should be %v", h, position, n, c, got, want[c])
				}
			}
		}
	}
}
