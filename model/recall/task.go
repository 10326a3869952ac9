package recall

import (
	"errors"
	"fmt"
	"math/rand/v2"
)

// Encoder turns text into tokens, appending to dst.
type Encoder func(dst []int32, text string) []int32

// Task is the recall task in one tokenizer's tokens. It is immutable and safe
// for concurrent use.
type Task struct {
	keys      [][]int32 // " miller"
	values    []int32   // " Robin", one token each
	names     []string  // the text of values
	facts     [][]int32 // "Near the wood lived the"
	questions [][]int32
	filler    [][]int32
	stop      []int32 // "."
	comma     []int32 // ","
	mark      int32   // Mark
}

// Mark opens a text that facts are hidden in. The books do not hold it, so that
// prose which does not start with it has no facts to expect, and the model
// tells none of its own accord.
const Mark = "#"

// NewTask encodes the task's sentences. Values that are not a single token of the
// vocabulary are dropped; fewer than four left, or a Mark that is not one token, is an error.
func NewTask(encode Encoder) (*Task, error) {
	if encode == nil {
		return nil, errors.New("recall: encode is nil")
	}
	all := func(texts []string, lead string) [][]int32 {
		out := make([][]int32, len(texts))
		for i, s := range texts {
			out[i] = encode(nil, lead+s)
		}
		return out
	}
	k := &Task{keys: all(Keys, " "), facts: all(facts, ""), questions: all(questions, ""), filler: all(Filler, ""), stop: encode(nil, "."), comma: encode(nil, ",")}
	mark := encode(nil, Mark)
	if len(mark) != 1 {
		return nil, fmt.Errorf("recall: %q is %d tokens, must be one", Mark, len(mark))
	}
	k.mark = mark[0]
	for _, s := range Values {
		if ids := encode(nil, " "+s); len(ids) == 1 {
			k.values = append(k.values, ids[0])
			k.names = append(k.names, s)
		}
	}
	if len(k.values) < 4 {
		return nil, fmt.Errorf("recall: the vocabulary holds %d of %d names as single tokens, need 4", len(k.values), len(Values))
	}
	return k, nil
}

// Names are the possible answers as text; Answers their tokens, in the same order.
func (k *Task) Names() []string { return k.names }

// Answers are the tokens of the possible answers.
func (k *Task) Answers() []int32 { return k.values }

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
func (k *Task) AppendMark(dst []int32) []int32 { return append(dst, k.mark) }

// AppendFact appends the sentence that states b.
func (k *Task) AppendFact(dst []int32, rng *rand.Rand, b Binding) []int32 {
	dst = append(dst, k.facts[rng.IntN(len(k.facts))]...)
	dst = append(dst, k.keys[b.Key]...)
	dst = append(dst, k.values[b.Value])
	return append(dst, k.stop...)
}

// AppendTable appends a table of keys and names, a row a binding: " miller Robin, tailor Clara, … baker Max."
func (k *Task) AppendTable(dst []int32, bindings []Binding) []int32 {
	for i, b := range bindings {
		if i > 0 {
			dst = append(dst, k.comma...)
		}
		dst = append(append(dst, k.keys[b.Key]...), k.values[b.Value])
	}
	return append(dst, k.stop...)
}

// AppendQuestion appends the sentence that asks for b, up to and including its
// key: the next token is the answer.
func (k *Task) AppendQuestion(dst []int32, rng *rand.Rand, b Binding) []int32 {
	dst = append(dst, k.questions[rng.IntN(len(k.questions))]...)
	return append(dst, k.keys[b.Key]...)
}

// AppendAnswer appends the answer to a question and the full stop.
func (k *Task) AppendAnswer(dst []int32, b Binding) []int32 {
	return append(append(dst, k.values[b.Value]), k.stop...)
}
