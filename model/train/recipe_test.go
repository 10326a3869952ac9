package train

import (
	"strings"
	"testing"
)

const goodRecipe = `{
  "name": "tiny",
  "model": {"vocab": 300, "width": 12, "hidden": 20, "layers": 2, "heads": 2, "kv_heads": 2, "head_dim": 6, "rope_theta": 10000, "window": 32, "tied_head": true},
  "scheme": {"name": "clex", "t_max": 4},
  "positions": [{"sampler": "contiguous", "share": 0.5}, {"sampler": "chunks", "share": 0.5, "min_chunks": 2, "max_chunks": 4}],
  "t": {"min": 1, "max": 4, "prob_one": 0.25},
  "corpus": ["train"],
  "text": {"recall": 0.3, "dense": 0.1, "facts": 2, "answer_weight": 4},
  "batch": 4, "shard_rows": 2, "steps": 8,
  "learning_rate": 0.01, "final_rate": 0.1, "warmup": 2, "weight_decay": 0.1, "clip": 1,
  "field_rate": 0.01, "field_step": 0.25, "seed": 3
}`

func TestRecipeErrorsNameTheField(t *testing.T) {
	if _, err := ParseRecipe([]byte(goodRecipe)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new, want string }{
		{`"width": 12`, `"width": 0`, "model.width"},
		{`"width": 12`, `"wdith": 12`, "wdith"},
		{`"head_dim": 6`, `"head_dim": 5`, "HeadDim 5"},
		{`"kv_heads": 2`, `"kv_heads": 3`, "KVHeads 3"},
		{`"batch": 4`, `"batch": 3`, "shard_rows 2 does not divide"},
		{`"steps": 8`, `"steps": -1`, "steps is -1"},
		{`"share": 0.5}, {`, `"share": 0.4}, {`, "add up to 0.9"},
		{`"sampler": "contiguous"`, `"sampler": "spiral"`, `"spiral" is unknown`},
		{`"min_chunks": 2`, `"min_chunks": 1`, "chunks 1"},
		{`"t_max": 4`, `"t_max": 2`, "scheme.t_max is 2"},
		{`"max": 4, "prob_one"`, `"max": 0.5, "prob_one"`, "t.max is 0.5"},
		{`"max": 4, "prob_one"`, `"max": 1, "prob_one"`, `positions[1]: sampler "chunks" has nowhere to go: t.max is 1`},
		{`{"sampler": "contiguous", "share": 0.5}, {"sampler": "chunks", "share": 0.5, "min_chunks": 2, "max_chunks": 4}],`, `{"sampler": "offset", "share": 1}], "row_tokens": 4,`, "rows of 4 tokens stay"},
		{`"clip": 1`, `"clip": 0`, "clip is 0"},
		{`"field_step": 0.25`, `"field_step": 0`, "field_step is 0"},
		{`"vocab": 300`, `"vocab": 65536, "x": 1`, `"x"`},
		{`"seed": 3`, `"seed": -3`, "seed"},
		{`"window": 32`, `"window": 16384`, "too large"},
		{"3\n}", "3", "recipe"},
		{`"batch": 4`, `"opening": {"steps": 9, "text": {"recall": 0.5, "dense": 0.5}}, "batch": 4`, "opening.steps is 9"},
		{`"batch": 4`, `"opening": {"steps": 2, "text": {"recall": 0.5, "dense": 0.6}}, "batch": 4`, "opening.text.dense is 0.6"},
		{`"facts": 2`, `"facts": 33`, "text.facts is 33"},
		{`"facts": 2`, `"facts": 2, "drop_prob": 0.95`, "text.drop_prob is 0.95"},
		{`"facts": 2`, `"facts": 2, "interleave": {"documents": 1, "chunk": 8}`, "text.interleave.documents is 1"},
		{`"facts": 2`, `"facts": 2, "interleave": {"documents": 2}`, "text.interleave.chunk is 0"},
		{`"facts": 2`, `"facts": 2, "drop_prob": 0.5, "interleave": {"documents": 2, "chunk": 8}`, "drop_prob and interleave"},
		{`"batch": 4`, `"opening": {"steps": 5, "text": {}}, "closing": {"steps": 4, "text": {}}, "batch": 4`, "closing.steps is 4"},
		{`"batch": 4`, `"closing": {"steps": 2, "text": {"dense": 2}}, "batch": 4`, "closing.text.dense is 2"},
		{`"batch": 4`, `"merge": 0.5, "batch": 4`, "merge is 0.5"},
		{`"batch": 4`, `"rewarm": {"step": 8, "share": 1}, "batch": 4`, "rewarm.step is 8"},
		{`"batch": 4`, `"rewarm": {"step": 2, "share": 2}, "batch": 4`, "rewarm.share is 2"},
		{`"batch": 4`, `"merge": 1.5, "batch": 4`, "merge is 1.5"},
	} {
		bad := strings.Replace(goodRecipe, c.old, c.new, 1)
		if bad == goodRecipe {
			t.Errorf("%q is not there to be replaced", c.old)
		}
		if _, err := ParseRecipe([]byte(bad)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s → %s: error %v, want one that says %q", c.old, c.new, err, c.want)
		}
	}
}

func FuzzParseRecipe(f *testing.F) {
	f.Add([]byte(goodRecipe))
	f.Add([]byte(`{"name":"x","model":{}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := ParseRecipe(data)
		if err != nil {
			return
		}
		// What is accepted can be laid out within the bound.
		if n := NewLayout(r.Model.Config()).Total; n <= 0 || n > maxElements {
			t.Fatalf("accepted a model of %d weights", n)
		}
	})
}
