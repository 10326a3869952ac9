//go:build !(goexperiment.simd && wasm)

package kernel

// Only a browser's engine has the kernel module.

func (p *Packed) blockModule(*Workspace, int, []float32, int, []float32, int) bool { return false }

func (p *Packed) vectorModule([]float32, []float32, int) bool { return false }

func (p *Packed) int8Module(*Workspace, int, []float32, int, []float32, int, int) bool { return false }

func gemmModule(*Workspace, tiling, bool, bool, int, int, int, []float32, int, []float32, int, bool, []float32, int) (m, n int) {
	return 0, 0
}

func (a *Attention) overModule(*Span, int, int) bool { return false }
