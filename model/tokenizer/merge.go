package tokenizer

import "container/heap"

// pair packs two adjacent token ids.
type pair uint64

func makePair(left, right int32) pair { return pair(uint32(left))<<32 | pair(uint32(right)) }

func (p pair) left() int32  { return int32(p >> 32) }
func (p pair) right() int32 { return int32(uint32(p)) }

const noRank = int32(1<<31 - 1)

// mergeTable maps pairs to their rank and result by open addressing: the look-up
// is the inner loop of encoding.
type mergeTable struct {
	slots []mergeSlot
	shift uint
}

type mergeSlot struct {
	key          pair // key+1, so that 0 is an empty slot
	rank, result int32
}

func newMergeTable(n int) mergeTable {
	bits := uint(4)
	for 1<<bits < 2*n {
		bits++
	}
	return mergeTable{slots: make([]mergeSlot, 1<<bits), shift: 64 - bits}
}

func (t *mergeTable) slot(p pair) *mergeSlot {
	i := uint64(p) * 0x9e3779b97f4a7c15 >> t.shift
	for {
		s := &t.slots[i]
		if s.key == p+1 || s.key == 0 {
			return s
		}
		i = (i + 1) & uint64(len(t.slots)-1)
	}
}

// get returns the rank of a pair, noRank if it does not merge.
func (t *mergeTable) get(left, right int32) (rank, result int32) {
	s := t.slot(makePair(left, right))
	if s.key == 0 {
		return noRank, 0
	}
	return s.rank, s.result
}

// put stores a pair, in place of what it had before.
func (t *mergeTable) put(p pair, rank, result int32) {
	*t.slot(p) = mergeSlot{p + 1, rank, result}
}

// scanLimit is the word length up to which the best pair is found by a scan of
// all; beyond it the heap's n·log n wins.
const scanLimit = 40

// merger is the scratch of one Encode.
type merger struct {
	table *mergeTable
	ranks []int32 // ranks[i] is the rank of word[i], word[i+1]
	queue mergeQueue
	prev  []int32
	next  []int32
}

// merge merges the tokens of one word in place and returns the shorter word.
func (m *merger) merge(word []int32) []int32 {
	if len(word) > scanLimit {
		return m.mergeQueued(word)
	}
	return m.mergeScanned(word)
}

func (m *merger) mergeScanned(word []int32) []int32 {
	if len(word) < 2 {
		return word
	}
	ranks := m.ranks[:0]
	for i := range len(word) - 1 {
		r, _ := m.table.get(word[i], word[i+1])
		ranks = append(ranks, r)
	}
	m.ranks = ranks
	for len(ranks) > 0 {
		best, at := noRank, 0
		for i, r := range ranks {
			if r < best {
				best, at = r, i
			}
		}
		if best == noRank {
			break
		}
		_, result := m.table.get(word[at], word[at+1])
		word[at] = result
		word = append(word[:at+1], word[at+2:]...)
		ranks = append(ranks[:at], ranks[at+1:]...)
		if at > 0 {
			ranks[at-1], _ = m.table.get(word[at-1], result)
		}
		if at < len(ranks) {
			ranks[at], _ = m.table.get(result, word[at+1])
		}
	}
	return word
}

type mergeCandidate struct {
	rank, at    int32
	left, right int32 // the tokens it was made for, to notice that it is stale
}

type mergeQueue []mergeCandidate

func (q mergeQueue) Len() int { return len(q) }
func (q mergeQueue) Less(i, j int) bool {
	if q[i].rank != q[j].rank {
		return q[i].rank < q[j].rank
	}
	return q[i].at < q[j].at
}
func (q mergeQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *mergeQueue) Push(x any)   { *q = append(*q, x.(mergeCandidate)) }
func (q *mergeQueue) Pop() any {
	old := *q
	x := old[len(old)-1]
	*q = old[:len(old)-1]
	return x
}

// mergeQueued merges over a linked list of the living positions, with the
// candidates in a heap.
func (m *merger) mergeQueued(word []int32) []int32 {
	n := int32(len(word))
	if cap(m.prev) < len(word) {
		m.prev, m.next = make([]int32, n), make([]int32, n)
	}
	prev, next := m.prev[:n], m.next[:n]
	m.queue = m.queue[:0]
	for i := range n {
		prev[i], next[i] = i-1, i+1
		if i+1 < n {
			if r, _ := m.table.get(word[i], word[i+1]); r != noRank {
				m.queue = append(m.queue, mergeCandidate{r, i, word[i], word[i+1]})
			}
		}
	}
	heap.Init(&m.queue)
	propose := func(i, j int32) {
		if i >= 0 && j < n {
			if r, _ := m.table.get(word[i], word[j]); r != noRank {
				heap.Push(&m.queue, mergeCandidate{r, i, word[i], word[j]})
			}
		}
	}
	for m.queue.Len() > 0 {
		c := heap.Pop(&m.queue).(mergeCandidate)
		i := c.at
		j := next[i]
		if word[i] != c.left || j >= n || word[j] != c.right {
			continue
		}
		_, word[i] = m.table.get(c.left, c.right)
		word[j] = -1
		next[i] = next[j]
		if next[i] < n {
			prev[next[i]] = i
		}
		propose(prev[i], i)
		propose(i, next[i])
	}
	live := word[:0]
	for i := int32(0); i < n; i = next[i] {
		live = append(live, word[i])
	}
	return live
}
