package state

import "time"

// Message is something that happened: the reader did it, or the engine or the
// picture told it.
type Message interface{ message() }

// What the reader does.
type (
	// DragT moves the slider; Done is its last message, when the hand lets go.
	DragT struct {
		T    float64
		Done bool
	}
	SwitchAuto   struct{ On bool }
	ToggleMethod struct{ Name string }
	ChooseFirst  struct{ Name string }
	ChooseSecond struct{ Name string }
	ChooseModel  struct{ ID string }
	ChooseScene  struct{ Scene Scene }
	EditPrompt   struct{ Text string }
	SetWindows   struct{ Windows int }
	SetSampling  struct{ Sampling }
	SetSolver    struct {
		Solver    string
		Step, Tol float64
	}
	ChooseTheme struct{ Theme string }
	HideControl struct {
		Bit Controls
		On  bool
	}
	TurnPage struct {
		Lesson string
		Page   int
	}
	SwitchPresent struct{ On bool }
	// Look chooses what the picture shows in detail: a rotary pair, one attention
	// map (-1, -1 for the grid), how it pools, and whether the field is drawn.
	Look struct {
		Pair, Layer, Head int
		Pool              string
		Field             bool
	}
	// Write starts from the prompt; Continue goes on from the text; Stop ends both.
	Write    struct{}
	Continue struct{}
	Stop     struct{}
	// CutAfter undoes the text back to a token; Undo and Redo step through changes.
	CutAfter    struct{ Pane, Index int }
	Undo        struct{}
	Redo        struct{}
	PickToken   struct{ Pick }
	TogglePanel struct {
		Panel Panel
		Open  bool
	}
	ChooseTab     struct{ Tab string }
	DismissNotice struct{ Key string }
	TakeAction    struct{ Key, Action string }
	// RunProbe starts the recall grid; StopProbe ends it, or what is watched.
	RunProbe  struct{}
	StopProbe struct{}
	// WatchProbe asks all chosen methods for one and the same fact, to look at. With
	// Tokens 0 the text is as long as the longest of the grid, the fact at its middle.
	WatchProbe struct {
		Tokens int
		Depth  float64
	}
	EditProbe struct {
		Windows []int
		Depths  int
		Trials  int
		Methods []string
	}
)

// What the engine tells.
type (
	ModelsListed  struct{ Models []Model }
	EngineLoading struct {
		Doing         string
		Loaded, Total int64
	}
	EngineReady struct {
		Backend string
		Memory  int64
	}
	// EngineFailed says that nothing can be computed; Key tells the kinds apart.
	EngineFailed struct{ Key, Title, Text, Action string }
	PromptRead   struct {
		Job, Read, ToRead int
	}
	// PromptTokens brings the prompt cut into tokens, with the model's surprise.
	PromptTokens struct {
		Job    int
		Tokens []Token
	}
	TokensWritten struct {
		Job        int
		Tokens     []Token
		Rate       float64
		FirstToken time.Duration
		Memory     int64
	}
	JobDone struct {
		Job        int
		StopReason StopReason
	}
	JobFailed struct {
		Job  int
		Text string
	}
	ProbeAnswered struct {
		Job  int
		Cell Cell
		// Took is how long the job has been at it.
		Took time.Duration
		// Said is the answer to the cell's last question, Want the right one; Shown comes with a watched one.
		Said, Want string
		Shown      Shown
	}
)

// What the picture and the browser tell.
type (
	ViewSaysHello struct{}
	ViewSolved    struct {
		Evaluations, Steps int
		Took               time.Duration
	}
	ViewReads        struct{ Text string }
	ViewFailed       struct{ Text string }
	UpdateAvailable  struct{}
	InstallAvailable struct{ On bool }
	Notify           struct{ Notice }
)

func (DragT) message()            {}
func (SwitchAuto) message()       {}
func (ToggleMethod) message()     {}
func (ChooseFirst) message()      {}
func (ChooseSecond) message()     {}
func (ChooseModel) message()      {}
func (ChooseScene) message()      {}
func (EditPrompt) message()       {}
func (SetWindows) message()       {}
func (SetSampling) message()      {}
func (SetSolver) message()        {}
func (ChooseTheme) message()      {}
func (HideControl) message()      {}
func (TurnPage) message()         {}
func (SwitchPresent) message()    {}
func (Look) message()             {}
func (Write) message()            {}
func (Continue) message()         {}
func (Stop) message()             {}
func (CutAfter) message()         {}
func (Undo) message()             {}
func (Redo) message()             {}
func (PickToken) message()        {}
func (TogglePanel) message()      {}
func (ChooseTab) message()        {}
func (DismissNotice) message()    {}
func (TakeAction) message()       {}
func (RunProbe) message()         {}
func (StopProbe) message()        {}
func (WatchProbe) message()       {}
func (EditProbe) message()        {}
func (ModelsListed) message()     {}
func (EngineLoading) message()    {}
func (EngineReady) message()      {}
func (EngineFailed) message()     {}
func (PromptRead) message()       {}
func (PromptTokens) message()     {}
func (TokensWritten) message()    {}
func (JobDone) message()          {}
func (JobFailed) message()        {}
func (ProbeAnswered) message()    {}
func (ViewSaysHello) message()    {}
func (ViewSolved) message()       {}
func (ViewReads) message()        {}
func (ViewFailed) message()       {}
func (UpdateAvailable) message()  {}
func (InstallAvailable) message() {}
func (Notify) message()           {}
