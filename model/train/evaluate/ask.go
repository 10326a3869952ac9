package evaluate

import (
	"context"
	"fmt"
	"slices"

	"clexlab/model/recall"
)

// Ask asks the plan's questions that m does not hold the answers to, or to fewer of, and tells whether there were any.
// Questions of a probe, length and depth are the first of one row, so that more of them hold the fewer.
func (r *Reader) Ask(ctx context.Context, p Plan, m *Measurement) (asked bool, err error) {
	for k, probe := range p.Probes {
		for _, n := range p.AskedLengths {
			each := p.Questions
			if n > p.Long {
				if k > 0 {
					continue
				}
				each = p.LongQuestions
			}
			if each*len(p.Depths) <= m.RecallOf(probe).questionsAt(n) {
				continue
			}
			x, err := r.askAt(ctx, p, probe, n, each)
			if err != nil {
				return asked, err
			}
			m.Merge(&Measurement{Recall: []Recall{x}})
			asked = true
		}
	}
	return asked, nil
}

// askAt asks so many questions of one kind at each depth of one length.
func (r *Reader) askAt(ctx context.Context, p Plan, probe string, n, each int) (Recall, error) {
	total, right := each*len(p.Depths), 0
	report := p.report(fmt.Sprintf("%d tokens, recall of %s", n, probe), total)
	for i, depth := range p.Depths {
		for q := range each {
			x, err := p.Task.Ask(probe, n, depth, uint64(i*1000+q), p.Documents[q%len(p.Documents)])
			if err != nil {
				return Recall{}, err
			}
			ok, err := r.Answers(ctx, x)
			if err != nil {
				return Recall{}, err
			}
			if ok {
				right++
			}
			report(i*each + q + 1)
		}
	}
	return Recall{Probe: probe, Lengths: []int{n}, Questions: []int{total}, Right: []float64{round(float64(right) / float64(total))}}, nil
}

// Answers tells whether every answer that a probe asks for is the most probable token where it is asked for.
func (r *Reader) Answers(ctx context.Context, x *recall.Probe) (bool, error) {
	tokens := slices.Clone(x.Tokens)
	ok, _, err := r.Answer(ctx, tokens, x.Answer)
	for _, next := range x.Next {
		if err != nil || !ok {
			break
		}
		tokens = append(tokens, next.Tokens...)
		ok, _, err = r.Answer(ctx, tokens, next.Answer)
	}
	return ok, err
}
