package train

import (
	"fmt"
	"slices"
	"testing"
)

// Whatever the groups, what is added to what is the same, written as words here; and every shard is in one group.
func TestSumsDoNotDependOnGroups(t *testing.T) {
	for n := 1; n <= 17; n++ {
		add := func(words []string, g group, done map[group]bool) {
			for _, a := range sums(nil, g, done) {
				words[a.to] = fmt.Sprintf("(%s+%s)", words[a.to], words[a.from])
			}
		}
		shards := make([]string, n)
		for i := range shards {
			shards[i] = fmt.Sprint(i)
		}
		whole := slices.Clone(shards)
		add(whole, group{0, n}, nil)
		for hands := 1; hands <= n+1; hands++ {
			parts, done, at := slices.Clone(shards), map[group]bool{}, 0
			groups := groupsFor(n, hands)
			for _, g := range groups {
				if g.from != at || g.to <= at {
					t.Fatalf("%d shards among %d: %v", n, hands, groups)
				}
				at, done[g] = g.to, true
				add(parts, g, nil)
			}
			if at != n || len(groups) != min(n, hands) {
				t.Fatalf("%d shards among %d: %v", n, hands, groups)
			}
			add(parts, group{0, n}, done)
			if parts[0] != whole[0] {
				t.Errorf("%d shards among %d: %s, alone %s", n, hands, parts[0], whole[0])
			}
		}
	}
	if four := groupsFor(4, 2); four[0] != (group{0, 2}) || four[1] != (group{2, 4}) {
		t.Errorf("four shards among two: %v", four)
	}
}
