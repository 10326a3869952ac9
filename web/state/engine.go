package state

// Engine is what is known of the worker pool.
type Engine struct {
	// Ready is set once a model is loaded in at least one worker.
	Ready bool
	// Doing says in a few words what is loading: "model", "engine".
	Doing         string
	Loaded, Total int64 // bytes
	// Backend is what the CPU's engine calls itself, "CPU SIMD" or "CPU"; Memory is bytes over all workers.
	Backend string
	// Kernels says in a sentence which kernels that engine computes with.
	Kernels string
	Memory  int64
	// Error says what went wrong for good, and what to do; empty when all is well.
	Error string
}

// What the engine tells of itself.
type (
	EngineLoading struct {
		Doing         string
		Loaded, Total int64
	}
	EngineReady struct {
		Backend, Kernels string
		Memory           int64
	}
	// EngineFailed says that nothing can be computed; Key tells the kinds apart, Why is the reason alone.
	EngineFailed struct{ Key, Title, Text, Action, Why string }
)

// LoadModel asks the engine for the checkpoint, RestartEngine for new workers after they died.
type (
	LoadModel     struct{ ID string }
	RestartEngine struct{}
	// CancelJob stops a job; its last answer may still come and is dropped or taken by its number.
	CancelJob struct{ Job int }
)

func (e LoadModel) Do(_ PageEffects, x EngineEffects)   { x.LoadModel(e) }
func (RestartEngine) Do(_ PageEffects, x EngineEffects) { x.RestartEngine() }
func (e CancelJob) Do(_ PageEffects, x EngineEffects)   { x.CancelJob(e) }

func (m EngineLoading) apply(s *State) []Effect {
	s.Engine.Doing, s.Engine.Loaded, s.Engine.Total = m.Doing, m.Loaded, m.Total
	return nil
}

// apply begins the first texts as soon as a model can write them.
func (m EngineReady) apply(s *State) []Effect {
	first := !s.Engine.Ready
	s.former = former{}
	s.Engine.Ready, s.Engine.Error, s.Engine.Doing = true, "", ""
	s.Engine.Backend, s.Engine.Kernels = m.Backend, m.Kernels
	if m.Memory > 0 {
		s.Engine.Memory = m.Memory
	}
	for i := range s.Panes {
		s.Panes[i].judging = false
	}
	if !s.Attended.Answered {
		s.Attended = Attended{asked: noQuestion} // asked of workers that are no more
	}
	if first && s.Panes[0].Phase == Empty {
		return s.write()
	}
	return append(s.measure(false), s.judge()...)
}

func (m EngineFailed) apply(s *State) []Effect {
	if m.Key == "model" && s.former.opened != "" && s.former.opened == s.Current().ID {
		return s.unopened(m.Why)
	}
	s.Engine.Error, s.Engine.Doing = m.Title, ""
	s.measured.reading = ""
	for i := range s.Panes {
		p := &s.Panes[i]
		p.judging = false
		if p.Phase.Busy() {
			p.Job, p.Phase, p.Error = 0, Rested, m.Title+" "+m.Text
		}
	}
	if s.Probe.Job != 0 {
		s.Probe.Job, s.Probe.Error = 0, m.Title
	}
	var out []Effect
	if s.Training.Job != 0 {
		s.Training.endSample()
		s.Training.Job, s.Training.Error = 0, m.Title
		out = append(out, ShowView{})
	}
	s.trouble(m.Key, m.Title, m.Text, m.Action)
	return out
}
