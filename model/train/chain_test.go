package train

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestChains: a row opens with the mark, each question's answer was told before, once, and every second question asks for whom
// the answer before it is linked to.
func TestChains(t *testing.T) {
	r, err := ParseRecipe([]byte(goodRecipe))
	if err != nil {
		t.Fatal(err)
	}
	r.Model.Vocab = 1024
	text := fillerTrainer(t, r).text
	rng := rand.New(rand.NewPCG(2, 2))
	beside := text.Task.AppendLinkQuestion(nil, 0)[0]
	asked := 0
	for _, length := range []int{40, 121, 257} {
		for range 50 {
			tokens, weights := make([]int32, length), make([]float32, length-1)
			text.Row(tokens, weights, TextMix{Chains: 1, Facts: 4, AnswerWeight: 4}, rng)
			if tokens[0] != text.Task.AppendMark(nil)[0] || slices.Contains(tokens[1:], tokens[0]) {
				t.Fatal("no mark, or a second one")
			}
			var answer int32
			link := false
			for i, w := range weights {
				if w != 4 {
					continue
				}
				asked++
				said := tokens[i : i+2] // key and name
				if link {
					said = tokens[i-2 : i+2] // beside, name, stood, name
					if said[0] != beside || said[1] != answer {
						t.Fatalf("behind %d a question begins with %v", answer, said)
					}
				}
				told := 0
				for j := range i - len(said) {
					if slices.Equal(tokens[j:j+len(said)], said) {
						told++
					}
				}
				if told != 1 {
					t.Fatalf("%v is told %d times: %v", said, told, tokens)
				}
				answer, link = tokens[i+1], !link
			}
			if link {
				t.Fatal("a row ends within a chain")
			}
		}
	}
	if asked < 600 {
		t.Errorf("%d questions in 150 rows", asked)
	}
}
