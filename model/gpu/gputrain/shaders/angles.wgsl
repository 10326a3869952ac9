// table ← cosine and sine of every row's position times every pair's frequency, times the encoding's
// gain. Frequencies are turns per token, fractions of 64 bits whose product with the position
// overflows exactly where whole turns fall away, as in the forward pass's kernels.
@group(1) @binding(0) var<storage, read> positions: array<u32>;         // (rows)
@group(1) @binding(1) var<storage, read> turns: array<vec4<u32>>;       // (shards, cols): high word, low word, gain
@group(1) @binding(2) var<storage, read_write> table: array<vec2<f32>>; // (rows, cols)

fn angle(position: u32, t: vec4<u32>) -> u32 {
  let p0 = position & 0xffffu;
  let p1 = position >> 16u;
  let l0 = t.y & 0xffffu;
  let l1 = t.y >> 16u;
  let m = p0 * l1;
  let n = p1 * l0;
  let carry = ((p0 * l0) >> 16u) + (m & 0xffffu) + (n & 0xffffu);
  return position * t.x + p1 * l1 + (m >> 16u) + (n >> 16u) + (carry >> 16u);
}

fn cos_sin(turn: u32) -> vec2<f32> {
  let quarter = (turn + 0x20000000u) >> 30u;
  let x = f32(bitcast<i32>(turn - (quarter << 30u))) * 1.4629180792671596e-9;
  let q = x * x;
  let s = x * (1.0 + q * (-1.0 / 6.0 + q * (1.0 / 120.0 + q * (-1.0 / 5040.0 + q / 362880.0))));
  let c = 1.0 + q * (-0.5 + q * (1.0 / 24.0 + q * (-1.0 / 720.0 + q * (1.0 / 40320.0 - q / 3628800.0))));
  if (quarter == 0u) { return vec2<f32>(c, s); }
  if (quarter == 1u) { return vec2<f32>(-s, c); }
  if (quarter == 2u) { return vec2<f32>(-c, -s); }
  return vec2<f32>(s, -c);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= p.rows * p.cols) { return; }
  let row = id.x / p.cols;
  let t = turns[row / p.shard_rows * p.cols + id.x % p.cols];
  table[id.x] = cos_sin(angle(positions[row], t)) * bitcast<f32>(t.z);
}
