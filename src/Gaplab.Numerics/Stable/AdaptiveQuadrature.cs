// Adaptive Gauss–Kronrod quadrature of a smooth function on a finite interval.
namespace Gaplab.Numerics.Stable;

/// <summary>The 15-point Kronrod rule with its 7-point Gauss rule (Piessens et al., QUADPACK 1983), halving the interval where the two
/// differ.</summary>
internal static class AdaptiveQuadrature
{
    private static readonly double[] s_nodes =
    [
        0.991455371120812639206854697526329,
        0.949107912342758524526189684047851,
        0.864864423359769072789712788640926,
        0.741531185599394439863864773280788,
        0.586087235467691130294144691693013,
        0.405845151377397166906606412076961,
        0.207784955007898467600689403773245,
        0,
    ];
    private static readonly double[] s_kronrod =
    [
        0.022935322010529224963732008058970,
        0.063092092629978553290700663189204,
        0.104790010322250183839876322541518,
        0.140653259715525918745189590510238,
        0.169004726639267902826583426598550,
        0.190350578064785409913256402421014,
        0.204432940075298892414161999234649,
        0.209482141084727828012999174891714,
    ];
    private static readonly double[] s_gauss =
    [
        0.129484966168869693270611432679082,
        0.279705391489276667901467771423780,
        0.381830050505118944950369775488975,
        0.417959183673469387755102040816327,
    ];

    /// <summary>∫ f over [from, to].</summary>
    /// <param name="f">Finite on the open interval; the ends are never evaluated.</param>
    /// <param name="from">Lower end.</param>
    /// <param name="to">Upper end.</param>
    /// <param name="relative">Error asked of each piece relative to the whole integral of |f|.</param>
    /// <param name="absolute">An error that is small enough for any piece.</param>
    /// <param name="depth">Halvings at most.</param>
    public static double Integrate(
        Func<double, double> f,
        double from,
        double to,
        double relative = 1e-12,
        double absolute = 0,
        int depth = 40
    )
    {
        ArgumentNullException.ThrowIfNull(f);
        if (!(to > from))
            return 0;
        (double value, double error, double size) = Rule(f, from, to);
        return error <= Math.Max(absolute, relative * size) ? value : Halves(f, from, to, relative, absolute, size, depth);
    }

    /// <summary>The sum of integrals over pieces of several functions; every piece is halved until its error is small beside the sum of
    /// them all.</summary>
    /// <remarks>A piece is left as it is when halving no longer helps, which is what rounding noise looks like, and when 1000 halves have
    /// been evaluated.</remarks>
    /// <param name="parts">A function and its ascending break points, which are never evaluated.</param>
    /// <param name="relative">Error asked of each piece relative to all of ∫|f|; an error below 1e-300 is always small enough.</param>
    public static double Integrate(IReadOnlyList<(Func<double, double> Function, double[] Breaks)> parts, double relative)
    {
        ArgumentNullException.ThrowIfNull(parts);
        var pieces = new List<(Func<double, double> Function, double From, double To, double Value, double Error)>();
        double total = 0;
        foreach ((Func<double, double> function, double[] breaks) in parts)
            for (int i = 1; i < breaks.Length; i++)
            {
                if (!(breaks[i] > breaks[i - 1]))
                    continue;
                (double value, double error, double size) = Rule(function, breaks[i - 1], breaks[i]);
                pieces.Add((function, breaks[i - 1], breaks[i], value, error));
                total += size;
            }
        double asked = Math.Max(1e-300, relative * total),
            sum = 0;
        int left = 1000;
        foreach ((Func<double, double> function, double from, double to, double value, double error) in pieces)
            sum += Refined(function, from, to, value, error, asked, 1e-9 * total, ref left);
        return sum;
    }

    private static double Refined(
        Func<double, double> f,
        double from,
        double to,
        double value,
        double error,
        double asked,
        double noisy,
        ref int left
    )
    {
        double middle = 0.5 * (from + to);
        if (error <= asked || left <= 0 || middle <= from || middle >= to)
            return value;
        left -= 2;
        (double low, double lowError, _) = Rule(f, from, middle);
        (double high, double highError, _) = Rule(f, middle, to);
        if (error < noisy && lowError + highError > 0.5 * error)
            return low + high;
        return Refined(f, from, middle, low, lowError, asked, noisy, ref left)
            + Refined(f, middle, to, high, highError, asked, noisy, ref left);
    }

    private static double Halves(Func<double, double> f, double from, double to, double relative, double absolute, double scale, int depth)
    {
        double middle = 0.5 * (from + to);
        return Part(f, from, middle, relative, absolute, scale, depth) + Part(f, middle, to, relative, absolute, scale, depth);
    }

    private static double Part(Func<double, double> f, double from, double to, double relative, double absolute, double scale, int depth)
    {
        (double value, double error, double size) = Rule(f, from, to);
        scale = Math.Max(scale, size);
        return error <= Math.Max(absolute, relative * scale) || depth == 0 || size == 0
            ? value
            : Halves(f, from, to, relative, absolute, scale, depth - 1);
    }

    private static (double Value, double Error, double Size) Rule(Func<double, double> f, double from, double to)
    {
        double centre = 0.5 * (from + to),
            half = 0.5 * (to - from),
            middle = f(centre);
        double kronrod = s_kronrod[7] * middle,
            gauss = s_gauss[3] * middle,
            size = s_kronrod[7] * Math.Abs(middle);
        for (int i = 0; i < 7; i++)
        {
            double low = f(centre - half * s_nodes[i]),
                high = f(centre + half * s_nodes[i]);
            kronrod += s_kronrod[i] * (low + high);
            size += s_kronrod[i] * (Math.Abs(low) + Math.Abs(high));
            if (i % 2 == 1)
                gauss += s_gauss[i / 2] * (low + high);
        }
        return (kronrod * half, Math.Abs(kronrod - gauss) * half, size * half);
    }
}
