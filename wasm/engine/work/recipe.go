package work

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"clexlab/model"
	"clexlab/model/checkpoint"
	"clexlab/model/train"
	"clexlab/wasm/wire/jobs"
)

// shardRows is how many of a step's rows are computed together.
func shardRows(rows int) int {
	shards := mostShards
	for rows%shards != 0 {
		shards /= 2
	}
	return max(1, rows/shards)
}

// recipeOf is the recipe that a request stands for. What it leaves open is as in the recipe of the model that ships.
func recipeOf(r *jobs.Train, c model.Config, facts bool) (*train.Recipe, error) {
	positions, err := positionsOf(r.Sampler)
	if err != nil {
		return nil, err
	}
	recipe := map[string]any{
		"name": "trained-here", "from": r.From,
		"model": map[string]any{"vocab": c.Vocab, "width": c.Dim, "hidden": c.HiddenDim, "layers": c.Layers, "heads": c.Heads, "kv_heads": c.KVHeads,
			"head_dim": c.Rotary.HeadDim, "rope_theta": c.Rotary.Base, "window": c.Rotary.Window, "tied_head": c.TiedHead},
		"scheme":      map[string]any{"name": "clex", "t_max": r.TMax},
		"positions":   positions,
		"weigh_skips": true,
		"t":           map[string]any{"min": 1, "max": r.TMax, "prob_one": 0.3, "prob_max": 0.35},
		"corpus":      []string{"page"},
		"text":        map[string]any{"recall": 0, "dense": 0, "facts": 0, "answer_weight": 1},
		"batch":       r.Rows, "shard_rows": shardRows(r.Rows), "steps": r.Steps,
		"learning_rate": r.Rate, "final_rate": 0.1, "warmup": min(5, r.Steps/2), "weight_decay": 0.05, "clip": 1,
		"field_rate": r.FieldRate, "field_step": 0.1, "field_turn": 1, "seed": r.Seed,
	}
	if facts {
		recipe["text"] = map[string]any{"recall": 0.33, "dense": 0.03, "facts": 4, "answer_weight": 8}
	}
	switch r.Part {
	case jobs.TrainField:
		recipe["learning_rate"] = 0
	case jobs.TrainWeights:
		recipe["field_rate"] = 0
	case jobs.TrainBoth:
	default:
		return nil, fmt.Errorf("what to train is %q: want both, field or weights", r.Part)
	}
	if r.Wild {
		delete(recipe, "field_turn")
	}
	data, err := json.Marshal(recipe)
	if err != nil {
		return nil, err
	}
	return train.ParseRecipe(data)
}

// positionsOf are the samplers of a recipe, with their shares of the rows.
func positionsOf(s jobs.Sampler) ([]train.PositionChoice, error) {
	runs := train.PositionChoice{Sampler: "chunks", Share: 1, MinChunks: 2, MaxChunks: 6}
	switch s {
	case jobs.MixedPositions:
		runs.Share = 0.7
		return []train.PositionChoice{{Sampler: "contiguous", Share: 0.25}, runs, {Sampler: "drawn", Share: 0.05}}, nil
	case jobs.RunsOfNeighbours:
		return []train.PositionChoice{runs}, nil
	case jobs.DrawnPositions:
		return []train.PositionChoice{{Sampler: "drawn", Share: 1}}, nil
	case jobs.ContiguousPositions:
		return []train.PositionChoice{{Sampler: "contiguous", Share: 1}}, nil
	}
	return nil, fmt.Errorf("the sampler of positions is %q: want runs, drawn, contiguous or none for a mix of them", s)
}

// recipe says in words what a result was trained on, and how.
func (t *training) recipe() string {
	r := t.trainer.Recipe
	part := map[jobs.Part]string{jobs.TrainBoth: "Field and weights", jobs.TrainField: "The field alone", jobs.TrainWeights: "The weights alone"}[t.ask.Part]
	drawn := make([]string, len(r.Positions))
	for i, c := range r.Positions {
		drawn[i] = fmt.Sprintf("%s %.0f %%", c.Sampler, 100*c.Share)
	}
	return fmt.Sprintf("%s trained from the untuned weights of “%s”: %d of %d steps of %d tokens each on %s; t from 1 to %g, positions %s; peak rates (as they stood at the end) %g of the weights, %g of the field; seed %d.",
		part, t.ask.Model, t.trainer.Steps(), r.Steps, r.Batch*t.config.Rotary.Window, cmp.Or(t.ask.Source, "a text without a name"), r.T.Max, strings.Join(drawn, ", "), r.LearningRate, r.FieldRate, r.Seed)
}

// made says the same for its card, and by whom.
func (t *training) made() string {
	words := t.recipe()
	if t.ask.By != "" {
		words += " Made by " + t.ask.By + "."
	}
	return words + " " + checkpoint.RecipeFile + " has the rest."
}
