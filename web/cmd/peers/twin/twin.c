// The kernels of package kernel in C, with the same panels, tiles and rounding, for a comparison beside them. Rows of activations are
// as long as the inputs, rows of results as the outputs, which are a multiple of 32; rows are 1 or a multiple of 4.
#include <wasm_simd128.h>

#ifdef RELAXED
#define madd(a, b, c) __builtin_wasm_relaxed_madd_f32x4(a, b, c)
#else
#define madd(a, b, c) wasm_f32x4_add(c, wasm_f32x4_mul(a, b))
#endif

#define export(name) __attribute__((export_name(name)))
#define unrolled _Pragma("clang loop unroll(full)")

extern unsigned char __heap_base;
export("heap") int heap(void) { return (int)&__heap_base; }

// Panels of 8 outputs, inside a panel input after input.
export("matrix") void matrix(int n, int in, int out, const float *x, const float *w, float *y) {
  for (int j = 0; j < out; j += 8, w += 8 * in)
    for (int i = 0; i < n; i += 4) {
      v128_t sum[4][2];
      unrolled for (int r = 0; r < 4; r++) sum[r][0] = sum[r][1] = wasm_f32x4_splat(0);
      const float *a = x + i * in;
      for (int k = 0; k < in; k++) {
        v128_t b0 = wasm_v128_load(w + 8 * k), b1 = wasm_v128_load(w + 8 * k + 4);
        unrolled for (int r = 0; r < 4; r++) {
          v128_t s = wasm_v128_load32_splat(a + r * in + k);
          sum[r][0] = madd(s, b0, sum[r][0]);
          sum[r][1] = madd(s, b1, sum[r][1]);
        }
      }
      unrolled for (int r = 0; r < 4; r++) {
        wasm_v128_store(y + (i + r) * out + j, sum[r][0]);
        wasm_v128_store(y + (i + r) * out + j + 4, sum[r][1]);
      }
    }
}

export("vector") void vector(int in, int out, const float *x, const float *w, float *y) {
  for (int j = 0; j < out; j += 32, w += 32 * in) {
    v128_t sum[4][2];
    unrolled for (int r = 0; r < 4; r++) sum[r][0] = sum[r][1] = wasm_f32x4_splat(0);
    for (int k = 0; k < in; k++) {
      v128_t s = wasm_v128_load32_splat(x + k);
      unrolled for (int p = 0; p < 4; p++) {
        sum[p][0] = madd(s, wasm_v128_load(w + p * 8 * in + 8 * k), sum[p][0]);
        sum[p][1] = madd(s, wasm_v128_load(w + p * 8 * in + 8 * k + 4), sum[p][1]);
      }
    }
    unrolled for (int p = 0; p < 4; p++) {
      wasm_v128_store(y + j + 8 * p, sum[p][0]);
      wasm_v128_store(y + j + 8 * p + 4, sum[p][1]);
    }
  }
}

// round16 rounds inputs to 16 bits by the largest of them and returns what one stands for.
static float round16(int n, const float *x, short *to) {
  v128_t m = wasm_f32x4_splat(0);
  for (int k = 0; k < n; k += 4) m = wasm_f32x4_max(m, wasm_f32x4_abs(wasm_v128_load(x + k)));
  m = wasm_f32x4_max(m, wasm_i32x4_shuffle(m, m, 2, 3, 0, 1));
  m = wasm_f32x4_max(m, wasm_i32x4_shuffle(m, m, 1, 0, 3, 2));
  float most = wasm_f32x4_extract_lane(m, 0);
  v128_t by = wasm_f32x4_splat(most > 0 ? 32767 / most : 0);
  for (int k = 0; k < n; k += 8) {
    v128_t a = wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_nearest(wasm_f32x4_mul(by, wasm_v128_load(x + k))));
    v128_t b = wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_nearest(wasm_f32x4_mul(by, wasm_v128_load(x + k + 4))));
    wasm_v128_store(to + k, wasm_i16x8_narrow_i32x4(a, b));
  }
  return most / 32767;
}

static void scaled(float *y, v128_t sum, float by, const float *scale, int add) {
  v128_t v = wasm_f32x4_mul(wasm_f32x4_convert_i32x4(sum), wasm_f32x4_mul(wasm_f32x4_splat(by), wasm_v128_load(scale)));
  wasm_v128_store(y, add ? wasm_f32x4_add(wasm_v128_load(y), v) : v);
}

#define DEPTH 512

// Panels of 8 outputs, inside a panel pair of inputs after pair. to and by have room for the rounded rows and their scales.
export("int8") void int8(int n, int in, int out, const float *x, const signed char *w, const float *scale, float *y, short *to, float *by) {
  for (int p = 0; p < in; p += DEPTH) {
    int depth = in - p < DEPTH ? in - p : DEPTH;
    for (int i = 0; i < n; i++) by[i] = round16(depth, x + i * in + p, to + i * DEPTH);
    if (n == 1) {
      for (int j = 0; j < out; j += 32) {
        v128_t sum[4][2];
        unrolled for (int r = 0; r < 4; r++) sum[r][0] = sum[r][1] = wasm_f32x4_splat(0);
        for (int k = 0; k < depth; k += 2) {
          v128_t s = wasm_v128_load32_splat(to + k);
          unrolled for (int q = 0; q < 4; q++) {
            const signed char *b = w + (j + 8 * q) * in + 8 * (p + k);
            sum[q][0] = wasm_i32x4_add(sum[q][0], wasm_i32x4_dot_i16x8(s, wasm_i16x8_load8x8(b)));
            sum[q][1] = wasm_i32x4_add(sum[q][1], wasm_i32x4_dot_i16x8(s, wasm_i16x8_load8x8(b + 8)));
          }
        }
        unrolled for (int q = 0; q < 4; q++) {
          scaled(y + j + 8 * q, sum[q][0], by[0], scale + j + 8 * q, p);
          scaled(y + j + 8 * q + 4, sum[q][1], by[0], scale + j + 8 * q + 4, p);
        }
      }
      continue;
    }
    for (int j = 0; j < out; j += 8)
      for (int i = 0; i < n; i += 4) {
        v128_t sum[4][2];
        unrolled for (int r = 0; r < 4; r++) sum[r][0] = sum[r][1] = wasm_f32x4_splat(0);
        for (int k = 0; k < depth; k += 2) {
          const signed char *b = w + j * in + 8 * (p + k);
          v128_t b0 = wasm_i16x8_load8x8(b), b1 = wasm_i16x8_load8x8(b + 8);
          unrolled for (int r = 0; r < 4; r++) {
            v128_t s = wasm_v128_load32_splat(to + (i + r) * DEPTH + k);
            sum[r][0] = wasm_i32x4_add(sum[r][0], wasm_i32x4_dot_i16x8(s, b0));
            sum[r][1] = wasm_i32x4_add(sum[r][1], wasm_i32x4_dot_i16x8(s, b1));
          }
        }
        unrolled for (int r = 0; r < 4; r++) {
          scaled(y + (i + r) * out + j, sum[r][0], by[i + r], scale + j, p);
          scaled(y + (i + r) * out + j + 4, sum[r][1], by[i + r], scale + j + 4, p);
        }
      }
  }
}
