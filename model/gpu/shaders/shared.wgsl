// What every kernel knows: the block of tokens at hand and the position
// encoding in force. HEAD, the size of a head, and the sizes
// of tiles are constants that the host puts in front; all else is in uniforms, so
// that models share kernels.

struct Params {
  start: u32,         // position of the block's first token
  n: u32,             // tokens in the block
  block: u32,         // the most there can be: the pitch of what is laid out by head
  capacity: u32,      // tokens that the cache can hold
  parts: u32,         // of the cache, in attendpart
  row: u32,           // first row of the input that is read
  slot: u32,          // where a drawn token is noted
  top_k: u32,         // 0 keeps all
  draw: f32,          // uniform in [0, 1)
  temperature: f32,   // 0 takes the likeliest
  top_p: f32,         // 1 keeps all
  min_p: f32,         // 0 keeps all
  head: u32,          // first head that is looked at
  query_from: u32,    // the read that is looked at covers queries [query_from, key_to)
  key_to: u32,
  rows: u32,          // cells of a map
  cols: u32,
  cell: u32,          // where this layer's cells begin
  bins: u32,          // of a distance profile
  bin: u32,           // where this layer's bins begin
  heads: u32,         // of queries
  kv_heads: u32,      // of keys and values
  dim: u32,           // of the residual stream
  vocab: u32,
}

struct Encoding {
  attention_factor: f32,
  log_n: f32,         // 1 / ln L, 0 without log-n scaling
  shift: u32,         // distance from which a pair rotates nearer (STRING)
  local: u32,
  pairs: u32,         // rotary pairs of a head
  softmax_scale: f32, // 1 / √HEAD
  turns: array<vec4<u32>, MOST_PAIRS>, // turns per token as a 64-bit fraction: x the high word, y the low
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> encoding: Encoding;

const FLOOR: f32 = -3.0e38;

// The angle of rotary pair i at a position, in units of 2^-32 turn. Whole turns
// fall away in the overflow, so no position is too far to be exact.
fn angle(position: u32, i: u32) -> u32 {
  let t = encoding.turns[i];
  let p0 = position & 0xffffu;
  let p1 = position >> 16u;
  let l0 = t.y & 0xffffu;
  let l1 = t.y >> 16u;
  let a = p0 * l1;
  let b = p1 * l0;
  let carry = ((p0 * l0) >> 16u) + (a & 0xffffu) + (b & 0xffffu);
  return position * t.x + p1 * l1 + (a >> 16u) + (b >> 16u) + (carry >> 16u);
}

// Cosine and sine, by Taylor series within an eighth of a turn: WGSL promises
// only 11 bits of its own.
fn cos_sin(turn: u32) -> vec2<f32> {
  let quarter = (turn + 0x20000000u) >> 30u;
  let x = f32(bitcast<i32>(turn - (quarter << 30u))) * 1.4629180792671596e-9;
  let q = x * x;
  let s = x * (1.0 + q * (-1.0 / 6.0 + q * (1.0 / 120.0 + q * (-1.0 / 5040.0 + q / 362880.0))));
  let c = 1.0 + q * (-0.5 + q * (1.0 / 24.0 + q * (-1.0 / 720.0 + q * (1.0 / 40320.0 - q / 3628800.0))));
  if (quarter == 0u) { return vec2<f32>(c, s); }
  if (quarter == 1u) { return vec2<f32>(-s, c); }
  if (quarter == 2u) { return vec2<f32>(-c, -s); }
  return vec2<f32>(s, -c);
}

// Four int8 in a word.
fn unpack(word: u32) -> vec4<f32> {
  let w = bitcast<i32>(word);
  return vec4<f32>(f32((w << 24u) >> 24u), f32((w << 16u) >> 24u), f32((w << 8u) >> 24u), f32(w >> 24u));
}
