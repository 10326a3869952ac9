package work

import (
	"math"
	"testing"

	"clexlab/wasm/wire/jobs"
)

// With t held by hand a text is what it is, written in one go or in two, also under a scheme that looks at its length.
func TestHeldByHandIsOneText(t *testing.T) {
	for _, method := range []string{"rope", "ntk", "yarn", "dynamic", "string"} {
		for _, at := range []float64{1, 2.5} {
			b := newBench(t)
			r := writeRequest(method)
			r.Write.Temperature = 0
			r.Write.FactorRule = jobs.FactorRule{T: at}
			whole := text(b.do(r)) // 80 tokens, the window is 32
			ids := make([]int32, len(whole))
			for i := range whole {
				ids[i] = whole[i].ID
			}
			r.Write.Tokens = ids[:50]
			for i, tok := range text(b.do(r)) {
				if was := whole[50+i]; tok.ID != was.ID || math.Abs(tok.NLL-was.NLL) > 1e-3 {
					t.Errorf("%s at t = %v: written on from token 50, token %d is %d (%v nats) instead of %d (%v)", method, at, 50+i, tok.ID, tok.NLL, was.ID, was.NLL)
					break
				}
			}
		}
	}
}
