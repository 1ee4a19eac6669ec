// exp(x) − 1 and log(1 + x) that keep their relative accuracy for the smallest x.
namespace Gaplab.Theory.Escape;

internal static class SmallDifferences
{
    public static double Expm1(double x)
    {
        if (Math.Abs(x) < 1e-5)
            return x * (1 + (x / 2 * (1 + (x / 3))));
        double y = Math.Exp(x);
        return Math.Abs(x) > 0.5 ? y - 1 : (y - 1) * x / Math.Log(y);
    }

    public static double Log1p(double x)
    {
        if (Math.Abs(x) > 0.5)
            return Math.Log(1 + x);
        double y = 1 + x;
        return y == 1 ? x : Math.Log(y) * x / (y - 1);
    }
}
