// Adds the rows of dx to the embedding's gradient, a workgroup a token of the vocabulary: its
// rows stand in order from starts[token] on, so that the sum is the same each time.
@group(1) @binding(0) var<storage, read> starts: array<u32>;            // (vocab + 1)
@group(1) @binding(1) var<storage, read> order: array<u32>;             // (rows)
@group(1) @binding(2) var<storage, read> dx: array<vec4<f32>>;          // (rows, cols/4)
@group(1) @binding(3) var<storage, read_write> gradient: array<vec4<f32>>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let width = p.cols / 4u;
  let start = starts[group.x];
  let to = starts[group.x + 1u];
  if (start == to) { return; }
  for (var c = t; c < width; c += 64u) {
    let at = p.c + group.x * width + c;
    var sum = gradient[at];
    for (var i = start; i < to; i++) { sum += dx[order[i] * width + c]; }
    gradient[at] = sum;
  }
}
