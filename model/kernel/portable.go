//go:build !goexperiment.simd || !(amd64 || wasm)

package kernel

// vectorised says whether this build has vector kernels; without them the
// functions below are never called.
const vectorised = false

func currentTiling() tiling { return scalarTiling }

func dotVec(x, y []float32) float32                 { return DotScalar(x, y) }
func scaleVec(a float32, x []float32)               { ScaleScalar(a, x) }
func addVec(dst, x, y []float32)                    { AddScalar(dst, x, y) }
func mulVec(dst, x, y []float32)                    { MulScalar(dst, x, y) }
func maxVec(x []float32) float32                    { return MaxScalar(x) }
func maxWithVec(dst, x []float32)                   { MaxWithScalar(dst, x) }
func sumFromVec(x []float32, least float32) float32 { return 0 }
func expVecs(dst, x []float32)                      { ExpScalar(dst, x) }
func expSumVec(x []float32, m float32) float32      { return expSumScalar(x, m) }
func expScaledVec(dst, x []float32, m, scale float32) float32 {
	return ExpSumScalar(dst, x, m, scale)
}
func softmaxBackwardVec(grad, prob []float32, scale, dot float32) {}

func siluVec(dst, x []float32)           { SiLUScalar(dst, x) }
func siluMulVec(dst, gate, up []float32) { SiLUMulScalar(dst, gate, up) }
func siluMulBackwardVec(dGate, dUp, dy, gate, up []float32) {
	SiLUMulBackwardScalar(dGate, dUp, dy, gate, up)
}
func geluVec(dst, x []float32)                                     { GELUScalar(dst, x) }
func geluTanhVec(dst, x []float32)                                 { GELUTanhScalar(dst, x) }
func rmsVec(dst, x, gain []float32, inv float32)                   { rmsScalar(dst, x, gain, inv) }
func rmsBackwardVec(dx, dGain, dy, x, gain []float32, inv float32) {}
func layerNormVec(dst, x, gain, bias []float32, eps float32) (mean, inv float32) {
	return LayerNormScalar(dst, x, gain, bias, eps)
}
func rotaryVec(dstLo, dstHi, lo, hi, cos, sin []float32) {}
func adamwVec(s AdamWStep, w, m, v, g []float32)         {}

const (
	singleThread = false
	lanes        = 1
)

func (p *Packed) vectorFloat(y, x []float32, p0 int) { p.vectorScalar(y, x, p0) }

func peakBitsVec(x []float32) int32                      { return peakBitsScalar(x) }
func roundVec(dst []int16, x []float32, inverse float32) { roundScalar(dst, x, inverse) }

func weighVec(w, scale []float32) float32 { return 0 }

func tilingOf(int) tiling { return scalarTiling }

func widenVec(dst []float32, w []int16, scale float32) {}
