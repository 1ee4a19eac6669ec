// Which samples an evaluation sees that does not ask for all.
namespace Gaplab.Learning.Data.Sampling;

/// <summary>Samples spread evenly over a part of the data: the same ones in every run.</summary>
internal static class EvenlySpaced
{
    /// <summary>How many an evaluation gets that asks for <paramref name="wanted"/> (0 = all) out of <paramref name="all"/>.</summary>
    public static long Count(long wanted, long all) => wanted <= 0 ? all : Math.Min(wanted, all);

    /// <summary>Which of <paramref name="all"/> is number <paramref name="index"/> of <paramref name="count"/>.</summary>
    public static long Index(long index, long count, long all) => (long)((Int128)index * all / count);
}
