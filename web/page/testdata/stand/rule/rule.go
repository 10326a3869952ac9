// Package rule is what the stand's engine and its tests agree on.
package rule

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"

	"clexlab/clex"
	"clexlab/wasm/wire/jobs"
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

// Tuned are the weights of the stand's model when it has a set for each method: the base's for plain RoPE, two that were tuned at one t.
var Tuned = map[string]state.Weights{"rope": {Name: "base"}, "clex": {Name: "clex"}, "pi": {Name: "pi", Factor: 8}, "yarn": {Name: "yarn-long", Factor: 16}}

// Read is the t at which a method reads or writes a text of n tokens by a rule on those weights.
func Read(method string, r jobs.FactorRule, n int) float64 {
	if t := Tuned[method].Factor; t > 0 {
		return t
	}
	return r.At(n, Rotary.Window, clex.DefaultTMax)
}

// Telling is token i of a text whose words tell the t at which they were written as well: "clex:w12s7~4 ".
func Telling(i int, seed uint64, method string, t float64) state.Token {
	k := Token(i, seed, method)
	k.T = t
	k.Text = strings.TrimSuffix(k.Text, " ") + "~" + state.Factor(t) + " "
	k.Alternatives[0].Text = k.Text
	return k
}

// Mark is what the loss of a text has in hundredths of a nat, by which two texts are told apart.
func Mark(subject int) float64 { return float64(subject*13%97) / 100 }

// Loss is a method's loss at a position: plain RoPE lets go past the window.
func Loss(method string, position int) float64 {
	if method == "rope" && position >= Rotary.Window {
		return 6
	}
	return 3
}
