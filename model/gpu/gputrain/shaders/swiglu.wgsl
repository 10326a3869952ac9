// hidden ← silu(gate)·up of rows of [gate | up].
@group(1) @binding(0) var<storage, read> gate_up: array<vec4<f32>>;     // (rows, 2·cols/4)
@group(1) @binding(1) var<storage, read_write> hidden: array<vec4<f32>>; // (rows, cols/4)

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let width = p.cols / 4u;
  if (id.x >= p.rows * width) { return; }
  let at = id.x / width * 2u * width + id.x % width;
  let g = gate_up[at];
  hidden[id.x] = g / (1.0 + exp(-g)) * gate_up[at + width];
}
