// Compiled for AVX-512 (CMakeLists.txt), and entered only where the processor has it.
#include "products.h"
#include "small_product.h"

namespace gaplab {

extern const KernelSet avx512_kernels;
const KernelSet avx512_kernels{"avx512", small_product<float, 64, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12>,
                               small_product<double, 64, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12>};

}  // namespace gaplab
