package state

import (
	"fmt"
	"strings"

	"clexlab/wasm/wire/jobs"
)

// Backend is the reader's choice of what computes; it stands in the address as "backend".
type Backend string

// The backends. The zero Backend lets the page choose by what it measured.
const (
	AutoBackend Backend = ""
	CPU         Backend = "cpu"
	WebGPU      Backend = "webgpu"
)

// Speed is in tokens per second: reading many at once, writing one by one. 0 is not measured.
type Speed = jobs.Speed

// GPU is what is known of the graphics processor.
type GPU struct {
	// Asked is set once the engine has been asked about it, Known once it has answered.
	Asked, Known bool
	// Adapter is its name, Software set when no graphics processor stands behind it.
	Adapter  string
	Software bool
	// Report says what the kernels use of it, and what failed there.
	Report string
	// Trouble says why it is not used; empty when it could be.
	Trouble string
	// CPU and GPU are how fast each machine was on the model in use.
	CPU, GPU Speed
	// GPUAttempt numbers the attempts to use it.
	GPUAttempt int
}

// GPUAnswered brings what the engine found out about the GPU.
type GPUAnswered struct {
	Adapter  string
	Software bool
	Report   string
	Trouble  string
	CPU, GPU Speed
}

// GPUFailed says that a job had to go on on the CPU.
type GPUFailed struct{ Text string }

// ChooseBackend is the reader's choice.
type ChooseBackend struct{ Backend Backend }

// Calibrate asks the engine to race the machines. Software lets an adapter race that is only software.
type Calibrate struct {
	GPUAttempt int
	Software   bool
}

// ReleaseGPU gives back the GPU's memory where jobs that read, or that write, do not
// run on it; it is opened again when one does.
type ReleaseGPU struct{ Reading, Writing bool }

func (e Calibrate) Do(_ PageEffects, x EngineEffects)  { x.Calibrate(e) }
func (e ReleaseGPU) Do(_ PageEffects, x EngineEffects) { x.ReleaseGPU(e) }

// minSpeedup is by how much the GPU must be faster to be chosen: less would not be noticed.
const minSpeedup = 1.1

// WritingAttempt is the attempt that a job which writes makes to use the GPU, 0 for the CPU.
func (s *State) WritingAttempt() int { return s.gpuAttempt(s.GPU.GPU.Decode, s.GPU.CPU.Decode) }

// ReadingAttempt is the same for jobs that read whole texts: maps, loss, recall.
func (s *State) ReadingAttempt() int { return s.gpuAttempt(s.GPU.GPU.Prefill, s.GPU.CPU.Prefill) }

func (s *State) gpuAttempt(gpu, cpu float64) int {
	g := &s.GPU
	switch {
	case s.Backend == CPU || g.Trouble != "":
		return 0
	case s.Backend == WebGPU:
		return g.GPUAttempt + 1
	case g.Known && !g.Software && cpu > 0 && gpu > minSpeedup*cpu:
		return g.GPUAttempt + 1
	}
	return 0
}

// BackendWords names what computes: one name, or one for each task.
func (s *State) BackendWords() string {
	name := func(attempt int) string {
		if attempt > 0 {
			return "WebGPU"
		}
		return s.Engine.Backend
	}
	writes, reads := name(s.WritingAttempt()), name(s.ReadingAttempt())
	if writes == reads {
		return writes
	}
	return writes + ", maps " + reads
}

// BackendReason says why, with what was measured, and which kernels the CPU has.
func (s *State) BackendReason() string {
	return strings.TrimSpace(s.backendChoice() + " " + s.Engine.Kernels)
}

