// The attention of QUERIES queries of one head, computed a second time, against
// the log-sum-exp that attend found, and reduced along the keys: the largest weight and
// the sum under each column of a map, the sum in each bin of distances. Keys are met a
// chunk at a time; runs of them are summed first, as columns and bins of a long text hold many.
@group(1) @binding(0) var<storage, read> near: array<vec4<f32>>;        // (heads, block, HEAD/4)
@group(1) @binding(1) var<storage, read> far: array<vec4<f32>>;         // (heads, block, HEAD/4)
@group(1) @binding(2) var<storage, read> keys: array<vec4<f32>>;        // (kv heads, capacity, HEAD/4)
@group(1) @binding(3) var<storage, read> lse: array<f32>;               // (heads, block)
@group(1) @binding(4) var<storage, read> edges: array<u32>;             // (bins) first distance of each
@group(1) @binding(5) var<storage, read_write> peaks: array<f32>;       // (heads, block, cols)
@group(1) @binding(6) var<storage, read_write> sums: array<f32>;        // (heads, block, cols)
@group(1) @binding(7) var<storage, read_write> mass: array<f32>;        // (heads, block, bins)

const D4: u32 = HEAD / 4u;
const FOURS: u32 = QUERIES / 4u;
const THREADS: u32 = 256u;
const CHUNK: u32 = 256u;
const PITCH: u32 = CHUNK + 1u;         // one more, so that queries start in different banks
const RUN: u32 = 16u;
const RUNS: u32 = CHUNK / RUN;

var<workgroup> qs: array<vec4<f32>, QUERIES * D4>;
var<workgroup> weights: array<f32, QUERIES * PITCH>;
var<workgroup> runs: array<vec2<f32>, QUERIES * RUNS>; // largest, sum

// The largest weight of a query and their sum over keys [a, b) of the chunk.
fn over(query: u32, a: u32, b: u32) -> vec2<f32> {
  var peak = 0.0;
  var sum = 0.0;
  for (var j = a; j < b;) {
    if (j % RUN == 0u && j + RUN <= b) {
      let r = runs[query * RUNS + j / RUN];
      peak = max(peak, r.x);
      sum += r.y;
      j += RUN;
    } else {
      let w = weights[query * PITCH + j];
      peak = max(peak, w);
      sum += w;
      j++;
    }
  }
  return vec2<f32>(peak, sum);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let head = params.head + group.y;
  let first = group.x * QUERIES;
  let count = min(QUERIES, params.n - first);
  for (var i = t; i < QUERIES * D4; i += THREADS) {
    qs[i] = near[(head * params.block + min(first + i / D4, params.n - 1u)) * D4 + i % D4];
  }
  for (var q = 0u; q < count; q++) {
    let at = group.y * params.block + first + q;
    for (var c = t; c < params.cols; c += THREADS) {
      peaks[at * params.cols + c] = 0.0;
      sums[at * params.cols + c] = 0.0;
    }
    if (t < params.bins) { mass[at * params.bins + t] = 0.0; }
  }
  // What one invocation has zeroed another one adds to.
  storageBarrier();
  workgroupBarrier();
  let cache = head / (params.heads / params.kv_heads) * params.capacity;
  let end = params.start + first + count;
  for (var lo = 0u; lo < end; lo += CHUNK) {
    let to = min(lo + CHUNK, end);
    for (var j = lo + t; j < to; j += THREADS) {
      // Said in full, as some compilers zero what is declared in a loop only once.
      var scores = array<vec4<f32>, FOURS>();
      for (var c = 0u; c < D4; c++) {
        let k = keys[(cache + j) * D4 + c];
        for (var f = 0u; f < FOURS; f++) {
          let q = 4u * f * D4 + c;
          scores[f] += vec4<f32>(dot(qs[q], k), dot(qs[q + D4], k), dot(qs[q + 2u * D4], k), dot(qs[q + 3u * D4], k));
        }
      }
      for (var q = 0u; q < count; q++) {
        let position = params.start + first + q;
        var score = scores[q / 4u][q % 4u];
        if (j <= position && position - j >= encoding.shift) {
          score = 0.0;
          for (var c = 0u; c < D4; c++) { score += dot(far[(head * params.block + first + q) * D4 + c], keys[(cache + j) * D4 + c]); }
        }
        var w = 0.0;
        if (j <= position) { w = exp(score - lse[head * params.block + first + q]); }
        weights[q * PITCH + j - lo] = w;
      }
    }
    workgroupBarrier();
    for (var i = t; i < QUERIES * RUNS; i += THREADS) {
      let at = i / RUNS * PITCH + i % RUNS * RUN;
      var r = vec2<f32>();
      for (var k = 0u; k < RUN; k++) {
        let w = weights[at + (k + i) % RUN]; // each begins elsewhere, in another bank
        r = vec2<f32>(max(r.x, w), r.y + w);
      }
      runs[i] = r;
    }
    workgroupBarrier();
    // A query's column always falls to the same invocation, also when a chunk ends inside it.
    let low = lo * params.cols / params.key_to * QUERIES;
    let high = ((to - 1u) * params.cols / params.key_to + 1u) * QUERIES;
    for (var i = low + (t + THREADS - low % THREADS) % THREADS; i < high; i += THREADS) {
      let q = i % QUERIES;
      let c = i / QUERIES;
      if (q >= count) { continue; }
      let a = max(lo, (c * params.key_to + params.cols - 1u) / params.cols);
      let b = min(to, ((c + 1u) * params.key_to + params.cols - 1u) / params.cols);
      let r = over(q, a - lo, b - lo);
      let at = (group.y * params.block + first + q) * params.cols + c;
      peaks[at] = max(peaks[at], r.x);
      sums[at] += r.y;
    }
    // So does a bin.
    for (var i = t; i < QUERIES * MOST_BINS; i += THREADS) {
      let q = i / MOST_BINS;
      let b = i % MOST_BINS;
      if (q >= count || b >= params.bins) { continue; }
      // Keys at distances [edge, next edge) from the query.
      let after = i32(params.start + first + q) + 1;
      let stop = min(i32(to), after - i32(edges[b]));
      var begin = i32(lo);
      if (b + 1u < params.bins) { begin = max(begin, after - i32(edges[b + 1u])); }
      if (begin >= stop) { continue; }
      mass[(group.y * params.block + first + q) * params.bins + b] += over(q, u32(begin) - lo, u32(stop) - lo).y;
    }
    workgroupBarrier();
  }
}
