//go:build !(goexperiment.simd && wasm)

package kernel

// Only a browser's engine has the kernel module.

func (p *Packed) blockModule(*Workspace, int, []float32, int, []float32, int) bool { return false }

func (p *Packed) vectorModule([]float32, []float32, int) bool { return false }

func (p *Packed) int8Module(*Workspace, int, []float32, int, []float32, int, int) bool { return false }

func blockTiles(tiling, []float32, []float32, int, int, int, []float32, int, bool) bool { return false }

func (a *Attention) overModule(*Span) bool { return false }
