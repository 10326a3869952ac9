package gputrain

import "math"

// params is the uniform of a dispatch; shaders/shared.wgsl says what the fields are.
type params struct {
	rows, cols, inner, a, b, c, share, window int
	heads, kvHeads, shardRows, step           int
	eps, rate, decay, clip                    float64
	beta1, beta2, correct1, correct2          float64
	mean, scale, distil                       float64
	begins                                    bool
}

func (p *params) pack(dst []uint32) {
	for i, v := range []int{p.rows, p.cols, p.inner, p.a, p.b, p.c, p.share, p.window, p.heads, p.kvHeads, p.shardRows, p.step} {
		dst[i] = uint32(v)
	}
	for i, v := range []float64{p.eps, p.rate, p.decay, p.clip, p.beta1, p.beta2, p.correct1, p.correct2, p.mean, p.scale, p.distil} {
		dst[12+i] = math.Float32bits(float32(v))
	}
	dst[23] = 0
	if p.begins {
		dst[23] = 1
	}
}
