// Heavy ball at a constant rate: K steps of its second moments by repeated squaring.
using System.Numerics;

namespace Gaplab.Theory.GapModel;

/// <summary>
/// One step is the affine map Y → M Y Mᵀ + N of the second moments of (x, v), M = [[1−ηλ, −ημ], [λ, μ]] and N the noise's; K steps are
/// the K-th power of that map, found in log₂ K squarings of (M, N) → (M², M N Mᵀ + N).
/// </summary>
internal readonly struct HeavyBallPower
{
    private readonly Vector<double> _a,
        _b,
        _c,
        _d,
        _xx,
        _xv,
        _vv;

    private HeavyBallPower(
        Vector<double> a,
        Vector<double> b,
        Vector<double> c,
        Vector<double> d,
        Vector<double> xx,
        Vector<double> xv,
        Vector<double> vv
    ) => (_a, _b, _c, _d, _xx, _xv, _vv) = (a, b, c, d, xx, xv, vv);

    /// <summary>E x² after some steps from (a², 0, 0).</summary>
    public static Vector<double> After(
        int steps,
        Vector<double> start,
        Vector<double> curvature,
        Vector<double> noise,
        double momentum,
        double rate
    )
    {
        Vector<double> mu = new(momentum),
            eta = new(rate);
        var power = new HeavyBallPower(
            Vector<double>.One - eta * curvature,
            -eta * mu,
            curvature,
            mu,
            eta * eta * noise,
            -eta * noise,
            noise
        );
        (Vector<double> xx, Vector<double> xv, Vector<double> vv) = (start, Vector<double>.Zero, Vector<double>.Zero);
        for (int left = steps; ; power = power.Squared())
        {
            if ((left & 1) == 1)
                (xx, xv, vv) = power.Apply(xx, xv, vv);
            left >>= 1;
            if (left == 0)
                return xx;
        }
    }

    private (Vector<double> XX, Vector<double> XV, Vector<double> VV) Apply(Vector<double> xx, Vector<double> xv, Vector<double> vv)
    {
        Vector<double> ax = _a * xx + _b * xv,
            av = _a * xv + _b * vv,
            cx = _c * xx + _d * xv,
            cv = _c * xv + _d * vv;
        return (ax * _a + av * _b + _xx, ax * _c + av * _d + _xv, cx * _c + cv * _d + _vv);
    }

    private HeavyBallPower Squared()
    {
        (Vector<double> xx, Vector<double> xv, Vector<double> vv) = Apply(_xx, _xv, _vv);
        Vector<double> cross = _b * _c,
            trace = _a + _d;
        return new(_a * _a + cross, trace * _b, trace * _c, _d * _d + cross, xx, xv, vv);
    }
}
