package page

import (
	"math"
	"testing"
)

// t lies where its axis says: on even steps up to 16, by its logarithm beyond; what a slider holds leads back to t.
func TestAxisOfT(t *testing.T) {
	for _, c := range []struct{ most, t, share float64 }{
		{16, 1, 0}, {16, 10, 0.6}, {16, 16, 1}, {4, 2.5, 0.5}, {64, 1, 0}, {64, 8, 0.5}, {64, 10, 0.5537}, {64, 64, 1}, {16, 40, 1}, {64, 0.5, 0},
	} {
		a := axisOf(c.most)
		if got := a.share(c.t); math.Abs(got-c.share) > 1e-4 {
			t.Errorf("t = %g of %g lies at %.4f, want %.4f", c.t, c.most, got, c.share)
		}
		if c.t < 1 || c.t > c.most {
			continue
		}
		if got := a.value(c.share); math.Abs(got-c.t) > 0.01 {
			t.Errorf("at %g of %g lies t = %g, want %g", c.share, c.most, got, c.t)
		}
		if got := a.fromSlider(a.slider(c.t)); math.Abs(got-c.t) > 1e-9 {
			t.Errorf("the slider makes %g of t = %g", got, c.t)
		}
	}
}
