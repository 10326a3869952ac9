package train

import "math/rand/v2"

// tabulate builds a row that opens with the task's mark and a table of keys and names, goes on with
// prose and ends with questions about the table: LongSkywork's synthetic tables (arXiv 2406.00605,
// section 3.2), whose answers stand in one cell of many.
func (t *Text) tabulate(tokens []int32, weights []float32, mix TextMix, rng *rand.Rand) {
	bindings := t.Task.Bind(rng, 3+rng.IntN(10))
	table := t.Task.AppendTable(t.Task.AppendMark(nil), bindings)
	type question struct{ text, answer []int32 }
	var questions []question
	asked := 0
	for _, i := range rng.Perm(len(bindings)) {
		q := question{t.Task.AppendQuestion(nil, rng, bindings[i]), t.Task.AppendAnswer(nil, bindings[i])}
		if asked += len(q.text) + len(q.answer); asked > len(tokens)/2 {
			break
		}
		questions = append(questions, q)
	}
	out := append(tokens[:0], table[:min(len(table), len(tokens))]...)
	length := 0
	for _, q := range questions {
		length += len(q.text) + len(q.answer)
	}
	if room := len(tokens) - len(out) - length; room > 0 {
		out = append(out, t.passage(rng, room, mix)...)
	}
	put := func(piece []int32) { out = append(out, piece[:min(len(piece), cap(tokens)-len(out))]...) }
	for _, q := range questions {
		put(q.text)
		if at := len(out) - 1; at >= 0 && at < len(weights) {
			weights[at] = mix.AnswerWeight
		}
		put(q.answer)
	}
}
