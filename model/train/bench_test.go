package train

import (
	"context"
	"fmt"
	"math"
	"testing"
	"time"
)

// BenchmarkStep is one step of the shapes that ship, tuned with CLEX to t = 64 as the page does it, on batches of
// several sizes: forwards, backwards and through AdamW; -cpu says on how many cores. Beside other work the quickest step tells most.
func BenchmarkStep(b *testing.B) {
	for _, shape := range []struct {
		name  string
		model Shape
	}{
		{"small", Shape{Vocab: 2048, Dim: 192, HiddenDim: 512, Layers: 4, Heads: 4, KVHeads: 4, HeadDim: 48, Base: 10000, Window: 256, TiedHead: true}},
		{"medium", Shape{Vocab: 2048, Dim: 320, HiddenDim: 864, Layers: 6, Heads: 5, KVHeads: 5, HeadDim: 64, Base: 10000, Window: 256, TiedHead: true}},
	} {
		for _, rows := range []int{8, 64} {
			b.Run(fmt.Sprintf("%s/%d-tokens", shape.name, rows*shape.model.Window), func(b *testing.B) {
				r, err := ParseRecipe([]byte(goodRecipe))
				if err != nil {
					b.Fatal(err)
				}
				r.Model, r.Scheme.TMax, r.T.Max, r.FieldStep, r.WeighSkips = shape.model, 64, 64, 0.1, true
				r.Batch, r.ShardRows, r.Steps = rows, rows/4, 1<<20
				t := fillerTrainer(b, r)
				b.ReportAllocs()
				quickest := time.Duration(math.MaxInt64)
				for b.Loop() {
					begin := time.Now()
					if _, err := t.Step(context.Background()); err != nil {
						b.Fatal(err)
					}
					quickest = min(quickest, time.Since(begin))
				}
				b.ReportMetric(float64(r.Batch*r.Model.Window)/quickest.Seconds(), "tokens/s-quickest")
				b.ReportMetric(float64(b.N*r.Batch*r.Model.Window)/b.Elapsed().Seconds(), "tokens/s")
			})
		}
	}
}
