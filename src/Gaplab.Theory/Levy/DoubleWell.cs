// (x² − 1)²/4: two minima and a smooth saddle between them.
namespace Gaplab.Theory.Levy;

/// <summary>U = (x₁² − 1)²/4, with ½hx² in every further coordinate. Curvature 2 at the minima ±1, saddle at 0 of height ¼.</summary>
public sealed class DoubleWell : IPotential
{
    private readonly double[] _others;

    /// <param name="others">Curvatures of the further coordinates.</param>
    public DoubleWell(params IReadOnlyList<double> others)
    {
        ArgumentNullException.ThrowIfNull(others);
        _others = [.. others];
    }

    public int Dimension => 1 + _others.Length;

    public double Value(ReadOnlySpan<double> x)
    {
        double well = x[0] * x[0] - 1,
            sum = well * well / 4;
        for (int i = 1; i < x.Length; i++)
            sum += 0.5 * _others[i - 1] * x[i] * x[i];
        return sum;
    }

    public void Gradient(ReadOnlySpan<double> x, Span<double> gradient)
    {
        gradient[0] = x[0] * (x[0] * x[0] - 1);
        for (int i = 1; i < x.Length; i++)
            gradient[i] = _others[i - 1] * x[i];
    }

    /// <inheritdoc/>
    /// <remarks>x → x e^t/√(1 + x²(e^2t − 1)).</remarks>
    public bool Flow(Span<double> x, double time)
    {
        double growth = Math.Exp(time);
        x[0] *= growth / Math.Sqrt(1 + x[0] * x[0] * (growth - 1) * (growth + 1));
        for (int i = 1; i < x.Length; i++)
            x[i] *= Math.Exp(-_others[i - 1] * time);
        return true;
    }
}
