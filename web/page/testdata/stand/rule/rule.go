// Package rule is what the stand's engine and its tests agree on.
package rule

import (
	"math"
	"math/rand/v2"
	"strconv"

	"clexlab/clex"
	"clexlab/web/state"
)

// Rotary is the geometry of the stand's model.
var Rotary = clex.Rotary{HeadDim: 16, Dims: 16, Base: 10000, Window: 64}

// Network is CLEX's network of the stand's model: seeded, and far from silent.
func Network() *clex.Network {
	random := rand.New(rand.NewPCG(5, 6))
	n, err := clex.NewNetwork(Rotary.Dims, 1, clex.Tanh, random)
	if err != nil {
		panic(err)
	}
	for i := range n.Down {
		n.Down[i] = 0.02 * random.NormFloat64()
	}
	return n
}

// Token is token i of a text with the seed: its word begins with the method that wrote it.
func Token(i int, seed uint64, method string) state.Token {
	nats := float64(i % 8)
	text := method + ":w" + strconv.Itoa(i) + "s" + strconv.FormatUint(seed, 10) + " "
	return state.Token{ID: int32(i), Text: text, NLL: nats, T: 1, Alternatives: []state.Alternative{
		{ID: int32(i), Text: text, P: math.Exp(-nats)}, {ID: -1, Text: "other ", P: 0.05},
	}}
}

// Loss is a method's loss at a position: plain RoPE lets go past the window.
func Loss(method string, position int) float64 {
	if method == "rope" && position >= Rotary.Window {
		return 6
	}
	return 3
}
