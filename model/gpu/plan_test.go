package gpu

import (
	"slices"
	"strings"
	"testing"

	"clexlab/clex"
	"clexlab/model"
)

func TestModelsThatDoNotFit(t *testing.T) {
	good := shapes[0].cfg
	for name, spoil := range map[string]func(c *model.Config, l *Limits){
		"multiples of 4":  func(c *model.Config, _ *Limits) { c.Dim = 34 },
		"at most 256":     func(c *model.Config, _ *Limits) { c.Rotary.HeadDim = 260 },
		"storage buffers": func(_ *model.Config, l *Limits) { l.StorageBuffers = 4 },
	} {
		c, l := good, DefaultLimits
		spoil(&c, &l)
		_, err := newPlan(c, Adapter{Limits: l})
		var trouble *Error
		if e, ok := err.(*Error); ok {
			trouble = e
		}
		if trouble == nil || trouble.Kind != Unfit || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	p, err := newPlan(good, Adapter{Limits: DefaultLimits})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.fits(4096, DefaultLimits); err != nil {
		t.Error(err)
	}
	if err := p.fits(1<<22, DefaultLimits); err == nil {
		t.Error("four million tokens fit")
	}
}

// Blocks are as long as one dispatch of every kernel allows: an invocation a value of queries, keys and values, or a workgroup a head.
func TestBlocksFitADispatch(t *testing.T) {
	for _, heads := range []int{9, 24, 64, 512} {
		for _, norm := range []bool{false, true} {
			c := shapes[0].cfg
			c.Rotary.HeadDim, c.Rotary.Dims, c.Heads, c.KVHeads, c.HeadNorm = 128, 128, heads, heads, norm
			p, err := newPlan(c, Adapter{Limits: DefaultLimits})
			if err != nil {
				t.Fatal(err)
			}
			if !norm && p.block*3*heads*128 > 65535*64 || p.block < 16 || p.block > tile && p.block%tile != 0 || (norm || heads == 9) && p.block != hardwareBlock {
				t.Errorf("%d heads of 128, normalised %v: blocks of %d tokens", heads, norm, p.block)
			}
		}
	}
}

// Workgroups in two axes are all there, each once, and both axes are as long as a device has them.
func TestSpreadWorkgroups(t *testing.T) {
	for _, n := range []int{1, 2, mostGroups - 1, mostGroups, mostGroups + 1, 2 * mostGroups, 5*mostGroups + 7} {
		x, z := spread(n)
		if x > mostGroups || z > mostGroups || x < 1 || z < 1 {
			t.Fatalf("%d workgroups lie in %d×%d", n, x, z)
		}
		seen := make([]bool, n)
		for k := range z {
			for i := range x {
				if at := k*mostGroups + i; at < n { // as rotatekeys counts them
					if seen[at] {
						t.Fatalf("%d workgroups: number %d is there twice", n, at)
					}
					seen[at] = true
				}
			}
		}
		if slices.Contains(seen, false) {
			t.Errorf("%d workgroups in %d×%d: number %d is missing", n, x, z, slices.Index(seen, false))
		}
	}
}

// A cache is rotated anew to its last key, however long: heads of 128 pass one axis of a dispatch at 32,768 tokens.
func TestLongCachesAreRotated(t *testing.T) {
	s := shapes[0]
	s.cfg.Rotary = clex.Rotary{HeadDim: 128, Dims: 128, Base: 1e6, Window: 32}
	s.cfg.Heads, s.cfg.KVHeads, s.cfg.Layers = 1, 1, 1
	d := &recorder{adapter: Adapter{Limits: DefaultLimits}}
	m, err := New(t.Context(), d, s.cfg, s.weights())
	if err != nil {
		t.Fatal(err)
	}
	x, err := m.NewSequence(t.Context(), 1<<18)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{1, 32_767, 32_768, 100_000, 1<<18 - 1} {
		x.length, x.turned = n, false
		x.read(1, nil, false)
		x.submit()
		rotated := 0
		for _, r := range d.dispatches(d.words) {
			if r.x > mostGroups || r.y > mostGroups || r.z > mostGroups {
				t.Errorf("%d tokens: %s has %d×%d×%d workgroups", n, r.kernel, r.x, r.y, r.z)
			}
			if have := ((r.z-1)*mostGroups + r.x) * threads; r.kernel == "rotatekeys" && have < n*128 {
				t.Errorf("%d tokens: rotatekeys has %d invocations, the keys %d values", n, have, n*128)
			}
			if r.kernel == "rotatekeys" {
				rotated++
			}
		}
		if rotated != 1 {
			t.Errorf("%d tokens: %d layers were rotated", n, rotated)
		}
	}
}

// Whole rows of attention are refused where a kernel's product of cells and tokens would pass 32 bits.
func TestRowsThatOverflow(t *testing.T) {
	s := shapes[0]
	s.cfg.Layers, s.cfg.Heads, s.cfg.KVHeads = 1, 1, 1
	d := &recorder{adapter: Adapter{Limits: DefaultLimits}}
	d.adapter.Limits.BindingBytes = 1 << 31
	m, err := New(t.Context(), d, s.cfg, s.weights())
	if err != nil {
		t.Fatal(err)
	}
	x, err := m.NewSequence(t.Context(), 70_000)
	if err != nil {
		t.Fatal(err)
	}
	for n, fits := range map[int]bool{65_535: true, 65_536: false, 70_000: false} {
		_, err := x.newCapture(t.Context(), &model.Observer{Rows: []*model.AttentionRows{{To: 1}}}, 0, n)
		if (err == nil) != fits {
			t.Errorf("rows of %d tokens: %v", n, err)
		}
	}
}
