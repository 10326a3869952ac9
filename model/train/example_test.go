package train_test

import (
	"context"
	"fmt"

	"clexlab/model/recall"
	"clexlab/model/tokenizer"
	"clexlab/model/train"
)

// Ten steps of a recipe on a text of the project's own sentences, from noise.
func ExampleTrainer() {
	recipe, err := train.ParseRecipe([]byte(`{
		"name": "ten steps",
		"model": {"vocab": 300, "width": 16, "hidden": 32, "layers": 2, "heads": 2, "kv_heads": 2, "head_dim": 8, "rope_theta": 10000, "window": 32, "tied_head": true},
		"scheme": {"name": "rope"},
		"positions": [{"sampler": "contiguous", "share": 1}],
		"t": {"min": 1, "max": 1},
		"corpus": ["train"], "text": {},
		"batch": 4, "shard_rows": 2, "steps": 10,
		"learning_rate": 0.01, "final_rate": 0.1, "warmup": 2, "weight_decay": 0.1, "clip": 1, "seed": 1
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	story := ""
	for range 20 {
		for _, sentence := range recall.Filler {
			story += sentence
		}
	}
	tok, err := tokenizer.Train(story, recipe.Model.Vocab)
	if err != nil {
		fmt.Println(err)
		return
	}
	unmarked := make([]bool, recipe.Model.Vocab)
	text, err := train.NewText([][]int32{tok.Encode(nil, story)}, unmarked, unmarked, nil, recipe.Model.Window)
	if err != nil {
		fmt.Println(err)
		return
	}
	trainer, err := train.NewTrainer(recipe, text, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	var first, last float64
	for !trainer.Done() {
		report, err := trainer.Step(context.Background())
		if err != nil {
			fmt.Println(err)
			return
		}
		if last = report.Loss; report.Step == 1 {
			first = last
		}
	}
	fmt.Printf("%d steps; the loss begins near ln 300 = 5.70: %v; it has fallen by half a nat: %v\n", trainer.Steps(), first > 5.6 && first < 5.8, first-last > 0.5)
	// Output: 10 steps; the loss begins near ln 300 = 5.70: true; it has fallen by half a nat: true
}