func (s *State) backendChoice() string {
	g := &s.GPU
	adapter := g.Adapter
	if g.Software {
		adapter += " (software adapter)"
	}
	switch {
	case g.Trouble != "":
		return s.Engine.Backend + ": " + withStop(g.Trouble)
	case s.Backend == CPU:
		return s.Engine.Backend + ": chosen here."
	case !g.Known:
		if s.Backend == WebGPU {
			return "WebGPU: chosen here."
		}
		return s.Engine.Backend + ": the GPU has not been measured yet."
	case g.GPU.Prefill == 0 && s.Backend == WebGPU:
		return "WebGPU: chosen here; " + adapter + " was not measured."
	case g.GPU.Prefill == 0:
		return s.Engine.Backend + ": " + adapter + " was not measured."
	}
	line := func(task string, attempt int, cpu, gpu float64) string {
		a := fmt.Sprintf("%s tokens/s on %s", Count(int(cpu)), s.Engine.Backend)
		b := fmt.Sprintf("%s on %s", Count(int(gpu)), adapter)
		if attempt > 0 {
			a, b = fmt.Sprintf("%s tokens/s on %s", Count(int(gpu)), adapter), fmt.Sprintf("%s on %s", Count(int(cpu)), s.Engine.Backend)
		}
		return task + ": " + a + ", against " + b + "."
	}
	words := []string{line("Writing", s.WritingAttempt(), g.CPU.Decode, g.GPU.Decode), line("Reading", s.ReadingAttempt(), g.CPU.Prefill, g.GPU.Prefill)}
	if g.Report != "" {
		words = append(words, "The GPU's kernels use "+g.Report+".")
	}
	if s.Backend == WebGPU {
		words = append(words, "WebGPU was chosen here.")
	}
	return strings.Join(words, " ")
}

func (m ChooseBackend) apply(s *State) []Effect {
	if m.Backend != CPU && m.Backend != WebGPU {
		m.Backend = AutoBackend
	}
	s.Backend = m.Backend
	out := []Effect{SaveAddress{}}
	if m.Backend != CPU && s.GPU.Trouble != "" || m.Backend == WebGPU && s.GPU.GPU.Prefill == 0 {
		out = append(out, s.askGPU()...)
	}
	s.Spoken = "Computed on " + s.BackendWords()
	return append(append(out, s.releaseGPU()...), s.measure(false)...)
}

func (m GPUAnswered) apply(s *State) []Effect {
	g := &s.GPU
	g.Known, g.Adapter, g.Software, g.Report, g.CPU, g.GPU = true, m.Adapter, m.Software, m.Report, m.CPU, m.GPU
	if m.Trouble == "" {
		return s.releaseGPU()
	}
	g.Trouble = m.Trouble
	// That there is none is no news, unless it was asked for.
	if m.Adapter != "" || s.Backend == WebGPU {
		s.gpuNotice()
	}
	return nil
}

func (m GPUFailed) apply(s *State) []Effect {
	s.GPU.Trouble = m.Text
	s.gpuNotice()
	return nil
}

func (s *State) gpuNotice() {
	s.notify(Notice{Key: "gpu", Level: Warning, Title: s.Engine.Backend + " goes on in place of the GPU.",
		Text: Sentence(s.GPU.Trouble) + " The text is kept.", Action: "retry-gpu"})
}

// askGPU begins another attempt with the GPU.
func (s *State) askGPU() []Effect {
	g := &s.GPU
	if g.Trouble != "" {
		*g = GPU{GPUAttempt: g.GPUAttempt + 1}
	}
	s.dismiss("gpu")
	g.Asked = true
	return []Effect{Calibrate{GPUAttempt: g.GPUAttempt + 1, Software: s.Backend == WebGPU}}
}

// calibrate asks about the GPU once the first text is under way, so that
// nothing delays its first token.
func (s *State) calibrate() []Effect {
	if s.GPU.Asked || s.Backend == CPU {
		return nil
	}
	return s.askGPU()
}

// releaseGPU keeps no memory on a GPU that lost the race or was not chosen.
func (s *State) releaseGPU() []Effect {
	r := ReleaseGPU{Reading: s.ReadingAttempt() == 0, Writing: s.WritingAttempt() == 0}
	if r == (ReleaseGPU{}) {
		return nil
	}
	return []Effect{r}
}
