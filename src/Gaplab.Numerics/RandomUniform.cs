// Uniform numbers strictly between 0 and 1, as the samplers of heavy-tailed laws need them.
namespace Gaplab.Numerics.Streams;

/// <summary>Odd multiples of 2⁻⁵³: never 0, never 1, and 1 − u is exact. A logarithm or a tangent of them is finite.</summary>
internal static class RandomUniform
{
    /// <summary>The next one; takes one output.</summary>
    public static double Open(RandomStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return ((stream.NextUInt64() >> 12) + 0.5) * (1.0 / (1UL << 52));
    }
}
