//#if SUBGROUPS
enable subgroups;
//#endif
// −ln p of the token that came after each row of logits.
@group(1) @binding(0) var<storage, read> tokens: array<u32>;            // (text)
@group(1) @binding(1) var<storage, read> logits: array<f32>;            // (rows, vocab)
@group(1) @binding(2) var<storage, read_write> nats: array<f32>;        // (text) by position of the token

const THREADS: u32 = 128u;
//#include reduce

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let row = group.x * params.vocab;
  var peak = FLOOR;
  for (var i = t; i < params.vocab; i += THREADS) { peak = max(peak, logits[row + i]); }
  let top = highest(t, peak);
  var part = 0.0;
  for (var i = t; i < params.vocab; i += THREADS) { part += exp(logits[row + i] - top); }
  let mass = total(t, part);
  if (t == 0u) {
    let next = params.start + params.row + group.x + 1u;
    nats[next] = top + log(mass) - logits[row + min(tokens[next], params.vocab - 1u)];
  }
}
