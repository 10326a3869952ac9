package state

import (
	"net/url"
	"strings"
	"testing"
)

func raced(software bool, cpu, gpu Speed) GPUAnswered {
	return GPUAnswered{Adapter: "Example 9000", Software: software, CPU: cpu, GPU: gpu}
}

// Each task takes the machine that was minSpeedup faster at it, and the page says so.
func TestMachineIsChosenByTask(t *testing.T) {
	for _, c := range []struct {
		name            string
		machine         Backend
		answer          GPUAnswered
		writing, maps   bool
		words, inReason string
	}{
		{"GPU reads faster", AutoBackend, raced(false, Speed{Prefill: 2000, Decode: 1210}, Speed{Prefill: 90000, Decode: 400}), false, true, "CPU SIMD, maps WebGPU",
			"Writing: 1,210 tokens/s on CPU SIMD, against 400 on Example 9000."},
		{"GPU is faster", AutoBackend, raced(false, Speed{Prefill: 2000, Decode: 300}, Speed{Prefill: 90000, Decode: 400}), true, true, "WebGPU",
			"Reading: 90,000 tokens/s on Example 9000, against 2,000 on CPU SIMD."},
		{"hardly faster", AutoBackend, raced(false, Speed{Prefill: 2000, Decode: 390}, Speed{Prefill: 2100, Decode: 400}), false, false, "CPU SIMD", "against 400"},
		{"software", AutoBackend, raced(true, Speed{Prefill: 2000, Decode: 300}, Speed{Prefill: 90000, Decode: 400}), false, false, "CPU SIMD", "Example 9000 (software adapter)"},
		{"software, not measured", AutoBackend, raced(true, Speed{}, Speed{}), false, false, "CPU SIMD", "(software adapter) was not measured"},
		{"software, forced", WebGPU, raced(true, Speed{Prefill: 2000, Decode: 300}, Speed{Prefill: 900, Decode: 40}), true, true, "WebGPU", "WebGPU was chosen here"},
		{"CPU, forced", CPU, raced(false, Speed{Prefill: 2000, Decode: 300}, Speed{Prefill: 90000, Decode: 400}), false, false, "CPU SIMD", "chosen here"},
		{"trouble", WebGPU, GPUAnswered{Trouble: "no GPU to use: nothing"}, false, false, "CPU SIMD", "no GPU to use"},
	} {
		s := New(Defaults())
		s.Engine.Backend, s.Backend = "CPU SIMD", c.machine
		s.Update(c.answer)
		if got := s.WritingAttempt() > 0; got != c.writing {
			t.Errorf("%s: writing on the GPU: %v", c.name, got)
		}
		if got := s.ReadingAttempt() > 0; got != c.maps {
			t.Errorf("%s: maps on the GPU: %v", c.name, got)
		}
		if got := s.BackendWords(); got != c.words {
			t.Errorf("%s: %q", c.name, got)
		}
		if got := s.BackendReason(); !strings.Contains(got, c.inReason) {
			t.Errorf("%s: the reason is %q, want %q in it", c.name, got, c.inReason)
		}
	}
}

// After trouble one line offers another try, and a try has a number that workers have not seen.
func TestTroubleWithTheGPUCanBeTriedAgain(t *testing.T) {
	s := New(Defaults())
	s.Engine.Backend = "CPU SIMD"
	s.Update(ChooseBackend{WebGPU})
	first := s.WritingAttempt()
	if first == 0 {
		t.Fatal("WebGPU was chosen and is not tried")
	}
	s.Update(GPUFailed{Text: "the GPU was lost: gone."})
	if s.WritingAttempt() != 0 || s.ReadingAttempt() != 0 {
		t.Error("the lost GPU is still used")
	}
	if len(s.Notices) != 1 || s.Notices[0].Action != "retry-gpu" || !strings.Contains(s.Notices[0].Text, "The GPU was lost: gone. The text") {
		t.Fatalf("notices %+v", s.Notices)
	}
	out := s.Update(TakeAction{Key: "gpu", Action: "retry-gpu"})
	if len(s.Notices) != 0 {
		t.Errorf("notices %+v", s.Notices)
	}
	if c, ok := out[0].(Calibrate); !ok || c.GPUAttempt <= first || s.WritingAttempt() != c.GPUAttempt {
		t.Errorf("trying again does %+v and then tries %d", out, s.WritingAttempt())
	}
}

// Without a GPU an unasked question is answered silently.
func TestNoGPUIsNoNews(t *testing.T) {
	s := New(Defaults())
	s.Engine.Backend = "CPU SIMD"
	s.Update(GPUAnswered{Trouble: "no GPU to use: this browser has no WebGPU"})
	if len(s.Notices) != 0 {
		t.Errorf("notices %+v", s.Notices)
	}
}

