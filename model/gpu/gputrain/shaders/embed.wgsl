// x ← rows of the embedding.
@group(1) @binding(0) var<storage, read> tokens: array<u32>;
@group(1) @binding(1) var<storage, read> weights: array<vec4<f32>>;
@group(1) @binding(2) var<storage, read_write> x: array<vec4<f32>>;     // (rows, cols/4)

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let item = id.x + id.y * groups.x * 64u;
  let width = p.cols / 4u;
  if (item >= p.rows * width) { return; }
  x[item] = weights[p.a + tokens[item / width] * width + item % width];
}
