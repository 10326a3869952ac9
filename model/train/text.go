package train

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"clexlab/model/recall"
)

// Text is the tokenised corpus a run draws its rows from. It is immutable.
type Text struct {
	// Documents are tokens of whole books.
	Documents [][]int32
	// Ends marks the tokens that can end a sentence, Digits those that hold a digit.
	Ends, Digits []bool
	// Impactful marks the tokens that LongRecipe's analysis chose; nil before it.
	Impactful []bool
	Task      *recall.Task

	total int
}

// NewText checks that every token lies inside the vocabulary, whose size ends and
// digits have, and that at least one document is longer than window.
func NewText(documents [][]int32, ends, digits []bool, task *recall.Task, window int) (*Text, error) {
	if len(digits) != len(ends) {
		return nil, fmt.Errorf("train: %d tokens are marked for ends of sentences, %d for digits", len(ends), len(digits))
	}
	t := &Text{Ends: ends, Digits: digits, Task: task}
	for i, d := range documents {
		for j, id := range d {
			if id < 0 || int(id) >= len(ends) {
				return nil, fmt.Errorf("train: document %d: token %d at %d is outside the vocabulary of %d", i, id, j, len(ends))
			}
		}
		if len(d) > window {
			t.Documents = append(t.Documents, d)
			t.total += len(d) - window
		}
	}
	if t.total == 0 {
		return nil, fmt.Errorf("train: no document is longer than the window of %d tokens", window)
	}
	return t, nil
}

// Row fills tokens (window+1 of them) and the loss weights of tokens[1:]. Only an
// answer weighs mix.AnswerWeight, unless that is 1.
func (t *Text) Row(tokens []int32, weights []float32, mix TextMix, rng *rand.Rand) {
	for i := range weights {
		weights[i] = 1
	}
	u := rng.Float64()
	switch {
	case u < mix.Dense && mix.Facts > 0:
		t.weave(tokens, weights, mix, 0, rng)
	case u < mix.Dense+mix.Recall && mix.Facts > 0:
		t.weave(tokens, weights, mix, len(tokens), rng)
	case u < mix.Dense+mix.Recall+mix.Tables:
		t.tabulate(tokens, weights, mix, rng)
	case u < mix.Dense+mix.Recall+mix.Tables+mix.Chains:
		t.chain(tokens, weights, mix, rng)
	default:
		copy(tokens, t.passage(rng, len(tokens), mix))
	}
}

// weave builds a row that opens with the task's mark: prose with facts and
// questions put in at sentence ends; prose 0 makes a row of facts and questions only.
func (t *Text) weave(tokens []int32, weights []float32, mix TextMix, prose int, rng *rand.Rand) {
	var text []int32
	if prose > 0 {
		text = t.passage(rng, prose, mix)
	}
	out := t.Task.AppendMark(tokens[:0])
	put := func(piece []int32) { out = append(out, piece[:min(len(piece), cap(tokens)-len(out))]...) }
	// Within a row no key is bound twice: a second fact about the miller would make
	// the first a lie.
	unused := t.Task.Bind(rng, len(tokens))
	for len(out) < len(tokens) {
		n := min(1+rng.IntN(mix.Facts), len(unused))
		if n == 0 {
			put(t.passage(rng, len(tokens)-len(out), mix))
			break
		}
		bindings := unused[:n]
		unused = unused[n:]
		events := schedule(rng, len(bindings))
		cuts := make([]int, len(events))
		room := max(0, len(tokens)-len(out)-len(events)*14)
		for i := range cuts {
			cuts[i] = rng.IntN(room + 1)
		}
		slices.Sort(cuts)
		used := 0
		for i, e := range events {
			if prose > 0 {
				to := t.sentenceEnd(text, used, cuts[i])
				put(text[used:to])
				used = to
			}
			b := bindings[e.binding]
			if e.ask {
				put(t.Task.AppendQuestion(nil, rng, b))
				if at := len(out) - 1; at >= 0 && at < len(weights) {
					weights[at] = mix.AnswerWeight
				}
				put(t.Task.AppendAnswer(nil, b))
			} else {
				put(t.Task.AppendFact(nil, rng, b))
			}
			if len(out) == len(tokens) {
				return
			}
		}
		if prose > 0 {
			put(text[used:])
			if len(out) < len(tokens) {
				put(t.passage(rng, len(tokens)-len(out), mix))
			}
		}
	}
}

// sentenceEnd is where prose[from:] is cut at its token at or behind it: after the end of a sentence, or not at all.
func (t *Text) sentenceEnd(prose []int32, from, at int) int {
	at = min(len(prose), max(from, at))
	for at > from && at < len(prose) && !t.Ends[prose[at-1]] {
		at++
	}
	return at
}

type event struct {
	binding int
	ask     bool
}

// schedule puts n facts in random order with one or two questions for each after it.
func schedule(rng *rand.Rand, n int) []event {
	var order []int
	for b := range n {
		for range 2 + rng.IntN(2) {
			order = append(order, b)
		}
	}
	rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	told := make([]bool, n)
	events := make([]event, len(order))
	for i, b := range order {
		events[i] = event{b, told[b]}
		told[b] = true
	}
	return events
}
