//#if SUBGROUPS
enable subgroups;
//#endif
// matmul for a single row: LANES invocations share an output, ROWS outputs a
// workgroup. Every output's lanes pass over the whole of x, so the norm costs no
// reading of its own.
@group(1) @binding(0) var<storage, read> x: array<vec4<f32>>;           // (rows, inputs/4)
@group(1) @binding(1) var<storage, read_write> y: array<f32>;           // (pitch)
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

const LANES: u32 = 16u;

// Of each lane: its share of the output, of the second half's, of the sum of squares.
var<workgroup> parts: array<vec4<f32>, LANES * ROWS>;

//#if INT8
fn weight(row: u32, k: u32) -> vec4<f32> { return unpack(w[row * (shape.inputs / 4u) + k]); }
fn scaled(row: u32, v: f32) -> f32 { return v * scale[row]; }
//#else
fn weight(row: u32, k: u32) -> vec4<f32> { return w[row * (shape.inputs / 4u) + k]; }
fn scaled(row: u32, v: f32) -> f32 { return v; }
//#endif
//#if BIAS
fn biased(row: u32, v: f32) -> f32 { return v + bias[row]; }
//#else
fn biased(row: u32, v: f32) -> f32 { return v; }
//#endif

@compute @workgroup_size(LANES * ROWS)
fn main(
//#if SUBGROUPS
  @builtin(subgroup_size) size: u32,
//#endif
  @builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let k4 = shape.inputs / 4u;
  let lane = t % LANES;
  let out = group.x * ROWS + t / LANES;
  let row = min(out, shape.outputs - 1u);
  var sum = vec4<f32>();
  for (var k = lane; k < k4; k += LANES) {
    var v = x[params.row * k4 + k];
//#if NORM
    sum.z += dot(v, v);
    v *= gain[k];
//#endif
    sum.x += dot(v, weight(row, k));
//#if GATED
    sum.y += dot(v, weight(shape.outputs + row, k));
//#endif
  }
//#if SUBGROUPS
  for (var half = min(LANES, size) / 2u; half > 0u; half /= 2u) { sum += subgroupShuffleXor(sum, half); }
  if (size < LANES) {
    parts[t] = sum;
    workgroupBarrier();
    for (var i = size; i < LANES; i += size) { sum += parts[t - lane + i]; }
  }
//#else
  parts[t] = sum;
  workgroupBarrier();
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    if (lane < half) { parts[t] += parts[t + half]; }
    workgroupBarrier();
  }
  sum = parts[t];
//#endif
  if (lane != 0u || out >= shape.outputs) { return; }
  var factor = 1.0;
//#if NORM
  factor = inverseSqrt(sum.z / f32(shape.inputs) + shape.eps);
//#endif
  var v = biased(out, scaled(out, sum.x * factor));
//#if ACTIVATED
  v = activated(v);
//#endif
//#if GATED
  v *= biased(shape.outputs + out, scaled(shape.outputs + out, sum.y * factor));
//#endif
//#if ADD
  y[shape.first + out] += v;
//#else
  y[shape.first + out] = v;
//#endif
}
