package jobs

import "clexlab/viz/scene"

// File is a file of a model that a reader brought: its name, and an address that the page's workers can fetch.
type File struct {
	Name    string `json:"name"`
	Address string `json:"address"`
	Size    int64  `json:"size"`
	// Difference, if not nil, is how it can be had as well.
	Difference *Difference `json:"difference,omitempty"`
}

// Bounds are the trained window, in tokens, and the largest t that a model counts as having.
type Bounds struct {
	Window int     `json:"window"`
	TMax   float64 `json:"tMax"`
}

// Describe asks what a model is and what it would need, without loading it. It needs no model loaded.
type Describe struct {
	Files []File `json:"files"`
}

// Described is what a model is and needs: Described.Model as the picture knows models, with the window and the largest t
// that its file gives.
type Described struct {
	scene.Model
	// Family is the form of its layers. Model.Method is what its file asks to be read by, "" for what has no name here.
	Family string `json:"family"`
	Vocab  int    `json:"vocab"`
	// Parameters counts weights. Memory is what they take here, FileBytes what they take in their files,
	// TokenBytes what the keys and values of one token take, all in bytes.
	Parameters int64 `json:"parameters"`
	Memory     int64 `json:"memory"`
	FileBytes  int64 `json:"fileBytes"`
	TokenBytes int64 `json:"tokenBytes"`
	// Notes say where the model is not computed exactly as its file asks for.
	Notes []string `json:"notes,omitempty"`
	// Speed is what one worker on this machine would do, reckoned from a layer of this shape that was run: reading 1,024 tokens, and
	// writing with few before.
	Speed Speed `json:"speed"`
}

// Format is a kind of file that a model is written to.
type Format string

// The forms: one file for llama.cpp, or a folder in Hugging Face's layout, as a zip archive; frozen at a t, or with CLEX's
// network for the few lines of Python that its card holds.
const (
	GGUF        Format = "gguf"
	HuggingFace Format = "huggingface"
	CLEXFolder  Format = "clex"
)

// Export asks for a model as a file for other programs, read by Method at T. It needs no model loaded.
type Export struct {
	Load
	Name      string  `json:"name"`
	Method    string  `json:"method"`
	T         float64 `json:"t"`
	Format    Format  `json:"format"`
	Precision string  `json:"precision"`
}

// Exported is where the file can be fetched while the worker lives.
type Exported struct {
	Name    string `json:"name"`
	Address string `json:"address"`
	Size    int64  `json:"size"`
}
