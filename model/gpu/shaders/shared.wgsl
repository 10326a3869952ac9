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

// Four int8 in a word.
fn unpack(word: u32) -> vec4<f32> {
  let w = bitcast<i32>(word);
  return vec4<f32>(f32((w << 24u) >> 24u), f32((w << 16u) >> 24u), f32((w << 8u) >> 24u), f32(w >> 24u));
}
