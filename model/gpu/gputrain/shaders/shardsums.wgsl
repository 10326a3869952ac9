// Sums up each shard's rows, a workgroup a shard: its loss, the loss of its answers, the gradient of its frequencies.
@group(1) @binding(0) var<storage, read> nll: array<vec2<f32>>;         // (rows)
@group(1) @binding(1) var<storage, read> answers: array<f32>;           // (rows): 1 where the target is an answer
@group(1) @binding(2) var<storage, read> frequency: array<f32>;         // (rows, HEAD/2)
@group(1) @binding(3) var<storage, read_write> sums: array<f32>;        // (shards, 2 + HEAD/2)

const THREADS: u32 = 256u;
//#include reduce

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let pairs = HEAD / 2u;
  let start = group.x * p.shard_rows;
  var loss = 0.0;
  var answer = 0.0;
  for (var r = start + t; r < start + p.shard_rows; r += THREADS) {
    loss += nll[r].y;
    answer += nll[r].x * answers[r];
  }
  let whole = total(t, loss);
  let of_answers = total(t, answer);
  let at = group.x * (2u + pairs);
  if (t == 0u) {
    sums[at] = whole;
    sums[at + 1u] = of_answers;
  }
  for (var i = 0u; i < pairs; i++) {
    var part = 0.0;
    for (var r = start + t; r < start + p.shard_rows; r += THREADS) { part += frequency[r * pairs + i]; }
    let sum = total(t, part);
    if (t == 0u) { sums[at + 2u + i] = sum; }
  }
}
