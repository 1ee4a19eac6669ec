// The functions of eight doubles on two vectors in step: the chains of one fill the waits of the other.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Gaplab.Numerics;

internal static partial class VectorFunctions
{
    /// <summary>Two logarithms, bit for bit as <see cref="Log2(Vector512{double})"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector512<double>, Vector512<double>) Log2(Vector512<double> x0, Vector512<double> x1)
    {
        (Vector512<double> k0, Vector512<double> r0) = Split(x0);
        (Vector512<double> k1, Vector512<double> r1) = Split(x1);
        Vector512<double> s0 = r0 * r0,
            s1 = r1 * r1;
        Vector512<double> even0 = Fma(s0, Of(L17), Of(L15)),
            even1 = Fma(s1, Of(L17), Of(L15));
        Vector512<double> odd0 = Fma(s0, Of(L18), Of(L16)),
            odd1 = Fma(s1, Of(L18), Of(L16));
        even0 = Fma(s0, even0, Of(L13));
        even1 = Fma(s1, even1, Of(L13));
        odd0 = Fma(s0, odd0, Of(L14));
        odd1 = Fma(s1, odd1, Of(L14));
        even0 = Fma(s0, even0, Of(L11));
        even1 = Fma(s1, even1, Of(L11));
        odd0 = Fma(s0, odd0, Of(L12));
        odd1 = Fma(s1, odd1, Of(L12));
        even0 = Fma(s0, even0, Of(L9));
        even1 = Fma(s1, even1, Of(L9));
        odd0 = Fma(s0, odd0, Of(L10));
        odd1 = Fma(s1, odd1, Of(L10));
        even0 = Fma(s0, even0, Of(L7));
        even1 = Fma(s1, even1, Of(L7));
        odd0 = Fma(s0, odd0, Of(L8));
        odd1 = Fma(s1, odd1, Of(L8));
        even0 = Fma(s0, even0, Of(L5));
        even1 = Fma(s1, even1, Of(L5));
        odd0 = Fma(s0, odd0, Of(L6));
        odd1 = Fma(s1, odd1, Of(L6));
        even0 = Fma(s0, even0, Of(L3));
        even1 = Fma(s1, even1, Of(L3));
        odd0 = Fma(s0, odd0, Of(L4));
        odd1 = Fma(s1, odd1, Of(L4));
        even0 = Fma(s0, even0, Of(L1));
        even1 = Fma(s1, even1, Of(L1));
        odd0 = Fma(s0, odd0, Of(L2));
        odd1 = Fma(s1, odd1, Of(L2));
        return (Fma(r0, Fma(r0, odd0, even0), k0), Fma(r1, Fma(r1, odd1, even1), k1));
    }

    /// <summary>Two powers of 2, bit for bit as <see cref="Exp2(Vector512{double})"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector512<double>, Vector512<double>) Exp2(Vector512<double> y0, Vector512<double> y1)
    {
        y0 = Vector512.MaxNative(Vector512.MinNative(y0, Of(1024.0)), Of(-1022.0));
        y1 = Vector512.MaxNative(Vector512.MinNative(y1, Of(1024.0)), Of(-1022.0));
        Vector512<double> shifted0 = y0 + Of(6755399441055744.0),
            shifted1 = y1 + Of(6755399441055744.0);
        Vector512<double> r0 = y0 - (shifted0 - Of(6755399441055744.0)),
            r1 = y1 - (shifted1 - Of(6755399441055744.0));
        Vector512<double> s0 = r0 * r0,
            s1 = r1 * r1;
        Vector512<double> even0 = Fma(s0, Of(E10), Of(E8)),
            even1 = Fma(s1, Of(E10), Of(E8));
        Vector512<double> odd0 = Fma(s0, Of(E11), Of(E9)),
            odd1 = Fma(s1, Of(E11), Of(E9));
        even0 = Fma(s0, even0, Of(E6));
        even1 = Fma(s1, even1, Of(E6));
        odd0 = Fma(s0, odd0, Of(E7));
        odd1 = Fma(s1, odd1, Of(E7));
        even0 = Fma(s0, even0, Of(E4));
        even1 = Fma(s1, even1, Of(E4));
        odd0 = Fma(s0, odd0, Of(E5));
        odd1 = Fma(s1, odd1, Of(E5));
        even0 = Fma(s0, even0, Of(E2));
        even1 = Fma(s1, even1, Of(E2));
        odd0 = Fma(s0, odd0, Of(E3));
        odd1 = Fma(s1, odd1, Of(E3));
        even0 = Fma(s0, even0, Vector512<double>.One);
        even1 = Fma(s1, even1, Vector512<double>.One);
        odd0 = Fma(s0, odd0, Of(E1));
        odd1 = Fma(s1, odd1, Of(E1));
        Vector512<double> scale0 = ((shifted0.AsInt64() << 52) + Vector512.Create(1023L << 52)).AsDouble(),
            scale1 = ((shifted1.AsInt64() << 52) + Vector512.Create(1023L << 52)).AsDouble();
        return (Fma(r0, odd0, even0) * scale0, Fma(r1, odd1, even1) * scale1);
    }

    /// <summary>Two sines, bit for bit as <see cref="SinPi(Vector512{double})"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector512<double>, Vector512<double>) SinPi(Vector512<double> x0, Vector512<double> x1)
    {
        Vector512<double> t0 = x0 * x0,
            t1 = x1 * x1;
        Vector512<double> p0 = Fma(t0, Of(S17), Of(S15)),
            p1 = Fma(t1, Of(S17), Of(S15));
        p0 = Fma(t0, p0, Of(S13));
        p1 = Fma(t1, p1, Of(S13));
        p0 = Fma(t0, p0, Of(S11));
        p1 = Fma(t1, p1, Of(S11));
        p0 = Fma(t0, p0, Of(S9));
        p1 = Fma(t1, p1, Of(S9));
        p0 = Fma(t0, p0, Of(S7));
        p1 = Fma(t1, p1, Of(S7));
        p0 = Fma(t0, p0, Of(S5));
        p1 = Fma(t1, p1, Of(S5));
        p0 = Fma(t0, p0, Of(S3));
        p1 = Fma(t1, p1, Of(S3));
        return (x0 * Fma(t0, p0, Of(S1)), x1 * Fma(t1, p1, Of(S1)));
    }
}
