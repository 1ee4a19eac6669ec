// The best learning rate of a modelled optimizer: a grid, then golden section on its best cell.
namespace Gaplab.Theory.GapModel;

/// <summary>Where the best learning rate lay on the grid.</summary>
public enum RateEdge
{
    None,
    Low,
    High,
}

/// <summary>A tuned optimizer.</summary>
/// <param name="Optimizer">The candidate that won.</param>
/// <param name="Rate">η*.</param>
/// <param name="Loss">L*.</param>
/// <param name="Edge">Low or High: the minimum is at an end of the grid and the loss is only an upper bound of the best.</param>
public sealed record TunedRate(ModelledOptimizer Optimizer, double Rate, double Loss, RateEdge Edge);

/// <summary>A grid of learning rates √2 apart.</summary>
/// <param name="Low">log₂ of the smallest.</param>
/// <param name="High">log₂ of the largest.</param>
/// <param name="Extensions">How often an end where the minimum lies is moved on by eight octaves.</param>
public sealed record RateGrid(double Low, double High, int Extensions = 0)
{
    /// <summary>2^−18 … 2^4.5, as theory.md C3 has it.</summary>
    public static readonly RateGrid Default = new(-18, 4.5);

    /// <summary>The same, extended while the minimum lies at an end: for instances in any units.</summary>
    public static readonly RateGrid Extending = new(-18, 4.5, 8);
}

/// <summary>Minimises a loss over the learning rate.</summary>
internal static class RateTuning
{
    private static readonly double InverseGolden = (Math.Sqrt(5) - 1) / 2;

    /// <summary>The minimum over the grid, refined on its two cells by golden section in ln η (theory.md C3).</summary>
    /// <param name="loss">Loss at (rate, bound); above the bound any value above it will do.</param>
    /// <param name="grid">The grid.</param>
    /// <param name="tolerance">Width in ln η at which golden section stops.</param>
    /// <param name="stride">Search the grid at every how many half octaves first.</param>
    public static (double Rate, double Loss, RateEdge Edge) Minimise(
        Func<double, double, double> loss,
        RateGrid grid,
        double tolerance = 1e-6,
        int stride = 1
    )
    {
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(grid);
        (int low, int high) = ((int)Math.Round(2 * grid.Low), (int)Math.Round(2 * grid.High));
        high = low + (high - low + stride - 1) / stride * stride;
        double At(int index, double bound) => loss(Math.Pow(2, index / 2.0), bound);
        int best = low;
        double least = double.PositiveInfinity;
        void Search(int from, int to)
        {
            for (int i = from; i <= to; i += stride)
            {
                double value = At(i, least);
                if (value < least)
                    (best, least) = (i, value);
            }
        }
        Search(low, high);
        for (int extended = 0; extended < grid.Extensions && (best == low || best == high); extended++)
        {
            int end = best;
            if (end == low)
            {
                Search(low - 16, low - stride);
                low -= 16;
            }
            else
            {
                Search(high + stride, high + 16);
                high += 16;
            }
            // An end that is no better eight octaves on is a plateau, not a slope.
            if (best == end)
                break;
        }
        if (best == low || best == high)
            return (Math.Pow(2, best / 2.0), least, best == low ? RateEdge.Low : RateEdge.High);
        (double rate, double refined) = Golden(loss, (best - stride) / 2.0 * Math.Log(2), (best + stride) / 2.0 * Math.Log(2), tolerance);
        return refined <= least ? (rate, refined, RateEdge.None) : (Math.Pow(2, best / 2.0), least, RateEdge.None);
    }

    /// <summary>
    /// The minimum in three levels: a cheap loss finds where it is, a few values of a nearer one refine it by a parabola in ln η, and the
    /// exact loss is taken there; where it disagrees with the nearer one by more than 1% it refines for itself. The loss returned is always
    /// one of the exact loss.
    /// </summary>
    /// <param name="cheap">Loss at (rate, bound), right to some ten per cent in where its minimum is.</param>
    /// <param name="nearer">Loss at (rate, bound), right to some per cent in where its minimum is.</param>
    /// <param name="exact">Loss at (rate, bound).</param>
    /// <param name="grid">The grid.</param>
    public static (double Rate, double Loss, RateEdge Edge) Minimise(
        Func<double, double, double> cheap,
        Func<double, double, double> nearer,
        Func<double, double, double> exact,
        RateGrid grid
    )
    {
        ArgumentNullException.ThrowIfNull(exact);
        (double near, _, RateEdge edge) = Minimise(cheap, grid, 0.25, 4);
        if (edge != RateEdge.None)
            return (near, exact(near, double.PositiveInfinity), edge);
        (double rate, double expected) = Refine(nearer, near);
        double loss = exact(rate, double.PositiveInfinity);
        if (Math.Abs(loss - expected) <= 0.01 * expected)
            return (rate, loss, RateEdge.None);
        (rate, loss) = Refine(exact, rate);
        return (rate, loss, RateEdge.None);
    }

    /// <summary>Walks down in steps of a quarter of ln η from a start near the minimum, then takes the vertex of a parabola.</summary>
    private static (double Rate, double Loss) Refine(Func<double, double, double> loss, double near)
    {
        const double Step = 0.25;
        double At(double x) => loss(Math.Exp(x), double.PositiveInfinity);
        double x = Math.Log(near),
            middle = At(x),
            left = At(x - Step),
            right = At(x + Step);
        for (int moved = 0; moved < 40 && (left < middle || right < middle); moved++)
        {
            if (left < right)
                (x, right, middle, left) = (x - Step, middle, left, At(x - 2 * Step));
            else
                (x, left, middle, right) = (x + Step, middle, right, At(x + 2 * Step));
        }
        // At a cliff a parabola means nothing; the middle is then as good.
        double bend = left - 2 * middle + right,
            shift = bend > 0 && right < 2 * middle && left < 2 * middle ? 0.5 * Step * (left - right) / bend : 0;
        if (Math.Abs(shift) < 0.02)
            return (Math.Exp(x), middle);
        double vertex = loss(Math.Exp(x + shift), middle);
        return vertex < middle ? (Math.Exp(x + shift), vertex) : (Math.Exp(x), middle);
    }

    /// <summary>Golden section over ln η. Of the two inner points the better is kept, so the other's value is needed only to see that it is
    /// worse.</summary>
    private static (double Rate, double Loss) Golden(Func<double, double, double> loss, double a, double b, double tolerance)
    {
        double c = b - InverseGolden * (b - a),
            d = a + InverseGolden * (b - a);
        double atC = loss(Math.Exp(c), double.PositiveInfinity),
            atD = loss(Math.Exp(d), double.PositiveInfinity);
        while (b - a > tolerance)
        {
            if (atC < atD)
            {
                (b, d, atD) = (d, c, atC);
                c = b - InverseGolden * (b - a);
                atC = loss(Math.Exp(c), atD);
            }
            else
            {
                (a, c, atC) = (c, d, atD);
                d = a + InverseGolden * (b - a);
                atD = loss(Math.Exp(d), atC);
            }
        }
        return atC < atD ? (Math.Exp(c), atC) : (Math.Exp(d), atD);
    }
}