// The first written tokens, and nothing before them, ask about the GPU, once.
func TestGPUIsMeasuredAfterTheFirstToken(t *testing.T) {
	s := New(Defaults())
	s.Update(EngineReady{Backend: "CPU SIMD"})
	asked := func(effects []Effect) (n int) {
		for _, e := range effects {
			if _, ok := e.(Calibrate); ok {
				n++
			}
		}
		return n
	}
	job := s.Panes[0].Job
	if n := asked(s.Update(PromptTokens{Job: job, Tokens: []Token{{Text: "a"}}})); n != 0 {
		t.Error("the prompt asks about the GPU")
	}
	if n := asked(s.Update(TokensWritten{Job: job, Tokens: []Token{{Text: "a"}}})); n != 1 {
		t.Errorf("the first token asks %d times", n)
	}
	if n := asked(s.Update(TokensWritten{Job: job, Tokens: []Token{{Text: "a"}}})); n != 0 {
		t.Error("the second token asks again")
	}
}

func TestMachineStandsInTheAddress(t *testing.T) {
	for _, m := range []Backend{AutoBackend, CPU, WebGPU} {
		s := Defaults()
		s.Backend = m
		got, notes := Parse(s.Query())
		if got.Backend != m || len(notes) != 0 {
			t.Errorf("%q comes back as %q, %q", m, got.Backend, notes)
		}
	}
	if got, notes := Parse(url.Values{"backend": {"abacus"}}); got.Backend != AutoBackend || len(notes) != 1 {
		t.Errorf("an unknown backend gives %q, %q", got.Backend, notes)
	}
}

// What does not run on the GPU keeps no memory there.
func TestLosersGiveTheGPUBack(t *testing.T) {
	released := func(effects []Effect) (r ReleaseGPU) {
		for _, e := range effects {
			if f, ok := e.(ReleaseGPU); ok {
				r = f
			}
		}
		return r
	}
	for _, c := range []struct {
		machine Backend
		answer  GPUAnswered
		want    ReleaseGPU
	}{
		{AutoBackend, raced(false, Speed{Prefill: 2000, Decode: 1210}, Speed{Prefill: 90000, Decode: 400}), ReleaseGPU{Writing: true}},
		{AutoBackend, raced(false, Speed{Prefill: 2000, Decode: 300}, Speed{Prefill: 90000, Decode: 400}), ReleaseGPU{}},
		{AutoBackend, raced(false, Speed{Prefill: 2000, Decode: 300}, Speed{Prefill: 90, Decode: 4}), ReleaseGPU{Reading: true, Writing: true}},
		{AutoBackend, raced(true, Speed{}, Speed{}), ReleaseGPU{Reading: true, Writing: true}},
		{WebGPU, raced(true, Speed{Prefill: 2000, Decode: 300}, Speed{Prefill: 90, Decode: 4}), ReleaseGPU{}},
	} {
		s := New(Defaults())
		s.Backend = c.machine
		if got := released(s.Update(c.answer)); got != c.want {
			t.Errorf("%q, %+v: released %+v, want %+v", c.machine, c.answer, got, c.want)
		}
		if got := released(s.Update(ChooseBackend{CPU})); got != (ReleaseGPU{Reading: true, Writing: true}) {
			t.Errorf("choosing the CPU releases %+v", got)
		}
		if got := released(s.Update(ChooseBackend{WebGPU})); got != (ReleaseGPU{}) || s.ReadingAttempt() == 0 {
			t.Errorf("choosing WebGPU releases %+v and tries %d", got, s.ReadingAttempt())
		}
	}
}

func TestReasonSaysWhatTheKernelsUse(t *testing.T) {
	s := New(Defaults())
	a := raced(false, Speed{Prefill: 2000, Decode: 300}, Speed{Prefill: 90000, Decode: 400})
	a.Report = "subgroups; in plain WGSL, as the other form failed here: matvec"
	s.Update(a)
	if got := s.BackendReason(); !strings.Contains(got, "The GPU's kernels use subgroups; in plain WGSL") {
		t.Errorf("the reason is %q", got)
	}
}

// The reason ends with the kernels of the CPU's engine, whatever else is known.
func TestReasonSaysWhichKernelsTheCPUHas(t *testing.T) {
	s := New(Defaults())
	s.Update(EngineReady{Backend: "CPU SIMD", Kernels: "The CPU's kernels are these."})
	for _, choice := range []Backend{AutoBackend, CPU, WebGPU} {
		s.Backend = choice
		if got := s.BackendReason(); !strings.HasSuffix(got, ". The CPU's kernels are these.") {
			t.Errorf("%q: the reason is %q", choice, got)
		}
	}
}
