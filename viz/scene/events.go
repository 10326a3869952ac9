package scene

// Messages holds one of every kind of message between page, picture and the worker that
// measures, for whoever carries them. Factor is not among them: it has a form of its own.
var Messages = []any{
	State{}, Model{}, Text{}, Maps{}, MapsSummary{}, Loss{}, Recall{}, Asked{}, Key{}, Export{},
	Hello{}, Hover{}, Select{}, Solved{}, Need{}, Exported{}, Fault{},
}

// Event is a message of the picture to the page. It tells itself to the page's method of its name.
type Event interface{ Tell(Page) }

// Page takes the picture's messages, each with a method of its own: the compiler says when one is missing.
type Page interface {
	Hello(*Hello)
	Factor(*Factor)
	Hover(*Hover)
	Select(*Select)
	Solved(*Solved)
	Need(*Need)
	Exported(*Exported)
	Fault(*Fault)
	Key(*Key)
}

func (m *Hello) Tell(p Page)    { p.Hello(m) }
func (m *Factor) Tell(p Page)   { p.Factor(m) }
func (m *Hover) Tell(p Page)    { p.Hover(m) }
func (m *Select) Tell(p Page)   { p.Select(m) }
func (m *Solved) Tell(p Page)   { p.Solved(m) }
func (m *Need) Tell(p Page)     { p.Need(m) }
func (m *Exported) Tell(p Page) { p.Exported(m) }
func (m *Fault) Tell(p Page)    { p.Fault(m) }
func (m *Key) Tell(p Page)      { p.Key(m) }

// Asked (page → picture) lists the methods of the recall probe: grids of others are dropped.
type Asked struct {
	Methods []string `json:"methods"`
}

// Key (both ways) is a key press. The picture never keeps the focus's keys to itself: it
// sends the ones pressed inside its frame to the page, and the page sends the ones that are
// for the picture: "+", "-", "0" (reset), arrows (pan), "Escape".
type Key struct {
	// Key is KeyboardEvent.key.
	Key string `json:"key"`
}

// Export (page → picture) asks for a scene as a file: Exported of the same ID answers, or Fault.
type Export struct {
	ID int `json:"id"`
	// Scene may be "", the scene shown; Format is "png", "svg" or "csv".
	Scene  Name   `json:"scene,omitempty"`
	Format string `json:"format"`
	Story
}

// Story is what a file has to say of itself, as whoever finds it knows nothing of the page.
type Story struct {
	// Model is the checkpoint, Text what was measured, "" for nothing, Page the address that shows it again.
	Model string `json:"model"`
	Text  string `json:"text"`
	Page  string `json:"page,omitempty"`
	// Tokens is how long the text is, 0 where nothing was measured. Seed and Prompt are those of a text that was
	// written here, "" of others.
	Tokens int    `json:"tokens,omitempty"`
	Seed   string `json:"seed,omitempty"`
	Prompt string `json:"prompt,omitempty"`
	// Version is the build of the page that measured.
	Version string `json:"version,omitempty"`
	// Weights are those that methods run on, by method; "" where all run on the same.
	Weights map[string]string `json:"weights,omitempty"`
	// Caption are lines to write beneath a picture.
	Caption []string `json:"caption,omitempty"`
}

// Hello (picture → page) opens the talk, at start and again after a lost WebGL context has
// made the frame reload: the page answers with all it has.
type Hello struct{}

// Hover (picture → page) is what the pointer is on, in one sentence; "" says that it left.
type Hover struct {
	Text string `json:"text"`
	// Token is the token of the text that it is on, in a map the one that looks back, and Key the one
	// that is looked at; -1 for none.
	Token int `json:"token"`
	Key   int `json:"key"`
}

// Say is a Hover over no token.
func Say(text string) *Hover { return &Hover{Text: text, Token: -1, Key: -1} }

// Select (picture → page) is a choice made in the picture. The page answers with a State
// that holds it. What was not chosen is repeated.
type Select struct {
	Pair  int  `json:"pair"`
	Layer int  `json:"layer"`
	Head  int  `json:"head"`
	Mean  bool `json:"mean,omitempty"`
}

// Solved (picture → page) tells of the last solve from 1 to t, a few times a second at most.
type Solved struct {
	// Evaluations are those of the field, Steps the solver's accepted ones.
	Evaluations int `json:"evaluations"`
	Steps       int `json:"steps"`
	// Ms is how long it took in milliseconds.
	Ms float64 `json:"ms"`
}

// Need (picture → page) asks for a map of one head over a rectangle of tokens, or of all
// heads (-1, -1), fine enough to fill Rows × Cols cells. A newer one replaces it.
type Need struct {
	ID int `json:"id"`
	// Method is whose map it is.
	Method    string `json:"method"`
	Layer     int    `json:"layer"`
	Head      int    `json:"head"`
	QueryFrom int    `json:"queryFrom"`
	QueryTo   int    `json:"queryTo"`
	KeyFrom   int    `json:"keyFrom"`
	KeyTo     int    `json:"keyTo"`
	Rows      int    `json:"rows"`
	Cols      int    `json:"cols"`
}

// Exported (picture → page) is the file asked for.
type Exported struct {
	ID int `json:"id"`
	// Name is a file name, Type its media type.
	Name string `json:"name"`
	Type string `json:"type"`
	Data []byte `json:"-"`
}

// Fault (picture → page) is trouble in words that say what to do. ID is the Export it
// answers, or 0. Fatal says that no picture will come.
type Fault struct {
	ID    int    `json:"id,omitempty"`
	Fatal bool   `json:"fatal,omitempty"`
	Text  string `json:"text"`
}
