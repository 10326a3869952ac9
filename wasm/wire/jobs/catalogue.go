package jobs

import (
	"encoding/json"
	"errors"
	"fmt"

	"clexlab/viz/scene"
)

// Catalogue lists the models on offer; the server makes it from the checkpoints.
type Catalogue struct {
	Models []Offer `json:"models"`
}

// Offer is one checkpoint, with all that its pictures need before it is loaded.
type Offer struct {
	ID string `json:"id"`
	scene.Model
	Load
	About      string `json:"about"`
	Parameters int    `json:"parameters"`
	Vocab      int    `json:"vocab"`
	// Memory is what one worker needs for it in bytes, 0 where that is next to nothing.
	Memory int64 `json:"memory,omitempty"`
	// Measured is what it was measured at before it shipped, nil where it was not.
	Measured *Measured `json:"measured,omitempty"`
	// Here is set for a model that was made in this page, Brought for one that the reader or the server's owner brought,
	// Kept for one of the reader's that lies in this browser's storage.
	Here    bool `json:"-"`
	Brought bool `json:"brought,omitempty"`
	Kept    bool `json:"-"`
	// Origin is where a model that was trained in a page came from, nil for any other.
	Origin *Origin `json:"origin,omitempty"`
}

// Origin says what a model that was trained in a page came from: Of is the ID of the model that it was trained from, Number its place
// among those of this browser, from 1, Recipe how it was made, in words.
type Origin struct {
	Of     string `json:"of"`
	Number int    `json:"number"`
	Recipe string `json:"recipe,omitempty"`
}

// Window is the trained length in tokens.
func (o *Offer) Window() int { return o.Rotary.Window }

// MaxTMax bounds t_max: sixteen thousand tokens of a window of 256 are 64, and a link is no place for more.
const MaxTMax = 4096

// LeastWindow is the smallest trained window that a picture can be made of.
const LeastWindow = 4

// ParseCatalogue reads a catalogue and checks what the page relies on.
func ParseCatalogue(data []byte) (Catalogue, error) {
	var c Catalogue
	if err := json.Unmarshal(data, &c); err != nil {
		return c, fmt.Errorf("jobs: list of models: %w", err)
	}
	if len(c.Models) == 0 {
		return c, fmt.Errorf("jobs: the list of models is empty")
	}
	for i := range c.Models {
		if err := c.Models[i].check(); err != nil {
			return c, fmt.Errorf("jobs: model %q: %w", c.Models[i].ID, err)
		}
	}
	return c, nil
}

func (o *Offer) check() error {
	if o.ID == "" || len(o.Files) == 0 && (o.Weights == "" || o.Config == "" || o.Tokenizer == "") {
		return errors.New("id, and files or config, weights and tokenizer must be given")
	}
	if err := o.Difference.check(); err != nil {
		return err
	}
	if o.Layers < 1 || o.Heads < 1 {
		return fmt.Errorf("%d layers of %d heads: want at least one of each", o.Layers, o.Heads)
	}
	for method, t := range o.Tuned {
		if t.Name == "" || t.Weights == "" || t.Config == "" {
			return fmt.Errorf("weights of %s: name, config and weights must be given", method)
		}
		if err := t.Difference.check(); err != nil {
			return fmt.Errorf("weights of %s: %w", method, err)
		}
		if t.Factor != 0 && !(t.Factor >= 1) {
			return fmt.Errorf("weights of %s: factor %v: want 0 or at least 1", method, t.Factor)
		}
	}
	if o.Rotary.Window < LeastWindow {
		return fmt.Errorf("a trained window of %d tokens: want at least %d", o.Rotary.Window, LeastWindow)
	}
	if o.TMax != 0 && (!(o.TMax > 1) || o.TMax > MaxTMax) {
		return fmt.Errorf("t_max %v: want more than 1, at most %d", o.TMax, MaxTMax)
	}
	if f := o.Origin; f != nil && (f.Of == "" || f.Number < 1) {
		return fmt.Errorf("trained from %q as number %d: want a model's id, and at least 1", f.Of, f.Number)
	}
	if n := o.Network; n != nil && n.Dims != o.Rotary.Dims {
		return fmt.Errorf("network for %d rotated dimensions, the model has %d", n.Dims, o.Rotary.Dims)
	}
	if err := o.Measured.check(); err != nil {
		return fmt.Errorf("what was measured: %w", err)
	}
	return o.Model.Check()
}
