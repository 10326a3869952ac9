package recall

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// Probe is one question about one hidden fact.
type Probe struct {
	// Tokens end with the question; the model predicts what follows.
	Tokens []int32
	// Answer is the right next token: the name, or what tells it from all others.
	Answer int32
	// Fact and FactEnd delimit the fact's sentence inside Tokens.
	Fact, FactEnd int
	// Distractors are the answers of the other facts in the text.
	Distractors []int32
	// Next are questions that follow once the ones before are answered rightly.
	Next []Question

	binding Binding   // that is asked for
	others  []Binding // of the other facts
}

// Question is what follows a right answer, the answer included, up to the next one.
type Question struct {
	Tokens []int32
	Answer int32
}

// probeStream tells the numbers of probes from others of the same seed; "recall" in ASCII.
const probeStream = 0x7265_6361_6c6c

// NewProbe makes a text of exactly length tokens that opens with Mark, with a
// fact hidden at depth (0: at the start, 1: just before the question) and the
// other facts, facts-1 of them, spread over it: distractors with other keys and
// names. prose pads the text: consecutive tokens of it starting anywhere; nil
// pads with the project's own sentences, between which a fact then stands. The same arguments give the same probe.
// It returns an error if length cannot hold the facts, there is none, or depth is outside 0 … 1.
func (k *Task) NewProbe(length int, depth float64, seed uint64, facts int, prose []int32) (*Probe, error) {
	if !(depth >= 0 && depth <= 1) {
		return nil, fmt.Errorf("recall: depth %v is outside 0 … 1", depth)
	}
	if most := min(len(k.keys), len(k.values)); facts < 1 || facts > most {
		return nil, fmt.Errorf("recall: %d facts, must be 1 … %d", facts, most)
	}
	rng := rand.New(rand.NewPCG(seed, probeStream))
	bindings := k.Bind(rng, facts)
	question := k.AppendQuestion(nil, rng, bindings[0])
	sentences := make([][]int32, len(bindings))
	for i, b := range bindings {
		sentences[i] = k.AppendFact(nil, rng, b)
	}
	p := &Probe{binding: bindings[0], Answer: k.answers[bindings[0].Value]}
	p.others = bindings[1:]
	for _, b := range p.others {
		p.Distractors = append(p.Distractors, k.answers[b.Value])
	}
	if err := k.weave(p, rng, length, depth, sentences, question, prose); err != nil {
		return nil, err
	}
	return p, nil
}

// weave makes the probe's tokens: prose of such a length, the first of the sentences at depth, the others
// anywhere, and the question.
func (k *Task) weave(p *Probe, rng *rand.Rand, length int, depth float64, sentences [][]int32, question, prose []int32) error {
	budget := length - len(question) - len(k.mark)
	for _, s := range sentences {
		budget -= len(s)
	}
	if budget < 0 {
		return fmt.Errorf("recall: length %d is too short, need at least %d tokens", length, length-budget)
	}
	pad, starts := k.padding(rng, budget, prose)
	cuts := make([]int, len(sentences))
	cuts[0] = nearest(starts, int(depth*float64(budget)))
	for i := 1; i < len(cuts); i++ {
		cuts[i] = nearest(starts, int(rng.Float64()*float64(budget)))
	}
	p.Tokens = k.AppendMark(make([]int32, 0, length))
	for at := 0; at <= budget; at++ {
		for i, cut := range cuts {
			if cut != at {
				continue
			}
			if i == 0 {
				p.Fact, p.FactEnd = len(p.Tokens), len(p.Tokens)+len(sentences[0])
			}
			p.Tokens = append(p.Tokens, sentences[i]...)
		}
		if at < budget {
			p.Tokens = append(p.Tokens, pad[at])
		}
	}
	p.Tokens = append(p.Tokens, question...)
	return nil
}

// padding returns n tokens of prose, or of the project's own sentences in random
// order and then where each of them starts, the end of the last included.
func (k *Task) padding(rng *rand.Rand, n int, prose []int32) (out []int32, starts []int) {
	if len(prose) > 0 {
		out = make([]int32, 0, n)
		start := rng.IntN(max(1, len(prose)-n))
		for len(out) < n {
			out = append(out, prose[start:min(len(prose), start+n-len(out))]...)
			start = 0
		}
		return out, nil
	}
	starts = []int{0}
	for len(out) < n {
		for _, i := range rng.Perm(len(k.filler)) {
			out = append(out, k.filler[i]...)
			starts = append(starts, len(out))
		}
	}
	// The first sentence is the one that is cut, so that the question follows on a whole one.
	spare := len(out) - n
	out = out[spare:]
	for i := range starts {
		starts[i] -= spare
	}
	return out, slices.DeleteFunc(starts, func(at int) bool { return at < 0 })
}

// nearest is the one of the sorted places that is closest to at, or at where there are none.
func nearest(places []int, at int) int {
	if len(places) == 0 {
		return at
	}
	i, found := slices.BinarySearch(places, at)
	switch {
	case found, i == 0:
		return places[i]
	case i == len(places) || at-places[i-1] <= places[i]-at:
		return places[i-1]
	}
	return places[i]
}
