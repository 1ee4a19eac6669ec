// The device on which what trains on the CPU is tried again: the mirror, or the one that GAPLAB_TEST_DEVICE names.
using Gaplab.Torch;

namespace Gaplab.Training.Tests.Devices;

internal static class FarDevice
{
    /// <summary>The variable's word; "mirror" where it is not set.</summary>
    public static string Word { get; } =
        Environment.GetEnvironmentVariable("GAPLAB_TEST_DEVICE") is { Length: > 0 } named ? named : "mirror";

    public static Device Device { get; } = Device.TryParse(Word) ?? throw new InvalidOperationException($"GAPLAB_TEST_DEVICE={Word}");

    /// <summary>"mirror" or "cuda", as env.json says.</summary>
    public static string Kind => Device.Kind;
}
