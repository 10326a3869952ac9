// The attention of QUERIES queries of one head, computed a second time, against
// the log-sum-exp that attend found, and reduced along the keys: the largest weight and
// the sum under each column of a map, the sum in each bin of distances.
@group(1) @binding(0) var<storage, read> near: array<vec4<f32>>;        // (heads, block, HEAD/4)
@group(1) @binding(1) var<storage, read> far: array<vec4<f32>>;         // (heads, block, HEAD/4)
@group(1) @binding(2) var<storage, read> keys: array<vec4<f32>>;        // (kv heads, capacity, HEAD/4)
@group(1) @binding(3) var<storage, read> lse: array<f32>;               // (heads, block)
@group(1) @binding(4) var<storage, read> edges: array<u32>;             // (bins) first distance of each
@group(1) @binding(5) var<storage, read_write> peaks: array<f32>;       // (heads, block, cols)
@group(1) @binding(6) var<storage, read_write> sums: array<f32>;        // (heads, block, cols)
@group(1) @binding(7) var<storage, read_write> mass: array<f32>;        // (heads, block, bins)

const D4: u32 = HEAD / 4u;
const QUERIES: u32 = 4u;
const THREADS: u32 = QUERIES * MOST_BINS;
const CHUNK: u32 = 256u;

var<workgroup> qs: array<vec4<f32>, QUERIES * D4>;
var<workgroup> weights: array<f32, QUERIES * CHUNK>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let head = now.head + group.y;
  let first = group.x * QUERIES;
  let count = min(QUERIES, now.n - first);
  for (var i = t; i < QUERIES * D4; i += THREADS) {
    qs[i] = near[(head * now.block + min(first + i / D4, now.n - 1u)) * D4 + i % D4];
  }
  for (var q = 0u; q < count; q++) {
    let at = group.y * now.block + first + q;
    for (var c = t; c < now.cols; c += THREADS) {
      peaks[at * now.cols + c] = 0.0;
      sums[at * now.cols + c] = 0.0;
    }
    if (t < now.bins) { mass[at * now.bins + t] = 0.0; }
  }
  // What one invocation has zeroed another one adds to.
  storageBarrier();
  workgroupBarrier();
  let cache = head / (now.heads / now.kv_heads) * now.capacity;
  let end = now.start + first + count;
  for (var lo = 0u; lo < end; lo += CHUNK) {
    let to = min(lo + CHUNK, end);
    for (var j = lo + t; j < to; j += THREADS) {
      var scores = vec4<f32>();
      for (var c = 0u; c < D4; c++) {
        let k = keys[(cache + j) * D4 + c];
        scores += vec4<f32>(dot(qs[c], k), dot(qs[D4 + c], k), dot(qs[2u * D4 + c], k), dot(qs[3u * D4 + c], k));
      }
      for (var q = 0u; q < count; q++) {
        let position = now.start + first + q;
        var score = scores[q];
        if (j <= position && position - j >= encoding.shift) {
          score = 0.0;
          for (var c = 0u; c < D4; c++) { score += dot(far[(head * now.block + first + q) * D4 + c], keys[(cache + j) * D4 + c]); }
        }
        var w = 0.0;
        if (j <= position) { w = exp(score - lse[head * now.block + first + q]); }
        weights[q * CHUNK + j - lo] = w;
      }
    }
    workgroupBarrier();
    // Column c always falls to the same invocation, also when a chunk ends inside it.
    let low = lo * now.cols / now.key_to;
    let high = (to - 1u) * now.cols / now.key_to;
    for (var c = low + (t + THREADS - low % THREADS) % THREADS; c <= high; c += THREADS) {
      let a = max(lo, (c * now.key_to + now.cols - 1u) / now.cols);
      let b = min(to, ((c + 1u) * now.key_to + now.cols - 1u) / now.cols);
      for (var q = 0u; q < count; q++) {
        var peak = 0.0;
        var sum = 0.0;
        for (var j = a; j < b; j++) {
          let w = weights[q * CHUNK + j - lo];
          peak = max(peak, w);
          sum += w;
        }
        let at = (group.y * now.block + first + q) * now.cols + c;
        peaks[at] = max(peaks[at], peak);
        sums[at] += sum;
      }
    }
    // So does a bin of a query.
    let q = t / MOST_BINS;
    let b = t % MOST_BINS;
    if (q < count && b < now.bins) {
      // Keys at distances [edge, next edge) from the query.
      let after = i32(now.start + first + q) + 1;
      let stop = min(i32(to), after - i32(edges[b]));
      var begin = i32(lo);
      if (b + 1u < now.bins) { begin = max(begin, after - i32(edges[b + 1u])); }
      var sum = 0.0;
      for (var j = begin; j < stop; j++) { sum += weights[q * CHUNK + u32(j) - lo]; }
      mass[(group.y * now.block + first + q) * now.bins + b] += sum;
    }
    workgroupBarrier();
  }
}
