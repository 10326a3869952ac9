//#if INT8 F16
enable f16;
//#endif
// y ← x·Wᵀ for a block of rows, or the columns of y that a piece of W's rows makes, with what stands around it in a transformer:
// RMSNorm of x before (NORM), bias (BIAS), a nonlinearity (ACTIVATED and its name), f(x·Gᵀ)·(x·Uᵀ) of two
// halves of W (GATED), addition to what y holds (ADD). A workgroup computes TILE×TILE outputs,
// each of its TILE/4 × TILE/4 invocations 4×4 of them in registers. The factor of
// the norm is one number a row, so it is found along the way and multiplied last.
// With F16 tiles of int8 weights take half the room; a 16-bit float holds every int8 exactly,
// and all is multiplied and added in 32 bits, so nothing is rounded that was not before.
@group(1) @binding(0) var<storage, read> x: array<vec4<f32>>;           // (rows, inputs/4)
@group(1) @binding(1) var<storage, read_write> y: array<f32>;           // (rows, pitch)
//#if INT8
@group(1) @binding(2) var<storage, read> w: array<u32>;                 // (outputs, inputs/4) or twice that, gate before up
@group(1) @binding(3) var<storage, read> scale: array<f32>;             // (outputs) or twice that
//#else
@group(1) @binding(2) var<storage, read> w: array<vec4<f32>>;           // (outputs, inputs/4) or twice that, gate before up
//#endif
//#if NORM
@group(1) @binding(4) var<storage, read> gain: array<vec4<f32>>;        // (inputs/4)
//#endif
//#if BIAS
@group(1) @binding(5) var<storage, read> bias: array<f32>;              // (outputs) or twice that
//#endif
@group(1) @binding(6) var<uniform> shape: Shape;

//#include shape
//#include activation

const DEPTH: u32 = 8u;                 // of a tile, in vectors of four
const PITCH: u32 = DEPTH + 1u;         // one more, so that rows start in different banks
const SIDE: u32 = TILE / 4u;

var<workgroup> xs: array<vec4<f32>, TILE * PITCH>;
//#if INT8 F16
alias Held = vec4<f16>;
//#else
alias Held = vec4<f32>;
//#endif
var<workgroup> ws: array<Held, TILE * PITCH>;
//#if GATED
var<workgroup> us: array<Held, TILE * PITCH>;
//#endif
//#if NORM
var<workgroup> squares: array<f32, TILE>;
//#endif

//#if INT8
fn weight(row: u32, k: u32) -> Held { return Held(unpack(w[row * (shape.inputs / 4u) + k])); }
fn scaled(row: u32, v: f32) -> f32 { return v * scale[row]; }
//#else
fn weight(row: u32, k: u32) -> Held { return w[row * (shape.inputs / 4u) + k]; }
fn scaled(row: u32, v: f32) -> f32 { return v; }
//#endif
//#if BIAS
fn biased(row: u32, v: f32) -> f32 { return v + bias[row]; }
//#else
fn biased(row: u32, v: f32) -> f32 { return v; }
//#endif

// Output number out of a row: from its sum, the sum of the second half, the factor of its norm.
fn finished(out: u32, sum: f32, up: f32, factor: f32) -> f32 {
  let at = min(out, shape.outputs - 1u);
  var v = biased(at, scaled(at, sum * factor));
//#if ACTIVATED
  v = activated(v);
//#endif
//#if GATED
  v *= biased(shape.outputs + at, scaled(shape.outputs + at, up * factor));
//#endif
  return v;
}

fn finished4(out: u32, sum: vec4<f32>, up: vec4<f32>, factor: f32) -> vec4<f32> {
  return vec4<f32>(finished(out, sum.x, up.x, factor), finished(out + SIDE, sum.y, up.y, factor),
                   finished(out + 2u * SIDE, sum.z, up.z, factor), finished(out + 3u * SIDE, sum.w, up.w, factor));
}

