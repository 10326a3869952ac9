package state

// Effect is something the page has to do outside of its own state. Update
// returns effects in the order in which they are to be carried out.
type Effect interface{ effect() }

type (
	// ShowView sends the picture what it draws. Whole asks for everything, after
	// its program started anew; otherwise only what changes while dragging.
	ShowView struct{ Whole bool }
	// SaveAddress writes the settings into the address, throttled by the page.
	SaveAddress struct{}
	// StartWriting begins a job that writes on in a pane.
	StartWriting struct {
		Pane, Job int
		Method    string
		// Prompt is text to begin with, used when Tokens is empty.
		Prompt string
		// Tokens is the text so far.
		Tokens []int32
		// MaxLength is the length to reach, in tokens.
		MaxLength int
		// Try, if not 0, is the attempt to do it on the GPU.
		Try int
		Sampling
		T    float64
		Auto bool
	}
	// CancelJob stops the job; its last answer may still come and is dropped or
	// taken by its number.
	CancelJob struct{ Job int }
	// Retune gives a running job another t.
	Retune struct {
		Job  int
		T    float64
		Auto bool
	}
	// Measure asks for what the picture needs of the model: loss by position, or
	// attention maps, for the text on screen. Coarse asks for a quick answer.
	Measure struct{ Coarse bool }
	// StartProbe begins one recall job.
	StartProbe struct {
		Job    int
		Method string
		Cells  []Cell
		Watch  bool
		Try    int
		Seed   uint64
		T      float64
		Auto   bool
	}
	// LoadModel asks the engine for the checkpoint.
	LoadModel struct{ ID string }
	// RestartEngine starts the workers anew after they died.
	RestartEngine struct{}
	// SetTheme puts the theme and the presenter's view on the document.
	SetTheme struct{}
	// Reload loads the page again.
	Reload struct{}
)

func (ShowView) effect()      {}
func (SaveAddress) effect()   {}
func (StartWriting) effect()  {}
func (CancelJob) effect()     {}
func (Retune) effect()        {}
func (Measure) effect()       {}
func (StartProbe) effect()    {}
func (LoadModel) effect()     {}
func (RestartEngine) effect() {}
func (SetTheme) effect()      {}
func (Reload) effect()        {}
