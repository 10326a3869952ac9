package lessons

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestShippedLessonsAreThere(t *testing.T) {
	t.Parallel()
	if len(Lessons) < 3 || len(Prompts) < 3 {
		t.Fatalf("%d lessons, %d prompts", len(Lessons), len(Prompts))
	}
	for _, l := range Lessons {
		if got, ok := Find(l.ID); !ok || got.Title != l.Title {
			t.Errorf("Find(%q) = %q, %v", l.ID, got.Title, ok)
		}
	}
	if _, ok := Find("nowhere"); ok {
		t.Error("Find found a lesson that is not there")
	}
}

// Numbers that lessons state of the small model are those that were measured.
func TestNumbersAreTheMeasuredOnes(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../tinymodels/small/results.json")
	if err != nil {
		t.Fatal(err)
	}
	var r struct {
		Rows []struct {
			Variant  string
			Trained  bool
			Measured map[string]struct {
				Lengths []int
				Losses  [][]float64
			}
		}
		Seeds []struct {
			Variant, Part string
			Perplexity    []float64
		}
	}
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	home := map[string]float64{} // mean loss in the trained window
	for _, row := range r.Rows {
		m := row.Measured["test"]
		if at := slices.Index(m.Lengths, 256); at >= 0 && row.Trained && home[row.Variant] == 0 {
			for _, l := range m.Losses[at] {
				home[row.Variant] += l / float64(len(m.Losses[at]))
			}
		}
	}
	seeds := map[string][]float64{}
	for _, s := range r.Seeds {
		if s.Part == "test" {
			seeds[s.Variant] = s.Perplexity
		}
	}
	apart := 0.0
	for i, p := range seeds["clex"] {
		apart = max(apart, math.Abs(seeds["clex-prior"][i]/p-1))
	}
	for _, row := range []struct {
		lesson string
		step   int
		want   string
	}{
		{"training", 3, fmt.Sprintf("CLEX pays %.1f %% of the small model's perplexity", 100*(math.Exp(home["clex"]-home["base"])-1))},
		{"learn", 3, fmt.Sprintf("%.1f %% apart at most, on the mean of three seeds", 100*apart)},
	} {
		l, _ := Find(row.lesson)
		if got := l.Steps[row.step-1].Text; !strings.Contains(got, row.want) {
			t.Errorf("step %d of %q says %q, want %q in it", row.step, row.lesson, got, row.want)
		}
	}
}

func TestParseNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	const prompt = `"prompts":[{"label":"a","text":"b"}]`
	for _, row := range []struct{ in, want string }{
		{`{`, "lessons: unexpected EOF"},
		{`{"lessons":[]}`, "no prompts"},
		{`{"prompts":[{"label":"x"}]}`, `prompt "x"`},
		{`{` + prompt + `,"extra":1}`, `unknown field "extra"`},
		{`{` + prompt + `,"lessons":[{"id":"a"}]}`, `lesson "a"`},
		{`{` + prompt + `,"lessons":[{"id":"a","title":"t","about":"x","steps":[{"title":"t"}]}]}`, `lesson "a", step 1: title and text`},
		{`{` + prompt + `,"lessons":[{"id":"a","title":"t","about":"x","steps":[{"title":"t","text":"x","do":"y"}]}]}`, "do and done go together"},
		{`{` + prompt + `,"lessons":[{"id":"a","title":"t","about":"x","steps":[{"title":"t","text":"x","do":"y","done":"flown"}]}]}`, `"flown" is no condition`},
		{`{` + prompt + `,"lessons":[{"id":"a","title":"t","about":"x","steps":[{"title":"t","text":"x","set":"%zz"}]}]}`, "set:"},
		{`{` + prompt + `,"lessons":[{"id":"a","title":"t","about":"x","steps":[{"title":"t","text":"x"}]},{"id":"a","title":"t","about":"x","steps":[{"title":"t","text":"x"}]}]}`, `two lessons are called "a"`},
	} {
		_, _, err := Parse([]byte(row.in))
		if err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("Parse(%s): error %v, want one with %q", row.in, err, row.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(source)
	f.Add([]byte(`{"prompts":[{"label":"a","text":"b"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		lessons, prompts, err := Parse(data)
		if err == nil && len(prompts) == 0 {
			t.Error("accepted without prompts")
		}
		for _, l := range lessons {
			if l.ID == "" || len(l.Steps) == 0 {
				t.Errorf("accepted %+v", l)
			}
		}
	})
}
