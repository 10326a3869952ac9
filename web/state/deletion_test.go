package state

import (
	"slices"
	"testing"

	"clexlab/wasm/wire/jobs"
)

// What is deleted waits until its message is closed or something else is deleted, and comes back before that; what is kept again
// meanwhile stays.
func TestDeletionsCanBeUndone(t *testing.T) {
	t.Parallel()
	own, other := offer("own"), offer("other")
	own.Kept, other.Kept = true, true
	s := New(Defaults())
	run(&s, ModelsListed{[]Model{offer("small"), own, other}})
	kept := func(id string) bool {
		return slices.ContainsFunc(s.Models, func(m Model) bool { return m.ID == id && m.Kept })
	}
	forgotten := func(m Message, id string) bool { return slices.Contains(run(&s, m), Effect(ForgetModel{id})) }
	if forgotten(DeleteKept{"own"}, "own") || kept("own") {
		t.Error("deleted for good at once, or kept on")
	}
	if forgotten(TakeAction{deletedKey, "undelete"}, "own") || !kept("own") {
		t.Error("Undo does not bring it back")
	}
	run(&s, DeleteKept{"own"})
	if !forgotten(DeleteKept{"other"}, "own") || kept("own") || kept("other") {
		t.Error("the first deletion does not end with the second")
	}
	if !forgotten(CloseNotice{deletedKey}, "other") {
		t.Error("the message is closed and the model still there")
	}
	if forgotten(CloseNotice{deletedKey}, "other") {
		t.Error("deleted twice")
	}
	run(&s, ModelKept{Model: own}, DeleteKept{"own"}, ModelKept{Model: own})
	if forgotten(CloseNotice{deletedKey}, "own") || !kept("own") {
		t.Error("kept again, and deleted all the same")
	}
}

// A model whose only files are deleted for good is not offered any more, once it is not in use; one whose files were brought in
// this visit is.
func TestDeletedModelsLeaveTheMenu(t *testing.T) {
	t.Parallel()
	own := offer("own-a")
	own.Kept, own.Brought = true, true
	s := New(Defaults())
	run(&s, ModelsListed{[]Model{offer("small"), own}})
	offered := func(id string) bool { return slices.ContainsFunc(s.Models, func(m Model) bool { return m.ID == id }) }
	if s.OwnModel() {
		t.Error("the server's model is said to be the reader's")
	}
	for _, m := range []Message{ChooseModel{"own-a"}, DeleteKept{"own-a"}, CloseNotice{deletedKey}} {
		if run(&s, m); !s.OwnModel() {
			t.Errorf("after %T the reader's model is said to be the server's", m)
		}
	}
	if !offered("own-a") || s.Current().ID != "own-a" {
		t.Errorf("the model in use is gone: %q", s.Current().ID)
	}
	if run(&s, ChooseModel{"small"}); offered("own-a") || s.Current().ID != "small" {
		t.Errorf("in use %q, the deleted one is offered: %t", s.Current().ID, offered("own-a"))
	}
	for range 2 {
		run(&s, FilesBrought{Name: "a", Files: []jobs.File{{Name: "a.gguf"}}})
		run(&s, FilesDescribed{s.Opening.Job, jobs.Described{Model: offer("a").Model, Parameters: 1e6}}, OpenModel{})
	}
	first, second := s.Models[len(s.Models)-2], s.Models[len(s.Models)-1]
	if first.Name == second.Name || first.ID == second.ID {
		t.Errorf("two models are called %q and %q", first.Name, second.Name)
	}
	run(&s, ModelKept{Model: first}, DeleteKept{first.ID}, CloseNotice{deletedKey}, ChooseModel{"small"})
	if !offered(first.ID) {
		t.Error("what is not kept any more, but was opened from its files, is gone")
	}
}
