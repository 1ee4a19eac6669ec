// The devices that the packs of a study train on: what a word of the study names on this machine.
using Gaplab.Numerics;
using Gaplab.Studies.Commands;
using Gaplab.Torch;

namespace Gaplab.Studies.Running;

/// <summary>At least one device; several are GPUs, each with a worker of its own.</summary>
internal sealed record TrainingDevices(IReadOnlyList<Device> All)
{
    // What libtorch and other programs keep of a GPU's memory.
    private const double MemoryShare = 0.8;

    /// <param name="word">As <c>device</c> of a study: "cpu", "cuda" (all GPUs), "cuda:1", "mirror".</param>
    /// <exception cref="InputException">libtorch sees no such GPU.</exception>
    public static TrainingDevices Of(string word)
    {
        Device device = Device.TryParse(word) ?? throw new InputException($"device got '{word}'; expected {Device.Words}");
        if (!device.IsCuda)
            return new([device]);
        Device[] there = [.. Enumerable.Range(0, Count()).Select(Device.Cuda)],
            meant = word == "cuda" ? there : [.. there.Where(d => d == device)];
        if (meant.Length > 0)
            return new(meant);
        throw new InputException(
            there.Length == 0
                ? $"device is '{word}', and libtorch sees no CUDA device; expected a GPU and a Gaplab built against a libtorch for CUDA "
                    + "(GAPLAB_LIBTORCH), or device: cpu"
                : $"device is '{word}', and libtorch sees {there.Length} of CUDA; expected one of {string.Join(", ", there)}"
        );
    }

    /// <summary>Packs at once: as many as were asked for, but one a GPU.</summary>
    public int Workers(int asked) => All[0].IsCuda ? Math.Min(asked, All.Count) : asked;

    /// <summary>The device of a worker, by its number.</summary>
    public Device Of(int worker) => All[worker % All.Count];

    /// <summary>Bytes that a pack may use of the smallest of the GPUs; null of a CPU, and where nothing tells.</summary>
    public long? Memory() => All[0].IsCuda && GpuPool.LeastMemory() is { } bytes ? (long)(MemoryShare * bytes) : null;

    private static int Count()
    {
        try
        {
            return TorchRuntime.CudaDevices;
        }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException)
        {
            throw new InputException($"GPUs are asked for through libtorch, which cannot be loaded: {e.Message}", e);
        }
    }
}
