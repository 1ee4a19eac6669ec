// The C ABI of further pointwise functions, line for line as native/pointwise.cpp exports it.
using System.Runtime.InteropServices;

namespace Gaplab.Torch;

internal static partial class Native
{
    [LibraryImport(Library)]
    internal static partial int gl_elu(TensorHandle a, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_softplus(TensorHandle a, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_leaky_relu(TensorHandle a, double slope, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_solve_unit_lower(TensorHandle a, TensorHandle b, out TensorHandle result);
}
