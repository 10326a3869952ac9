// Puts together what attendpart found of a query.
@group(1) @binding(0) var<storage, read> parts: array<vec4<f32>>;       // (heads, parts, HEAD/4 + 1), last: top, mass
@group(1) @binding(1) var<storage, read_write> attended: array<vec4<f32>>; // (heads, HEAD/4)

const D4: u32 = HEAD / 4u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= params.heads * D4) { return; }
  let head = id.x / D4;
  let c = id.x % D4;
  let count = params.start / PART + 1u;
  var top = FLOOR;
  for (var i = 0u; i < count; i++) { top = max(top, parts[(head * params.parts + i) * (D4 + 1u) + D4].x); }
  var sum = vec4<f32>();
  var mass = 0.0;
  for (var i = 0u; i < count; i++) {
    let at = (head * params.parts + i) * (D4 + 1u);
    let f = exp(parts[at + D4].x - top);
    sum += f * parts[at + c];
    mass += f * parts[at + D4].y;
  }
  attended[id.x] = sum / mass;
}
