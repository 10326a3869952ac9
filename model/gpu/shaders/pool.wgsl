// Adds what attentionmap found of a block's queries to the cells of the maps.
@group(1) @binding(0) var<storage, read> peaks: array<f32>;             // (heads, block, cols)
@group(1) @binding(1) var<storage, read> sums: array<f32>;              // (heads, block, cols)
@group(1) @binding(2) var<storage, read_write> cells: array<vec2<f32>>; // (layers·heads, rows, cols) largest, sum

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= params.cols) { return; }
  let queries = params.key_to - params.query_from;
  let begin = params.start - params.query_from;    // of the block, in the read
  let row = begin * params.rows / queries + id.y;
  if (row >= params.rows) { return; }
  let lo = max((row * queries + params.rows - 1u) / params.rows, begin);
  let to = min(((row + 1u) * queries + params.rows - 1u) / params.rows, begin + params.n);
  let at = params.cell + (id.z * params.rows + row) * params.cols + id.x;
  var cell = cells[at];
  for (var q = lo; q < to; q++) {
    let i = (id.z * params.block + q - begin) * params.cols + id.x;
    cell = vec2<f32>(max(cell.x, peaks[i]), cell.y + sums[i]);
  }
  cells[at] = cell;
}
