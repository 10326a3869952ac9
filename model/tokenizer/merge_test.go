package tokenizer

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// mergeNaive is the definition: look at all pairs, merge the leftmost of lowest rank, begin again.
func mergeNaive(merges map[pair][2]int32, word []int32) []int32 {
	for {
		best, at := noRank, -1
		for i := range len(word) - 1 {
			if m, ok := merges[makePair(word[i], word[i+1])]; ok && m[0] < best {
				best, at = m[0], i
			}
		}
		if at < 0 {
			return word
		}
		word = slices.Concat(word[:at], []int32{merges[makePair(word[at], word[at+1])][1]}, word[at+2:])
	}
}

// Random tables merge in any order, results before their parts included, which
// no trained vocabulary has: the scan, the heap and the definition must agree even so.
func TestMergeEqualsItsDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for round := range 3000 {
		symbols := int32(2 + rng.IntN(4))
		table := newMergeTable(40)
		merges := map[pair][2]int32{}
		for rank := range int32(1 + rng.IntN(40)) {
			p := makePair(rng.Int32N(symbols+rank), rng.Int32N(symbols+rank))
			table.put(p, rank, symbols+rank)
			merges[p] = [2]int32{rank, symbols + rank}
		}
		word := make([]int32, rng.IntN(70))
		for i := range word {
			word[i] = rng.Int32N(symbols)
		}
		want := mergeNaive(merges, slices.Clone(word))
		m := merger{table: &table}
		if got := m.mergeScanned(slices.Clone(word)); !slices.Equal(got, want) {
			t.Fatalf("round %d: scan of %d gives %d, want %d", round, word, got, want)
		}
		if got := m.mergeQueued(slices.Clone(word)); !slices.Equal(got, want) {
			t.Fatalf("round %d: heap over %d gives %d, want %d", round, word, got, want)
		}
	}
}

func TestMergeTableKeepsLastRank(t *testing.T) {
	table := newMergeTable(1000)
	for i := range int32(1000) {
		table.put(makePair(i%10, i/10), i, i)
	}
	if rank, result := table.get(4, 4); rank != 44 || result != 44 {
		t.Errorf("pair 4 4 has rank %d and result %d, want 44 and 44", rank, result)
	}
	table.put(makePair(3, 4), 2000, 5)
	if rank, result := table.get(3, 4); rank != 2000 || result != 5 {
		t.Errorf("pair 3 4 has rank %d and result %d, want 2000 and 5", rank, result)
	}
	if rank, _ := table.get(200, 1); rank != noRank {
		t.Errorf("a pair that was never put has rank %d", rank)
	}
}
