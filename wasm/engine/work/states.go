package work

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"clexlab/model/train"
	"clexlab/wasm/wire/jobs"
)

// States are files that outlive a worker, by name.
type States interface {
	// Write makes a file of what write writes, and returns its size; on an error there is none.
	Write(name string, write func(io.Writer) error) (int64, error)
	// Read returns a file, fs.ErrNotExist where there is none.
	Read(name string) ([]byte, error)
	Remove(name string) error
}

// errNoRoom says that a state is not kept because the worker's own memory holds enough of them.
var errNoRoom = errors.New("no room for another state")

// errTaken says that the browser keeps another training by now: two tabs have one place.
var errTaken = errors.New("this browser keeps another training by now, one that was begun in another tab")

// mostStates is how many states are kept: the first, and the newest.
const mostStates = 6

// memoryStates are states in the worker's own memory, for browsers without a place for files.
type memoryStates map[string][]byte

// Write implements States.
func (m memoryStates) Write(name string, write func(io.Writer) error) (int64, error) {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return 0, err
	}
	m[name] = b.Bytes()
	return int64(b.Len()), nil
}

// Read implements States.
func (m memoryStates) Read(name string) ([]byte, error) {
	if data, ok := m[name]; ok {
		return data, nil
	}
	return nil, fs.ErrNotExist
}

// Remove implements States.
func (m memoryStates) Remove(name string) error {
	delete(m, name)
	return nil
}

// keptStates are the states of one training, with what is told of it.
type keptStates struct {
	files States
	about jobs.KeptTraining
	sizes map[int]int64
	full  bool
}

func stateFile(step int) string { return fmt.Sprintf("step-%06d.state", step) }

// keptStates opens the kept training if that is to go on, or makes room for a new one.
func (w *Worker) keptStates(r *jobs.Train) (*keptStates, error) {
	if w.States == nil && w.OpenStates != nil {
		w.States = w.OpenStates()
	}
	if w.States == nil {
		w.States = memoryStates{}
	}
	k := &keptStates{files: w.States, sizes: map[int]int64{}}
	text, err := k.files.Read(jobs.TrainingFile)
	var old jobs.KeptTraining
	if err == nil {
		err = json.Unmarshal(text, &old)
	}
	if r.Resume != nil {
		if err != nil {
			return nil, fmt.Errorf("the training that was kept cannot be read: %w", err)
		}
		if !alike(&old.Train, r) {
			return nil, errTaken
		}
		k.about = old
		each := old.Bytes / int64(max(1, len(old.States)))
		for _, s := range old.States {
			k.sizes[s] = each
		}
		return k, nil
	}
	if err == nil {
		for _, s := range old.States {
			k.files.Remove(stateFile(s))
		}
		k.files.Remove(jobs.TrainingFile)
	}
	k.about = jobs.KeptTraining{Train: *r, Of: r.Model}
	return k, nil
}

func (k *keptStates) steps() []int { return k.about.States }

func (k *keptStates) bytes() (n int64) {
	for _, size := range k.sizes {
		n += size
	}
	return n
}

// alike reports whether two trainings are one, whatever computes it and wherever its texts lie: the same steps come of the same.
func alike(a, b *jobs.Train) bool {
	same := func(t jobs.Train) jobs.Train {
		t.Resume, t.GPUAttempt, t.Address, t.Held, t.By, t.Source = nil, 0, "", "", "", ""
		return t
	}
	return same(*a) == same(*b)
}

// taken reports whether a training of another tab has come into the place of this one.
func (k *keptStates) taken() bool {
	text, err := k.files.Read(jobs.TrainingFile)
	var now jobs.KeptTraining
	return err == nil && json.Unmarshal(text, &now) == nil && !alike(&now.Train, &k.about.Train)
}

func (k *keptStates) read(step int) ([]byte, error) {
	if k.taken() {
		return nil, errTaken
	}
	if !slices.Contains(k.about.States, step) {
		return nil, fmt.Errorf("it is not among those that are kept, %d", k.about.States)
	}
	return k.files.Read(stateFile(step))
}

// write keeps the state of a trainer, and drops the oldest but the first where there are too many.
func (k *keptStates) write(t *train.Trainer) error {
	if k.full {
		return errNoRoom
	}
	if err := k.look(); err != nil {
		return err
	}
	step := t.Steps()
	size, err := k.files.Write(stateFile(step), t.WriteState)
	if err != nil {
		return err
	}
	if !slices.Contains(k.about.States, step) {
		k.about.States = append(k.about.States, step)
	}
	k.sizes[step] = size
	if len(k.about.States) > mostStates {
		k.drop(k.about.States[1])
	}
	err = k.tell()
	if err != nil {
		// Without what tells of them the states before were lost, too: there is room for that in this one's place.
		k.drop(step)
		_ = k.tell()
	}
	return err
}

// look forgets the states that are no longer there: another tab has deleted them, gone back, or begun a training in their place.
func (k *keptStates) look() error {
	if len(k.about.States) == 0 {
		return nil
	}
	text, err := k.files.Read(jobs.TrainingFile)
	var now jobs.KeptTraining
	if err == nil {
		err = json.Unmarshal(text, &now)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil // another tab may be writing it
	case !alike(&now.Train, &k.about.Train):
		k.about.States = nil
		clear(k.sizes)
		return errTaken
	}
	k.about.States = slices.DeleteFunc(k.about.States, func(s int) bool {
		gone := !slices.Contains(now.States, s)
		if gone {
			delete(k.sizes, s)
		}
		return gone
	})
	return nil
}

// tell writes what the training is, after its states: what it names is there.
func (k *keptStates) tell() error {
	k.about.Bytes = k.bytes()
	text, err := json.Marshal(k.about)
	if err != nil {
		return err
	}
	_, err = k.files.Write(jobs.TrainingFile, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
	return err
}

func (k *keptStates) drop(step int) {
	k.about.States = slices.DeleteFunc(k.about.States, func(s int) bool { return s == step })
	delete(k.sizes, step)
	for i := range k.about.Held {
		if h := &k.about.Held[i]; h.Step == step {
			h.Places = nil
		}
	}
	k.files.Remove(stateFile(step))
}

// lost forgets the state of a step that could not be read, and all of them, which are none of its own any more, where another
// tab's training has the place.
func (k *keptStates) lost(step int, why error) {
	if errors.Is(why, errTaken) {
		k.about.States, k.full = nil, true
		clear(k.sizes)
		return
	}
	k.drop(step)
}

// cut forgets what came after a step.
func (k *keptStates) cut(step int) {
	for _, s := range slices.Clone(k.about.States) {
		if s > step {
			k.drop(s)
		}
	}
	k.about.Step = step
	k.about.Losses = k.about.Losses[:min(step, len(k.about.Losses))]
	k.about.Held = slices.DeleteFunc(k.about.Held, func(h jobs.HeldAt) bool { return h.Step > step })
}
