package difference

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"slices"

	"clexlab/model/checkpoint"
)

// Make is the difference of a safetensors file from a reference. The error names the one that is none.
func Make(reference, result []byte) ([]byte, error) {
	runs, err := shared(reference, result)
	if err != nil {
		return nil, err
	}
	h := head{identityOf(reference), identityOf(result), runs}
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.HuffmanOnly)
	if err != nil {
		return nil, fmt.Errorf("difference: %w", err)
	}
	start := h.encode()
	all := slices.Concat(start, result)
	stored := all[len(start):]
	for _, r := range runs {
		to, from := stored[r.at:][:r.length], reference[r.from:][:r.length]
		for i := range to {
			to[i] -= from[i]
		}
	}
	if _, err := z.Write(all); err != nil {
		return nil, fmt.Errorf("difference: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("difference: %w", err)
	}
	return b.Bytes(), nil
}

// shared are the runs of two files.
func shared(reference, result []byte) ([]run, error) {
	spans, err := checkpoint.Spans(reference)
	if err != nil {
		return nil, fmt.Errorf("difference: reference: %w", err)
	}
	byName := map[string]checkpoint.Span{}
	for _, s := range spans {
		byName[s.Name] = s
	}
	if spans, err = checkpoint.Spans(result); err != nil {
		return nil, fmt.Errorf("difference: result: %w", err)
	}
	var runs []run
	var from uint64
	for _, s := range spans {
		of, ok := byName[s.Name]
		if !ok || s.DType != "I8" || of.DType != "I8" || !slices.Equal(s.Shape, of.Shape) || s.From == s.To || uint64(of.From) < from {
			continue
		}
		one := run{uint64(s.From), uint64(of.From), uint64(s.To - s.From)}
		from = uint64(of.To)
		if n := len(runs); n > 0 && runs[n-1].at+runs[n-1].length == one.at && runs[n-1].from+runs[n-1].length == one.from {
			runs[n-1].length += one.length
			continue
		}
		if len(runs) == maxRuns {
			break // the rest is stored as it is
		}
		runs = append(runs, one)
	}
	return runs, nil
}
