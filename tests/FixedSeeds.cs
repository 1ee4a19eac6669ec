// Properties over generated values that are the same in every run, on every machine.
using CsCheck;

namespace Gaplab.Tests;

internal static class FixedSeeds
{
    /// <summary>One of a few values.</summary>
    public static Gen<T> OneOf<T>(params T[] of) => Gen.Int[0, of.Length - 1].Select(i => of[i]);

    /// <summary>Checks <paramref name="holds"/> on <paramref name="count"/> generated values, each from a seed of its own; a failure is
    /// shrunk and names its seed.</summary>
    public static void Check<T>(Gen<T> values, int count, Action<T> holds, Func<T, string>? print = null)
    {
        for (int i = 0; i < count; i++)
            values.Sample(holds, seed: new PCG((uint)i, 20_240_229).ToString(), iter: 1, threads: 1, print: print);
    }
}
