package gpu

import (
	"clexlab/model"
)

const (
	// tile is the side of matmul's output tiles.
	tile = 32
	// vecRows is how many outputs a workgroup of matvec has.
	vecRows = 8
	// part is how many keys a workgroup of attendpart takes.
	part = 256
	// maxAlternatives is the most alternatives that come with a token drawn.
	maxAlternatives = 8
	// mostPairs bounds the rotary pairs of a head, mostHead its size.
	mostPairs = 128
	mostHead  = 2 * mostPairs
	// threads is the size of workgroups that have nothing to share.
	threads = 64
	// mostGroups is how many workgroups one dimension of a dispatch can have.
	mostGroups = 65535
)

// plan holds the sizes that a model's kernels are compiled with.
type plan struct {
	cfg model.Config
	// queries and keys are the tile of attend, lanes its invocations a query.
	queries, keys, lanes int
	// mapQueries is how many queries a workgroup of attentionmap holds.
	mapQueries int
	// block is the most tokens that one submit reads.
	block int
}

// newPlan decides the sizes for a model, or says why it cannot run on such a device.
func newPlan(c model.Config, a Adapter) (plan, error) {
	l := a.Limits
	p := plan{cfg: c, mapQueries: mapQueries(c.Rotary.HeadDim), block: hardwareBlock}
	if a.Software {
		p.block = softwareBlock
	}
	d := c.Rotary.HeadDim
	switch {
	case c.Dim%4 != 0 || c.HiddenDim%4 != 0 || d%4 != 0:
		return p, unfit("width %d, hidden size %d and head size %d must be multiples of 4", c.Dim, c.HiddenDim, d)
	case d > mostHead:
		return p, unfit("heads of %d values, the kernels hold at most %d", d, mostHead)
	case l.StorageBuffers < DefaultLimits.StorageBuffers || l.Invocations < DefaultLimits.Invocations || l.WorkgroupBytes < DefaultLimits.WorkgroupBytes:
		return p, unfit("the adapter has fewer storage buffers (%d), invocations (%d) or shared bytes (%d) than WebGPU promises", l.StorageBuffers, l.Invocations, l.WorkgroupBytes)
	}
	// An invocation of embed has four values of the block, one of ropestore one of queries, keys and values unless heads are normalised.
	wide := c.Dim / 4
	if !c.HeadNorm {
		wide = max(wide, p.qkvDim())
	}
	if most := mostGroups * threads / wide; p.block > most {
		if most > tile {
			most -= most % tile
		}
		p.block = max(1, most)
	}
	p.queries, p.keys, p.lanes = attentionTile(d, DefaultLimits.WorkgroupBytes)
	return p, nil
}

// attentionTile is how many queries and keys of d values a workgroup of attend
// holds, with queries kept twice for a remap, and how many invocations share a query.
func attentionTile(d, bytes int) (queries, keys, lanes int) {
	pitch := d + 4 // rows are padded
	lanes = 1
	for 2*lanes <= 8 && d/4%(2*lanes) == 0 {
		lanes *= 2
	}
	size := func() int { return 4 * (2*queries*pitch + keys*pitch + queries*keys + 2*queries*lanes) }
	for queries, keys = 32, 32; size() > bytes; {
		if queries >= keys {
			queries /= 2
		} else {
			keys /= 2
		}
	}
	return queries, keys, lanes
}

func (p *plan) queryDim() int { return p.cfg.Heads * p.cfg.Rotary.HeadDim }
func (p *plan) kvDim() int    { return p.cfg.KVHeads * p.cfg.Rotary.HeadDim }
func (p *plan) qkvDim() int   { return p.queryDim() + 2*p.kvDim() }

// mapQueries is how many queries of d values a workgroup of attentionmap can hold. Each
// workgroup reads all keys before its queries, so the more the better.
func mapQueries(d int) int {
	if d <= 192 {
		return 8
	}
	return 4
}

// How many tokens one submit reads. A block costs some dozens of dispatches
// whatever its size, and small ones leave a large GPU idle; a processor gains nothing by large
// ones, and between blocks a read can be cancelled.
const (
	hardwareBlock = 1024
	softwareBlock = 256
)

// blockFor is how many tokens a sequence of that capacity reads at once.
func (p *plan) blockFor(capacity int) int { return min(capacity, p.block) }

// lossBytes bounds the logits that are held at once.
const lossBytes = 4 << 20

// lossRows is how many rows of logits are held at once while a loss is computed. Each
// batch of rows takes a slot of the submit's uniforms, of which half are for it.
func (p *plan) lossRows(block int, l Limits) int {
	return max(groups(block, maxSlots/2), min(block, min(lossBytes, l.BindingBytes)/(4*p.cfg.Vocab)))
}

// fits says why a sequence of a capacity cannot be made, or nil.
func (p *plan) fits(capacity int, l Limits) error {
	if 4*capacity*p.kvDim() > l.BindingBytes {
		return unfit("a cache of %d tokens has %d MB a layer, the adapter binds at most %d MB", capacity, 4*capacity*p.kvDim()>>20, l.BindingBytes>>20)
	}
	return nil
}

// spread is how n workgroups lie in a dispatch of which one axis may be too short: x along the first, z such rows along the last. Workgroup
// (x, z) is number z·mostGroups + x; those from n on have nothing to do.
func spread(n int) (x, z int) { return min(n, mostGroups), groups(n, mostGroups) }

// groups is how many workgroups of a size cover n.
func groups(n, size int) int { return (n + size - 1) / size }
