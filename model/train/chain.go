package train

import (
	"math/rand/v2"
	"slices"

	"clexlab/model/recall"
)

// chain builds a row that opens with the task's mark: facts, and for each a link from its name to another one, in any
// order, with prose between them in half of the rows; then each is asked for, and behind the right name who is linked to it, as
// the probe of a chain of two does. Nothing is told or asked of what would not fit.
func (t *Text) chain(tokens []int32, weights []float32, mix TextMix, rng *rand.Rand) {
	bindings := t.Task.Bind(rng, 2+rng.IntN(max(1, mix.Facts)))
	rest := rng.Perm(len(t.Task.Names()))
	rest = slices.DeleteFunc(rest, func(v int) bool {
		return slices.ContainsFunc(bindings, func(b recall.Binding) bool { return b.Value == v })
	})
	bindings = bindings[:min(len(bindings), len(rest))]
	var told, asked [][]int32
	room := len(tokens) - len(t.Task.AppendMark(nil))
	for i, b := range bindings {
		from, to := b.Value, rest[i]
		pieces := [][]int32{
			t.Task.AppendFact(nil, rng, b), t.Task.AppendLink(nil, from, to),
			t.Task.AppendQuestion(nil, rng, b), t.Task.AppendAnswer(nil, b),
			t.Task.AppendLinkQuestion(nil, from), t.Task.AppendAnswer(nil, recall.Binding{Value: to}),
		}
		long := 0
		for _, p := range pieces {
			long += len(p)
		}
		if long > room {
			break
		}
		room -= long
		told, asked = append(told, pieces[:2]...), append(asked, pieces[2:]...)
	}
	rng.Shuffle(len(told), func(i, j int) { told[i], told[j] = told[j], told[i] })
	var prose []int32
	if rng.IntN(2) == 0 && room > 0 {
		prose = t.passage(rng, room, mix)
	}
	cuts := make([]int, len(told))
	for i := range cuts {
		cuts[i] = rng.IntN(len(prose) + 1)
	}
	slices.Sort(cuts)
	out := t.Task.AppendMark(tokens[:0])
	used := 0
	for i, piece := range told {
		to := t.sentenceEnd(prose, used, cuts[i])
		out = append(append(out, prose[used:to]...), piece...)
		used = to
	}
	out = append(out, prose[used:]...)
	for i, piece := range asked {
		if i%2 == 1 && len(out)-1 < len(weights) {
			weights[len(out)-1] = mix.AnswerWeight
		}
		out = append(out, piece...)
	}
	if short := len(tokens) - len(out); short > 0 {
		_ = append(out, t.passage(rng, short, mix)...)
	}
}
