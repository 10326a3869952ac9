package train

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"clexlab/clex"
)

// Reading is weights with the encoding they read with.
type Reading struct {
	Parameters *Parameters
	Encoding   clex.Encoding
}

// Impactful marks the given share of the vocabulary whose prediction differs most, on average over so many
// rows of the text, between two readings of it: |Δ ln p| of the token that follows, by that token.
// Tokens that hardly occur (fewer than five times) are left out.
func Impactful(ctx context.Context, text *Text, base, tuned *Reading, a *Impact, seed uint64) ([]bool, error) {
	c := base.Parameters.Config
	if tuned.Parameters.Config != c {
		return nil, fmt.Errorf("train: impact: weights of %+v and of %+v cannot be compared", c, tuned.Parameters.Config)
	}
	n := c.Rotary.Window
	const seqs = 4
	shards := make([]*shard, 2)
	positions := make([]float64, seqs*n)
	for i := range positions {
		positions[i] = float64(i % n)
	}
	for i, r := range []*Reading{base, tuned} {
		shards[i] = newShard(r.Parameters, seqs, n)
		shards[i].result = newResult(r.Parameters, seqs*n)
		shards[i].setAngles(positions, &r.Encoding)
	}
	sum, count := make([]float64, c.Vocab), make([]int, c.Vocab)
	tokens, targets, weights := make([]int32, seqs*n), make([]int32, seqs*n), slices.Repeat([]float32{1}, seqs*n)
	rng := rand.New(rand.NewPCG(seed, 0x696d_7061))
	for done := 0; done < a.Rows; done += seqs {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for r := range seqs {
			row := text.prose(rng, n+1)
			copy(tokens[r*n:(r+1)*n], row)
			copy(targets[r*n:(r+1)*n], row[1:])
		}
		for i, r := range []*Reading{base, tuned} {
			shards[i].forward(r.Parameters, tokens)
			shards[i].crossEntropy(targets, weights, nil, 0)
		}
		for i, id := range targets {
			sum[id] += math.Abs(float64(shards[0].nll[i] - shards[1].nll[i]))
			count[id]++
		}
	}
	var order []int
	for id := range sum {
		if count[id] >= 5 {
			sum[id] /= float64(count[id])
			order = append(order, id)
		}
	}
	slices.SortStableFunc(order, func(x, y int) int {
		switch {
		case sum[x] > sum[y]:
			return -1
		case sum[x] < sum[y]:
			return 1
		}
		return x - y
	})
	marked := make([]bool, c.Vocab)
	for _, id := range order[:min(len(order), int(math.Ceil(a.Share*float64(c.Vocab))))] {
		marked[id] = true
	}
	return marked, nil
}
