package recall

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
)

// Encoder turns text into tokens, appending to dst.
type Encoder func(dst []int32, text string) []int32

// Task is the recall task in one tokenizer's tokens. It is immutable and safe
// for concurrent use.
type Task struct {
	keys      [][]int32 // " miller"
	lead      []int32   // that all names begin with: nothing, or " " where that is a token
	values    [][]int32 // "Robin" behind lead, no two with the same first token
	answers   []int32   // the first tokens of values
	names     []string  // the text of values
	facts     [][]int32 // "Near the wood lived the"
	questions [][]int32
	filler    [][]int32
	stop      []int32 // "."
	comma     []int32 // ","
	mark      []int32 // Mark, behind what the tokenizer opens every text with
	beside    []int32 // " Beside"
	stood     []int32 // " stood"
}

// Mark opens a text that facts are hidden in. The books do not hold it, so that
// prose which does not start with it has no facts to expect, and the model
// tells none of its own accord.
const Mark = "#"

// NewTask encodes the task's sentences. Of names that begin with the same token only
// the first is kept; fewer than four left, or no token for Mark, is an error.
func NewTask(encode Encoder) (*Task, error) {
	if encode == nil {
		return nil, errors.New("recall: encode is nil")
	}
	all := func(texts []string, lead string) [][]int32 {
		out := make([][]int32, len(texts))
		for i, s := range texts {
			out[i] = encode.after(".", lead+s)
		}
		return out
	}
	k := &Task{
		keys: all(Keys, " "), facts: all(facts, ""), questions: all(questions, ""), filler: all(Filler, ""),
		stop: encode.after("x", "."), comma: encode.after("x", ","), mark: encode(nil, Mark),
		beside: encode.after(".", linkBegin), stood: encode.after("x", linkMiddle),
	}
	if len(k.mark) == 0 {
		return nil, fmt.Errorf("recall: the tokenizer has no token for %q", Mark)
	}
	names := all(Values, " ")
	k.lead = names[0]
	for _, ids := range names {
		k.lead = k.lead[:common(k.lead, ids)]
	}
	for i, ids := range names {
		ids = ids[len(k.lead):]
		if len(ids) > 0 && !slices.Contains(k.answers, ids[0]) {
			k.values, k.answers, k.names = append(k.values, ids), append(k.answers, ids[0]), append(k.names, Values[i])
		}
	}
	if len(k.values) < 4 {
		return nil, fmt.Errorf("recall: of %d names only %d begin with tokens of their own, need 4", len(Values), len(k.values))
	}
	return k, nil
}

// after encodes text as it stands behind lead. Tokenizers open what they are given in ways of
// their own, with a token or a space, which sentences that are put together must not all have.
func (encode Encoder) after(lead, text string) []int32 {
	before, both := encode(nil, lead), encode(nil, lead+text)
	if common(before, both) == len(before) {
		return both[len(before):]
	}
	return encode(nil, text) // lead and text are not apart
}

// common is how many tokens a and b begin with alike.
func common(a, b []int32) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// Names are the possible answers as text.
func (k *Task) Names() []string { return k.names }

// Answers are the tokens that tell the names apart, in the order of Names: the names
// themselves where they are single tokens.
func (k *Task) Answers() []int32 { return k.answers }

// Binding is one fact: key index and value index.
type Binding struct{ Key, Value int }

// Bind draws n facts with different keys and different values; n is cut to what
// the vocabulary can hold.
func (k *Task) Bind(rng *rand.Rand, n int) []Binding {
	n = max(1, min(n, len(k.keys), len(k.values)))
	keys, values := rng.Perm(len(k.keys))[:n], rng.Perm(len(k.values))[:n]
	out := make([]Binding, n)
	for i := range out {
		out[i] = Binding{keys[i], values[i]}
	}
	return out
}

// AppendMark appends Mark, which opens a text that holds facts.
func (k *Task) AppendMark(dst []int32) []int32 { return append(dst, k.mark...) }

// AppendFact appends the sentence that states b.
func (k *Task) AppendFact(dst []int32, rng *rand.Rand, b Binding) []int32 {
	dst = append(dst, k.facts[rng.IntN(len(k.facts))]...)
	return k.appendBinding(dst, b, k.stop)
}

// appendBinding appends " miller Robin" and what follows it.
func (k *Task) appendBinding(dst []int32, b Binding, end []int32) []int32 {
	dst = append(append(dst, k.keys[b.Key]...), k.lead...)
	return append(append(dst, k.values[b.Value]...), end...)
}

// AppendTable appends a table of keys and names, a row a binding: " miller Robin, tailor Clara, … baker Max."
func (k *Task) AppendTable(dst []int32, bindings []Binding) []int32 {
	for i, b := range bindings {
		end := k.comma
		if i == len(bindings)-1 {
			end = k.stop
		}
		dst = k.appendBinding(dst, b, end)
	}
	return dst
}

// AppendQuestion appends the sentence that asks for b, up to and including its
// key: the next token tells the answer.
func (k *Task) AppendQuestion(dst []int32, rng *rand.Rand, b Binding) []int32 {
	dst = append(dst, k.questions[rng.IntN(len(k.questions))]...)
	return append(append(dst, k.keys[b.Key]...), k.lead...)
}

// AppendLink appends the sentence that binds one name to another, both as indices of Names: " Beside Robin stood Clara."
func (k *Task) AppendLink(dst []int32, from, to int) []int32 {
	return append(append(k.AppendLinkQuestion(dst, from), k.values[to]...), k.stop...)
}

// AppendLinkQuestion appends " Beside Robin stood": the next token tells who is linked to that name.
func (k *Task) AppendLinkQuestion(dst []int32, from int) []int32 {
	dst = append(append(dst, k.beside...), k.lead...)
	dst = append(append(dst, k.values[from]...), k.stood...)
	return append(dst, k.lead...)
}

// AppendAnswer appends the answer to a question and the full stop.
func (k *Task) AppendAnswer(dst []int32, b Binding) []int32 {
	return append(append(dst, k.values[b.Value]...), k.stop...)
}
