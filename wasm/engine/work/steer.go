package work

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"clexlab/wasm/wire/jobs"
)

// Steer takes a change of the training job ID; it waits for the end of the step. A job that is over hears nothing.
func (w *Worker) Steer(id int, s jobs.Steer) {
	t := w.training
	if t == nil || t.job != id {
		return
	}
	t.asked = append(t.asked, s)
	select {
	case t.heard <- struct{}{}:
	default:
	}
}

// obey makes the changes that were asked for, and waits while the training pauses.
func (t *training) obey(ctx context.Context) error {
	for {
		for len(t.asked) > 0 {
			s := t.asked[0]
			t.asked = t.asked[1:]
			if err := t.change(ctx, s); err != nil {
				return err
			}
		}
		if t.run != jobs.Paused {
			return ctx.Err()
		}
		select {
		case <-t.heard:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (t *training) change(ctx context.Context, s jobs.Steer) error {
	switch {
	case s.Rates != nil:
		// What is not trained has no rate to change.
		return t.trainer.SetRates(s.Rates.Weights, s.Rates.Field)
	case s.Back != nil:
		t.run = jobs.Paused
		err := t.back(ctx, *s.Back)
		if errors.As(err, new(*unreadError)) {
			// What was learnt stands where it is.
			t.kept.lost(*s.Back, err)
			t.worker.Emit(jobs.Answer{Trained: &jobs.Trained{Step: t.trainer.Steps(), Pausing: true, Trouble: err.Error(), States: t.kept.steps(), Bytes: t.kept.bytes()}})
			return nil
		}
		return err
	case s.Write != nil:
		return t.write(ctx, *s.Write)
	}
	was := t.run
	t.run = s.Run
	if t.run == jobs.Paused && was != jobs.Paused {
		// Whoever pauses may close the tab next.
		return t.report(ctx, jobs.Trained{Step: t.trainer.Steps()}, true)
	}
	return nil
}

// unreadError says that a kept state is not to be had; the training is as before.
type unreadError struct {
	step int
	why  error
}

func (e *unreadError) Error() string {
	return fmt.Sprintf("the state of step %d cannot be read: %v", e.step, e.why)
}

func (e *unreadError) Unwrap() error { return e.why }

// back goes to a kept state, with the rates that it had.
func (t *training) back(ctx context.Context, step int) error {
	data, err := t.kept.read(step)
	if err != nil {
		return &unreadError{step, err}
	}
	t.spare = spareState{} // of a later step
	return t.backTo(ctx, step, data)
}

// backTo goes to the state of a step that was read.
func (t *training) backTo(ctx context.Context, step int, data []byte) error {
	if err := t.trainer.ReadState(data); err != nil {
		return fmt.Errorf("the state of step %d: %w", step, err)
	}
	t.kept.cut(step)
	t.kept.full = false // what came after it is gone, and a state that could not be kept may have been the GPU's fault
	t.chooseBackend(ctx)
	said := jobs.Trained{Step: step, Backend: t.backend, Back: true, Pausing: t.run == jobs.Paused, States: t.kept.steps(), Bytes: t.kept.bytes()}
	if err := t.tellField(&said); err != nil {
		return err
	}
	t.worker.Emit(jobs.Answer{Trained: &said})
	return nil
}

// failed takes a step, or the reading of what one left, that came to nothing: on a GPU the training goes back to the last good state
// and on to the processor. It reports whether there was such a way.
func (t *training) failed(err error) bool {
	step, data := t.lastState()
	if !t.onGPU || data == nil {
		return false
	}
	t.worker.Emit(jobs.Answer{GPU: &jobs.GPU{Trouble: "training goes on on the CPU from the last state that was kept: " + err.Error()}})
	t.ask.GPUAttempt = 0
	if t.backTo(context.Background(), step, data) != nil {
		return false
	}
	if t.spare.data != nil {
		t.spare = spareState{}
		_ = t.kept.write(t.trainer) // there may be room for it now
	}
	return true
}

// spareState is a state in the worker's own memory, with its step.
type spareState struct {
	step int
	data []byte
}

// lastState is the last one that there is, without data where there is none.
func (t *training) lastState() (step int, data []byte) {
	if t.spare.data != nil {
		return t.spare.step, t.spare.data
	}
	for _, s := range slices.Backward(t.kept.steps()) {
		if data, err := t.kept.read(s); err == nil {
			return s, data
		}
	}
	return 0, nil
}

// note adds to what is told of the training when it goes on another day.
func (t *training) note(said *jobs.Trained) {
	k := &t.kept.about
	k.Step = t.trainer.Steps()
	if said.Loss != 0 && len(k.Losses) < k.Step {
		k.Losses = append(k.Losses, said.Loss)
	}
	if len(said.Held) > 0 && (len(k.Held) == 0 || k.Held[len(k.Held)-1].Step < k.Step) {
		k.Held = append(k.Held, jobs.HeldAt{Step: k.Step, Losses: said.Held, Places: said.Places})
	}
}

// keep keeps the state of this step. Where there is no room the training goes on without; of one on a GPU, which may be lost, the
// worker then holds the last state itself.
func (t *training) keep(said *jobs.Trained) {
	err := t.kept.write(t.trainer)
	if t.spare.data = nil; err != nil && t.onGPU {
		var b bytes.Buffer
		if t.trainer.WriteState(&b) == nil {
			t.spare = spareState{t.trainer.Steps(), b.Bytes()}
		}
	}
	if err != nil && !errors.Is(err, errNoRoom) {
		t.kept.full = true
		said.Unkept = strings.TrimPrefix(err.Error(), "train: save state: ")
	}
	said.States, said.Bytes = t.kept.steps(), t.kept.bytes()
}
