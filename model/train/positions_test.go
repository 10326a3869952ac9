package train

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"clexlab/clex"

	"pgregory.net/rapid"
)

// TestPositionsAreIncreasingAndInSpan holds for every sampler and any sizes.
func TestPositionsAreIncreasingAndInSpan(t *testing.T) {
	for name, sample := range samplers {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				n := rapid.IntRange(2, 80).Draw(t, "n")
				span := n + rapid.IntRange(0, 900).Draw(t, "extra")
				c := PositionChoice{Sampler: name, Share: 1, MinChunks: 2, MaxChunks: rapid.IntRange(2, n).Draw(t, "chunks")}
				dst := make([]float64, n)
				var starts []int
				for i := 1; i < n; i += rapid.IntRange(1, 20).Draw(t, "sentence") {
					starts = append(starts, i)
				}
				sample(dst, span, starts, c, rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)))
				for i, p := range dst {
					if p != math.Trunc(p) || p < 0 || p > float64(span-1) || i > 0 && p <= dst[i-1] {
						t.Fatalf("position %d is %v, span %d, all %v", i, p, span, dst)
					}
				}
				if (name == "drawn" || name == "chunks") && (dst[0] != 0 || dst[n-1] != float64(span-1)) {
					t.Fatalf("ends are %v and %v, want 0 and %d", dst[0], dst[n-1], span-1)
				}
			})
		})
	}
}

// TestChooseIsUniform: each of 10 numbers is among 4 chosen with probability 0.4.
func TestChooseIsUniform(t *testing.T) {
	const draws = 20000
	rng := rand.New(rand.NewPCG(5, 5))
	var count [10]int
	dst := make([]float64, 4)
	for range draws {
		choose(dst, 0, 10, rng)
		for _, p := range dst {
			count[int(p)]++
		}
	}
	deviation := math.Sqrt(draws * 0.4 * 0.6)
	for i, c := range count {
		if math.Abs(float64(c)-0.4*draws) > 5*deviation {
			t.Errorf("%d was chosen %d times, want %v ± %.0f", i, c, 0.4*draws, deviation)
		}
	}
}

// TestPoSESkipsAnything: with two chunks the one skip takes every size, large and small alike.
func TestPoSESkipsAnything(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	dst := make([]float64, 64)
	var quarter [4]int
	const draws = 4000
	for range draws {
		pose(dst, 640, nil, PositionChoice{MinChunks: 2, MaxChunks: 2}, rng)
		skipped := dst[63] - 63 // 0 … 576
		quarter[min(3, int(skipped/577*4))]++
	}
	for i, n := range quarter {
		if math.Abs(float64(n)-draws/4) > 5*math.Sqrt(draws*0.25*0.75) {
			t.Errorf("quarter %d of the skips came %d times of %d", i, n, draws)
		}
	}
}

// TestSamplersShowOtherDistances: under rotary attention a sampler acts by the distances between its
// positions alone. Each but the contiguous one shows distances that a window of neighbours does not have.
func TestSamplersShowOtherDistances(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	dst := make([]float64, 64)
	for name, draw := range samplers {
		far := 0
		for range 200 {
			draw(dst, 640, []int{5, 20, 41, 60}, PositionChoice{MinChunks: 2, MaxChunks: 4}, rng)
			for i := range dst {
				for _, p := range dst[:i] {
					if dst[i]-p > 63 {
						far++
					}
				}
			}
		}
		if pairs := 200 * 64 * 63 / 2; (name == "contiguous") != (far == 0) || name != "contiguous" && far < pairs/50 {
			t.Errorf("%s: %d of %d pairs are farther apart than in a window of neighbours", name, far, pairs)
		}
	}
}

// TestSamplersChangeTheLoss: rotary attention reads the same text with another loss at a sampler's positions than at
// 0, 1, 2 …, and with the same where all positions are moved alike, however far.
func TestSamplersChangeTheLoss(t *testing.T) {
	p, err := NewParameters(tiny(), 3)
	if err != nil {
		t.Fatal(err)
	}
	const n, span = 64, 640
	rng := rand.New(rand.NewPCG(9, 9))
	// Weights of noise hardly attend to anything; larger queries and keys do.
	for _, l := range p.Layers {
		qkv := l.QKV.of(p.Flat)
		for i := range qkv {
			qkv[i] *= 6
		}
	}
	tokens, targets, weights := make([]int32, n), make([]int32, n), slices.Repeat([]float32{1. / n}, n)
	for i := range tokens {
		tokens[i], targets[i] = int32(rng.IntN(p.Config.Vocab)), int32(rng.IntN(p.Config.Vocab))
	}
	rope := clex.Encoding{InvFreq: make([]float64, p.Config.Rotary.Pairs()), AttentionFactor: 1}
	p.Config.Rotary.InvFreq(rope.InvFreq)
	s := newShard(p, 1, n)
	s.result = newResult(p, n)
	loss := func(positions []float64) float64 {
		s.setAngles(positions, &rope)
		s.forward(p, tokens)
		return s.crossEntropy(targets, weights, nil, 0)
	}
	positions := make([]float64, n)
	contiguous(positions, span, nil, PositionChoice{}, rng)
	near := loss(positions)
	for i := range positions {
		positions[i] += span - n
	}
	if moved := loss(positions); math.Abs(moved-near) > 1e-5 {
		t.Errorf("all moved alike the loss is %v, at 0, 1, 2 … %v", moved, near)
	}
	for name, draw := range samplers {
		var change float64
		for range 20 {
			draw(positions, span, []int{5, 20, 41, 60}, PositionChoice{MinChunks: 2, MaxChunks: 4}, rng)
			change += math.Abs(loss(positions)-near) / 20
		}
		if (name == "contiguous") != (change == 0) || name != "contiguous" && change < 1e-3 {
			t.Errorf("%s: the loss %v changes by %v on average", name, near, change)
		}
	}
}

