// gradient += the sum of parts, which lie one after the other: cols vectors each, rows of them.
@group(1) @binding(0) var<storage, read> parts: array<vec4<f32>>;
@group(1) @binding(1) var<storage, read_write> gradient: array<vec4<f32>>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let item = id.x + id.y * groups.x * 64u;
  if (item >= p.cols) { return; }
  var sum = gradient[p.c + item];
  for (var s = 0u; s < p.rows; s++) { sum += parts[s * p.cols + item]; }
  gradient[p.c + item] = sum;
}
