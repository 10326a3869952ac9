package program

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"clexlab/clex"
	"clexlab/viz/fonts"
	"clexlab/viz/paint"
	"clexlab/viz/scene"
)

// rig is a program whose clock stands until it is moved, with what it tells the page.
type rig struct {
	*Program
	said  []any
	at    time.Time
	awake int
}

func newRig(t *testing.T) *rig {
	t.Helper()
	kind, err := paint.NewTypesetter(fonts.Regular, fonts.Bold)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{at: time.Unix(1000, 0)}
	r.Program = New(kind, 1, nil, func(m any) { r.said = append(r.said, m) }, func() { r.awake++ })
	r.now = func() time.Time { return r.at }
	for _, m := range []any{&scene.Model{Rotary: clex.Rotary{HeadDim: 8, Dims: 8, Base: 10000, Window: 256}, TMax: 16, Layers: 2, Heads: 2},
		&scene.State{Scene: scene.Trajectories, T: 2, Shown: []string{"clex"}, Active: "clex", Layer: -1, Head: -1, Token: -1}} {
		r.Take(m, nil)
	}
	r.said = nil
	return r
}

// after moves the clock and returns what the frame then tells.
func (r *rig) after(d time.Duration) []any {
	r.said, r.at = nil, r.at.Add(d)
	r.BeforeFrame()
	return r.said
}

// Of words that come in every frame the page hears the last, and not too often.
func TestHoldsBackWhatComesInEveryFrame(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	solved := func(n int) *scene.Solved { return &scene.Solved{Evaluations: n} }
	r.send(solved(1))
	if got := r.after(0); !reflect.DeepEqual(got, []any{solved(1)}) {
		t.Fatalf("the first solve: %v", got)
	}
	r.send(solved(2))
	if got := r.after(solvedEvery / 2); got != nil {
		t.Errorf("half the time later: %v", got)
	}
	r.send(solved(3))
	if n := r.awake; r.after(0) != nil || r.awake == n {
		t.Error("no frame is asked for while something is held back")
	}
	if got := r.after(solvedEvery); !reflect.DeepEqual(got, []any{solved(3)}) {
		t.Errorf("in time: %v", got)
	}
	if got := r.after(time.Hour); got != nil {
		t.Errorf("said again: %v", got)
	}
	// A wish rests from the last one on.
	for i := range 5 {
		r.send(&scene.Need{ID: i})
		if got := r.after(needAfter / 2); got != nil {
			t.Errorf("a wish that is taken back is told: %v", got)
		}
	}
	if got := r.after(needAfter); !reflect.DeepEqual(got, []any{&scene.Need{ID: 4}}) {
		t.Errorf("the last wish: %v", got)
	}
	r.send(scene.Say("pair 3"))
	if len(r.said) != 2 {
		t.Errorf("what is not held back: %v", r.said)
	}
}

// Files have names that say what is in them; what cannot be made is said under the ID asked with.
func TestFiles(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.Take(&scene.Export{ID: 3, Format: "csv"}, nil)
	if m, ok := r.said[0].(*scene.Exported); !ok || m.ID != 3 || m.Name != "clexlab-trajectories-t2.00.csv" || m.Type != "text/csv" || len(m.Data) == 0 {
		t.Errorf("%+v", r.said[0])
	}
	r.said = nil
	l := &paint.List{Type: r.kind}
	l.Reset(1)
	r.View.Resize(600, 400, l)
	r.Take(&scene.Export{ID: 5, Format: "svg", Story: scene.Story{Caption: []string{"read at t = 64", "Build v7."}}}, nil)
	if m, ok := r.said[len(r.said)-1].(*scene.Exported); !ok || m.ID != 5 || m.Type != "image/svg+xml" || !strings.Contains(string(m.Data), ">read at t = 64<") || !strings.Contains(string(m.Data), ">Build v7.<") {
		t.Errorf("%+v", r.said[len(r.said)-1])
	}
	r.said = nil
	r.Take(&scene.Export{ID: 6, Format: "csv", Story: scene.Story{Model: "small", Version: "v7"}}, nil)
	if m, ok := r.said[0].(*scene.Exported); !ok || strings.Count(string(m.Data), ",v7\n") < 4 {
		t.Errorf("%+v", r.said[0])
	}
	r.said = nil
	r.Take(&scene.Export{ID: 7, Format: "csv", Scene: scene.RecallGrids}, nil)
	if m, ok := r.said[0].(*scene.Exported); !ok || m.Name != "clexlab-recall.csv" {
		t.Errorf("recall, which the page's t does not move: %+v", r.said[0])
	}
	r.said = nil
	r.Take(&scene.Export{ID: 4, Format: "bmp"}, nil)
	if m, ok := r.said[0].(*scene.Fault); !ok || m.ID != 4 || m.Fatal || !strings.Contains(m.Text, `"bmp"`) {
		t.Errorf("%+v", r.said[0])
	}
}

// A message that cannot be read or is not for a picture is told of, and nothing else happens.
func TestTellsOfBadMessages(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.Take(nil, errors.New("torn"))
	r.Take(&scene.Hover{}, nil)
	for i, want := range []string{"torn", "Hover"} {
		if m, ok := r.said[i].(*scene.Fault); !ok || m.Fatal || !strings.Contains(m.Text, want) {
			t.Errorf("%+v", r.said[i])
		}
	}
	if r.View.T() != 2 {
		t.Errorf("t = %v", r.View.T())
	}
}
