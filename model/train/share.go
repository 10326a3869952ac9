package train

import (
	"context"
	"errors"
	"fmt"

	"clexlab/clex"
	"clexlab/model/kernel"
)

// ShardRows are what a shard of a step reads, as [Batch] has it: one entry a token, and the encoding of all of them.
type ShardRows struct {
	Tokens    []int32   `json:"tokens"`
	Targets   []int32   `json:"targets"`
	Weights   []float32 `json:"weights"`
	Positions []float64 `json:"positions"`
	Before    []int     `json:"before"`
	Extra     []float32 `json:"extra"`
	// InvFreq (HeadDim/2) and AttentionFactor are the shard's encoding.
	InvFreq         []float64 `json:"invFreq"`
	AttentionFactor float64   `json:"attentionFactor"`
}

// ShardOutcome is what came of a shard, beside its gradient.
type ShardOutcome struct {
	Loss float64 `json:"loss"`
	// NLL is -log p of each target, Frequency dL/dθ_i.
	NLL       []float32 `json:"nll"`
	Frequency []float64 `json:"frequency"`
}

// Helper computes shards somewhere else: in another worker, which shares no memory with this one.
type Helper interface {
	// Ready says whether it can begin at once: until then it is asked nothing.
	Ready() bool
	// Begin hands over shards that follow each other and returns at once; the function it returns waits, and writes the sum of their
	// gradients, laid out as [Layout] says and added up as [ShardRunner] does. It is called before the next Begin.
	// After an error the helper is asked no more; when ctx ends, which it does when an answer takes too long, the function returns its error.
	Begin(ctx context.Context, weights []float32, rows []*ShardRows) (wait func(gradient []float32) ([]ShardOutcome, error))
}

// ShareWith has helpers compute shards of each step beside the processor's cores, in groups as equal as their sums allow; the
// first one stays here. The sum of the gradients is the same to the bit, whoever computed them. What a helper fails at is computed here. Runs that
// distil share nothing.
func (t *Trainer) ShareWith(helpers ...Helper) {
	t.helpers = helpers
	if c, ok := t.computer.(*cores); ok {
		c.helpers = helpers
	}
}

// Hands is how many computed the last step: the processor's cores as one, and the helpers that took part.
func (t *Trainer) Hands() int {
	if c, ok := t.computer.(*cores); ok {
		return max(1, c.hands)
	}
	return 1
}

// rows are those of shard k of a batch.
func (b *Batch) rows(k int) *ShardRows {
	s := &b.Shards[k]
	return &ShardRows{
		Tokens: b.Tokens[s.From:s.To], Targets: b.Targets[s.From:s.To], Weights: b.Weights[s.From:s.To], Positions: b.Positions[s.From:s.To],
		Before: b.Before[s.From:s.To], Extra: b.Extra[s.From:s.To], InvFreq: s.Encoding.InvFreq, AttentionFactor: s.Encoding.AttentionFactor,
	}
}

// ShardRunner computes shards of a run for whoever holds its weights.
type ShardRunner struct {
	recipe     *Recipe
	parameters *Parameters
	shard      *shard
	results    []*result
}

// NewShardRunner makes the runner of a recipe.
func NewShardRunner(r *Recipe) (*ShardRunner, error) {
	if r.Distil > 0 {
		return nil, fmt.Errorf("train: recipe %q distils: its shards are computed where its teacher is", r.Name)
	}
	p, err := NewParameters(r.Model.Config(), 0)
	if err != nil {
		return nil, err
	}
	return &ShardRunner{recipe: r, parameters: p, shard: newShard(p, r.ShardRows, r.rowTokens())}, nil
}

// Weights is where the weights go before Run.
func (s *ShardRunner) Weights() []float32 { return s.parameters.Flat }

// Run computes shards, at least one, under Weights and adds up their gradients, in pairs of neighbours, pairs of pairs and so on. The results are valid until the next call.
func (s *ShardRunner) Run(list []*ShardRows) ([]ShardOutcome, []float32, error) {
	if len(list) == 0 {
		return nil, nil, errors.New("train: no shard to compute")
	}
	var out []ShardOutcome
	for k, rows := range list {
		if err := s.check(rows); err != nil {
			return nil, nil, err
		}
		if k == len(s.results) {
			s.results = append(s.results, newResult(s.parameters, s.shard.rows))
		}
		z := s.results[k]
		s.shard.compute(z, s.parameters, rows, nil, 0, s.recipe.FieldRate > 0)
		out = append(out, ShardOutcome{z.loss, z.nll, z.frequency})
	}
	for _, a := range sums(nil, group{0, len(list)}, nil) {
		to := s.results[a.to].gradient
		kernel.Add(to, to, s.results[a.from].gradient)
	}
	return out, s.results[0].gradient, nil
}

// check tells what makes rows no shard of the run.
func (s *ShardRunner) check(rows *ShardRows) error {
	if rows == nil {
		return errors.New("train: a shard without rows")
	}
	n, d := s.shard.rows, s.shard.cfg.Rotary.HeadDim
	for _, have := range []int{len(rows.Tokens), len(rows.Targets), len(rows.Weights), len(rows.Positions), len(rows.Before), len(rows.Extra)} {
		if have != n {
			return fmt.Errorf("train: a shard of %d tokens: want %d", have, n)
		}
	}
	if len(rows.InvFreq) != d/2 {
		return fmt.Errorf("train: %d frequencies: want %d", len(rows.InvFreq), d/2)
	}
	for i, id := range rows.Tokens {
		if vocab := int32(s.shard.cfg.Vocab); id < 0 || id >= vocab || rows.Targets[i] < 0 || rows.Targets[i] >= vocab {
			return fmt.Errorf("train: token %d of a shard is %d, its target %d: want 0 … %d", i, id, rows.Targets[i], vocab-1)
		}
		if k := rows.Before[i]; k < 0 || k > i%s.shard.n {
			return fmt.Errorf("train: token %d of a shard has %d keys before a skip", i, k)
		}
	}
	return nil
}

// compute runs a shard forward and backward, for a result.
func (s *shard) compute(into *result, p *Parameters, rows *ShardRows, soft []float32, distil float64, field bool) {
	s.result = into
	s.setAngles(rows.Positions, &clex.Encoding{InvFreq: rows.InvFreq, AttentionFactor: rows.AttentionFactor})
	s.before, s.extra = rows.Before, rows.Extra
	s.forward(p, rows.Tokens)
	s.loss = s.crossEntropy(rows.Targets, rows.Weights, soft, distil)
	s.backward(p, rows.Tokens, rows.Positions, field)
}
