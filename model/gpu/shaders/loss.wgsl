// −ln p of the token that came after each row of logits.
@group(1) @binding(0) var<storage, read> tokens: array<u32>;            // (text)
@group(1) @binding(1) var<storage, read> logits: array<f32>;            // (rows, vocab)
@group(1) @binding(2) var<storage, read_write> nats: array<f32>;        // (text) by position of the token

const THREADS: u32 = 128u;
var<workgroup> reduced: array<f32, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let row = group.x * now.vocab;
  var peak = FLOOR;
  for (var i = t; i < now.vocab; i += THREADS) { peak = max(peak, logits[row + i]); }
  reduced[t] = peak;
  workgroupBarrier();
  for (var half = THREADS / 2u; half > 0u; half /= 2u) {
    if (t < half) { reduced[t] = max(reduced[t], reduced[t + half]); }
    workgroupBarrier();
  }
  let top = reduced[0];
  workgroupBarrier();
  var mass = 0.0;
  for (var i = t; i < now.vocab; i += THREADS) { mass += exp(logits[row + i] - top); }
  reduced[t] = mass;
  workgroupBarrier();
  for (var half = THREADS / 2u; half > 0u; half /= 2u) {
    if (t < half) { reduced[t] += reduced[t + half]; }
    workgroupBarrier();
  }
  if (t == 0u) {
    let next = now.start + now.row + group.x + 1u;
    nats[next] = top + log(reduced[0]) - logits[row + min(tokens[next], now.vocab - 1u)];
  }
}
