// Elementary functions on eight doubles or sixteen floats at once, for arguments whose range is known; the same numbers on every machine.
// This text is compiled twice: as it stands, and for vectors half as wide (Gaplab.Numerics.csproj).
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Gaplab.Numerics;

/// <summary>
/// Logarithm, exponential and sine by polynomials (Chebyshev fits), without branches, and SplitMix64 on eight counters. No special
/// values: arguments must lie in the range stated. Errors against exact arithmetic: float64 below 5·10⁻¹⁵ and 10⁻¹⁵, float32 below 3·10⁻⁷.
/// </summary>
internal static partial class VectorFunctions
{
    private const long SqrtHalfBits = 0x3FE6A09E667F3BCD;
    private const int SqrtHalfBitsSingle = 0x3F3504F3;

    // Coefficients by power: E of 2ʸ, |y| ≤ ½; L of log₂(1 + r), √½ ≤ 1 + r < √2; S of sin(πx), 0 ≤ x ≤ ½.
    private const double E1 = 0.6931471805599453,
        E2 = 0.24022650695910158,
        E3 = 0.055504108664821625,
        E4 = 0.009618129107587256,
        E5 = 0.001333355814640647,
        E6 = 0.00015403530463724353,
        E7 = 1.5252733841556773e-05,
        E8 = 1.3215432535912375e-06,
        E9 = 1.0178057087733941e-07,
        E10 = 7.074194297288521e-09,
        E11 = 4.4558179083360645e-10;
    private const double L1 = 1.442695040888961,
        L2 = -0.7213475204444744,
        L3 = 0.48089834696635186,
        L4 = -0.36067376022931874,
        L5 = 0.2885390074459846,
        L6 = -0.2404491717654101,
        L7 = 0.20609935165660867,
        L8 = -0.1803370456075891,
        L9 = 0.16029707750652847,
        L10 = -0.14426173158514688,
        L11 = 0.13120223089953834,
        L12 = -0.12041875891128528,
        L13 = 0.11051433445433557,
        L14 = -0.10044652934071209,
        L15 = 0.09704605528122602,
        L16 = -0.10715965704794954,
        L17 = 0.10097695102587106,
        L18 = -0.04694320952454281;
    private const double S1 = 3.141592653589793,
        S3 = -5.167712780049969,
        S5 = 2.5501640398773007,
        S7 = -0.5992645293189447,
        S9 = 0.0821458865731029,
        S11 = -0.007370430505916944,
        S13 = 0.0004662998161898394,
        S15 = -2.1903497074626018e-05,
        S17 = 7.697826768224191e-07;

    /// <summary>The outputs of SplitMix64 whose counters are these (after the step by γ).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> SplitMix(Vector512<ulong> z)
    {
        z = (z ^ (z >>> 30)) * Vector512.Create(0xBF58476D1CE4E5B9UL);
        z = (z ^ (z >>> 27)) * Vector512.Create(0x94D049BB133111EBUL);
        return z ^ (z >>> 31);
    }

    /// <summary>Those outputs as numbers on (0, 1), odd multiples of 2⁻⁵³.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Uniforms(Vector512<ulong> counters) =>
        ((SplitMix(counters) >>> 12) | Vector512.Create(0x3FF0000000000000UL)).AsDouble() - Of(1 - 1.1102230246251565e-16);

    /// <summary>log₂ x of normal positive x; absolute error 4·10⁻¹⁵ near 1, one rounding of the result elsewhere.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Log2(Vector512<double> x)
    {
        // x = 2ᵏ(1 + r) with 1 + r in [√½, √2).
        (Vector512<double> k, Vector512<double> r) = Split(x);
        Vector512<double> s = r * r;
        Vector512<double> even = Fma(s, Of(L17), Of(L15)),
            odd = Fma(s, Of(L18), Of(L16));
        even = Fma(s, even, Of(L13));
        odd = Fma(s, odd, Of(L14));
        even = Fma(s, even, Of(L11));
        odd = Fma(s, odd, Of(L12));
        even = Fma(s, even, Of(L9));
        odd = Fma(s, odd, Of(L10));
        even = Fma(s, even, Of(L7));
        odd = Fma(s, odd, Of(L8));
        even = Fma(s, even, Of(L5));
        odd = Fma(s, odd, Of(L6));
        even = Fma(s, even, Of(L3));
        odd = Fma(s, odd, Of(L4));
        even = Fma(s, even, Of(L1));
        odd = Fma(s, odd, Of(L2));
        return Fma(r, Fma(r, odd, even), k);
    }

