//#if SUBGROUPS
enable subgroups;
//#endif
// y ← (x − mean)/√(variance + ε)·gain + shift, a workgroup a row. The mean is subtracted before squares are summed, as x may lie far from 0; that
// takes the row twice, so this is no part of the product that follows, as RMSNorm is.
@group(1) @binding(0) var<storage, read> x: array<vec4<f32>>;           // (rows, inputs/4)
@group(1) @binding(1) var<storage, read> gain: array<vec4<f32>>;        // (inputs/4)
@group(1) @binding(2) var<storage, read> shift: array<vec4<f32>>;       // (inputs/4)
@group(1) @binding(3) var<storage, read_write> y: array<vec4<f32>>;     // (rows, inputs/4)
@group(1) @binding(4) var<uniform> shape: Shape;

//#include shape

const THREADS: u32 = 128u;
//#include reduce

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let k4 = shape.inputs / 4u;
  let row = (params.row + group.x) * k4;
  var part = 0.0;
  for (var k = t; k < k4; k += THREADS) { part += dot(x[row + k], vec4<f32>(1.0)); }
  let mean = total(t, part) / f32(shape.inputs);
  part = 0.0;
  for (var k = t; k < k4; k += THREADS) {
    let v = x[row + k] - mean;
    part += dot(v, v);
  }
  let factor = inverseSqrt(total(t, part) / f32(shape.inputs) + shape.eps);
  for (var k = t; k < k4; k += THREADS) { y[row + k] = (x[row + k] - mean) * factor * gain[k] + shift[k]; }
}