@compute @workgroup_size(SIDE * SIDE)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let k4 = shape.inputs / 4u;
  let first_row = group.y * TILE;
  let first_out = group.x * TILE;
  let tx = t % SIDE;
  let ty = t / SIDE;
  // One vector a row, its components SIDE outputs apart.
  var sum0 = vec4<f32>();
  var sum1 = vec4<f32>();
  var sum2 = vec4<f32>();
  var sum3 = vec4<f32>();
  var up0 = vec4<f32>();
  var up1 = vec4<f32>();
  var up2 = vec4<f32>();
  var up3 = vec4<f32>();
//#if NORM
  var square = 0.0;
//#endif
  for (var k = 0u; k < k4; k += DEPTH) {
    // What lies outside stays as it was; nothing that is kept depends on it.
    for (var i = t; i < TILE * DEPTH; i += SIDE * SIDE) {
      let r = i / DEPTH;
      let c = k + i % DEPTH;
      let at = r * PITCH + i % DEPTH;
      let row = first_row + r;
      let out = first_out + r;
      if (c >= k4) { continue; }
      if (row < params.n) { xs[at] = x[(params.row + row) * k4 + c]; }
      if (out < shape.outputs) { ws[at] = weight(out, c); }
//#if GATED
      if (out < shape.outputs) { us[at] = weight(shape.outputs + out, c); }
//#endif
    }
    workgroupBarrier();
//#if NORM
    if (t < TILE) {
      for (var c = 0u; c < min(DEPTH, k4 - k); c++) {
        let v = xs[t * PITCH + c];
        square += dot(v, v);
        xs[t * PITCH + c] = v * gain[k + c];
      }
    }
    workgroupBarrier();
//#endif
    let depth = min(DEPTH, k4 - k);
    for (var c = 0u; c < depth; c++) {
      let x0 = xs[ty * PITCH + c];
      let x1 = xs[(ty + SIDE) * PITCH + c];
      let x2 = xs[(ty + 2u * SIDE) * PITCH + c];
      let x3 = xs[(ty + 3u * SIDE) * PITCH + c];
      let w = mat4x4<f32>(vec4<f32>(ws[tx * PITCH + c]), vec4<f32>(ws[(tx + SIDE) * PITCH + c]),
                          vec4<f32>(ws[(tx + 2u * SIDE) * PITCH + c]), vec4<f32>(ws[(tx + 3u * SIDE) * PITCH + c]));
      sum0 += x0 * w;
      sum1 += x1 * w;
      sum2 += x2 * w;
      sum3 += x3 * w;
//#if GATED
      let u = mat4x4<f32>(vec4<f32>(us[tx * PITCH + c]), vec4<f32>(us[(tx + SIDE) * PITCH + c]),
                          vec4<f32>(us[(tx + 2u * SIDE) * PITCH + c]), vec4<f32>(us[(tx + 3u * SIDE) * PITCH + c]));
      up0 += x0 * u;
      up1 += x1 * u;
      up2 += x2 * u;
      up3 += x3 * u;
//#endif
    }
    workgroupBarrier();
  }
//#if NORM
  if (t < TILE) { squares[t] = inverseSqrt(square / f32(shape.inputs) + shape.eps); }
  workgroupBarrier();
  let factor = vec4<f32>(squares[ty], squares[ty + SIDE], squares[ty + 2u * SIDE], squares[ty + 3u * SIDE]);
//#else
  let factor = vec4<f32>(1.0);
//#endif
  // The tile goes through shared memory, so that neighbours write to neighbours.
  let out = first_out + tx;
  xs[ty * SIDE + tx] = finished4(out, sum0, up0, factor.x);
  xs[(ty + SIDE) * SIDE + tx] = finished4(out, sum1, up1, factor.y);
  xs[(ty + 2u * SIDE) * SIDE + tx] = finished4(out, sum2, up2, factor.z);
  xs[(ty + 3u * SIDE) * SIDE + tx] = finished4(out, sum3, up3, factor.w);
  workgroupBarrier();
  let last = min(TILE, params.n - first_row) * TILE;
  for (var i = t; i < last; i += SIDE * SIDE) {
    let row = i / TILE;
    let column = i % TILE;
    if (first_out + column >= shape.outputs) { continue; }
    let v = xs[row * SIDE + column % SIDE][column / SIDE];
    let at = (first_row + row) * shape.pitch + shape.first + first_out + column;
//#if ADD
    y[at] += v;
//#else
    y[at] = v;
//#endif
  }
}
