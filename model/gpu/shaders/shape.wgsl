// What a kernel knows of one piece of a linear map: outputs [first, first + outputs) of pitch.
struct Shape {
  inputs: u32,
  outputs: u32,
  eps: f32,   // of the norm
  pitch: u32, // outputs of all pieces
  first: u32,
}