// TestOffsetLeavesTheFirst: four positions stay, the others move by one offset, every one alike often.
func TestOffsetLeavesTheFirst(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	dst := make([]float64, 64)
	var mean float64
	const draws = 4000
	for range draws {
		offset(dst, 640, nil, PositionChoice{}, rng)
		for i, p := range dst {
			want := float64(i)
			if i >= 4 {
				want += dst[4] - 4
			}
			if p != want {
				t.Fatalf("token %d stands at %v, want %v", i, p, want)
			}
		}
		mean += (dst[4] - 4) / draws
	}
	// Uniform in 0 … 576: mean 288, deviation 167.
	if math.Abs(mean-288) > 5*167/math.Sqrt(draws) {
		t.Errorf("the mean offset is %v, want 288", mean)
	}
}

// TestChunksKeepNeighbours: text inside a chunk is contiguous, so at most
// MaxChunks-1 steps are larger than one.
func TestChunksKeepNeighbours(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	dst := make([]float64, 64)
	seen := map[int]bool{}
	for range 300 {
		chunks(dst, 640, nil, PositionChoice{MinChunks: 2, MaxChunks: 5}, rng)
		jumps := 0
		for i := range dst[1:] {
			if dst[i+1]-dst[i] > 1 {
				jumps++
			}
		}
		seen[jumps] = true
		if jumps < 1 || jumps > 4 {
			t.Fatalf("%d jumps, want 1 … 4: %v", jumps, dst)
		}
	}
	if len(seen) < 3 {
		t.Errorf("numbers of jumps seen: %v, want more variety", seen)
	}
}

// TestSentencesStayWhole: positions jump at the start of a sentence only, and the skip
// before each of them is as large as that before any other, on average.
func TestSentencesStayWhole(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	dst, starts := make([]float64, 64), []int{5, 6, 30, 63}
	skipped := make([]float64, len(starts))
	const draws, span = 4000, 640
	for range draws {
		sentences(dst, span, starts, PositionChoice{}, rng)
		for i := range dst[1:] {
			at := slices.Index(starts, i+1)
			skip := dst[i+1] - dst[i] - 1
			if at >= 0 {
				skipped[at] += skip
			} else if skip != 0 {
				t.Fatalf("%v are skipped before token %d, inside a sentence", skip, i+1)
			}
		}
		if dst[0] != 0 {
			t.Fatalf("the row begins at %v", dst[0])
		}
	}
	// The first r tokens stay together, r = 1 … 32 alike; the skips before the k sentences that begin
	// after them and what is left at the end share span - 64 alike. The deviation is below 200.
	for i, sum := range skipped {
		var want float64
		for r := 1; r <= 32; r++ {
			k := 0
			for _, s := range starts {
				if s >= r {
					k++
				}
			}
			if starts[i] >= r {
				want += (span - 64) / float64(k+1) / 32
			}
		}
		if mean := sum / draws; math.Abs(mean-want) > 5*200/math.Sqrt(draws) {
			t.Errorf("before sentence %d %v are skipped on average, want %v", i+1, mean, want)
		}
	}
	if sentences(dst, span, nil, PositionChoice{}, rng); dst[63] != 63 {
		t.Errorf("a row of one sentence ends at %v, want 63", dst[63])
	}
}

// TestFactorDraw: the extremes come as often as the recipe says, all others lie between.
func TestFactorDraw(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	f := FactorChoice{Min: 1, Max: 16, ProbOne: 0.3, ProbMax: 0.2}
	const n = 20000
	var one, most, sum float64
	for range n {
		switch v := f.draw(rng); {
		case v == 1:
			one++
		case v == 16:
			most++
		case v > 1 && v < 16:
			sum += v
		default:
			t.Fatalf("drew %v", v)
		}
	}
	// Three standard deviations of a share of n draws are below 0.01; of the mean of the others 0.13.
	if math.Abs(one/n-0.3) > 0.01 || math.Abs(most/n-0.2) > 0.01 {
		t.Errorf("1 came %v and 16 %v of the time, want 0.3 and 0.2", one/n, most/n)
	}
	if mean := sum / (n - one - most); math.Abs(mean-8.5) > 0.13 {
		t.Errorf("the mean between is %v, want 8.5", mean)
	}
}
