// Compiled for AVX2 and FMA, as all the native half is.
#include "products.h"
#include "small_product.h"

namespace gaplab {

extern const KernelSet avx2_kernels;
const KernelSet avx2_kernels{"avx2", small_product<float, 32, 1, 2, 3, 4, 5, 6>, small_product<double, 32, 1, 2, 3, 4, 5, 6>};

}  // namespace gaplab
