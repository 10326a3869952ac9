package state

import (
	"math"
	"testing"

	"clexlab/wasm/wire/jobs"
)

// byPlace are losses by place, all alike.
func byPlace(nats float64) []float64 {
	out := make([]float64, jobs.HeldPieces)
	for i := range out {
		out[i] = nats
	}
	return out
}

// The losses by place that are shown are those before the first step and the latest, also of what this browser keeps; going
// back takes the later ones away.
func TestLossesByPlace(t *testing.T) {
	shown := func(s *State, before, latest int) {
		t.Helper()
		b, l := s.Training.PlacesShown()
		step := func(h *HeldAt) int {
			if h == nil {
				return -1
			}
			return h.Step
		}
		if step(b) != before || step(l) != latest {
			t.Errorf("shown are those of steps %d and %d, want %d and %d", step(b), step(l), before, latest)
		}
	}
	s := schooled()
	shown(s, -1, -1)
	kept := jobs.KeptTraining{Train: jobs.Train{Steps: 40}, Of: "small", Step: 20, States: []int{0, 20},
		Held: []HeldAt{{Step: 0, Losses: held(5), Places: byPlace(5)}, {Step: 10, Losses: held(4)}, {Step: 20, Losses: held(3), Places: byPlace(3)}}}
	s.Update(TrainingKept{kept})
	shown(s, 0, 20)
	if list, steps := s.Training.HeldShown(); len(list) != 3 || steps != 40 {
		t.Errorf("%d losses of %d steps", len(list), steps)
	}
	job := started(t, s.Update(GoOnTraining{20})).Job
	shown(s, 0, 20)
	s.Update(Trained{job, jobs.Trained{Step: 30, Loss: 3, Held: held(2), Places: byPlace(2), Moved: &jobs.Moved{}}})
	shown(s, 0, 30)
	s.Update(Trained{job, jobs.Trained{Step: 20, Back: true, Pausing: true}})
	shown(s, 0, 20)
	s.Update(JobDone{Job: job})
	shown(s, 0, 20)
	s.Update(TrainNow{})
	shown(s, -1, -1)
}

func TestMeanPlaces(t *testing.T) {
	places := byPlace(2)
	for k := range 4 {
		places[k] = float64(k)
	}
	// The first piece has one loss less than the others.
	for _, c := range []struct {
		from, to int
		want     float64
	}{{0, 256, (0*63 + 1*64 + 2*64 + 3*64) / 255.0}, {256, 1024, 2}, {64, 192, 1.5}, {0, 64, 0}} {
		if got := MeanPlaces(places, 4096, c.from, c.to); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("tokens %d to %d: %v, want %v", c.from, c.to, got, c.want)
		}
	}
}
