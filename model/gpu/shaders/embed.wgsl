// x ← E[token], for the tokens of a block that lie in the text and whose rows are in this piece of E.
@group(1) @binding(0) var<storage, read> tokens: array<u32>;            // (text)
//#if INT8
@group(1) @binding(1) var<storage, read> table: array<u32>;             // (outputs, width/4) four int8 a word
@group(1) @binding(2) var<storage, read> scale: array<f32>;             // (outputs)
@group(1) @binding(3) var<storage, read_write> x: array<vec4<f32>>;     // (block, width/4)
//#else
@group(1) @binding(1) var<storage, read> table: array<vec4<f32>>;       // (outputs, width/4)
@group(1) @binding(2) var<storage, read_write> x: array<vec4<f32>>;     // (block, width/4)
//#endif
@group(1) @binding(4) var<uniform> shape: Shape;

//#include shape

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let at = id.x;
  if (at >= params.n * (params.dim / 4u)) { return; }
  let row = min(tokens[params.start + at / (params.dim / 4u)], params.vocab - 1u) - shape.first;
  if (row >= shape.outputs) { return; } // less than first is a large number
  let lo = row * (params.dim / 4u) + at % (params.dim / 4u);
//#if INT8
  x[at] = unpack(table[lo]) * scale[row];
//#else
  x[at] = table[lo];
//#endif
}
