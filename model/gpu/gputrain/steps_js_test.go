//go:build js && wasm

package gputrain

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"testing"

	"clexlab/model/train"
)

// pair is the same run twice: steps of the second are made on the device.
func pair(t *testing.T, r *train.Recipe) (cpu, on *train.Trainer) {
	t.Helper()
	start := noisy(t, r)
	var err error
	if cpu, err = train.NewTrainer(r, book(t, r), start); err != nil {
		t.Fatal(err)
	}
	if on, err = train.NewTrainer(r, book(t, r), start); err != nil {
		t.Fatal(err)
	}
	move(t, on, start)
	return cpu, on
}

// move has the device make the steps of a run from now on, which began with start.
func move(t *testing.T, tr *train.Trainer, start *train.Parameters) {
	t.Helper()
	c, err := New(t.Context(), open(t), tr.Recipe, tr.Vectors(), start.Flat)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	tr.Compute(c)
}

func step(t *testing.T, tr *train.Trainer) train.Report {
	t.Helper()
	report, err := tr.Step(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// TestStepsAreTheProcessors: the same run on the processor and on the device. After the first step AdamW's
// first moment is a tenth of the clipped gradient, so each tensor's gradient is compared by it, and the field's; later
// steps compare losses, norms, the field and the running mean. Some of the targets are answers, which weigh more.
func TestStepsAreTheProcessors(t *testing.T) {
	open(t)
	// The larger dispatches go along two axes, as those of a model with 17 million parameters do, and logits are made in four chunks, as those of a large batch are.
	defer func(most, bytes int) { mostGroups, logitBytes = most, bytes }(mostGroups, logitBytes)
	mostGroups, logitBytes = 6, 1
	steps := 4
	if testing.Short() {
		steps = 2
	}
	for i, c := range []struct{ tied, from, distil, head string }{{"true", "base", "0.4", "8"}, {"true", "", "0", "8"}, {"false", "base", "0.4", "8"}, {"true", "", "0", "64"}} {
		if testing.Short() && i > 0 {
			break
		}
		t.Run(fmt.Sprintf("tied %s, distil %s, head %s", c.tied, c.distil, c.head), func(t *testing.T) {
			r := parse(t, replace(recipe, "TIED", c.tied, "FROM", c.from, "DISTIL", c.distil, "HEAD", c.head))
			cpu, on := pair(t, r)
			for n := range steps {
				want, got := step(t, cpu), step(t, on)
				if n == 0 && want.AnswerLoss == 0 {
					t.Fatal("no target is an answer")
				}
				if math.Abs(got.Loss-want.Loss) > 1e-4 || math.Abs(got.AnswerLoss-want.AnswerLoss) > 1e-4*want.AnswerLoss || math.Abs(got.GradientNorm-want.GradientNorm) > 1e-3*want.GradientNorm {
					t.Errorf("step %d: loss %v, of answers %v, and norm %v, want %v, %v and %v", n, got.Loss, got.AnswerLoss, got.GradientNorm, want.Loss, want.AnswerLoss, want.GradientNorm)
				}
				if n > 0 {
					continue
				}
				if err := on.Store(t.Context()); err != nil {
					t.Fatal(err)
				}
				for _, s := range tensors(&cpu.Parameters.Layout) {
					if e := apart(on.Vectors().First[s.From:s.To], cpu.Vectors().First[s.From:s.To]); !(e < 1e-3) {
						t.Errorf("the gradient of %s is off by %.1e of its size", s.name, e)
					}
				}
				if e := apart(fieldGradient(t, on), fieldGradient(t, cpu)); !(e < 1e-3) {
					t.Errorf("the gradient of the field is off by %.1e of its size", e)
				}
			}
			if err := on.Store(t.Context()); err != nil {
				t.Fatal(err)
			}
			same(t, on, cpu)
		})
	}
}

// same fails where two runs are not where the same steps lead.
func same(t *testing.T, got, want *train.Trainer) {
	t.Helper()
	for name, v := range map[string][2][]float32{
		"weights": {got.Vectors().Weights, want.Vectors().Weights}, "second moments": {got.Vectors().Second, want.Vectors().Second}, "mean": {got.Vectors().Mean, want.Vectors().Mean},
	} {
		if e := apart(v[0], v[1]); !(e < 2e-3) {
			t.Errorf("%s are off by %.1e after %d steps", name, e, want.Steps())
		}
	}
	field := func(tr *train.Trainer) []float32 { return numbers(tr.Field.Network.Down...) }
	if e := apart(field(got), field(want)); !(e < 0.02) {
		t.Errorf("the field is off by %.1e after %d steps", e, want.Steps())
	}
}

// TestRunMoves: a run that is kept after its second step, on the processor or the device, and goes on on the other is the run that never moved.
func TestRunMoves(t *testing.T) {
	r := parse(t, replace(recipe, "TIED", "true", "FROM", "base", "DISTIL", "0.4"))
	stays, _ := pair(t, r)
	var want []float64
	for range 5 {
		want = append(want, step(t, stays).Loss)
	}
	for _, from := range []string{"the processor", "the device"} {
		cpu, on := pair(t, r)
		if from == "the processor" {
			on = cpu
		}
		step(t, on)
		step(t, on)
		var state bytes.Buffer
		if err := on.WriteState(&state); err != nil {
			t.Fatal(err)
		}
		start := noisy(t, r)
		moved, err := train.NewTrainer(r, book(t, r), start)
		if err != nil {
			t.Fatal(err)
		}
		if err := moved.ReadState(state.Bytes()); err != nil {
			t.Fatal(err)
		}
		if from == "the processor" {
			move(t, moved, start)
		}
		for n := 2; n < 5; n++ {
			if got := step(t, moved).Loss; math.Abs(got-want[n]) > 1e-4 {
				t.Errorf("moved from %s: step %d has loss %v, want %v", from, n, got, want[n])
			}
		}
		if err := moved.Store(t.Context()); err != nil {
			t.Fatal(err)
		}
		same(t, moved, stays)
	}
}

// fieldGradient is a tenth of the first step's gradient of the field, which is Adam's first moment then: a state file ends with
// the field's weights, its two moments and its mean, in float64, and a checksum.
func fieldGradient(t *testing.T, tr *train.Trainer) []float32 {
	t.Helper()
	var state bytes.Buffer
	if err := tr.WriteState(&state); err != nil {
		t.Fatal(err)
	}
	const checksum, parts = 32, 4
	n := tr.Field.Network.Params()
	moment := state.Bytes()[state.Len()-checksum-8*parts*n:][8*n : 8*2*n]
	out := make([]float32, n)
	size := 0.0
	for i := range out {
		v := math.Float64frombits(binary.LittleEndian.Uint64(moment[8*i:]))
		out[i], size = float32(v), max(size, math.Abs(v))
	}
	if size == 0 {
		t.Fatal("the field has no gradient")
	}
	return out
}
