// One rule for finding the native half; the error lists what was tried and the fix.
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Gaplab.Torch;

/// <summary>Loads libgaplab_torch, which brings libtorch with it, on first use.</summary>
internal static partial class NativeLibraryLoader
{
    private const string FileName = "libgaplab_torch.so";
    private static readonly Lock Gate = new();
    private static nint _loaded;

    public static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Native.Library)
            return 0;
        lock (Gate)
        {
            if (_loaded != 0)
                return _loaded;
            KeepSignals();
            WakeOpenBlas();
            var tried = new List<string>();
            string? unloadable = null;
            foreach (string candidate in Candidates())
            {
                if (!File.Exists(candidate))
                {
                    tried.Add($"{candidate} (no such file)");
                    continue;
                }
                try
                {
                    return _loaded = WithKernels(NativeLibrary.Load(candidate));
                }
                catch (DllNotFoundException e)
                {
                    unloadable ??= $"{candidate} is there but could not be loaded ({Reason(e.Message, candidate)})";
                    tried.Add($"{candidate} ({e.Message.Split('\n')[0].Trim()})");
                }
            }
            if (unloadable is not null)
                throw new DllNotFoundException($"libtorch's binding {unloadable}");
            throw new DllNotFoundException(
                $"libtorch's binding was not found; tried {string.Join("; ", tried)}. Training needs it: run the command through "
                    + $"./gaplab, which builds it, or set GAPLAB_NATIVE to the built {FileName}."
            );
        }
    }

    // Debian 13's libtorch brings Open MPI, and that UCX, which takes SIGSEGV for itself when it is loaded and then ends the process at the
    // first null reference, where .NET makes an exception of the same signal. Its own switch is set before it is there to read it; only the
    // C library's copy of the environment counts, and programs that are started get .NET's.
    private static void KeepSignals()
    {
        if (OperatingSystem.IsLinux())
            _ = SetEnvironment("UCX_HANDLE_ERRORS", "none", overwrite: 1);
    }

    // OpenBLAS chooses its kernels by a list of processors, and gives one that is newer than the list those of 2004: Debian 12's does so to
    // Intel's of 2023. It is asked before libtorch loads it, and told better. What a user has set stands.
    private static unsafe void WakeOpenBlas()
    {
        const string Library = "libopenblas.so.0",
            Variable = "OPENBLAS_CORETYPE";
        if (
            !OperatingSystem.IsLinux()
            || !Avx2.IsSupported
            || !Fma.IsSupported
            || Environment.GetEnvironmentVariable(Variable) is not null
            || !NativeLibrary.TryLoad(Library, out nint blas)
        )
            return;
        bool outdated =
            NativeLibrary.TryGetExport(blas, "openblas_get_corename", out nint export)
            && Marshal.PtrToStringUTF8((nint)((delegate* unmanaged<byte*>)export)()) is { } chosen
            && s_withoutAvx2.Contains(chosen);
        if (outdated)
            _ = SetEnvironment(Variable, Avx512BW.IsSupported && Avx512DQ.VL.IsSupported ? "SkylakeX" : "Haswell", overwrite: 0);
        NativeLibrary.Free(blas); // loaded again it chooses again
    }

    // The names of its kernel sets for Intel's processors before AVX2.
    private static readonly HashSet<string> s_withoutAvx2 = new(StringComparer.OrdinalIgnoreCase)
    {
        "Generic",
        "Katmai",
        "Coppermine",
        "Northwood",
        "Prescott",
        "Banias",
        "Core2",
        "Penryn",
        "Dunnington",
        "Atom",
        "Nehalem",
        "Sandybridge",
    };

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);

    private static unsafe nint WithKernels(nint library)
    {
        if (Environment.GetEnvironmentVariable(TorchRuntime.KernelsVariable) is not { Length: > 0 } name)
            return library;
        var choose = (delegate* unmanaged<byte*, int>)NativeLibrary.GetExport(library, nameof(Native.gl_set_kernels));
        fixed (byte* text = System.Text.Encoding.UTF8.GetBytes(name + '\0'))
        {
            if (choose(text) != 0)
                throw new DllNotFoundException(
                    $"{TorchRuntime.KernelsVariable}={name}: this processor has no such kernels; it is auto, avx2, avx512 or blas."
                );
        }
        return library;
    }

    // The dynamic linker's own words name the library that is at fault, which is seldom the binding itself.
    private static string Reason(string message, string candidate)
    {
        string line =
            message
                .Split('\n')
                .Select(l => l.Trim())
                .FirstOrDefault(l =>
                    l.StartsWith(candidate, StringComparison.Ordinal)
                    || l.Contains(".so", StringComparison.Ordinal) && l.Contains(": ", StringComparison.Ordinal)
                )
            ?? message.Split('\n')[0].Trim();
        bool memory =
            message.Contains("Cannot allocate memory", StringComparison.Ordinal)
            || message.Contains("failed to map segment", StringComparison.Ordinal);
        bool files = message.Contains("Too many open files", StringComparison.Ordinal);
        return line.TrimEnd('.')
            + (
                memory ? "): memory ran out; free some, or raise the limit if one is set ('ulimit -v' shows it"
                : files ? "): the process may open no more files; raise the limit, for example with 'ulimit -n 1024' ('ulimit -n' shows it"
                : ""
            );
    }

    private static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable("GAPLAB_NATIVE") is { Length: > 0 } named)
        {
            yield return named;
            yield break;
        }
        yield return Path.Combine(AppContext.BaseDirectory, FileName);
        // Where a program that uses the package finds the library that came with it.
        string platform = $"linux-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
        yield return Path.Combine(AppContext.BaseDirectory, "runtimes", platform, "native", FileName);
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (folder.Name != "artifacts")
                continue;
            yield return Path.Combine(folder.FullName, "native", FileName);
            yield break;
        }
    }
}
