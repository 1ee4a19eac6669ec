// Where tensors live, and where those that are made without a word about it are put.
using System.Globalization;

namespace Gaplab.Torch;

/// <summary>Where a tensor lives: the CPU, a CUDA device, or the mirror.</summary>
public readonly record struct Device
{
    private const int CpuNumber = -1,
        MirrorNumber = -2;

    // 0 is the CPU, so that default(Device) is: the numbers of libtorch's binding less one.
    private readonly int _shifted;

    private Device(int number) => _shifted = number - CpuNumber;

    public static Device Cpu => new(CpuNumber);

    public static Device Cuda(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        return new(index);
    }

    /// <summary>The CPU under another name: its tensors can be seen by tensor operations alone, as those of a GPU. It is there to test
    /// without a GPU whatever a GPU is given, and slow.</summary>
    public static Device Mirror => new(MirrorNumber);

    /// <summary>Where <see cref="Tensor.From"/>, Empty, Zeros and Full of this thread put tensors; the CPU unless <see cref="Use"/> says
    /// another.</summary>
    public static Device Current => s_current;

    [ThreadStatic]
    private static Device s_current;

    public bool IsCpu => Number == CpuNumber;

    public bool IsCuda => Number >= 0;

    /// <summary>"cpu", "cuda" or "mirror": devices of one kind add in one order.</summary>
    public string Kind =>
        IsCpu ? "cpu"
        : IsCuda ? "cuda"
        : "mirror";

    internal int Number => _shifted + CpuNumber;

    /// <summary>Within the scope, tensors of this thread are made on this device.</summary>
    public DeviceScope Use()
    {
        var scope = new DeviceScope(s_current);
        s_current = this;
        return scope;
    }

    internal static Device Numbered(int number) => new(number);

    internal static void Restore(Device before) => s_current = before;

    /// <summary>The words of devices, as a message lists them, and as a regular expression has them.</summary>
    public const string Words = "cpu, cuda, cuda:N or mirror",
        Pattern = "^(cpu|mirror|cuda(:[0-9]+)?)$";

    /// <summary>One of <see cref="Words"/>, of which "cuda" is the first GPU; null where a text is none of them.</summary>
    public static Device? TryParse(string text) =>
        text switch
        {
            "cpu" => Cpu,
            "mirror" => Mirror,
            "cuda" => Cuda(0),
            _ when text.StartsWith("cuda:", StringComparison.Ordinal)
                    && int.TryParse(text.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out int index) => Cuda(index),
            _ => null,
        };

    public override string ToString() => IsCuda ? string.Create(CultureInfo.InvariantCulture, $"cuda:{Number}") : Kind;
}

/// <summary>Restores the thread's device at its end.</summary>
public readonly ref struct DeviceScope(Device before)
{
    public void Dispose() => Device.Restore(before);
}
