package checkpoint

import (
	"context"
	"io"
)

// readStream reads a checkpoint whose weights arrive bit by bit and are said to have size bytes.
func readStream(ctx context.Context, config []byte, weights io.Reader, size int64, progress func(done, total int64)) (*Checkpoint, error) {
	r, err := newReader(ctx, config, Loader{Progress: progress})
	if err != nil {
		return nil, err
	}
	// What WebAssembly has: claims above it are to be refused before memory is asked for.
	r.total, r.limit = size, 3<<30
	if err := r.shard(WeightsFile, weights, size); err != nil {
		return nil, err
	}
	return r.finish()
}
