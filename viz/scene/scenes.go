package scene

// Name names a scene.
type Name string

// The scenes; Overview shows trajectories with attention and loss beside them.
const (
	Overview     Name = "overview"
	Trajectories Name = "trajectories"
	Spectrum     Name = "spectrum"
	Attention    Name = "attention"
	Losses       Name = "loss"
	RecallGrids  Name = "recall"
)

// Scene is a row of the table of scenes.
type Scene struct {
	Name Name
	// Label is the name on the scene's tab.
	Label string
	// Lead says in a sentence or two what the picture shows, Hint what can be done in it.
	Lead, Hint string
	// Maps and Loss say what has to be measured for it; Recall that it shows the probe.
	Maps, Loss, Recall bool
	// Both says that it sets the two methods side by side that write the two texts.
	Both bool
}

// Scenes lists every scene in the order of the tabs.
var Scenes = []Scene{
	{
		Name: Overview, Label: "Overview", Maps: true, Loss: true, Both: true,
		Hint: "Point to read, choose a head to enlarge it in both maps.",
	},
	{
		Name: Trajectories, Label: "Trajectories",
		Lead: "Each curve is one rotary pair: how far it turns per token as t grows. CLEX integrates a learned rate from 1 to t; the others are formulas.",
		Hint: "Drag to move t, point at a curve to read it.",
	},
	{
		Name: Spectrum, Label: "Spectrum",
		Lead: "All pairs at this t, fast ones left. A pair that never finishes a turn within the trained window meets new angles in a longer text; PI divides them all by t and keeps every angle within those of training; CLEX lets them pass into new ones, on which its weights were tuned.",
		Hint: "Choose a pair for its phases; drag the dot for a distance.",
	},
	{
		Name: Attention, Label: "Attention", Maps: true,
		Lead: "Who looks at whom: one map per head, queries down, keys across. Choose one to enlarge it; move t and see the far side light up or fall apart.",
		Hint: "Point to read, choose to enlarge, scroll or pinch to zoom.",
	},
	{
		Name: Losses, Label: "Loss", Loss: true,
		Lead: "Loss by position, smoothed: how little the model expected what came. Left of the mark lies the length that the model was trained on; right of it a method holds the line or lets go.",
		Hint: "Point to read, scroll or pinch to zoom, drag to go along.",
	},
	{
		Name: RecallGrids, Label: "Recall", Recall: true,
		Lead: "A fact is hidden in a long text and asked for at the end. Each cell is one length and one depth; a filled cell is a right answer.",
		Hint: "Point at a cell to read it.",
	},
}

// Find returns the row of that name, and whether there is one.
func Find(name Name) (Scene, bool) {
	for _, s := range Scenes {
		if s.Name == name {
			return s, true
		}
	}
	return Scene{Name: name, Label: string(name)}, false
}
