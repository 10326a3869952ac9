package state

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"clexlab/clex"
	"clexlab/wasm/wire/jobs"
)

// What the reader does with a model of their own: FilesBrought has its files looked at, EditOpening changes what it will count
// as, OpenModel loads it, CancelOpening gives it up, DeleteKept deletes one from this browser's storage.
type (
	FilesBrought struct {
		Name  string
		Files []jobs.File
	}
	EditOpening struct {
		// Change sets what was edited and leaves the rest, which an edit of the same frame may have changed.
		Change func(*Opening)
	}
	OpenModel     struct{}
	CancelOpening struct{}
	DeleteKept    struct{ ID string }
	// FilesDescribed, FileProgress and ModelKept are the answers.
	FilesDescribed struct {
		Job int
		jobs.Described
	}
	FileProgress struct {
		Job int
		jobs.Progress
	}
	ModelKept struct {
		Job   int
		Model Model
	}
)

// DescribeFiles asks what files are, ReleaseFiles gives up the addresses that the page made for them. KeepModel copies a model into this browser's storage,
// ForgetModel deletes it there.
type (
	DescribeFiles struct {
		Job int
		jobs.Describe
	}
	ReleaseFiles struct{ Files []jobs.File }
	KeepModel    struct {
		Job   int
		Model Model
	}
	ForgetModel struct{ ID string }
)

func (e DescribeFiles) Do(_ PageEffects, x EngineEffects) { x.DescribeFiles(e) }
func (e ReleaseFiles) Do(p PageEffects, _ EngineEffects)  { p.ReleaseFiles(e) }
func (e KeepModel) Do(_ PageEffects, x EngineEffects)     { x.KeepModel(e) }
func (e ForgetModel) Do(_ PageEffects, x EngineEffects)   { x.ForgetModel(e) }

// Opening is a model of the reader's on its way in.
type Opening struct {
	Name  string
	Files []jobs.File
	// Job is the look at the files, 0 when it is over; Found what it has found, nil before.
	Job   int
	Found *jobs.Described
	// Window and TMax are what the model will count as; Keep has it kept in this browser.
	Window int
	TMax   float64
	Keep   bool
	Error  string
	// Keeping is the job that keeps a model, Kept how many of its Total bytes are there.
	Keeping     int
	Kept, Total int64
}

// ownPrefix begins the names of models that readers bring.
const ownPrefix = "own-"

// cacheRoom is how much memory the keys and values of the longest text may take before a shorter one is proposed.
const cacheRoom = 1 << 30

func (m FilesBrought) apply(s *State) []Effect {
	out := s.forgetOpening()
	s.open(ModelPanel)
	s.Opening = Opening{Name: m.Name, Files: m.Files, Keeping: s.Opening.Keeping, Kept: s.Opening.Kept, Total: s.Opening.Total}
	if len(m.Files) == 0 {
		s.Opening.Error = "None of these files is a part of a model: those end in .gguf, .safetensors or .json."
		s.Spoken = s.Opening.Error
		return out
	}
	s.jobs++
	s.Opening.Job = s.jobs
	s.Spoken = "Looking at " + m.Name
	return append(out, DescribeFiles{s.jobs, jobs.Describe{Files: m.Files}})
}

func (m FilesDescribed) apply(s *State) []Effect {
	o := &s.Opening
	if m.Job != o.Job || o.Job == 0 {
		return nil
	}
	d := m.Described
	o.Found, o.Window, o.TMax = &d, d.Rotary.Window, max(2, d.TMax)
	for d.Network == nil && o.TMax > 2 && o.CacheBytes() > cacheRoom {
		o.TMax /= 2
	}
	s.Spoken = m.Family + " of " + Millions(d.Parameters) + " parameters"
	return nil
}

// CacheBytes is the memory that the longest text takes.
func (o *Opening) CacheBytes() int64 {
	return int64(o.TMax*float64(o.Window)) * o.Found.TokenBytes
}

// ReadingTime is how long a text of so many tokens takes to be read, 0 where that is not known.
func (o *Opening) ReadingTime(tokens int) time.Duration {
	if o.Found.Speed.Prefill <= 0 {
		return 0
	}
	return time.Duration(float64(tokens) / o.Found.Speed.Prefill * float64(time.Second))
}

// Bounds of what a model can count as.
const (
	MaxWindow = 1 << 20
	maxOwnT   = 256
)

func (m EditOpening) apply(s *State) []Effect {
	o := &s.Opening
	m.Change(o)
	o.Window = min(MaxWindow, max(jobs.LeastWindow, o.Window))
	o.TMax = min(maxOwnT, max(2, o.TMax))
	if f := o.Found; f != nil && f.Network != nil {
		o.TMax = min(o.TMax, f.TMax) // its field was trained no further
	}
	return nil
}

func (CancelOpening) apply(s *State) []Effect { return s.forgetOpening() }

// forgetOpening gives up what is being opened.
func (s *State) forgetOpening() []Effect {
	var out []Effect
	o := &s.Opening
	if o.Job != 0 && o.Found == nil && o.Error == "" {
		out = append(out, CancelJob{o.Job})
	}
	if len(o.Files) > 0 {
		out = append(out, ReleaseFiles{o.Files})
	}
	*o = Opening{Keeping: o.Keeping, Kept: o.Kept, Total: o.Total}
	return out
}

