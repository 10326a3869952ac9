package jobs

import "clexlab/clex"

// Part is what of CLEX is trained.
type Part string

// The parts: field and weights, the field under weights that stay, the weights under a field that stays its prior.
const (
	TrainBoth    Part = "both"
	TrainField   Part = "field"
	TrainWeights Part = "weights"
)

// Sampler is how positions of up to TMax windows are drawn for a row of one window.
type Sampler string

// The samplers: a mix of the others as in the recipes of the models that ship, runs of neighbours with skips between
// them, each position drawn by itself as in CLEX's reference code, and 0, 1, 2 … without a skip.
const (
	MixedPositions      Sampler = ""
	RunsOfNeighbours    Sampler = "runs"
	DrawnPositions      Sampler = "drawn"
	ContiguousPositions Sampler = "contiguous"
)

// Train asks for a tuning with CLEX, from the weights of the method From.
type Train struct {
	From string `json:"from"`
	Part Part   `json:"part"`
	// Steps of Rows rows of a trained window each.
	Steps int `json:"steps"`
	Rows  int `json:"rows"`
	// TMax is the largest t that is trained for.
	TMax float64 `json:"tMax"`
	// Rate is the weights' peak learning rate, FieldRate the field's; the columns of fast pairs learn the
	// field slower unless Wild.
	Rate      float64 `json:"rate"`
	FieldRate float64 `json:"fieldRate"`
	Wild      bool    `json:"wild,omitempty"`
	// Sampler is how the positions of a row are drawn.
	Sampler Sampler `json:"sampler,omitempty"`
	Seed    uint64  `json:"seed,string"`
	// Address is the text to learn from, unless Text is given, TextName its file's name where it has one.
	Address  string `json:"address"`
	Text     string `json:"text,omitempty"`
	TextName string `json:"textName,omitempty"`
	// Source is what that text is called on the result's card, By which program and build made it.
	Source string `json:"source,omitempty"`
	By     string `json:"by,omitempty"`
	// Held is a text that nothing is learnt from, whose loss is told every TellEvery steps.
	Held      string `json:"held"`
	TellEvery int    `json:"tellEvery"`
	// Model is the ID of the model in use, for what is kept. Resume, if not nil, goes on with
	// the kept training from the state of that step.
	Model  string `json:"model,omitempty"`
	Resume *int   `json:"resume,omitempty"`
	// GPUAttempt, if not 0, lets the GPU do it; see Calibrate.
	GPUAttempt int `json:"gpuAttempt,omitempty"`
}

// Trained tells of a step, or of the state before the first.
type Trained struct {
	Step int `json:"step"`
	// Loss is the step's mean loss in nats a token, Rate how many tokens a second were learnt from so far.
	Loss float64 `json:"loss,omitempty"`
	Rate float64 `json:"rate,omitempty"`
	// Backend says what computes.
	Backend string `json:"backend,omitempty"`
	// Held are losses of the held text, Moved how far each pair's log-frequency is from its prior at Factors: told now and then.
	Held []HeldLoss `json:"held,omitempty"`
	// Places are the mean losses of pieces of equal length of the longest of these readings, HeldPieces of them.
	Places []float64 `json:"places,omitempty"`
	Moved  *Moved    `json:"moved,omitempty"`
	// Network is the field as it stands, told with Moved.
	Network *clex.Network `json:"network,omitempty"`
	// Pausing is set where no steps are made for now; Back where the training has gone back to the state of Step.
	Pausing bool `json:"pausing,omitempty"`
	Back    bool `json:"back,omitempty"`
	// States are the steps whose states are kept, Bytes what they take: told when they change.
	States []int `json:"states,omitempty"`
	Bytes  int64 `json:"bytes,omitempty"`
	// Unkept says why the state of Step and those after it are not kept; States are then all that are left.
	Unkept string `json:"unkept,omitempty"`
	// Trouble says why the training did not go back, and stands where it stood; States are then all that are left.
	Trouble string `json:"trouble,omitempty"`
	// Wrote is more of a text that is written with the weights of Step.
	Wrote *Wrote `json:"wrote,omitempty"`
	// Files is the result so far, where it can be fetched while the worker lives.
	Files *Files `json:"files,omitempty"`
}

// HeldLoss is the mean loss in nats of the same last tokens of a held text, read with so many tokens of context at
// a length scaling factor.
type HeldLoss struct {
	Length int     `json:"length"`
	T      float64 `json:"t"`
	Loss   float64 `json:"loss"`
}

// Moved is what the field adds to its prior: z_i(t) less the prior's, pair by pair, for each of Factors.
type Moved struct {
	Factors []float64   `json:"factors"`
	Pairs   [][]float64 `json:"pairs"`
}

// Files are a checkpoint's two files, by address.
type Files struct {
	Config  string `json:"config"`
	Weights string `json:"weights"`
	Size    int64  `json:"size"`
	// Network is the field as it stands, Recipe what was trained and how, in words.
	Network *clex.Network `json:"network"`
	Recipe  string        `json:"recipe,omitempty"`
}

// Steer changes a training that runs: exactly one part is set.
type Steer struct {
	// Run says whether steps are made on.
	Run Run `json:"run,omitempty"`
	// Rates are the peak learning rates from now on.
	Rates *Rates `json:"rates,omitempty"`
	// Back, if not nil, goes back to the kept state of that step, and pauses there.
	Back *int `json:"back,omitempty"`
	// Write, if not nil, asks for a text with the weights of the step that stands, written before the next one is made.
	Write *Write `json:"write,omitempty"`
}

// Wrote are tokens of a text that a training writes, those of the prompt first. Done says that it is written to its end, for the
// reason Stop, Error why it could not be.
type Wrote struct {
	Tokens []Token    `json:"tokens,omitempty"`
	Done   bool       `json:"done,omitempty"`
	Stop   StopReason `json:"stop,omitempty"`
	Error  string     `json:"error,omitempty"`
}

// Run is what a training does next.
type Run string

// Paused makes no step, Going makes one after the other, OneStep makes one and pauses.
const (
	Paused  Run = "pause"
	Going   Run = "go"
	OneStep Run = "step"
)

// Rates are the peak learning rates of weights and field.
type Rates struct {
	Weights float64 `json:"weights"`
	Field   float64 `json:"field"`
}

// KeptTraining is a training whose states lie in the browser's storage, so that it can go on after its worker has ended.
type KeptTraining struct {
	Train
	// Of is the ID of the model that it began with.
	Of string `json:"of"`
	// Step is how many steps had been made, States the steps whose states are kept, Bytes what they take.
	Step   int   `json:"step"`
	States []int `json:"states"`
	Bytes  int64 `json:"bytes"`
	// Losses are the steps' losses, Held what the held text's were, by place where the step's state is kept.
	Losses []float64 `json:"losses"`
	Held   []HeldAt  `json:"held"`
}

// HeldPieces is into how many pieces the longest reading of the held text is cut: four a trained window, so that none reaches
// over the end of one.
const HeldPieces = 64

// HeldAt is what the held text's losses were after so many steps, and, as far as they are kept, the means by place of the
// longest reading.
type HeldAt struct {
	Step   int        `json:"step"`
	Losses []HeldLoss `json:"losses"`
	Places []float64  `json:"places,omitempty"`
}

// TrainingFolder is the folder of a training in the browser's storage, TrainingFile the file in it that says what it is.
const (
	TrainingFolder = "training"
	TrainingFile   = "training.json"
)
