package recall

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// Probes are the kinds of questions: one fact; one of four or of eight; one row of a table of twelve or of sixteen;
// two of four, asked one after the other; a chain of two, where the second question is about the answer to
// the first.
var Probes = []string{"one", "four", "eight", "table", "long table", "two of four", "chain"}

// tableRows and longTableRows are how many rows the tables of probes have, chains how many chains of two.
const (
	tableRows     = 12
	longTableRows = 16
	chains        = 4
)

// Ask makes a probe of a kind, see NewProbe for the other arguments.
func (k *Task) Ask(kind string, length int, depth float64, seed uint64, prose []int32) (*Probe, error) {
	switch kind {
	case "one":
		return k.NewProbe(length, depth, seed, 1, prose)
	case "four":
		return k.NewProbe(length, depth, seed, 4, prose)
	case "eight":
		return k.NewProbe(length, depth, seed, 8, prose)
	case "table":
		return k.newTableProbe(length, depth, seed, tableRows, prose)
	case "long table":
		return k.newTableProbe(length, depth, seed, longTableRows, prose)
	case "two of four":
		p, err := k.NewProbe(length, depth, seed, 4, prose)
		if err != nil {
			return nil, err
		}
		rng := rand.New(rand.NewPCG(seed, 0x7365_636f_6e64))
		second := p.others[rng.IntN(len(p.others))]
		p.Next = []Question{{Tokens: k.AppendQuestion(k.AppendAnswer(nil, p.binding), rng, second), Answer: k.answers[second.Value]}}
		return p, nil
	case "chain":
		return k.newChainProbe(length, depth, seed, prose)
	}
	return nil, fmt.Errorf("recall: no probe is called %q: want one of %s", kind, strings.Join(Probes, ", "))
}

// newTableProbe hides a table at depth and asks for one of its rows, of which there are at most as many as keys and names.
func (k *Task) newTableProbe(length int, depth float64, seed uint64, rows int, prose []int32) (*Probe, error) {
	if !(depth >= 0 && depth <= 1) {
		return nil, fmt.Errorf("recall: depth %v is outside 0 … 1", depth)
	}
	rng := rand.New(rand.NewPCG(seed, 0x7461_626c_65))
	bindings := k.Bind(rng, rows)
	asked := bindings[rng.IntN(len(bindings))]
	table := k.AppendTable(nil, bindings)
	question := k.AppendQuestion(nil, rng, asked)
	room := length - len(k.mark) - len(table) - len(question)
	if room < 0 {
		return nil, fmt.Errorf("recall: length %d is too short, need at least %d tokens", length, length-room)
	}
	pad, starts := k.padding(rng, room, prose)
	cut := nearest(starts, int(depth*float64(room)))
	p := &Probe{binding: asked, Answer: k.answers[asked.Value], Tokens: k.AppendMark(make([]int32, 0, length))}
	p.Tokens = append(p.Tokens, pad[:cut]...)
	p.Fact = len(p.Tokens)
	p.Tokens = append(p.Tokens, table...)
	p.FactEnd = len(p.Tokens)
	p.Tokens = append(append(p.Tokens, pad[cut:]...), question...)
	for _, b := range bindings {
		if b != asked {
			p.Distractors = append(p.Distractors, k.answers[b.Value])
		}
	}
	return p, nil
}

// newChainProbe hides facts and as many links, each from the name of a fact to a name of no fact, and asks for
// the name of one fact and then for whom that name is linked to.
func (k *Task) newChainProbe(length int, depth float64, seed uint64, prose []int32) (*Probe, error) {
	if !(depth >= 0 && depth <= 1) {
		return nil, fmt.Errorf("recall: depth %v is outside 0 … 1", depth)
	}
	if len(k.values) < 2*chains {
		return nil, fmt.Errorf("recall: %d names, a chain needs %d", len(k.values), 2*chains)
	}
	rng := rand.New(rand.NewPCG(seed, 0x63_6861_696e))
	bindings := k.Bind(rng, chains)
	var free []int
	for v := range k.values {
		if !slices.ContainsFunc(bindings, func(b Binding) bool { return b.Value == v }) {
			free = append(free, v)
		}
	}
	rng.Shuffle(len(free), func(i, j int) { free[i], free[j] = free[j], free[i] })
	question := k.AppendQuestion(nil, rng, bindings[0])
	var sentences [][]int32
	for i, b := range bindings {
		sentences = append(sentences, k.AppendFact(nil, rng, b), k.AppendLink(nil, b.Value, free[i]))
	}
	first := bindings[0]
	p := &Probe{binding: first, others: bindings[1:], Answer: k.answers[first.Value], Next: []Question{{
		Tokens: k.AppendLinkQuestion(k.AppendAnswer(nil, first), first.Value), Answer: k.answers[free[0]],
	}}}
	for _, b := range p.others {
		p.Distractors = append(p.Distractors, k.answers[b.Value])
	}
	if err := k.weave(p, rng, length, depth, sentences, question, prose); err != nil {
		return nil, err
	}
	return p, nil
}