// firstLength is the longest text that a model is given to begin with after it was brought, in tokens.
const firstLength = 512

func (OpenModel) apply(s *State) []Effect {
	o := &s.Opening
	f := o.Found
	if f == nil {
		return nil
	}
	m := Model{ID: s.freshID(o.Name), Model: f.Model, Parameters: int(f.Parameters), Vocab: f.Vocab, Memory: f.Memory, Brought: true}
	m.Name = s.freshName(fmt.Sprintf("%s · %s", Middle(o.Name, 28), Millions(f.Parameters)))
	m.Rotary.Window, m.TMax = o.Window, o.TMax
	m.Load = jobs.Load{Files: o.Files, Size: f.FileBytes, Bounds: &jobs.Bounds{Window: o.Window, TMax: o.TMax}}
	m.About = fmt.Sprintf("%s, %d layers, %d heads, read as trained on %s; brought by you, it stays on this device", f.Family, f.Layers, f.Heads, Tokens(o.Window))
	keep := o.Keep
	*o = Opening{Keeping: o.Keeping, Kept: o.Kept, Total: o.Total}
	s.Models = append(slices.Clone(s.Models), m)
	s.atHand[m.ID] = true
	delete(s.Open, ModelPanel)
	out := s.stop()
	s.remember(m.ID)
	// A bigger model takes its time: it reads a window first, or the part of it that is long enough to see something.
	s.Windows = 1
	for s.Windows*float64(m.Rotary.Window) > firstLength {
		s.Windows /= 2
	}
	kept := s.former
	out = append(append(out, OfferModel{m}), ChooseModel{m.ID}.apply(s)...)
	s.former = kept
	if keep {
		s.jobs++
		o.Keeping, o.Kept, o.Total = s.jobs, 0, f.FileBytes
		out = append(out, KeepModel{s.jobs, m})
	}
	return out
}

// freshID is a name for links that no model has.
func (s *State) freshID(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	base := ownPrefix + Middle(strings.Join(words, "-"), 32)
	base = strings.ReplaceAll(base, "…", "-")
	id := base
	for n := 2; slices.ContainsFunc(s.Models, func(m Model) bool { return m.ID == id }); n++ {
		id = fmt.Sprintf("%s-%d", base, n)
	}
	return id
}

// freshName is a name for people that no model has.
func (s *State) freshName(name string) string {
	fresh := name
	for n := 2; slices.ContainsFunc(s.Models, func(m Model) bool { return m.Name == fresh }); n++ {
		fresh = fmt.Sprintf("%s (%d)", name, n)
	}
	return fresh
}

func (m FileProgress) apply(s *State) []Effect {
	switch {
	case m.Job == 0:
	case m.Job == s.Opening.Keeping:
		s.Opening.Kept, s.Opening.Total = m.Done, m.Total
	case m.Job == s.Export.Job:
		s.Export.Done, s.Export.Total = m.Done, m.Total
	}
	return nil
}

// fileJobFailed says what went wrong with a job about files, and reports whether it was one.
func (s *State) fileJobFailed(m JobFailed) bool {
	switch {
	case m.Job == 0:
		return false
	case m.Job == s.Opening.Job:
		s.Opening.Job, s.Opening.Error = 0, m.Text
		m.Text = Sentence(m.Text)
	case m.Job == s.Opening.Keeping:
		s.Opening.Keeping, s.Training.Keeping = 0, false
		s.notify(Notice{Key: "keep", Level: Warning, Title: "The model is not kept.", Text: m.Text})
	case m.Job == s.Export.Job:
		s.Export.Job, s.Export.Error = 0, m.Text
	default:
		return false
	}
	s.Spoken = m.Text
	return true
}

func (m ModelKept) apply(s *State) []Effect {
	o := &s.Opening
	if m.Job == o.Keeping {
		o.Keeping, o.Kept, o.Total = 0, 0, 0
	}
	if s.deleted.model == m.Model.ID {
		s.replacesDeleted()
	}
	// Its addresses are of the stored files now; the one that was opened works on as it is.
	s.Spoken = m.Model.Name + " is kept in this browser"
	s.Models = slices.Clone(s.Models)
	for i := range s.Models {
		if s.Models[i].ID == m.Model.ID {
			s.Models[i].Kept = true
			return s.offerTrained()
		}
	}
	s.Models = append(s.Models, m.Model)
	return append([]Effect{OfferModel{m.Model}}, s.offerTrained()...)
}

func (m DeleteKept) apply(s *State) []Effect {
	shown := s.whereShown(clex.TrainedHere)
	gone := s.setKept(m.ID, false)
	if gone == nil {
		return nil
	}
	out := s.delete(deletion{model: gone.ID, shown: shown}, gone.Name+" is not kept any more.")
	return append(out, s.offerTrained()...)
}

// KeptModels lists the models that this browser keeps.
func (s *State) KeptModels() (out []Model) {
	for _, m := range s.Models {
		if m.Kept {
			out = append(out, m)
		}
	}
	return out
}

// Millions writes a number of parameters: "2.2 M", "1.1 B".
func Millions(n int64) string {
	switch {
	case n < 1e9:
		return fmt.Sprintf("%.1f M", float64(n)/1e6)
	default:
		return fmt.Sprintf("%.1f B", float64(n)/1e9)
	}
}
