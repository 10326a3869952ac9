package state

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"clexlab/clex"
	"clexlab/wasm/wire/jobs"
)

// What the reader does to take a model away: ExportModel writes the one in use, read by the first method at the t that
// stands, StopExport gives up, EditExport chooses the kind of file.
type (
	ExportModel struct{}
	StopExport  struct{}
	// EditExport leaves what is "" as it is, which an edit of the same frame may have changed.
	EditExport struct {
		Format    jobs.Format
		Precision string
	}
	// ModelExported says that the file was handed to the browser's downloads.
	ModelExported struct {
		Job  int
		Name string
		Size int64
	}
)

// ExportTrained writes what a training left, with its field.
type ExportTrained struct{}

// StartExport writes a model as a file.
type StartExport struct {
	Job int
	jobs.Export
}

func (e StartExport) Do(_ PageEffects, x EngineEffects) { x.StartExport(e) }

// Exporting is a model on its way out.
type Exporting struct {
	Format      jobs.Format
	Precision   string
	Job         int
	Done, Total int64
	// Trained is set where it is a training's result.
	Trained bool
	// Said is what came of the last one.
	Said, Error string
}

// ExportFormat is a kind of file with what it is good for.
type ExportFormat struct {
	Format     jobs.Format
	Label, Why string
	Precisions []string
}

// ExportFormats are the kinds of file on offer.
var ExportFormats = []ExportFormat{
	{jobs.GGUF, "GGUF, for llama.cpp", "One file with weights, tokenizer and the frequencies at this t. Stock llama.cpp and what is built on it run it as it is.", []string{"f16", "f32", "q8_0"}},
	{jobs.HuggingFace, "Hugging Face, frozen at this t", "A folder as zip, with the frequencies as a longrope block that stock transformers runs.", []string{"f16", "f32"}},
	{jobs.CLEXFolder, "Hugging Face, with CLEX's field", "A folder as zip with the network itself, for any t; its card holds the lines of Python that teach transformers to read it.", []string{"f16", "f32"}},
}

func newExporting() Exporting { return Exporting{Format: jobs.GGUF, Precision: "f16"} }

func (m EditExport) apply(s *State) []Effect {
	x := &s.Export
	format, precision := cmp.Or(m.Format, x.Format), cmp.Or(m.Precision, x.Precision)
	for _, f := range ExportFormats {
		if f.Format != format {
			continue
		}
		x.Format, x.Precision = f.Format, f.Precisions[0]
		if slices.Contains(f.Precisions, precision) {
			x.Precision = precision
		}
	}
	return nil
}

// CanExport says why the model in use cannot be written as is chosen, "" where it can, as far as that is known before it is tried.
func (s *State) CanExport() string {
	switch m := s.Current(); {
	case m.ID == "":
		return "No model is loaded yet."
	case s.Export.Format == jobs.CLEXFolder && m.Network == nil:
		return "This model has no field of CLEX: choose one that was tuned with it."
	case s.Active == clex.TrainedHere && s.TrainedHere() != nil && s.Export.Format != jobs.CLEXFolder && s.T > s.TrainedHere().MaxT():
		return "It was trained up to t = " + Factor(s.TrainedHere().MaxT()) + ": move t there to write it frozen."
	case s.Active == "string":
		return "STRING moves positions, which no list of frequencies says: choose another method to write the model with."
	}
	return ""
}

// Exported is the request for what would be written now.
func (s *State) exported() jobs.Export {
	m, method := s.Current(), s.Active
	e := jobs.Export{Load: m.Load, Name: strings.TrimPrefix(m.ID, ownPrefix), Method: method, T: s.T, Format: s.Export.Format, Precision: s.Export.Precision}
	if e.Format == jobs.CLEXFolder && method != clex.TrainedHere {
		e.Method = "clex"
	}
	if w, ok := m.Tuned[e.Method]; ok {
		e.Config, e.Weights, e.Size, e.Difference = w.Config, w.Weights, w.Size, w.Difference
		if w.Factor > 0 {
			e.T = w.Factor // its weights know one t alone
		}
	}
	if here := s.TrainedHere(); method == clex.TrainedHere && here != nil {
		// Its file's own CLEX is what it is read by.
		e.Name, e.Method = fmt.Sprintf("trained-here-%d", here.Origin.Number), "clex"
	}
	e.Tuned = nil
	return e
}

// ExportT is the t at which the model would be written.
func (s *State) ExportT() float64 { return s.exported().T }

func (ExportModel) apply(s *State) []Effect {
	if s.Export.Job != 0 || s.CanExport() != "" {
		return nil
	}
	return s.export(s.exported(), false)
}

func (ExportTrained) apply(s *State) []Effect {
	r := s.Training.Result
	if r == nil || s.Export.Job != 0 {
		return nil
	}
	e := jobs.Export{Load: r.Load, Name: r.ID, Method: "clex", T: r.MaxT(), Format: jobs.CLEXFolder, Precision: "f32"}
	e.Tuned = nil
	return s.export(e, true)
}

func (s *State) export(e jobs.Export, trained bool) []Effect {
	s.jobs++
	x := &s.Export
	x.Job, x.Done, x.Total, x.Said, x.Error, x.Trained = s.jobs, 0, 0, "", "", trained
	s.Spoken = "Writing the file"
	return []Effect{StartExport{s.jobs, e}}
}

func (StopExport) apply(s *State) []Effect {
	if s.Export.Job == 0 {
		return nil
	}
	job := s.Export.Job
	s.Export.Job = 0
	return []Effect{CancelJob{job}}
}

func (m ModelExported) apply(s *State) []Effect {
	if m.Job != s.Export.Job {
		return nil
	}
	s.Export.Job = 0
	s.Export.Said = m.Name + ", " + Bytes(m.Size) + ", was handed to your downloads."
	s.Spoken = s.Export.Said
	return nil
}
