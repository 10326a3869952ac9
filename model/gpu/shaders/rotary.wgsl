// The angle at a position of a pair that turns by t per token, a 64-bit fraction: x the high
// word, y the low. In units of 2^-32 turn. Whole turns fall away in the overflow, so no
// position is too far to be exact.
fn angle(position: u32, t: vec4<u32>) -> u32 {
  let p0 = position & 0xffffu;
  let p1 = position >> 16u;
  let l0 = t.y & 0xffffu;
  let l1 = t.y >> 16u;
  let a = p0 * l1;
  let b = p1 * l0;
  let carry = ((p0 * l0) >> 16u) + (a & 0xffffu) + (b & 0xffffu);
  return position * t.x + p1 * l1 + (a >> 16u) + (b >> 16u) + (carry >> 16u);
}

// Cosine and sine, by Taylor series within an eighth of a turn: WGSL promises
// only 11 bits of its own.
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
