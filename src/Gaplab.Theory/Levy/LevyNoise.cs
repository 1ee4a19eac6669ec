// The noise that drives a path: a stable law and a matrix.
using System.Globalization;
using Gaplab.Numerics;
using Gaplab.Theory.Escape;

namespace Gaplab.Theory.Levy;

/// <summary>Σ times a stable vector: independent components or one isotropic vector.</summary>
public sealed class LevyNoise
{
    private readonly double[,] _sigma;
    private readonly double[] _rows,
        _diagonal;

    /// <param name="alpha">0 &lt; α ≤ 2; at 2 each component is N(0, 2).</param>
    /// <param name="sigma">[d, k]</param>
    public LevyNoise(double alpha, NoiseDriver driver, double[,] sigma)
    {
        ArgumentNullException.ThrowIfNull(sigma);
        if (alpha is not (> 0 and <= 2))
            throw new InputException(
                string.Create(CultureInfo.InvariantCulture, $"alpha is {alpha}; expected a number above 0 and at most 2")
            );
        (Alpha, Driver, _sigma) = (alpha, driver, (double[,])sigma.Clone());
        int d = sigma.GetLength(0),
            k = sigma.GetLength(1);
        IsDiagonal = d == k;
        for (int i = 0; i < d; i++)
        for (int j = 0; j < k; j++)
            IsDiagonal &= i == j || sigma[i, j] == 0;
        _rows = IsDiagonal ? [] : [.. sigma.Cast<double>()];
        _diagonal = IsDiagonal ? [.. Enumerable.Range(0, d).Select(i => sigma[i, i])] : [];
    }

    /// <summary>Along the coordinates.</summary>
    public static LevyNoise Diagonal(double alpha, NoiseDriver driver, params IReadOnlyList<double> scales)
    {
        ArgumentNullException.ThrowIfNull(scales);
        var sigma = new double[scales.Count, scales.Count];
        for (int i = 0; i < scales.Count; i++)
            sigma[i, i] = scales[i];
        return new(alpha, driver, sigma);
    }

    public double Alpha { get; }

    public NoiseDriver Driver { get; }

    public double[,] Sigma => (double[,])_sigma.Clone();

    public int Dimension => _sigma.GetLength(0);

    public int Components => _sigma.GetLength(1);

    internal bool IsDiagonal { get; }

    /// <summary>The scale of each coordinate's own stable law.</summary>
    public double[] Scales =>
        [
            .. Enumerable
                .Range(0, Dimension)
                .Select(i =>
                    Driver == NoiseDriver.Isotropic
                        ? Math.Sqrt(Enumerable.Range(0, Components).Sum(j => _sigma[i, j] * _sigma[i, j]))
                        : Math.Pow(Enumerable.Range(0, Components).Sum(j => Math.Pow(Math.Abs(_sigma[i, j]), Alpha)), 1 / Alpha)
                ),
        ];

    /// <summary>y = amplitude · Σ z.</summary>
    internal void Apply(ReadOnlySpan<double> z, double amplitude, Span<double> y)
    {
        if (IsDiagonal)
        {
            for (int i = 0; i < y.Length; i++)
                y[i] = amplitude * _diagonal[i] * z[i];
            return;
        }
        for (int i = 0; i < y.Length; i++)
        {
            ReadOnlySpan<double> line = _rows.AsSpan(i * z.Length, z.Length);
            double row = 0;
            for (int j = 0; j < z.Length; j++)
                row += line[j] * z[j];
            y[i] = amplitude * row;
        }
    }
}
