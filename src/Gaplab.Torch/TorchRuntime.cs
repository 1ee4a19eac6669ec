// The engine under the lab: its version, its BLAS, its threads, and how many native tensors are alive.
using System.Runtime.InteropServices;

namespace Gaplab.Torch;

/// <summary>Process-wide facts and settings of libtorch.</summary>
public static class TorchRuntime
{
    /// <summary>libtorch's version, "1.13.0".</summary>
    public static string Version => Marshal.PtrToStringUTF8(Native.gl_version())!;

    /// <summary>The BLAS the process loaded: OpenBLAS's configuration line, "MKL", or "reference" (slow).</summary>
    public static string Blas => Marshal.PtrToStringUTF8(Native.gl_blas())!;

    /// <summary>True when matrix products run on the slow reference BLAS.</summary>
    public static bool BlasIsReference => Blas == "reference";

    /// <summary>Raised whenever one libtorch on one processor comes to give other bits: 2 since small products have kernels.</summary>
    public const int Numerics = 2;

    /// <summary>What multiplies small matrices: "avx2", "avx512", or "blas", which multiplies all of them. The kernels add in one order, so
    /// that all sets give the same bits.</summary>
    public static string Kernels => Marshal.PtrToStringUTF8(Native.gl_kernels())!;

    /// <summary>The variable that chooses them: "auto" (the widest that the processor has), "avx2", "avx512", "blas".</summary>
    internal const string KernelsVariable = "GAPLAB_KERNELS";

    internal static void UseKernels(string name) =>
        TorchError.Check(Native.gl_set_kernels(System.Text.Encoding.UTF8.GetBytes(name + '\0')));

    /// <summary>Native tensors alive in the process; equal before and after a step that leaks nothing.</summary>
    public static long LiveTensors => Native.gl_live_tensors();

    /// <summary>Threads of one operation. Setting holds OpenMP's and OpenBLAS's pools to the same number; a worker uses 1.</summary>
    public static int Threads
    {
        get => Native.gl_get_threads();
        set => TorchError.Check(Native.gl_set_threads(value));
    }

    /// <summary>From here on operations on a GPU add up in one order and in the precision of their operands (no TF32), where libtorch has
    /// such a form: made twice there, a run has the same bits.</summary>
    public static void MakeDeterministic() => TorchError.Check(Native.gl_make_deterministic());

    /// <summary>CUDA devices libtorch sees; 0 for a CPU build.</summary>
    public static int CudaDevices
    {
        get
        {
            TorchError.Check(Native.gl_cuda_devices(out int count));
            return count;
        }
    }
}

/// <summary>Turns a native status into an exception with the message of the thread that failed.</summary>
internal static class TorchError
{
    public static void Check(int status)
    {
        if (status != 0)
            Throw(status);
    }

    private static void Throw(int status)
    {
        string message = Marshal.PtrToStringUTF8(Native.gl_last_error()) ?? "unknown native failure";
        throw status == 2 ? new TorchOutOfMemoryException(message) : new TorchException(message);
    }
}
