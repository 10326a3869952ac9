package gpu

import "math"

// Commands is one submit: what is written to buffers, dispatched, copied and
// read back, as words that replay.js turns into calls, so that a whole submit
// crosses into JavaScript once. Writes come to pass before everything else.
type Commands struct {
	words []uint32
	// read is how many bytes come back, written how many go to buffers.
	read, written int
	// params are the uniforms of this submit, one slot for each setting of params.
	params []uint32
	slots  int
}

// The operations, each followed by its operands. replay.js knows the same numbers.
const (
	opPipeline = 1 + iota // pipeline
	opGroup               // group of storage buffers
	opUniforms            // group of uniforms, offset in bytes
	opDispatch            // x, y, z
	opRead                // buffer, offset, bytes
	opClear               // buffer, offset, bytes
	opWrite               // buffer, offset, count, words …
)

// SlotBytes is the distance between two uniforms, the largest that an adapter may ask for; maxSlots is how many a submit can have.
const (
	SlotBytes = 256
	maxSlots  = 256
)

// Reset empties it.
func (c *Commands) Reset() {
	c.words, c.params = c.words[:0], c.params[:0]
	c.read, c.written, c.slots = 0, 0, 0
}

// Words are the submit as replay.js reads it, a view.
func (c *Commands) Words() []uint32 { return c.words }

// Bytes is how much is read back.
func (c *Commands) Bytes() int { return c.read }

func (c *Commands) add(words ...uint32) { c.words = append(c.words, words...) }

// set makes n the uniform of the dispatches that follow.
func (c *Commands) set(uniforms Group, n *params) { n.pack(c.Uniform(uniforms)) }

// Uniform begins the uniform of the dispatches that follow and returns its ParamWords words, to be filled
// before the next call.
func (c *Commands) Uniform(uniforms Group) []uint32 {
	c.add(opUniforms, uint32(uniforms), uint32(c.slots*SlotBytes))
	at := len(c.params)
	c.params = append(c.params, make([]uint32, SlotBytes/4)...)
	c.slots++
	return c.params[at : at+ParamWords]
}

// Finish writes the uniforms that were begun to their buffer, which has SlotBytes for each.
func (c *Commands) Finish(to Buffer) {
	if len(c.params) > 0 {
		c.Write(to, 0, c.params)
	}
}

// Run records a dispatch of x·y·z workgroups.
func (c *Commands) Run(p Pipeline, g Group, x, y, z int) {
	c.add(opPipeline, uint32(p), opGroup, uint32(g), opDispatch, uint32(x), uint32(y), uint32(z))
}

// ReadBack records that bytes of a buffer come back.
func (c *Commands) ReadBack(b Buffer, offset, bytes int) {
	c.add(opRead, uint32(b), uint32(offset), uint32(bytes))
	c.read += bytes
}

// Clear records that bytes of a buffer become zero.
func (c *Commands) Clear(b Buffer, offset, bytes int) {
	c.add(opClear, uint32(b), uint32(offset), uint32(bytes))
}

// Write records what a buffer holds from offset on before the submit begins.
func (c *Commands) Write(b Buffer, offset int, words []uint32) {
	c.add(opWrite, uint32(b), uint32(offset), uint32(len(words)))
	c.add(words...)
	c.written += 4 * len(words)
}

// params is the uniform of one dispatch or more; shared.wgsl says what the fields are.
type params struct {
	start, n, block, capacity, parts int
	row, slot, topK                  int
	draw, temperature, topP, minP    float32
	head, queryFrom, keyTo           int
	rows, cols, cell, bins, bin      int
	heads, kvHeads, dim, vocab       int
}

// ParamWords is the number of words that a uniform of dispatches holds.
const ParamWords = 24

func (n *params) pack(dst []uint32) {
	u := func(i int) uint32 { return uint32(i) }
	f := math.Float32bits
	copy(dst, []uint32{
		u(n.start), u(n.n), u(n.block), u(n.capacity), u(n.parts), u(n.row), u(n.slot), u(n.topK),
		f(n.draw), f(n.temperature), f(n.topP), f(n.minP),
		u(n.head), u(n.queryFrom), u(n.keyTo), u(n.rows), u(n.cols), u(n.cell), u(n.bins), u(n.bin),
		u(n.heads), u(n.kvHeads), u(n.dim), u(n.vocab),
	})
}
