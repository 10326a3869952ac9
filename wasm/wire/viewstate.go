package wire

// Scenes of the view, for ViewState.Scene, ViewExport.Scene and ViewHover.Scene.
const (
	SceneOverview     = "overview"
	SceneTrajectories = "trajectories"
	SceneSpectrum     = "spectrum"
	SceneAttention    = "attention"
	SceneLoss         = "loss"
	SceneRecall       = "recall"
)

// ViewState (page → view) is everything the view is told but tables: sent whole
// whenever a part of it changes, and after ViewHello. The page owns it; during a
// drag in the picture the view runs ahead with its own t and the page follows.
type ViewState struct {
	noTables
	// Theme holds colours and sizes.
	Theme ViewTheme `json:"theme"`
	// ReducedMotion is the wish prefers-reduced-motion: nothing moves by itself.
	ReducedMotion bool `json:"reducedMotion"`
	// Scene is the scene shown, one of the Scene… constants; "" is the overview.
	Scene string `json:"scene"`
	// T is the length scaling factor, 1 … TMax; TMax 0 means 16.
	T    float64 `json:"t"`
	TMax float64 `json:"tMax"`
	// DragSeq is ViewDrag.Seq of the last drag message the page has taken in
	// before it wrote T; 0 says T is the page's own. It keeps late echoes from moving the cursor back.
	DragSeq int `json:"dragSeq"`
	// Methods are the methods in the order they are drawn and listed.
	Methods []ViewMethod `json:"methods"`
	// Active is the method whose trajectories are thick and coloured by dimension.
	Active string `json:"active"`
	// Solver is the method that integrates the ODE, by clex's name ("rk4"); Step its
	// fixed step in t, Tolerance the relative tolerance of adaptive solvers. Zeros are defaults.
	Solver    string  `json:"solver"`
	Step      float64 `json:"step"`
	Tolerance float64 `json:"tolerance"`
	// Field draws the vector field dz/dt under the trajectories, Marks the solver's steps.
	Field bool `json:"field"`
	Marks bool `json:"marks"`
	// Pair is the rotary pair whose phases the spectrum scene shows.
	Pair int `json:"pair"`
	// Layer and Head pick the enlarged attention map; -1, -1 shows the grid.
	Layer int `json:"layer"`
	Head  int `json:"head"`
	// Pool is how tiles of many tokens become one cell: "max" (also for "") or "mean".
	Pool string `json:"pool"`
	// Token is the token of the text under the pointer in the page, or -1.
	Token int `json:"token"`
	// Perplexity labels loss as exp(nats); otherwise in nats per token.
	Perplexity bool `json:"perplexity"`
}

// ViewTheme holds colours ("#rrggbb") and sizes.
type ViewTheme struct {
	// Dark tells which way shades run; colours left "" get the theme's defaults.
	Dark       bool   `json:"dark"`
	Background string `json:"background,omitempty"`
	Ink        string `json:"ink,omitempty"`
	Muted      string `json:"muted,omitempty"`
	Grid       string `json:"grid,omitempty"`
	// Accent is the colour of the t cursor.
	Accent string `json:"accent,omitempty"`
	// FontSize is the size of labels in CSS pixels; 0 is 12.
	FontSize float64 `json:"fontSize,omitempty"`
}

// ViewMethod is one length-extension method in the picture.
type ViewMethod struct {
	// Name is the scheme's name in clex ("clex", "yarn").
	Name string `json:"name"`
	// Label is what people read.
	Label string `json:"label"`
	// Color is "#rrggbb" in the theme at hand; Dash the line pattern in CSS pixels, nil solid.
	Color string    `json:"color"`
	Dash  []float64 `json:"dash,omitempty"`
	// Shown draws it; a method that is not shown is still known by name.
	Shown bool `json:"shown"`
	// LogN, TurnsLow, TurnsHigh, Factor, Discard and Local are clex.Options.
	LogN      bool    `json:"logN,omitempty"`
	TurnsLow  float64 `json:"turnsLow,omitempty"`
	TurnsHigh float64 `json:"turnsHigh,omitempty"`
	Factor    float64 `json:"factor,omitempty"`
	Discard   float64 `json:"discard,omitempty"`
	Local     int     `json:"local,omitempty"`
}

func (*ViewState) viewKind() string { return "state" }

// ViewModel (page → view) is what the view needs of the model: the rotary
// geometry and CLEX's network. A few kilobytes: sent before the model has come.
type ViewModel struct {
	// Name is the model's name, for captions and file names.
	Name string `json:"name"`
	// HeadDim, Dims, Base and Window are clex.Rotary.
	HeadDim int     `json:"headDim"`
	Dims    int     `json:"dims"`
	Base    float64 `json:"base"`
	Window  int     `json:"window"`
	// Layers and Heads are the model's, to lay the grid out before maps come.
	Layers int `json:"layers"`
	Heads  int `json:"heads"`
	// Hidden is the width of CLEX's network; 0 means CLEX before training.
	Hidden int `json:"hidden"`
	// Act is "tanh" or "silu", PriorBase the base of the network's prior (0: 10000).
	Act       string  `json:"act,omitempty"`
	PriorBase float64 `json:"priorBase,omitempty"`
	// Up is W_up (Dims/2 × Hidden), Down is W_down (Hidden × Dims/2), row-major.
	Up   []float32 `json:"-"`
	Down []float32 `json:"-"`
}

func (*ViewModel) viewKind() string       { return "model" }
func (m *ViewModel) floats() []*[]float32 { return []*[]float32{&m.Up, &m.Down} }
func (*ViewModel) blob() *[]byte          { return nil }

func (m *ViewModel) check() error {
	if err := tableSize("W_up", m.Up, m.Dims/2, m.Hidden); err != nil {
		return err
	}
	return tableSize("W_down", m.Down, m.Hidden, m.Dims/2)
}

// ViewKey (both ways) is a key press. The view never keeps the focus's keys to
// itself: it sends the ones pressed inside the frame to the page, and the page
// sends the ones that are for the picture: "+", "-", "0" (reset), arrows (pan), "Escape".
type ViewKey struct {
	noTables
	// Key is KeyboardEvent.key.
	Key   string `json:"key"`
	Shift bool   `json:"shift,omitempty"`
	Ctrl  bool   `json:"ctrl,omitempty"`
	Alt   bool   `json:"alt,omitempty"`
	Meta  bool   `json:"meta,omitempty"`
}

func (*ViewKey) viewKind() string { return "key" }

// ViewExport (page → view) asks for a scene as a file: the view answers with
// ViewExported of the same ID, or ViewFault.
type ViewExport struct {
	noTables
	ID int `json:"id"`
	// Scene is one of the Scene… constants; "" is the scene shown.
	Scene string `json:"scene"`
	// Format is "png" or "csv".
	Format string `json:"format"`
	// Width and Height are CSS pixels, Scale device pixels per CSS pixel, for png; zeros take those of the screen, and 2.
	Width  int     `json:"width,omitempty"`
	Height int     `json:"height,omitempty"`
	Scale  float64 `json:"scale,omitempty"`
}

func (*ViewExport) viewKind() string { return "export" }
