// A valley that is steep on one side and flat on the other.
namespace Gaplab.Theory.Levy;

/// <summary>½ sharp x² for x &lt; 0 and ½ flat x² for x ≥ 0 in every coordinate (the asymmetric valleys of He, Huang and Yuan
/// 2019).</summary>
public sealed class AsymmetricValley : IPotential
{
    private readonly double[] _sharp,
        _flat;

    /// <param name="sharp">Curvatures below 0.</param>
    /// <param name="flat">Curvatures above 0.</param>
    public AsymmetricValley(IReadOnlyList<double> sharp, IReadOnlyList<double> flat)
    {
        ArgumentNullException.ThrowIfNull(sharp);
        ArgumentNullException.ThrowIfNull(flat);
        if (sharp.Count != flat.Count)
            throw new ArgumentException($"{sharp.Count} curvatures below and {flat.Count} above; expected as many of each");
        (_sharp, _flat) = ([.. sharp], [.. flat]);
    }

    public int Dimension => _sharp.Length;

    public double Value(ReadOnlySpan<double> x)
    {
        double sum = 0;
        for (int i = 0; i < x.Length; i++)
            sum += 0.5 * (x[i] < 0 ? _sharp[i] : _flat[i]) * x[i] * x[i];
        return sum;
    }

    public void Gradient(ReadOnlySpan<double> x, Span<double> gradient)
    {
        for (int i = 0; i < x.Length; i++)
            gradient[i] = (x[i] < 0 ? _sharp[i] : _flat[i]) * x[i];
    }
}
