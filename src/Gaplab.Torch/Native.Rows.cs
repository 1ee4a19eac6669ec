// The C ABI of operations on an optimizer's rows, line for line as native/rows.cpp exports it.
using System.Runtime.InteropServices;

namespace Gaplab.Torch;

internal static partial class Native
{
    [LibraryImport(Library)]
    internal static partial int gl_mul_(TensorHandle a, TensorHandle b);

    [LibraryImport(Library)]
    internal static partial int gl_mul_scalar_(TensorHandle a, double s);

    [LibraryImport(Library)]
    internal static partial int gl_add_scalar_(TensorHandle a, double s);

    [LibraryImport(Library)]
    internal static partial int gl_div_(TensorHandle a, TensorHandle b);

    [LibraryImport(Library)]
    internal static partial int gl_add_product_(TensorHandle a, TensorHandle b, TensorHandle c, double alpha);

    [LibraryImport(Library)]
    internal static partial int gl_sqrt_(TensorHandle a);

    [LibraryImport(Library)]
    internal static partial int gl_sign_(TensorHandle a);

    [LibraryImport(Library)]
    internal static partial int gl_clip_(TensorHandle a, TensorHandle limit);

    [LibraryImport(Library)]
    internal static partial int gl_row_norms(TensorHandle a, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_row_magnitudes(TensorHandle a, long k, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_row_counts(TensorHandle a, TensorHandle limit, out TensorHandle result);
}
