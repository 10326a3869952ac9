package recall

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// table encodes by whole words, growing as it goes; text decodes again.
type table struct {
	ids   map[string]int32
	words []string
}

func (v *table) encode(dst []int32, text string) []int32 {
	start := 0
	for i := 1; i <= len(text); i++ {
		if i < len(text) && text[i] != ' ' && text[i] != '.' {
			continue
		}
		w := text[start:i]
		id, ok := v.ids[w]
		if !ok {
			id = int32(len(v.words))
			v.ids[w], v.words = id, append(v.words, w)
		}
		dst, start = append(dst, id), i
	}
	return dst
}

func (v *table) text(ids []int32) string {
	var b strings.Builder
	for _, id := range ids {
		b.WriteString(v.words[id])
	}
	return b.String()
}

func newTable() *table { return &table{ids: map[string]int32{}} }

func TestProbe(t *testing.T) {
	v := newTable()
	task, err := NewTask(v.encode)
	if err != nil {
		t.Fatal(err)
	}
	for _, length := range []int{80, 256, 1000} {
		for _, depth := range []float64{0, 0.3, 1} {
			const facts = 4
			p, err := task.NewProbe(length, depth, 7, facts, nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(p.Tokens) != length {
				t.Fatalf("%d tokens, want %d", len(p.Tokens), length)
			}
			text, answer := v.text(p.Tokens), v.words[p.Answer]
			if !strings.HasPrefix(text, Mark) || strings.Count(text, Mark) != 1 {
				t.Errorf("the text must hold %q at its start and nowhere else: %s", Mark, text)
			}
			key := text[strings.LastIndex(text, " the ")+len(" the"):]
			if n := strings.Count(text, key+answer+"."); n != 1 {
				t.Errorf("%q follows %q %d times, want once, in: %s", answer, key, n, text)
			}
			if fact := v.text(p.Tokens[p.Fact:p.FactEnd]); !strings.Contains(fact, key+answer+".") {
				t.Errorf("the fact is %q, want it to say %s%s", fact, key, answer)
			}
			if slices.Contains(p.Distractors, p.Answer) || len(p.Distractors) != facts-1 {
				t.Errorf("distractors %v beside answer %d", p.Distractors, p.Answer)
			}
			if before := v.text(p.Tokens[:p.Fact]); before != Mark && !strings.HasSuffix(before, ".") {
				t.Errorf("the fact stands inside a sentence: …%s", before[max(0, len(before)-40):])
			}
			at := float64(p.Fact) / float64(length)
			if at < depth-0.65*depth*80/float64(length)-0.05 || at > depth+0.05+40/float64(length) {
				t.Errorf("length %d: the fact stands at %.2f, want near %.2f", length, at, depth)
			}
			again, _ := task.NewProbe(length, depth, 7, facts, nil)
			if !slices.Equal(again.Tokens, p.Tokens) {
				t.Error("the same seed gave another text")
			}
		}
	}
}

func TestProbeErrors(t *testing.T) {
	task, err := NewTask(newTable().encode)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		length int
		depth  float64
		facts  int
		want   string
	}{{5, 0, 1, "too short"}, {-1, 0, 1, "too short"}, {200, -0.1, 1, "depth"}, {200, 1.1, 1, "depth"}, {200, 0, 0, "0 facts"}, {200, 0, 99, "99 facts"}} {
		if _, err := task.NewProbe(c.length, c.depth, 1, c.facts, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("length %d, depth %v: error %v, want %q", c.length, c.depth, err, c.want)
		}
	}
	if _, err := NewTask(nil); err == nil {
		t.Error("no encoder: no error")
	}
	if _, err := NewTask(func(dst []int32, text string) []int32 { return append(dst, 1, 2) }); err == nil {
		t.Error("no name has a token of its own: no error")
	}
}

func TestBindingsDiffer(t *testing.T) {
	task, err := NewTask(newTable().encode)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	for range 50 {
		keys, values := map[int]bool{}, map[int]bool{}
		bindings := task.Bind(rng, 6)
		for _, b := range bindings {
			keys[b.Key], values[b.Value] = true, true
		}
		if len(bindings) != 6 || len(keys) != 6 || len(values) != 6 {
			t.Fatalf("bindings %v repeat a key or a value", bindings)
		}
	}
}

