package train

// group is a range of shards whose gradients are added up by themselves before they go into the sum of all: halves, quarters and
// so on, so that whoever computes a group can hand its sum on, and the sum of all has the same bits.
type group struct{ from, to int }

// halves parts a group of two or more where its sum does: the first part has the largest power of two that is less than all.
func (g group) halves() (first, second group) {
	n := 1
	for 2*n < g.to-g.from {
		n *= 2
	}
	return group{g.from, g.from + n}, group{g.from + n, g.to}
}

// groupsFor parts n shards among so many hands at most.
func groupsFor(n, hands int) []group {
	list := []group{{0, n}}
	for len(list) < min(n, hands) {
		// The last of the largest.
		at := 0
		for i, g := range list {
			if g.to-g.from >= list[at].to-list[at].from {
				at = i
			}
		}
		first, second := list[at].halves()
		list = append(list[:at], append([]group{first, second}, list[at+1:]...)...)
	}
	return list
}

// addition says that the sum at shard from is added to that at shard to.
type addition struct{ to, from int }

// sums appends the additions that leave the sum of g at its first shard; that of a group in done is there already.
func sums(list []addition, g group, done map[group]bool) []addition {
	if g.to-g.from < 2 || done[g] {
		return list
	}
	first, second := g.halves()
	list = sums(list, first, done)
	list = sums(list, second, done)
	return append(list, addition{first.from, second.from})
}
