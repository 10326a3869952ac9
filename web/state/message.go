package state

import "clexlab/viz/scene"

// Message is something that happened: the reader did it, or the engine, the picture or the
// browser told it. It applies itself and says what the page has to do about it.
type Message interface{ apply(*State) []Effect }

// Update takes one message and returns what the page must do, in this order.
func (s *State) Update(m Message) []Effect {
	s.turn++
	for i := range s.Panes {
		s.Panes[i].turn = s.turn
	}
	out := m.apply(s)
	s.noteDeed(m)
	// What was measured on one text never stands beside another.
	if id := s.subjectID(); s.measured.subject != id {
		s.forgetMeasured()
		s.measured.subject = id
		out = append(out, ShowView{})
	}
	return append(out, s.attend()...)
}

// Effect is something to do outside of the state: it calls the method for it.
type Effect interface {
	Do(PageEffects, EngineEffects)
}

// PageEffects is what the page and the browser do.
type PageEffects interface {
	ShowView(ShowView)
	SaveAddress()
	SetTheme()
	SaveFile(SaveFile)
	ReleaseFiles(ReleaseFiles)
	PressKey(PressKey)
	ExportPicture(ExportPicture)
	Focus(Focus)
	Reveal(Reveal)
	Reload()
}

// EngineEffects is what the engine does.
type EngineEffects interface {
	Judge(Judge)
	Calibrate(Calibrate)
	ReleaseGPU(ReleaseGPU)
	Measure(Measure)
	Attend(Attend)
	ConnectPicture()
	StartProbe(StartProbe)
	SetFactor(SetFactor)
	StartWriting(StartWriting)
	StopMeasuring()
	SteerTraining(SteerTraining)
	ForgetTraining()
	StartExport(StartExport)
	DescribeFiles(DescribeFiles)
	KeepModel(KeepModel)
	ForgetModel(ForgetModel)
	LoadModel(LoadModel)
	RestartEngine()
	CancelJob(CancelJob)
	StartTraining(StartTraining)
	OfferModel(OfferModel)
	TuneMethod(TuneMethod)
}

// What the page and the browser have to do.
type (
	// ShowView tells the picture what has changed for it. Whole tells it everything, after
	// its program started anew.
	ShowView struct{ Whole bool }
	// SaveAddress writes the settings into the address, throttled by the page.
	SaveAddress struct{}
	// SetTheme puts the theme and the size of type on the document.
	SetTheme struct{}
	// SaveFile hands a file to the reader.
	SaveFile struct {
		Name, Type string
		Data       []byte
	}
	// PressKey gives the picture a key that was pressed in it and is for it after all; Focus
	// moves the keyboard to a control of the page.
	PressKey struct{ Key string }
	// ExportPicture asks the picture for a file, of the scene shown where Scene is "".
	ExportPicture struct {
		Scene  scene.Name
		Format string
	}
	Focus struct{ ID string }
	// Reload loads the page again.
	Reload struct{}
)

func (e ShowView) Do(p PageEffects, _ EngineEffects)      { p.ShowView(e) }
func (SaveAddress) Do(p PageEffects, _ EngineEffects)     { p.SaveAddress() }
func (SetTheme) Do(p PageEffects, _ EngineEffects)        { p.SetTheme() }
func (e SaveFile) Do(p PageEffects, _ EngineEffects)      { p.SaveFile(e) }
func (e PressKey) Do(p PageEffects, _ EngineEffects)      { p.PressKey(e) }
func (e ExportPicture) Do(p PageEffects, _ EngineEffects) { p.ExportPicture(e) }
func (e Focus) Do(p PageEffects, _ EngineEffects)         { p.Focus(e) }
func (Reload) Do(p PageEffects, _ EngineEffects)          { p.Reload() }
