// table ← cosine and sine of every row's position times every pair's frequency, times the encoding's
// gain.
@group(1) @binding(0) var<storage, read> positions: array<u32>;         // (rows)
@group(1) @binding(1) var<storage, read> turns: array<vec4<u32>>;       // (shards, cols): high word, low word, gain
@group(1) @binding(2) var<storage, read_write> table: array<vec2<f32>>; // (rows, cols)

//#include rotary

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let item = id.x + id.y * groups.x * 64u;
  if (item >= p.rows * p.cols) { return; }
  let row = item / p.cols;
  let t = turns[row / p.shard_rows * p.cols + item % p.cols];
  table[item] = cos_sin(angle(positions[row], t)) * bitcast<f32>(t.z);
}
