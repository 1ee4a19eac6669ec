// The vectors of positive stable variates. This text is compiled twice: as it stands, and for vectors half as wide
// (Gaplab.Numerics.csproj).
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Gaplab.Numerics.Streams;
using static Gaplab.Numerics.VectorFunctions;

namespace Gaplab.Numerics.Stable;

/// <summary>What <see cref="PositiveStable"/> says of its variates, a vector at a time; the numbers do not depend on its width.</summary>
internal sealed class PositiveLanes
{
    private readonly double _index,
        _restPower,
        _sinePower,
        _constant;

    public PositiveLanes(double index)
    {
        (_index, _restPower, _sinePower) = (index, (1 - index) / index, -1 / index);
        _constant = -_restPower * Math.Log2(Math.Log(2));
    }

    /// <summary>Fills with the variates that follow a stream's state; two outputs each.</summary>
    public void Fill(ulong state, Span<double> values)
    {
        int width = Vector512<double>.Count;
        Vector512<ulong> counters =
                Vector512.Create(state) + Vector512<ulong>.Indices * Vector512.Create(unchecked(2 * RandomStream.Gamma)),
            step = Vector512.Create(unchecked((ulong)(2 * width) * RandomStream.Gamma));
        ref double start = ref MemoryMarshal.GetReference(values);
        int i = 0;
        for (; i <= values.Length - width; i += width, counters += step)
            Sample(counters).StoreUnsafe(ref start, (nuint)i);
        if (i < values.Length)
        {
            Span<double> rest = stackalloc double[Vector512<double>.Count];
            Sample(counters).CopyTo(rest);
            rest[..(values.Length - i)].CopyTo(values[i..]);
        }
    }

    // Lane i: the variate that a stream whose state is counter i gives next. The stream then stands two outputs further.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> Sample(Vector512<ulong> counters)
    {
        Vector512<double> u = Uniforms(counters + Vector512.Create(RandomStream.Gamma)),
            v = Uniforms(counters + Vector512.Create(unchecked(2 * RandomStream.Gamma)));
        Vector512<double> rest = SineOf(Of(1 - _index) * u),
            whole = SinPi(Vector512.MinNative(u, Of(1.0) - u));
        Vector512<double> y = Fma(Of(_restPower), Log2(rest / -Log2(v)), Fma(Of(_sinePower), Log2(whole), Of(_constant)));
        return SineOf(Of(_index) * u) * Exp2(y);
    }

    // sin(πx), 0 ≤ x ≤ 1.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> SineOf(Vector512<double> x) => SinPi(Vector512.MinNative(x, Of(1.0) - x));
}
