package lessons

import (
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
