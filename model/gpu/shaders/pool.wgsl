// Adds what look found of a block's queries to the pixels of the maps.
@group(1) @binding(0) var<storage, read> peaks: array<f32>;             // (heads, block, cols)
@group(1) @binding(1) var<storage, read> sums: array<f32>;              // (heads, block, cols)
@group(1) @binding(2) var<storage, read_write> pixels: array<vec2<f32>>; // (layers·heads, rows, cols) largest, sum

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= now.cols) { return; }
  let queries = now.key_to - now.query_from;
  let begin = now.start - now.query_from;    // of the block, in the read
  let row = begin * now.rows / queries + id.y;
  if (row >= now.rows) { return; }
  let lo = max((row * queries + now.rows - 1u) / now.rows, begin);
  let to = min(((row + 1u) * queries + now.rows - 1u) / now.rows, begin + now.n);
  let at = now.cell + (id.z * now.rows + row) * now.cols + id.x;
  var pixel = pixels[at];
  for (var q = lo; q < to; q++) {
    let i = (id.z * now.block + q - begin) * now.cols + id.x;
    pixel = vec2<f32>(max(pixel.x, peaks[i]), pixel.y + sums[i]);
  }
  pixels[at] = pixel;
}
