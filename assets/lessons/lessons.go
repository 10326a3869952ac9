// Package lessons holds the guided steps and the example prompts as data. A
// lesson is a list of steps; a step says something about what is on screen, can
// set the page up for it through a link's query, and can ask the reader to do
// something, which the page ticks off when it has happened.
package lessons

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
)

// Prompt is an example to begin a text with.
type Prompt struct {
	Label string `json:"label"`
	Text  string `json:"text"`
}

// Step is one page of a lesson.
type Step struct {
	Title string `json:"title"`
	Text  string `json:"text"`
	// Set is a query with the settings that this step needs; the others stay.
	Set string `json:"set,omitempty"`
	// Do asks for an action; Done names the condition under which it is done.
	Do   string `json:"do,omitempty"`
	Done string `json:"done,omitempty"`
}

// Lesson is a guided walk.
type Lesson struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	About string `json:"about"`
	Steps []Step `json:"steps"`
}

//go:embed lessons.json
var source []byte

// Lessons and Prompts are what ships.
var (
	Lessons []Lesson
	Prompts []Prompt
)

func init() {
	var err error
	if Lessons, Prompts, err = Parse(source); err != nil {
		panic(err)
	}
}

// Conditions are the names that Step.Done may take; the first three are where a drag of t ended.
var Conditions = []string{"t to 1", "t to 8 or more", "t to 16 or more", "auto", "compared", "written", "long", "inspected", "cut", "attention", "loss", "probed", "solver", "trained"}

// Parse reads lessons. The error names the lesson and the field that is wrong.
func Parse(data []byte) ([]Lesson, []Prompt, error) {
	var file struct {
		Prompts []Prompt `json:"prompts"`
		Lessons []Lesson `json:"lessons"`
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&file); err != nil {
		return nil, nil, fmt.Errorf("lessons: %w", err)
	}
	if len(file.Prompts) == 0 {
		return nil, nil, errors.New("lessons: no prompts")
	}
	for _, p := range file.Prompts {
		if p.Label == "" || p.Text == "" {
			return nil, nil, fmt.Errorf("lessons: prompt %q: label and text must be given", p.Label)
		}
	}
	seen := map[string]bool{}
	for _, l := range file.Lessons {
		if l.ID == "" || l.Title == "" || l.About == "" || len(l.Steps) == 0 {
			return nil, nil, fmt.Errorf("lessons: lesson %q: id, title, about and steps must be given", l.ID)
		}
		if seen[l.ID] {
			return nil, nil, fmt.Errorf("lessons: two lessons are called %q", l.ID)
		}
		seen[l.ID] = true
		for i, s := range l.Steps {
			if err := s.check(); err != nil {
				return nil, nil, fmt.Errorf("lessons: lesson %q, step %d: %w", l.ID, i+1, err)
			}
		}
	}
	return file.Lessons, file.Prompts, nil
}

func (s Step) check() error {
	if s.Title == "" || s.Text == "" {
		return errors.New("title and text must be given")
	}
	if (s.Do == "") != (s.Done == "") {
		return errors.New("do and done go together")
	}
	if _, err := url.ParseQuery(s.Set); err != nil {
		return fmt.Errorf("set: %w", err)
	}
	if s.Done == "" {
		return nil
	}
	for _, c := range Conditions {
		if c == s.Done {
			return nil
		}
	}
	return fmt.Errorf("done: %q is no condition", s.Done)
}

// Find returns the lesson of that name.
func Find(id string) (Lesson, bool) {
	for _, l := range Lessons {
		if l.ID == id {
			return l, true
		}
	}
	return Lesson{}, false
}
