package tokenizer

import (
	"fmt"
	"slices"
)

// nullable tells whether a node can match nothing.
func (n *node) nullable() bool {
	switch n.kind {
	case nodeSet:
		return false
	case nodeSequence:
		return !slices.ContainsFunc(n.parts, func(p *node) bool { return !p.nullable() })
	case nodeChoice:
		return slices.ContainsFunc(n.parts, (*node).nullable)
	case nodeRepeat:
		return n.from == 0 || n.parts[0].nullable()
	case nodeAtomic:
		return n.parts[0].nullable()
	}
	return true
}

// compile makes the code of n. room is how many steps are left for the whole expression, groups inside of groups
// included: repeats of repeats multiply, and so would their memory.
func compile(n *node, room *int) (*expression, error) {
	e := &expression{room: room}
	err := e.add(n)
	if err == nil {
		err = e.step(instruction{op: opMatch})
	}
	return e, err
}

// step appends one step.
func (e *expression) step(in instruction) error {
	if *e.room--; *e.room < 0 {
		return fmt.Errorf("an expression of more than %d steps", maxCode)
	}
	e.code = append(e.code, in)
	return nil
}

// add appends the code of n, which runs on into what is appended next.
func (e *expression) add(n *node) error {
	switch n.kind {
	case nodeSet:
		return e.step(instruction{op: opSet, set: n.set})
	case nodeAnchor:
		return e.step(instruction{op: n.op})
	case nodeLook, nodeAtomic:
		sub, err := compile(n.parts[0], e.room)
		if err != nil {
			return err
		}
		op := opAtomic
		if n.kind == nodeLook {
			op = opLook
		}
		return e.step(instruction{op: op, sub: sub, negative: n.negative})
	case nodeSequence:
		for _, part := range n.parts {
			if err := e.add(part); err != nil {
				return err
			}
		}
	case nodeChoice:
		var ends []int
		for i, part := range n.parts {
			if i == len(n.parts)-1 {
				if err := e.add(part); err != nil {
					return err
				}
				break
			}
			split := len(e.code)
			if err := e.step(instruction{op: opSplit, x: split + 1}); err != nil {
				return err
			}
			if err := e.add(part); err != nil {
				return err
			}
			ends = append(ends, len(e.code))
			if err := e.step(instruction{op: opJump}); err != nil {
				return err
			}
			e.code[split].y = len(e.code)
		}
		for _, at := range ends {
			e.code[at].x = len(e.code)
		}
	case nodeRepeat:
		return e.addRepeat(n)
	}
	return nil
}

func (e *expression) addRepeat(n *node) error {
	for range n.from {
		if err := e.add(n.parts[0]); err != nil {
			return err
		}
	}
	// once adds "another one, or on", whose way on is known later.
	once := func() (split int, err error) {
		split = len(e.code)
		if err := e.step(instruction{op: opSplit}); err != nil {
			return split, err
		}
		return split, e.add(n.parts[0])
	}
	ways := func(split, on int) {
		e.code[split].x, e.code[split].y = split+1, on
		if n.lazy {
			e.code[split].x, e.code[split].y = on, split+1
		}
	}
	if n.to < 0 {
		split, err := once()
		if err != nil {
			return err
		}
		if err := e.step(instruction{op: opJump, x: split}); err != nil {
			return err
		}
		ways(split, len(e.code))
		return nil
	}
	var splits []int
	for range n.to - n.from {
		split, err := once()
		if err != nil {
			return err
		}
		splits = append(splits, split)
	}
	for _, split := range splits {
		ways(split, len(e.code))
	}
	return nil
}
