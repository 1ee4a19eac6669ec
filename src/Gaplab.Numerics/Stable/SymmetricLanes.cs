// The vectors of symmetric stable variates. This text is compiled twice: as it stands, and for vectors half as wide
// (Gaplab.Numerics.csproj).
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Gaplab.Numerics.Streams;
using static Gaplab.Numerics.VectorFunctions;

namespace Gaplab.Numerics.Stable;

/// <summary>What <see cref="SymmetricStable"/> says of its variates, a vector at a time; the numbers do not depend on its width.</summary>
internal sealed class SymmetricLanes
{
    private static readonly double s_log2OfLn2 = Math.Log2(Math.Log(2));
    private readonly double _alpha,
        _sineStart,
        _cosineStart,
        _cosineSlope,
        _cosinePower,
        _widthPower,
        _constant;

    public SymmetricLanes(double alpha)
    {
        double e = 1 - alpha;
        (_alpha, _sineStart, _cosineStart, _cosineSlope) = (alpha, 1 - alpha / 2, 0.5 * (1 - Math.Abs(e)), Math.Abs(e));
        (_cosinePower, _widthPower) = (e / alpha, -1 / alpha);
        _constant = -_cosinePower * s_log2OfLn2; // w = −ln u₂ = ln 2 · (−log₂ u₂)
    }

    /// <summary>Fills with the variates that follow a stream's state; two outputs each.</summary>
    public void Fill(ulong state, Span<double> values)
    {
        int width = Vector512<double>.Count;
        Vector512<ulong> counters = Vector512.Create(state) + Lanes(),
            step = Vector512.Create(unchecked((ulong)(2 * width) * RandomStream.Gamma));
        ref double start = ref MemoryMarshal.GetReference(values);
        int i = 0;
        for (; i <= values.Length - 2 * width; i += 2 * width, counters += step + step)
        {
            (Vector512<double> first, Vector512<double> second) = Sample(counters, counters + step);
            first.StoreUnsafe(ref start, (nuint)i);
            second.StoreUnsafe(ref start, (nuint)(i + width));
        }
        for (; i <= values.Length - width; i += width, counters += step)
            Sample(counters).StoreUnsafe(ref start, (nuint)i);
        if (i < values.Length)
        {
            Span<double> rest = stackalloc double[Vector512<double>.Count];
            Sample(counters).CopyTo(rest);
            rest[..(values.Length - i)].CopyTo(values[i..]);
        }
    }

    /// <summary>Fills with the variates that follow a stream's state; one output each.</summary>
    public void Fill(ulong state, Span<float> values)
    {
        int width = Vector512<float>.Count;
        Vector512<ulong> counters = Vector512.Create(state) + Lanes(),
            step = Vector512.Create(unchecked((ulong)width * RandomStream.Gamma));
        ref float start = ref MemoryMarshal.GetReference(values);
        int i = 0;
        for (; i <= values.Length - width; i += width, counters += step)
            SampleSingle(counters).StoreUnsafe(ref start, (nuint)i);
        if (i < values.Length)
        {
            Span<float> rest = stackalloc float[Vector512<float>.Count];
            SampleSingle(counters).CopyTo(rest);
            rest[..(values.Length - i)].CopyTo(values[i..]);
        }
    }

    // Lane i: the variate that a stream whose state is counter i gives next. The stream then stands two outputs further.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> Sample(Vector512<ulong> counters)
    {
        Vector512<double> t = Uniforms(counters + Vector512.Create(RandomStream.Gamma)) - Of(0.5);
        Vector512<double> v = Uniforms(counters + Vector512.Create(unchecked(2 * RandomStream.Gamma)));
        Vector512<double> m = Of(0.5) - Vector512.Abs(t),
            alpha = Of(_alpha);
        Vector512<double> sine = SinPi(Vector512.MinNative(alpha * Vector512.Abs(t), Fma(alpha, m, Of(_sineStart))));
        Vector512<double> cosine = SinPi(Fma(Of(_cosineSlope), m, Of(_cosineStart)));
        // The cosine and the exponential have opposite powers: a division, which other units of the processor do, instead of a logarithm.
        Vector512<double> y = Fma(Of(_cosinePower), Log2(cosine / -Log2(v)), Fma(Of(_widthPower), Log2(SinPi(m)), Of(_constant)));
        return Vector512.CopySign(sine * Exp2(y), t);
    }

