package main

import (
	"context"
	"fmt"

	"clexlab/clex"
	"clexlab/model/train"
)

// impactful is a recipe's text with the tokens marked that its analysis finds.
func (o *options) impactful(ctx context.Context, r *train.Recipe, text *train.Text, start *train.Parameters) (*train.Text, error) {
	p, tuned, err := o.trained(ctx, r.Name, r.Impact.Tuned)
	if err != nil {
		return nil, err
	}
	base, long := &train.Reading{Parameters: start}, &train.Reading{Parameters: p}
	for _, x := range []struct {
		to     *train.Reading
		scheme train.SchemeChoice
	}{{base, train.SchemeChoice{Name: "rope"}}, {long, tuned.Scheme}} {
		s, err := clex.New(x.scheme.Name, p.Config.Rotary, clex.Options{})
		if err != nil {
			return nil, err
		}
		if err := s.Encode(&x.to.Encoding, max(1, x.scheme.Factor), 0); err != nil {
			return nil, err
		}
	}
	marked, err := train.Impactful(ctx, text, base, long, r.Impact, r.Seed)
	if err != nil {
		return nil, err
	}
	count := 0
	for _, m := range marked {
		if m {
			count++
		}
	}
	with := *text
	with.Impactful = marked
	kept, sentences := with.Kept()
	fmt.Printf("%s/%s: %d of %d tokens are impactful; %.1f %% of %d sentences hold one or a digit\n", o.model, r.Name, count, len(marked), 100*float64(kept)/float64(sentences), sentences)
	return &with, nil
}