// Every probe is as long as asked for, and each answer it wants stands in its text behind the key that is asked for.
func TestAsk(t *testing.T) {
	v := newTable()
	task, err := NewTask(v.encode)
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range Probes {
		for seed := range uint64(20) {
			p, err := task.Ask(kind, 400, float64(seed)/19, seed, nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(p.Tokens) != 400 || (len(p.Next) == 1) != (kind == "two of four" || kind == "chain") {
				t.Fatalf("%s: %d tokens, %d further questions", kind, len(p.Tokens), len(p.Next))
			}
			text := p.Tokens
			questions := append([]Question{{nil, p.Answer}}, p.Next...)
			for _, q := range questions {
				text = append(text, q.Tokens...)
				key := text[len(text)-1]
				found := 0
				for i := 0; i+1 < 400; i++ {
					if p.Tokens[i] == key && p.Tokens[i+1] == q.Answer {
						found++
					}
				}
				if found != 1 {
					t.Errorf("%s: %q stands %d times behind %q", kind, v.words[q.Answer], found, v.words[key])
				}
			}
			if kind == "chain" && !chained(v.text(p.Tokens), v.words[p.Answer], v.words[p.Next[0].Answer]) {
				t.Errorf("a chain from %q does not lead to %q in %q", v.words[p.Answer], v.words[p.Next[0].Answer], v.text(p.Tokens))
			}
			if kind == "two of four" && p.Next[0].Answer == p.Answer {
				t.Errorf("%s asks for one name twice", kind)
			}
		}
	}
	if _, err := task.Ask("three", 400, 0, 1, nil); err == nil || !strings.Contains(err.Error(), `"three"`) {
		t.Errorf("an unknown probe: %v", err)
	}
	if _, err := task.Ask("table", 20, 0, 1, nil); err == nil || !strings.Contains(err.Error(), "too short") {
		t.Errorf("a table in 20 tokens: %v", err)
	}
}

// chained tells whether text, read as prose, says once whom the key asked for at its end is bound to, and once who stands beside that one.
func chained(text, first, second string) bool {
	asked := text[strings.LastIndex(text, " ")+1:]
	return strings.Count(text, " "+asked+first+".") == 1 && strings.Count(text, " Beside"+first+" stood"+second+".") == 1 && strings.Count(text, " Beside"+first+" stood") == 1
}

// letters encodes letter by letter as SentencePiece opens what it is given: with a token of its own and a space.
func letters(dst []int32, text string) []int32 {
	const begin = 0
	return append(dst, append([]int32{begin}, []rune(" "+text)...)...)
}

// TestNamesOfManyTokens: sentences put together are the text that they say, names whole in it, and answers
// the tokens that tell names apart.
func TestNamesOfManyTokens(t *testing.T) {
	task, err := NewTask(letters)
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range Probes {
		p, err := task.Ask(kind, 900, 0.5, 3, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Tokens) != 900 {
			t.Errorf("%s: %d tokens, want 900", kind, len(p.Tokens))
		}
		text := string(p.Tokens[1:])
		if p.Tokens[0] != 0 || strings.Contains(text, "\x00") || strings.Contains(text, "  ") || !strings.HasPrefix(text, " "+Mark) {
			t.Errorf("%s: %q", kind, text)
		}
		key := text[strings.LastIndex(text, " the ")+len(" the"):]
		var said string
		for _, name := range task.Names() {
			if strings.Contains(string(p.Tokens[p.Fact:p.FactEnd]), key+name) {
				said = name
			}
		}
		if said == "" || !strings.HasSuffix(key, " ") || rune(said[0]) != p.Answer {
			t.Errorf("%s: asked with %q, the answer is %q, the fact says %q", kind, key, p.Answer, string(p.Tokens[p.Fact:p.FactEnd]))
		}
		for _, q := range p.Next {
			if next := string(q.Tokens); !strings.HasPrefix(next, said+".") || strings.Contains(next, "\x00") {
				t.Errorf("%s: goes on with %q, want it to begin with %q", kind, next, said)
			}
		}
		if slices.Contains(p.Distractors, p.Answer) {
			t.Errorf("%s: %q is a distractor as well", kind, p.Answer)
		}
	}
	if n := len(task.Names()); n < 10 {
		t.Errorf("only %d names", n)
	}
}
