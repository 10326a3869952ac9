package client

import (
	"strings"
	"testing"

	"clexlab/wasm/wire/jobs"
	"clexlab/web/state"
)

// A large model is held by few workers, which do all the jobs.
func TestLargeModelsShareWorkers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		memory                    int64
		second, measures, trained int
	}{{0, secondText, measurer, trainer}, {100 << 20, firstText, measurer, measurer}, {400 << 20, firstText, firstText, firstText}} {
		p, f, _ := pooled(t)
		own := jobs.Offer{ID: "own", Memory: c.memory, Load: jobs.Load{Files: []jobs.File{{Name: "a.gguf", Address: "blob:1", Size: 5}}}}
		do(p, state.OfferModel{Model: own})
		do(p, state.LoadModel{ID: "own"})
		for i := range filer {
			ready(p, i)
		}
		if l := f.posted[firstText]; len(l) == 0 || l[0].Load == nil || l[0].Load.Files[0].Address != "blob:1" {
			t.Fatalf("the first worker was asked %+v", l)
		}
		do(p, state.StartWriting{Pane: 1, Job: 7, Write: jobs.Write{Method: "pi"}})
		do(p, state.Judge{Judge: jobs.Judge{Method: "rope"}})
		do(p, state.StartTraining{Job: 8})
		for i := range filer {
			ready(p, i)
		}
		has := func(i int, want jobs.Kind) bool {
			for _, r := range f.posted[i] {
				if r.Kind() == want {
					return true
				}
			}
			return false
		}
		if !has(c.second, jobs.Writing) || !has(c.measures, jobs.Judging) || !has(c.trained, jobs.Training) {
			t.Errorf("%d bytes: asked %+v", c.memory, f.posted)
		}
		do(p, state.CancelJob{Job: 7})
		if !hasCancel(f.posted[c.second]) {
			t.Errorf("%d bytes: the text is not cancelled where it is written", c.memory)
		}
	}
}

func hasCancel(all []jobs.Request) bool {
	for _, r := range all {
		if r.Cancel == jobs.Writing {
			return true
		}
	}
	return false
}

// Files are looked at and written by a worker of their own, without a model, which ends with its job.
func TestFilesHaveAWorker(t *testing.T) {
	t.Parallel()
	p, f, said := pooled(t)
	do(p, state.DescribeFiles{Job: 5, Describe: jobs.Describe{Files: []jobs.File{{Name: "a.gguf", Address: "blob:1"}}}})
	if len(f.posted[filer]) != 0 {
		t.Fatalf("asked before it runs: %+v", f.posted[filer])
	}
	p.Answer(filer, jobs.Answer{})
	if r := f.last(filer); r.Describe == nil || r.ID != 5 {
		t.Fatalf("asked %+v", r)
	}
	p.Answer(filer, jobs.Answer{ID: 5, Kind: jobs.Describing, Described: &jobs.Described{Family: "LLaMA"}})
	p.Answer(filer, jobs.Answer{ID: 5, Kind: jobs.Describing, Done: true})
	if m, ok := find[state.FilesDescribed](*said); !ok || m.Family != "LLaMA" || m.Job != 5 {
		t.Errorf("described as %+v", m)
	}
	if len(f.stopped) == 0 || f.stopped[len(f.stopped)-1] != filer {
		t.Errorf("stopped %v, want the worker of files", f.stopped)
	}
	do(p, state.StartExport{Job: 6, Export: jobs.Export{Load: jobs.Load{Config: "c.json", Weights: "w", Tokenizer: "t"}}})
	p.Answer(filer, jobs.Answer{})
	if r := f.last(filer); r.Export == nil || r.Export.Config != "/base/web/models/c.json" {
		t.Fatalf("asked %+v", r)
	}
	// Another model is loaded meanwhile: the file is written on.
	do(p, state.LoadModel{ID: "small"})
	p.Answer(filer, jobs.Answer{Error: "no memory", Fatal: true})
	if m, ok := find[state.JobFailed](*said); !ok || m.Job != 6 || !strings.Contains(m.Text, "no memory") {
		t.Errorf("its death is told as %+v", m)
	}
	if _, ok := find[state.EngineFailed](*said); ok {
		t.Error("the engine is said to have failed")
	}
}
