package server

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"path"
	"sync"

	"clexlab/model/difference"
	"clexlab/wasm/wire/jobs"
)

// differenceFile lies beside the weights that it is the difference of.
const differenceFile = "model.difference"

// addDifferences makes, for all weights of a model but its first, the file that they travel as: their difference from the first
// ones, which a page that runs the model has loaded by then, and which travel packed. The offers of models and of single checkpoints name it. It is made here and not stored, so that it is always of the files that are shipped. Weights that this
// would make little smaller travel whole.
func (f files) addDifferences(models []jobs.Offer) error {
	made, err := f.differences(models)
	if err != nil {
		return err
	}
	for weights, d := range made {
		f["models/"+d.named(weights).Address] = d.file
	}
	for i := range models {
		m := &models[i]
		m.Difference = made[m.Load.Weights].named(m.Load.Weights)
		for method, w := range m.Tuned {
			w.Difference = made[w.Weights].named(w.Weights)
			m.Tuned[method] = w
		}
	}
	return nil
}

// fromFirst is a difference from the weights at of.
type fromFirst struct {
	of   string
	file *file
}

// named is what the page is told of it, nil where there is none.
func (d *fromFirst) named(weights string) *jobs.Difference {
	if d == nil {
		return nil
	}
	return &jobs.Difference{Address: path.Join(path.Dir(weights), differenceFile), Of: d.of}
}

// differences makes them side by side, by the weights that they are of.
func (f files) differences(models []jobs.Offer) (map[string]*fromFirst, error) {
	var all sync.WaitGroup
	var mu sync.Mutex
	var failed error
	made := map[string]*fromFirst{}
	folder := func(o *jobs.Offer) string { return path.Dir(path.Dir(o.Load.Weights)) }
	for _, m := range models {
		of, first := m.Load.Weights, f["models/"+m.Load.Weights]
		if m.Tuned == nil || first == nil {
			continue
		}
		all.Go(first.squeeze)
		for _, o := range models {
			weights, whole := o.Load.Weights, f["models/"+o.Load.Weights]
			if o.Tuned != nil || folder(&o) != folder(&m) || weights == of || whole == nil {
				continue
			}
			all.Go(func() {
				data, err := difference.Make(first.data, whole.data)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err != nil:
					failed = fmt.Errorf("server: %s from %s: %w", weights, of, err)
				case 10*len(data) < 9*len(whole.data):
					made[weights] = &fromFirst{of, newFile(differenceFile, data)}
				}
			})
		}
	}
	all.Wait()
	return made, failed
}

// squeeze gives weights, which hardly repeat themselves, a form in which frequent bytes are shorter. Brotli would make them 0.3 %
// smaller still and take many times as long.
func (f *file) squeeze() {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	_, _ = z.Write(f.data) // to memory
	if z.Close() == nil && 20*b.Len() < 19*len(f.data) {
		f.packed["gzip"] = b.Bytes()
	}
}
