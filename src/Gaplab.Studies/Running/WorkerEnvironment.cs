// The environment of a worker: one core.
namespace Gaplab.Studies.Running;

/// <summary>Variables that must be set before libtorch and its BLAS are loaded. What the user has set is left alone.</summary>
internal static class WorkerEnvironment
{
    public static IEnumerable<(string Name, string Value)> Variables()
    {
        // Both thread pools that libtorch brings are held to one before they are born.
        yield return ("OMP_NUM_THREADS", "1");
        yield return ("OPENBLAS_NUM_THREADS", "1");
        yield return ("MKL_NUM_THREADS", "1");
        // What cuBLAS asks for before its products add up in one order.
        yield return ("CUBLAS_WORKSPACE_CONFIG", ":4096:8");
        // The start script sets it too; a queue may start the program without that.
        yield return ("DOTNET_TieredPGO", "0");
    }

    /// <summary>Sets what is not set.</summary>
    public static void Apply(IDictionary<string, string?> environment)
    {
        foreach ((string name, string value) in Variables())
            environment.TryAdd(name, value);
    }
}
