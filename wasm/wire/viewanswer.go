package wire

// ViewHello (view → page) opens the talk, at start and again after a lost WebGL
// context has made the frame reload: the page answers with the whole state.
type ViewHello struct {
	noTables
	// Width and Height are CSS pixels, Scale device pixels per CSS pixel as drawn (at most 2).
	Width  float64 `json:"width"`
	Height float64 `json:"height"`
	Scale  float64 `json:"scale"`
	// Solvers are the names ViewState.Solver takes.
	Solvers []string `json:"solvers"`
}

func (*ViewHello) viewKind() string { return "hello" }

// ViewDrag (view → page) is t moved by hand in the picture.
type ViewDrag struct {
	noTables
	// Phase is "start", "move" or "end".
	Phase string  `json:"phase"`
	T     float64 `json:"t"`
	// Seq rises with every message; the page echoes it in ViewState.DragSeq.
	Seq int `json:"seq"`
}

func (*ViewDrag) viewKind() string { return "drag" }

// ViewHover (view → page) is what the pointer is on, in words and numbers; Scene
// "" says that it left.
type ViewHover struct {
	noTables
	Scene string `json:"scene"`
	// Text is one sentence that says it all, for a live region.
	Text string `json:"text"`
	// Method is the method of the curve or map.
	Method string `json:"method,omitempty"`
	// Pair, InvFreq (rad per token), Wavelength (tokens) and Turns (within the trained window) of a trajectory at T; Pair -1: none.
	Pair       int     `json:"pair"`
	T          float64 `json:"t,omitempty"`
	InvFreq    float64 `json:"invFreq,omitempty"`
	Wavelength float64 `json:"wavelength,omitempty"`
	Turns      float64 `json:"turns,omitempty"`
	// Layer, Head and Weight of an attention map; Layer -1: none.
	Layer  int     `json:"layer"`
	Head   int     `json:"head"`
	Weight float64 `json:"weight,omitempty"`
	// Query and Key are the first tokens of the cell, or a position of the loss
	// curve in Query; -1: none. QueryTo and KeyTo end them.
	Query   int `json:"query"`
	QueryTo int `json:"queryTo,omitempty"`
	Key     int `json:"key"`
	KeyTo   int `json:"keyTo,omitempty"`
	// NLL is the loss there.
	NLL float64 `json:"nats,omitempty"`
}

func (*ViewHover) viewKind() string { return "hover" }

// ViewSelect (view → page) is a choice made in the picture. The page answers
// with a state that holds it. Fields that did not change are repeated.
type ViewSelect struct {
	noTables
	Scene string `json:"scene"`
	Pair  int    `json:"pair"`
	Layer int    `json:"layer"`
	Head  int    `json:"head"`
	Pool  string `json:"pool"`
}

func (*ViewSelect) viewKind() string { return "select" }

// ViewStats (view → page) tells of the last solve and the frames, at most four times a second and at the end of a drag.
type ViewStats struct {
	T      float64 `json:"t"`
	Solver string  `json:"solver"`
	// Evals are evaluations of the field; Accepted and Rejected steps of the solver.
	Evals    int `json:"evals"`
	Accepted int `json:"accepted"`
	Rejected int `json:"rejected"`
	// SolveMs is the time of one solve from 1 to t in milliseconds.
	SolveMs float64 `json:"solveMs"`
	// FrameMs and WorstMs are our share of the last and of the slowest frame since the last message.
	FrameMs float64 `json:"frameMs"`
	WorstMs float64 `json:"worstMs"`
	// Frames counts the frames drawn since start: idle adds none.
	Frames int `json:"frames"`
	// InvFreq is the active method's spectrum at T in rad per token, (Dims/2).
	InvFreq []float32 `json:"-"`
}

func (*ViewStats) viewKind() string       { return "stats" }
func (m *ViewStats) floats() []*[]float32 { return []*[]float32{&m.InvFreq} }
func (*ViewStats) blob() *[]byte          { return nil }

// ViewNeed (view → page) asks for a map of one head over a rectangle of tokens, or
// of all heads (-1, -1), fine enough to fill Rows × Cols cells. A newer one replaces it.
type ViewNeed struct {
	noTables
	ID        int `json:"id"`
	Layer     int `json:"layer"`
	Head      int `json:"head"`
	QueryFrom int `json:"queryFrom"`
	QueryTo   int `json:"queryTo"`
	KeyFrom   int `json:"keyFrom"`
	KeyTo     int `json:"keyTo"`
	Rows      int `json:"rows"`
	Cols      int `json:"cols"`
}

func (*ViewNeed) viewKind() string { return "need" }

// ViewExported (view → page) is the file asked for.
type ViewExported struct {
	ID int `json:"id"`
	// Name is a file name, Type its media type.
	Name string `json:"name"`
	Type string `json:"type"`
	// Data is the file.
	Data []byte `json:"-"`
}

func (*ViewExported) viewKind() string     { return "exported" }
func (*ViewExported) floats() []*[]float32 { return nil }
func (m *ViewExported) blob() *[]byte      { return &m.Data }

// ViewFault (view → page) is trouble in words that say what to do. ID is the
// ViewExport it answers, or 0. Fatal says that no picture will come.
type ViewFault struct {
	noTables
	ID    int    `json:"id"`
	Fatal bool   `json:"fatal"`
	Text  string `json:"text"`
}

func (*ViewFault) viewKind() string { return "fault" }