    // Sample of each, bit for bit.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public (Vector512<double>, Vector512<double>) Sample(Vector512<ulong> counters0, Vector512<ulong> counters1)
    {
        Vector512<ulong> one = Vector512.Create(RandomStream.Gamma),
            two = Vector512.Create(unchecked(2 * RandomStream.Gamma));
        (Vector512<double> v0, Vector512<double> v1) = Log2(Uniforms(counters0 + two), Uniforms(counters1 + two));
        Vector512<double> t0 = Uniforms(counters0 + one) - Of(0.5),
            t1 = Uniforms(counters1 + one) - Of(0.5),
            m0 = Of(0.5) - Vector512.Abs(t0),
            m1 = Of(0.5) - Vector512.Abs(t1),
            alpha = Of(_alpha);
        (Vector512<double> cosine0, Vector512<double> cosine1) = SinPi(
            Fma(Of(_cosineSlope), m0, Of(_cosineStart)),
            Fma(Of(_cosineSlope), m1, Of(_cosineStart))
        );
        (Vector512<double> width0, Vector512<double> width1) = SinPi(m0, m1);
        (Vector512<double> y0, Vector512<double> y1) = Log2(cosine0 / -v0, cosine1 / -v1);
        (width0, width1) = Log2(width0, width1);
        (Vector512<double> sine0, Vector512<double> sine1) = SinPi(
            Vector512.MinNative(alpha * Vector512.Abs(t0), Fma(alpha, m0, Of(_sineStart))),
            Vector512.MinNative(alpha * Vector512.Abs(t1), Fma(alpha, m1, Of(_sineStart)))
        );
        (y0, y1) = Exp2(
            Fma(Of(_cosinePower), y0, Fma(Of(_widthPower), width0, Of(_constant))),
            Fma(Of(_cosinePower), y1, Fma(Of(_widthPower), width1, Of(_constant)))
        );
        return (Vector512.CopySign(sine0 * y0, t0), Vector512.CopySign(sine1 * y1, t1));
    }

    // Lanes 2i and 2i + 1: from the output after counter i and the one after that; the low half is the angle, the high half the
    // exponential.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<float> SampleSingle(Vector512<ulong> counters)
    {
        Vector512<ulong> a = SplitMix(counters + Vector512.Create(RandomStream.Gamma)),
            b = SplitMix(counters + Vector512.Create(unchecked(2 * RandomStream.Gamma)));
        Vector512<ulong> low = Vector512.Create(0xFFFFFFFFUL);
        Vector512<int> angle = ((a & low) | (b << 32)).AsInt32(),
            sign = angle >> 31,
            near = angle ^ sign;
        Vector512<uint> word = ((a >>> 32) | Vector512.AndNot(b, low)).AsUInt32();
        // Distances from both ends are taken as whole numbers, where they are exact, so that small ones keep their relative accuracy.
        Vector512<float> unit = Of(1f / 4294967296f),
            half = Of(0.5f / 4294967296f),
            alpha = Of((float)_alpha);
        Vector512<float> m = Fma(Vector512.ConvertToSingle(near), unit, half),
            t = Fma(Vector512.ConvertToSingle(Vector512.Create(int.MaxValue) - near), unit, half);
        Vector512<float> sine = SinPi(Vector512.MinNative(alpha * t, Fma(alpha, m, Of((float)_sineStart))));
        Vector512<float> cosine = SinPi(Fma(Of((float)_cosineSlope), m, Of((float)_cosineStart)));
        Vector512<float> exponential = NegativeLog2OfRest(
            Fma(Vector512.ConvertToSingle(word), unit, half),
            Fma(Vector512.ConvertToSingle(~word), unit, half)
        );
        Vector512<float> y = Fma(
            Of((float)_cosinePower),
            Log2(cosine / exponential),
            Fma(Of((float)_widthPower), Log2(SinPi(m)), Of((float)_constant))
        );
        return Vector512.CopySign(sine * Exp2(y), ~sign.AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Lanes() => Vector512<ulong>.Indices * Vector512.Create(unchecked(2 * RandomStream.Gamma));
}