    // k and r of x = 2ᵏ(1 + r), 1 + r in [√½, √2). Before AVX-512 a processor neither shifts a sign in nor converts such whole
    // numbers: k is held above 0 there, and put below the digits of 2⁵².
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<double> K, Vector512<double> R) Split(Vector512<double> x)
    {
        const long Above = 1023;
        Vector512<long> bits = x.AsInt64();
        if (Avx512DQ.VL.IsSupported)
        {
            Vector512<long> k = (bits - Vector512.Create(SqrtHalfBits)) >> 52;
            return (Vector512.ConvertToDouble(k), (bits - (k << 52)).AsDouble() - Vector512<double>.One);
        }
        Vector512<long> raised = (bits + Vector512.Create((Above << 52) - SqrtHalfBits)) >>> 52;
        return (
            (raised | Vector512.Create(0x4330000000000000)).AsDouble() - Of(4503599627370496.0 + Above),
            (bits + Vector512.Create(Above << 52) - (raised << 52)).AsDouble() - Vector512<double>.One
        );
    }

    /// <summary>2ʸ; infinite from y = 1023.5, and never below 2⁻¹⁰²³.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Exp2(Vector512<double> y)
    {
        y = Vector512.MaxNative(Vector512.MinNative(y, Of(1024.0)), Of(-1022.0));
        // Adding and taking away 1.5·2⁵² rounds to whole numbers and leaves them in the low bits.
        Vector512<double> shifted = y + Of(6755399441055744.0),
            r = y - (shifted - Of(6755399441055744.0)),
            s = r * r;
        Vector512<double> even = Fma(s, Of(E10), Of(E8)),
            odd = Fma(s, Of(E11), Of(E9));
        even = Fma(s, even, Of(E6));
        odd = Fma(s, odd, Of(E7));
        even = Fma(s, even, Of(E4));
        odd = Fma(s, odd, Of(E5));
        even = Fma(s, even, Of(E2));
        odd = Fma(s, odd, Of(E3));
        even = Fma(s, even, Vector512<double>.One);
        odd = Fma(s, odd, Of(E1));
        Vector512<double> scale = ((shifted.AsInt64() << 52) + Vector512.Create(1023L << 52)).AsDouble();
        return Fma(r, odd, even) * scale;
    }

    /// <summary>sin(πx), 0 ≤ x ≤ ½; relative error 10⁻¹⁵.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> SinPi(Vector512<double> x)
    {
        Vector512<double> t = x * x,
            p = Fma(t, Of(S17), Of(S15));
        p = Fma(t, p, Of(S13));
        p = Fma(t, p, Of(S11));
        p = Fma(t, p, Of(S9));
        p = Fma(t, p, Of(S7));
        p = Fma(t, p, Of(S5));
        p = Fma(t, p, Of(S3));
        return x * Fma(t, p, Of(S1));
    }

    /// <summary>log₂ x of normal positive x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Log2(Vector512<float> x)
    {
        Vector512<int> bits = x.AsInt32(),
            k = (bits - Vector512.Create(SqrtHalfBitsSingle)) >> 23;
        return Log2((bits - (k << 23)).AsSingle() - Vector512<float>.One, k);
    }

    /// <summary>−log₂(1 − p), from p and from 1 − p, each accurate relative to itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> NegativeLog2OfRest(Vector512<float> p, Vector512<float> rest)
    {
        Vector512<int> bits = rest.AsInt32(),
            k = (bits - Vector512.Create(SqrtHalfBitsSingle)) >> 23;
        Vector512<float> r = (bits - (k << 23)).AsSingle() - Vector512<float>.One;
        return -Log2(Vector512.ConditionalSelect(Vector512.LessThan(p, Of(0.25f)), -p, r), k);
    }

    // log₂(1 + r) + k
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Log2(Vector512<float> r, Vector512<int> k)
    {
        Vector512<float> s = r * r;
        Vector512<float> even = Fma(s, Of(0.1231096846719146f), Of(0.21607822552243777f)),
            odd = Fma(s, Of(-0.20586188051276055f), Of(-0.2391698814010418f));
        even = Fma(s, even, Of(0.28790326092450147f));
        odd = Fma(s, odd, Of(-0.36069326813533614f));
        even = Fma(s, even, Of(0.48091075345941253f));
        odd = Fma(s, odd, Of(-0.7213474682495624f));
        even = Fma(s, even, Of(1.4426950035679822f));
        return Fma(r, Fma(r, odd, even), Vector512.ConvertToSingle(k));
    }

    /// <summary>2ʸ; infinite from y = 127.5, and never below 2⁻¹²⁷.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp2(Vector512<float> y)
    {
        y = Vector512.MaxNative(Vector512.MinNative(y, Of(128f)), Of(-126f));
        Vector512<float> shifted = y + Of(12582912f),
            r = y - (shifted - Of(12582912f));
        Vector512<float> p = Fma(r, Of(0.0013390863364671234f), Of(0.009676031918322054f));
        p = Fma(r, p, Of(0.05550357114219078f));
        p = Fma(r, p, Of(0.2402210748530834f));
        p = Fma(r, p, Of(0.6931471882260288f));
        p = Fma(r, p, Of(1.0000000754548972f));
        return p * ((shifted.AsInt32() << 23) + Vector512.Create(127 << 23)).AsSingle();
    }

    /// <summary>sin(πx), 0 ≤ x ≤ ½.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> SinPi(Vector512<float> x)
    {
        Vector512<float> t = x * x,
            p = Fma(t, Of(0.07765591227601387f), Of(-0.5982904112834275f));
        p = Fma(t, p, Of(2.550077386528912f));
        p = Fma(t, p, Of(-5.167710076668315f));
        return x * Fma(t, p, Of(3.1415926400772034f));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Fma(Vector512<double> a, Vector512<double> b, Vector512<double> c) =>
        Vector512.FusedMultiplyAdd(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Fma(Vector512<float> a, Vector512<float> b, Vector512<float> c) => Vector512.FusedMultiplyAdd(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Of(double value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Of(float value) => Vector512.Create(value);
}
