package page

import "clexlab/web/state"

// sender takes a component's messages to whoever owns the state. It is passed as a pointer: a
// function in a component's field would count as changed in every frame.
type sender struct{ take func(state.Message) }

func (s *sender) send(m state.Message) { s.take(m) }
