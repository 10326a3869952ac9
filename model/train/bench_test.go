package train

import (
	"context"
	"testing"
)

// BenchmarkStep is one step of the small model's shape: 8 rows of 256 tokens
// forwards, backwards and through AdamW, on all cores.
func BenchmarkStep(b *testing.B) {
	r, err := ParseRecipe([]byte(goodRecipe))
	if err != nil {
		b.Fatal(err)
	}
	r.Model = Shape{Vocab: 2048, Dim: 192, HiddenDim: 512, Layers: 4, Heads: 4, KVHeads: 4, HeadDim: 48, Base: 10000, Window: 256, TiedHead: true}
	r.Batch, r.ShardRows, r.Steps = 8, 4, 1<<20
	t := fillerTrainer(b, r)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := t.Step(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*r.Batch*r.Model.Window)/b.Elapsed().Seconds(), "tokens/s")
}
