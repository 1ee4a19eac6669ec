// The small-matrix kernel, once for every width of vector: a file that fixes `Bytes` and `Rows` compiles it for its processor.
// It includes nothing and is all of internal linkage: what one of these files compiles must never be taken by the linker for another's.
#pragma once

namespace {

using Index = long;  // 64 bits wherever these kernels are compiled
constexpr Index kLongestChunk = 256;

template <class V, class T>
inline __attribute__((always_inline)) V load(const T* p) {
  V v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}
template <class V, class T>
inline __attribute__((always_inline)) void store(T* p, V v) {
  __builtin_memcpy(p, &v, sizeof v);
}

// C[0..Rows, 0..Panels·L] = alpha·(sum over p of A[row, p]·b[p·b_step + column]) + beta·C, the sums in registers; A lies row by row or,
// transposed, column by column, `a_stride` apart. Every element is added up in the order of p, whatever the tile.
template <class T, int Bytes, bool TransposeA, int Rows, int Panels>
__attribute__((noinline)) void tile(Index depth, T alpha, const T* a, Index a_stride, const T* b, Index b_step, T beta, T* c, Index c_row) {
  typedef T V __attribute__((vector_size(Bytes)));
  constexpr Index L = Bytes / sizeof(T);
  V sum[Rows][Panels] = {};
#pragma GCC unroll 4
  for (Index p = 0; p < depth; p++) {
    V right[Panels];
#pragma GCC unroll 2
    for (int q = 0; q < Panels; q++) right[q] = load<V>(b + p * b_step + q * L);
#pragma GCC unroll 16
    for (int r = 0; r < Rows; r++) {
      const V left = (TransposeA ? a[p * a_stride + r] : a[r * a_stride + p]) - V{};
#pragma GCC unroll 2
      for (int q = 0; q < Panels; q++) sum[r][q] += left * right[q];
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < Rows; r++) {
#pragma GCC unroll 2
    for (int q = 0; q < Panels; q++) {
      T* to = c + r * c_row + q * L;
      store(to, beta == T(0) ? alpha * sum[r][q] : alpha * sum[r][q] + beta * load<V>(to));
    }
  }
}

template <class T>
using Tile = void (*)(Index, T, const T*, Index, const T*, Index, T, T*, Index);

template <class T, int Bytes, bool TransposeA, int Panels, int... Row>
inline Tile<T> tile_of(int rows) {
  static constexpr Tile<T> all[] = {tile<T, Bytes, TransposeA, Row, Panels>...};
  return all[rows - 1];
}

// A square of L² elements transposed in registers by halves, quarters, … (Eklundh 1972).
template <class T>
inline __attribute__((always_inline)) void transpose_square(const T* from, Index from_row, T* to, Index to_row) {
  constexpr int L = 32 / sizeof(T);
  typedef T V __attribute__((vector_size(32)));
  typedef __typeof__(V{} < V{}) M;
  V v[L];
#pragma GCC unroll 8
  for (int i = 0; i < L; i++) v[i] = load<V>(from + i * from_row);
#pragma GCC unroll 3
  for (int s = L / 2; s >= 1; s /= 2) {
    M low, high;
#pragma GCC unroll 8
    for (int j = 0; j < L; j++) {
      low[j] = (j & s) ? L + j - s : j;
      high[j] = (j & s) ? L + j : j + s;
    }
#pragma GCC unroll 8
    for (int i = 0; i < L; i++) {
      if (i & s) continue;
      const V first = v[i], second = v[i + s];
      v[i] = __builtin_shuffle(first, second, low);
      v[i + s] = __builtin_shuffle(first, second, high);
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < L; i++) store(to + i * to_row, v[i]);
}

// panel[p, j] = from[j, p] for p < depth, j < width.
template <class T>
void transpose(Index depth, Index width, const T* from, Index from_row, T* panel, Index panel_row) {
  constexpr Index L = 32 / sizeof(T);
  for (Index j = 0; j < width; j += L)
    for (Index p = 0; p < depth; p += L) {
      if (j + L <= width && p + L <= depth) {
        transpose_square(from + j * from_row + p, from_row, panel + p * panel_row + j, panel_row);
        continue;
      }
      const Index rows = p + L < depth ? p + L : depth, columns = j + L < width ? j + L : width;
      for (Index x = j; x < columns; x++)
        for (Index y = p; y < rows; y++) panel[y * panel_row + x] = from[x * from_row + y];
    }
}

// Row-major C[m,n] = alpha·op(A)·op(B) + beta·C. As many rows of C as there are `Row`s and two vectors of its columns at a time; a panel
// of B is used where it lies if it is whole and there are few rows, and copied into one that is contiguous and padded with zeros else.
// The products of at most `chunk` columns of op(A) are added up before they go to C: it is no matter of the processor's, so that C's bits
// are not either.
template <class T, int Bytes, bool TransposeA, int... Row>
void product(bool tb, Index chunk, Index m, Index n, Index k, T alpha, const T* a, Index lda, const T* b, Index ldb, T beta, T* c,
             Index ldc) {
  typedef T V __attribute__((vector_size(Bytes)));
  constexpr Index L = Bytes / sizeof(T), W = 2 * L, kFewRows = 256;
  constexpr int Rows = sizeof...(Row);
  alignas(64) T panel[kLongestChunk * W], edge[Rows * W];
  const Index a_row = TransposeA ? 1 : lda, a_step = TransposeA ? lda : 1, blocks = (m + Rows - 1) / Rows;
  for (Index p0 = 0; p0 < k; p0 += chunk) {
    const Index depth = k - p0 < chunk ? k - p0 : chunk;
    const T keep = p0 == 0 ? beta : T(1);
    for (Index j0 = 0; j0 < n; j0 += W) {
      const Index width = n - j0 < W ? n - j0 : W, step = width <= L ? L : W;
      const bool whole = width == step;
      const T* right = b + p0 * ldb + j0;
      Index right_step = ldb;
      if (tb || !whole || m >= kFewRows) {
        if (tb)
          transpose(depth, width, b + j0 * ldb + p0, ldb, panel, step);
        else if (width == W)
          for (Index p = 0; p < depth; p++) {
            store(panel + p * W, load<V>(right + p * ldb));
            store(panel + p * W + L, load<V>(right + p * ldb + L));
          }
        else
          for (Index p = 0; p < depth; p++)
            for (Index j = 0; j < width; j++) panel[p * step + j] = right[p * ldb + j];
        if (!whole)
          for (Index p = 0; p < depth; p++)
            for (Index j = width; j < step; j++) panel[p * step + j] = T(0);
        right = panel;
        right_step = step;
      }
      // Blocks of as equal height as can be: a last one of one or two rows would not fill the pipelines.
      for (Index i = 0, left = blocks; left > 0; left--) {
        const int rows = static_cast<int>((m - i + left - 1) / left);
        const Tile<T> run = step == L ? tile_of<T, Bytes, TransposeA, 1, Row...>(rows) : tile_of<T, Bytes, TransposeA, 2, Row...>(rows);
        const T* from = a + i * a_row + p0 * a_step;
        T* to = c + i * ldc + j0;
        if (whole) {
          run(depth, alpha, from, lda, right, right_step, keep, to, ldc);
        } else {
          if (keep != T(0))
            for (int r = 0; r < rows; r++)
              for (Index j = 0; j < step; j++) edge[r * W + j] = j < width ? to[r * ldc + j] : T(0);
          run(depth, alpha, from, lda, right, right_step, keep, edge, W);
          for (int r = 0; r < rows; r++)
            for (Index j = 0; j < width; j++) to[r * ldc + j] = edge[r * W + j];
        }
        i += rows;
      }
    }
  }
}

template <class T, int Bytes, int... Row>
void small_product(bool ta, bool tb, Index m, Index n, Index k, T alpha, const T* a, Index lda, const T* b, Index ldb, T beta, T* c,
                   Index ldc) {
  if (ta) {
    // Columns of A lie `lda` apart: as many of its rows as stay in the first cache while every panel of B passes.
    const Index fit = 8192 / lda, chunk = fit < 32 ? 32 : fit < kLongestChunk ? fit : kLongestChunk;
    product<T, Bytes, true, Row...>(tb, chunk, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
  } else {
    product<T, Bytes, false, Row...>(tb, kLongestChunk, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
  }
}

}  // namespace
