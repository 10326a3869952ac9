// y ← x·Wᵀ for a block of rows, with what stands around it in a transformer:
// RMSNorm of x before (NORM), SiLU(x·Gᵀ)·(x·Uᵀ) of two halves of W (GATED), bias
// (BIAS), addition to what y holds (ADD). A workgroup computes TILE×TILE outputs,
// each of its TILE/4 × TILE/4 invocations 4×4 of them in registers. The factor of
// the norm is one number a row, so it is found along the way and multiplied last.
@group(1) @binding(0) var<storage, read> x: array<vec4<f32>>;           // (rows, INPUTS/4)
@group(1) @binding(1) var<storage, read_write> y: array<f32>;           // (rows, OUTPUTS)
//#if INT8
@group(1) @binding(2) var<storage, read> w: array<u32>;                 // (OUTPUTS, INPUTS/4) or twice that, gate before up
@group(1) @binding(3) var<storage, read> scale: array<f32>;             // (OUTPUTS) or twice that
//#else
@group(1) @binding(2) var<storage, read> w: array<vec4<f32>>;           // (OUTPUTS, INPUTS/4) or twice that, gate before up
//#endif
//#if NORM
@group(1) @binding(4) var<storage, read> gain: array<vec4<f32>>;        // (INPUTS/4)
//#endif
//#if BIAS
@group(1) @binding(5) var<storage, read> bias: array<f32>;              // (OUTPUTS) or twice that
//#endif

const K4: u32 = INPUTS / 4u;
const DEPTH: u32 = 8u;                 // of a tile, in vectors of four
const PITCH: u32 = DEPTH + 1u;         // one more, so that rows start in different banks
const SIDE: u32 = TILE / 4u;

var<workgroup> xs: array<vec4<f32>, TILE * PITCH>;
var<workgroup> ws: array<vec4<f32>, TILE * PITCH>;
//#if GATED
var<workgroup> us: array<vec4<f32>, TILE * PITCH>;
//#endif
//#if NORM
var<workgroup> squares: array<f32, TILE>;
//#endif

//#if INT8
fn weight(row: u32, k: u32) -> vec4<f32> { return unpack(w[row * K4 + k]); }
fn scaled(row: u32, v: f32) -> f32 { return v * scale[row]; }
//#else
fn weight(row: u32, k: u32) -> vec4<f32> { return w[row * K4 + k]; }
fn scaled(row: u32, v: f32) -> f32 { return v; }
//#endif
//#if BIAS
fn biased(row: u32, v: f32) -> f32 { return v + bias[row]; }
//#else
fn biased(row: u32, v: f32) -> f32 { return v; }
//#endif

@compute @workgroup_size(SIDE * SIDE)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let first_row = group.y * TILE;
  let first_out = group.x * TILE;
  let tx = t % SIDE;
  let ty = t / SIDE;
  var sums: array<array<f32, 4>, 4>;
//#if GATED
  var ups: array<array<f32, 4>, 4>;
//#endif
//#if NORM
  var square = 0.0;
//#endif
  for (var k = 0u; k < K4; k += DEPTH) {
    for (var i = t; i < TILE * DEPTH; i += SIDE * SIDE) {
      let r = i / DEPTH;
      let c = k + i % DEPTH;
      var xv = vec4<f32>();
      if (first_row + r < now.n && c < K4) { xv = x[(now.row + first_row + r) * K4 + c]; }
      xs[r * PITCH + i % DEPTH] = xv;
      var wv = vec4<f32>();
      if (first_out + r < OUTPUTS && c < K4) { wv = weight(first_out + r, c); }
      ws[r * PITCH + i % DEPTH] = wv;
//#if GATED
      var uv = vec4<f32>();
      if (first_out + r < OUTPUTS && c < K4) { uv = weight(OUTPUTS + first_out + r, c); }
      us[r * PITCH + i % DEPTH] = uv;
//#endif
    }
    workgroupBarrier();
//#if NORM
    if (t < TILE) {
      for (var c = 0u; c < DEPTH; c++) {
        let v = xs[t * PITCH + c];
        square += dot(v, v);
      }
    }
    workgroupBarrier();
    for (var i = t; i < TILE * DEPTH; i += SIDE * SIDE) {
      let c = min(k + i % DEPTH, K4 - 1u);
      xs[i / DEPTH * PITCH + i % DEPTH] *= gain[c];
    }
    workgroupBarrier();
//#endif
    for (var c = 0u; c < DEPTH; c++) {
      var b: array<vec4<f32>, 4>;
//#if GATED
      var u: array<vec4<f32>, 4>;
//#endif
      for (var j = 0u; j < 4u; j++) {
        b[j] = ws[(tx + j * SIDE) * PITCH + c];
//#if GATED
        u[j] = us[(tx + j * SIDE) * PITCH + c];
//#endif
      }
      for (var i = 0u; i < 4u; i++) {
        let a = xs[(ty + i * SIDE) * PITCH + c];
        for (var j = 0u; j < 4u; j++) {
          sums[i][j] += dot(a, b[j]);
//#if GATED
          ups[i][j] += dot(a, u[j]);
//#endif
        }
      }
    }
    workgroupBarrier();
  }
//#if NORM
  if (t < TILE) { squares[t] = inverseSqrt(square / f32(INPUTS) + EPS); }
  workgroupBarrier();
//#endif
  for (var i = 0u; i < 4u; i++) {
    let row = ty + i * SIDE;
    if (first_row + row >= now.n) { continue; }
    var factor = 1.0;
//#if NORM
    factor = squares[row];
//#endif
    for (var j = 0u; j < 4u; j++) {
      let out = first_out + tx + j * SIDE;
      if (out >= OUTPUTS) { continue; }
      let at = (first_row + row) * OUTPUTS + out;
      var v = biased(out, scaled(out, sums[i][j] * factor));
//#if GATED
      v = v / (1.0 + exp(-v)) * biased(OUTPUTS + out, scaled(OUTPUTS + out, ups[i][j] * factor));
//#endif
//#if ADD
      y[at] += v;
//#else
      y[at] = v;
//#endif
    }
  }
}
