// What kernels use of CUDA's <mma.h>, for installations that have half of it: NVIDIA's Python packages
// of NVRTC and of the CUDA runtime, which PyTorch brings, come without <crt/mma.h>.
//
// Written from the description of wmma.load, wmma.mma and wmma.store in NVIDIA's "PTX ISA", with the
// names of the chapter "Warp Matrix Functions" in the "CUDA C++ Programming Guide". Here are products
// of f16 with sums in f16 or f32, of bf16 with sums in f32, and of tf32 with sums in f32; no integers.
// A fragment holds what one thread keeps: the registers that those instructions take, in their order.
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>

namespace nvcuda {
namespace wmma {

struct matrix_a {};
struct matrix_b {};
struct accumulator {};
struct row_major {};
struct col_major {};
enum layout_t { mem_row_major, mem_col_major };
namespace precision {
struct tf32 {};
}  // namespace precision

template <typename Use, int m, int n, int k, typename T, typename Layout = void>
class fragment;

template <typename T, int registers>
struct alignas(8) held {
  enum { num_elements = registers * 4 / sizeof(T) };
  T x[num_elements];
};

template <typename Fragment, typename T>
__device__ inline void fill_fragment(Fragment& fragment, T value) {
#pragma unroll
  for (int i = 0; i < Fragment::num_elements; i++) fragment.x[i] = value;
}

__device__ inline float __float_to_tf32(float value) {
  unsigned rounded;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(rounded) : "f"(value));
  return __uint_as_float(rounded);
}

// Operands of 2, 4 or 8 registers, of 32 bits or of f32.
#define WMMA_R(f, i) reinterpret_cast<unsigned*>((f).x)[i]
#define WMMA_CR(f, i) reinterpret_cast<const unsigned*>((f).x)[i]
#define WMMA_OUT_R2(f) "=r"(WMMA_R(f, 0)), "=r"(WMMA_R(f, 1))
#define WMMA_OUT_R4(f) WMMA_OUT_R2(f), "=r"(WMMA_R(f, 2)), "=r"(WMMA_R(f, 3))
#define WMMA_OUT_R8(f) \
  WMMA_OUT_R4(f), "=r"(WMMA_R(f, 4)), "=r"(WMMA_R(f, 5)), "=r"(WMMA_R(f, 6)), "=r"(WMMA_R(f, 7))
#define WMMA_IN_R2(f) "r"(WMMA_CR(f, 0)), "r"(WMMA_CR(f, 1))
#define WMMA_IN_R4(f) WMMA_IN_R2(f), "r"(WMMA_CR(f, 2)), "r"(WMMA_CR(f, 3))
#define WMMA_IN_R8(f) \
  WMMA_IN_R4(f), "r"(WMMA_CR(f, 4)), "r"(WMMA_CR(f, 5)), "r"(WMMA_CR(f, 6)), "r"(WMMA_CR(f, 7))
#define WMMA_OUT_F8(f)                                                                   \
  "=f"((f).x[0]), "=f"((f).x[1]), "=f"((f).x[2]), "=f"((f).x[3]), "=f"((f).x[4]), \
      "=f"((f).x[5]), "=f"((f).x[6]), "=f"((f).x[7])
#define WMMA_IN_F8(f)                                                             \
  "f"((f).x[0]), "f"((f).x[1]), "f"((f).x[2]), "f"((f).x[3]), "f"((f).x[4]), \
      "f"((f).x[5]), "f"((f).x[6]), "f"((f).x[7])

// Where they stand in an instruction: for a load or a store with the address and stride after them, and
// in a product. `d` and `c` have 4 or 8 registers, `a` and `b` one of the pairs below.
#define WMMA_AT_2 "{%0,%1}"
#define WMMA_AT_4 "{%0,%1,%2,%3}"
#define WMMA_AT_8 "{%0,%1,%2,%3,%4,%5,%6,%7}"
#define WMMA_FROM_2 "[%2],%3;"
#define WMMA_FROM_4 "[%4],%5;"
#define WMMA_FROM_8 "[%8],%9;"
#define WMMA_STORED_4 "[%4],{%0,%1,%2,%3},%5;"
#define WMMA_STORED_8 "[%8],{%0,%1,%2,%3,%4,%5,%6,%7},%9;"
#define WMMA_D4_A8_B8                                                            \
  "{%0,%1,%2,%3},{%4,%5,%6,%7,%8,%9,%10,%11},{%12,%13,%14,%15,%16,%17,%18,%19}," \
  "{%20,%21,%22,%23};"
#define WMMA_D8_A8_B8                                                                                \
  "{%0,%1,%2,%3,%4,%5,%6,%7},{%8,%9,%10,%11,%12,%13,%14,%15},{%16,%17,%18,%19,%20,%21,%22,%23}," \
  "{%24,%25,%26,%27,%28,%29,%30,%31};"
#define WMMA_D8_A4_B4                                                                   \
  "{%0,%1,%2,%3,%4,%5,%6,%7},{%8,%9,%10,%11},{%12,%13,%14,%15},{%16,%17,%18,%19,%20,%21," \
  "%22,%23};"
#define WMMA_D8_A2_B8                                                                            \
  "{%0,%1,%2,%3,%4,%5,%6,%7},{%8,%9},{%10,%11,%12,%13,%14,%15,%16,%17},{%18,%19,%20,%21,%22," \
  "%23,%24,%25};"
#define WMMA_D8_A8_B2                                                                            \
  "{%0,%1,%2,%3,%4,%5,%6,%7},{%8,%9,%10,%11,%12,%13,%14,%15},{%16,%17},{%18,%19,%20,%21,%22," \
  "%23,%24,%25};"

#define WMMA_SHAPE(m, n, k) ".m" #m "n" #n "k" #k "."

// The fragments of `a` or `b` in one layout, and how they are loaded.
#define WMMA_FACTOR(use, which, m, n, k, T, Stored, type, regs, Layout, layout)                        \
  template <>                                                                                         \
  class fragment<use, m, n, k, T, Layout> : public held<Stored, regs> {};                             \
  __device__ inline void load_matrix_sync(fragment<use, m, n, k, T, Layout>& f, const Stored* p,      \
                                          unsigned stride) {                                          \
    asm volatile("wmma.load." #which ".sync.aligned." #layout WMMA_SHAPE(m, n, k) #type " "             \
                 WMMA_AT_##regs "," WMMA_FROM_##regs                                                  \
                 : WMMA_OUT_R##regs(f) : "l"(p), "r"(stride) : "memory");                             \
  }
#define WMMA_FACTORS(m, n, k, T, Stored, type, regs_a, regs_b)                       \
  WMMA_FACTOR(matrix_a, a, m, n, k, T, Stored, type, regs_a, row_major, row)         \
  WMMA_FACTOR(matrix_a, a, m, n, k, T, Stored, type, regs_a, col_major, col)         \
  WMMA_FACTOR(matrix_b, b, m, n, k, T, Stored, type, regs_b, row_major, row)         \
  WMMA_FACTOR(matrix_b, b, m, n, k, T, Stored, type, regs_b, col_major, col)

// The fragments of sums, loaded and stored in either layout. `R`: R for registers of 32 bits, F of f32.
#define WMMA_MOVE(m, n, k, T, type, regs, R, layout)                                          \
  asm volatile("wmma.load.c.sync.aligned." #layout WMMA_SHAPE(m, n, k) #type " "              \
               WMMA_AT_##regs "," WMMA_FROM_##regs                                            \
               : WMMA_OUT_##R##regs(f) : "l"(p), "r"(stride) : "memory")
#define WMMA_PUT(m, n, k, T, type, regs, R, layout)                                           \
  asm volatile("wmma.store.d.sync.aligned." #layout WMMA_SHAPE(m, n, k) #type " "             \
               WMMA_STORED_##regs                                                             \
               :: WMMA_IN_##R##regs(f), "l"(p), "r"(stride) : "memory")
#define WMMA_SUM(m, n, k, T, type, regs, R)                                                   \
  template <>                                                                                 \
  class fragment<accumulator, m, n, k, T> : public held<T, regs> {};                          \
  __device__ inline void load_matrix_sync(fragment<accumulator, m, n, k, T>& f, const T* p,   \
                                          unsigned stride, layout_t layout) {                 \
    if (layout == mem_row_major) WMMA_MOVE(m, n, k, T, type, regs, R, row);                   \
    else WMMA_MOVE(m, n, k, T, type, regs, R, col);                                           \
  }                                                                                           \
  __device__ inline void store_matrix_sync(T* p, const fragment<accumulator, m, n, k, T>& f,  \
                                           unsigned stride, layout_t layout) {                \
    if (layout == mem_row_major) WMMA_PUT(m, n, k, T, type, regs, R, row);                    \
    else WMMA_PUT(m, n, k, T, type, regs, R, col);                                            \
  }

// d = a b + c, for factors in any layout. `types`: those of the instruction.
#define WMMA_PRODUCT(m, n, k, T, Sum, types, D, R, A, B, LayoutA, layout_a, LayoutB, layout_b)          \
  __device__ inline void mma_sync(fragment<accumulator, m, n, k, Sum>& d,                             \
                                  const fragment<matrix_a, m, n, k, T, LayoutA>& a,                   \
                                  const fragment<matrix_b, m, n, k, T, LayoutB>& b,                   \
                                  const fragment<accumulator, m, n, k, Sum>& c) {                     \
    asm volatile("wmma.mma.sync.aligned." #layout_a "." #layout_b WMMA_SHAPE(m, n, k) types " "         \
                 WMMA_D##D##_A##A##_B##B                                                              \
                 : WMMA_OUT_##R##D(d) : WMMA_IN_R##A(a), WMMA_IN_R##B(b), WMMA_IN_##R##D(c));         \
  }
#define WMMA_PRODUCTS(m, n, k, T, Sum, types, D, R, A, B)                                     \
  WMMA_PRODUCT(m, n, k, T, Sum, types, D, R, A, B, row_major, row, row_major, row)            \
  WMMA_PRODUCT(m, n, k, T, Sum, types, D, R, A, B, row_major, row, col_major, col)            \
  WMMA_PRODUCT(m, n, k, T, Sum, types, D, R, A, B, col_major, col, row_major, row)            \
  WMMA_PRODUCT(m, n, k, T, Sum, types, D, R, A, B, col_major, col, col_major, col)

// f16: every shape has the same registers.
#define WMMA_F16(m, n, k)                                                         \
  WMMA_FACTORS(m, n, k, __half, __half, f16, 8, 8)                                \
  WMMA_SUM(m, n, k, __half, f16, 4, R)                                            \
  WMMA_SUM(m, n, k, float, f32, 8, F)                                             \
  WMMA_PRODUCTS(m, n, k, __half, __half, "f16.f16", 4, R, 8, 8)                   \
  WMMA_PRODUCTS(m, n, k, __half, float, "f32.f32", 8, F, 8, 8)
WMMA_F16(16, 16, 16)
WMMA_F16(8, 32, 16)
WMMA_F16(32, 8, 16)

#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800
#define WMMA_BF16(m, n, k, A, B)                                                  \
  WMMA_FACTORS(m, n, k, __nv_bfloat16, __nv_bfloat16, bf16, A, B)                 \
  WMMA_PRODUCTS(m, n, k, __nv_bfloat16, float, "f32.bf16.bf16.f32", 8, F, A, B)
WMMA_BF16(16, 16, 16, 4, 4)
WMMA_BF16(8, 32, 16, 2, 8)
WMMA_BF16(32, 8, 16, 8, 2)

WMMA_FACTORS(16, 16, 8, precision::tf32, float, tf32, 4, 4)
WMMA_SUM(16, 16, 8, float, f32, 8, F)
WMMA_PRODUCTS(16, 16, 8, precision::tf32, float, "f32.tf32.tf32.f32", 8, F, 4, 4)
#endif

}  // namespace wmma
}  // namespace nvcuda
