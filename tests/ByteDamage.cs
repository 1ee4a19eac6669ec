// Damage to a file as a generated value: bits flipped, the end cut off, a stretch cleared or repeated.
using CsCheck;

namespace Gaplab.Tests;

/// <summary>One damage.</summary>
/// <param name="At">Where, as a fraction of the length.</param>
/// <param name="Kind">0 flips bits of a byte, 1 one bit, 2 cuts off the rest, 3 clears a stretch, 4 repeats one.</param>
/// <param name="Value">Which bits, or the length of the stretch.</param>
internal sealed record ByteDamage(double At, int Kind, int Value)
{
    public static Gen<ByteDamage> Any { get; } =
        Gen.Select(Gen.Double[0, 1], Gen.Int[0, 4], Gen.Int[1, 255]).Select((at, kind, value) => new ByteDamage(at, kind, value));

    /// <summary>A damaged copy.</summary>
    public byte[] To(byte[] whole)
    {
        if (whole.Length == 0)
            return whole;
        int at = (int)(At * (whole.Length - 1));
        byte[] changed = [.. whole];
        switch (Kind)
        {
            case 0:
                changed[at] ^= (byte)Value;
                break;
            case 1:
                changed[at] ^= (byte)(1 << (Value % 8));
                break;
            case 2:
                changed = changed[..at];
                break;
            case 3:
                Array.Clear(changed, at, Math.Min(Value, changed.Length - at));
                break;
            default:
                changed = [.. changed[..at], .. changed[Math.Max(0, at - Value)..]];
                break;
        }
        return changed;
    }

    /// <summary>A copy with one damage after another.</summary>
    public static byte[] All(IEnumerable<ByteDamage> damages, byte[] whole) => damages.Aggregate(whole, (now, damage) => damage.To(now));
}
