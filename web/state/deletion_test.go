package state

import (
	"slices"
	"testing"
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
