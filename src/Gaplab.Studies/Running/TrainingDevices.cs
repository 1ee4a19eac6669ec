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

    /// <param name="word">As <c>device</c> of a study: "cpu", "cuda", "cuda:1", "mirror".</param>
    /// <exception cref="InputException">libtorch sees no such GPU.</exception>
    public static TrainingDevices Of(string word)
    {
        Device device = Device.TryParse(word) ?? throw new InputException($"device got '{word}'; expected cpu, cuda, cuda:N or mirror");
        if (!device.IsCuda)
            return new([device]);
        int there = Count();
        if (there == 0 || (word.Contains(':', StringComparison.Ordinal) && device != Device.Cuda(0) && !Among(device, there)))
            throw new InputException(
                $"device is '{word}', and libtorch sees {(there == 0 ? "no CUDA device" : $"{there} CUDA devices, cuda:0 the first")}; "
                    + (
                        there == 0
                            ? "expected a GPU and a Gaplab built against a libtorch for CUDA (GAPLAB_LIBTORCH), or device: cpu"
                            : "expected one of them"
                    )
            );
        return word == "cuda" ? new([.. Enumerable.Range(0, there).Select(Device.Cuda)]) : new([device]);
    }

    /// <summary>Packs at once: as many as were asked for, but one a GPU.</summary>
    public int Workers(int asked) => All[0].IsCuda ? Math.Min(asked, All.Count) : asked;

    /// <summary>The device of a worker, by its number.</summary>
    public Device Of(int worker) => All[worker % All.Count];

    /// <summary>Bytes that a pack may use of the smallest of the GPUs; null of a CPU, and where nothing tells.</summary>
    public long? Memory() => All[0].IsCuda && GpuPool.LeastMemory() is { } bytes ? (long)(MemoryShare * bytes) : null;

    private static bool Among(Device device, int there) => Enumerable.Range(0, there).Any(i => Device.Cuda(i) == device);

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
