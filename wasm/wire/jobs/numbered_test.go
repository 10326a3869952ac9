package jobs

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"clexlab/viz/scene"
)

// Over a line that loses and repeats, every answer arrives once and in its order, as long as what is missing is asked for.
func TestAnswersSurviveABadLine(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		random := rand.New(rand.NewPCG(seed, 1))
		var said Said
		var heard Heard
		var got, want []string
		deliver := func(p Parcel) {
			for range []int{0, 1, 1, 1, 2}[random.IntN(5)] {
				var a Answer
				var err error
				if p.Brief != nil {
					a, err = ReadBrief(p.Brief)
				} else {
					a, err = readHead(string(p.Head))
				}
				if err != nil {
					t.Fatal(err)
				}
				for _, a := range heard.Take(a) {
					got = append(got, fmt.Sprint(a.Kind, a.ID))
				}
			}
		}
		for i := range 200 {
			a := Answer{Kind: Writing, ID: i, Tokens: &Tokens{}}
			if i%3 == 0 {
				a = Answer{Kind: Measuring, ID: i, Done: true}
			}
			want = append(want, fmt.Sprint(a.Kind, a.ID))
			p, err := said.Pack(a)
			if err != nil {
				t.Fatal(err)
			}
			deliver(p)
			if from := heard.Missing(); from > 0 && random.IntN(3) == 0 {
				again, err := said.Again(from)
				if err != nil {
					t.Fatal(err)
				}
				for _, p := range again {
					deliver(p)
				}
			}
		}
		for tries := 0; len(got) < len(want) && tries < 1000; tries++ {
			again, err := said.Again(len(got) + 1)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range again {
				deliver(p)
			}
		}
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Fatalf("seed %d: heard %q, want %q", seed, got, want)
		}
	}
}

// What a worker keeps is bounded in number and bytes, and what it keeps no more is not passed for something else.
func TestKeptAnswersAreBounded(t *testing.T) {
	t.Parallel()
	var said Said
	loss := &scene.Loss{Method: "pi", NLL: make([]float32, 30000)}
	for i := range 3 * maxKept {
		a := Answer{Kind: Writing, ID: i}
		if i > 2*maxKept {
			a = Answer{Kind: Measuring, ID: i, View: loss}
		}
		if _, err := said.Pack(a); err != nil {
			t.Fatal(err)
		}
		if len(said.kept) > maxKept || said.bytes > maxKeptBytes {
			t.Fatalf("after %d answers %d are kept, %d bytes", i+1, len(said.kept), said.bytes)
		}
	}
	sum := 0
	for _, p := range said.kept {
		sum += p.bytes()
	}
	first := 3*maxKept - len(said.kept) + 1
	if sum != said.bytes || len(said.kept) < 5 {
		t.Errorf("%d answers of %d bytes are kept, counted as %d", len(said.kept), sum, said.bytes)
	}
	if list, err := said.Again(first); err != nil || len(list) != len(said.kept) {
		t.Errorf("from %d on: %d answers, %v", first, len(list), err)
	}
	if _, err := said.Again(first - 1); err == nil {
		t.Error("an answer that is not kept is given again")
	}
	if list, err := said.Again(3*maxKept + 1); err != nil || len(list) > 0 {
		t.Errorf("what was not said yet: %v, %v", list, err)
	}
	if p, err := said.Pack(Answer{Error: "no memory", Fatal: true}); err != nil || strings.Contains(string(p.Head), `"n":`) {
		t.Errorf("a fatal answer waits its turn: %s, %v", p.Head, err)
	}
}
