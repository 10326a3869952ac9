// Turns the gradient of silu(gate)·up into that of [gate | up].
@group(1) @binding(0) var<storage, read> gate_up: array<vec4<f32>>;     // (rows, 2·cols/4)
@group(1) @binding(1) var<storage, read> dhidden: array<vec4<f32>>;     // (rows, cols/4)
@group(1) @binding(2) var<storage, read_write> dgate_up: array<vec4<f32>>; // (rows, 2·cols/4)

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let item = id.x + id.y * groups.x * 256u;
  let width = p.cols / 4u;
  if (item >= p.rows * width) { return; }
  let at = item / width * 2u * width + item % width;
  let g = gate_up[at];
  let s = 1.0 / (1.0 + exp(-g));
  let d = dhidden[item];
  dgate_up[at] = d * gate_up[at + width] * s * (1.0 + g * (1.0 - s));
  dgate_up[at + width] = d * g * s;
}
