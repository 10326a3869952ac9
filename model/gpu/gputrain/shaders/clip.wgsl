// The gradient's norm, what it is multiplied by so that it is at most clip, and whether it is a number.
@group(1) @binding(0) var<storage, read> parts: array<f32>;             // (rows)
@group(1) @binding(1) var<storage, read_write> clipped: array<f32>;     // norm, factor, 1 if finite

const THREADS: u32 = 256u;
//#include reduce

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) t: u32) {
  var part = 0.0;
  for (var i = t; i < p.rows; i += THREADS) { part += parts[i]; }
  let norm = sqrt(total(t, part));
  if (t != 0u) { return; }
  clipped[0] = norm;
  clipped[1] = min(1.0, p.clip / max(norm, 1e-30));
  // Comparing a number with itself may be compiled away; its exponent may not.
  clipped[2] = select(1.0, 0.0, (bitcast<u32>(norm) & 0x7f800000u) == 0x7f800000u);
}
