package recall

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Probes are the kinds of questions, from the easiest: one fact; one of four or of eight; one row of a
// table of twelve; two of four, asked one after the other.
var Probes = []string{"one", "four", "eight", "table", "two of four"}

// tableRows is how many rows the table of a probe has.
const tableRows = 12

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
		return k.newTableProbe(length, depth, seed, prose)
	case "two of four":
		p, err := k.NewProbe(length, depth, seed, 4, prose)
		if err != nil {
			return nil, err
		}
		rng := rand.New(rand.NewPCG(seed, 0x7365_636f_6e64))
		second := p.others[rng.IntN(len(p.others))]
		p.Next = []Question{{Tokens: k.AppendQuestion(k.AppendAnswer(nil, p.binding), rng, second), Answer: k.answers[second.Value]}}
		return p, nil
	}
	return nil, fmt.Errorf("recall: no probe is called %q: want one of %s", kind, strings.Join(Probes, ", "))
}

// newTableProbe hides a table at depth and asks for one of its rows.
func (k *Task) newTableProbe(length int, depth float64, seed uint64, prose []int32) (*Probe, error) {
	if !(depth >= 0 && depth <= 1) {
		return nil, fmt.Errorf("recall: depth %v is outside 0 … 1", depth)
	}
	rng := rand.New(rand.NewPCG(seed, 0x7461_626c_65))
	bindings := k.Bind(rng, tableRows)
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
