// Closed-form families of quadratics: spectra, noise and starts as powers of the curvature.
using Gaplab.Numerics;
using MathNet.Numerics.Distributions;

namespace Gaplab.Theory.GapModel;

/// <summary>A spectrum by formula, with σᵢ² = s₀λᵢᵉ and aᵢ² = A zᵢ²λᵢᵇ (theory.md C1).</summary>
public sealed record QuadraticFamily
{
    /// <summary>The spectra there are.</summary>
    public static IReadOnlyList<string> Spectra { get; } = ["power-law", "zipf-blocks", "two-scale", "uniform"];

    public required string Spectrum { get; init; }

    /// <summary>Coordinates d.</summary>
    public int Dimension { get; init; } = 64;

    /// <summary>Of the power law i^−p, or of the blocks c^−p.</summary>
    public double Exponent { get; init; } = 1;

    /// <summary>Blocks of zipf-blocks; they share the dimension evenly.</summary>
    public int Blocks { get; init; } = 8;

    /// <summary>Sharp coordinates of two-scale.</summary>
    public int Sharp { get; init; } = 4;

    /// <summary>Curvature of the others in two-scale, relative to the sharp ones.</summary>
    public double Flat { get; init; } = 0.01;

    /// <summary>The largest curvature.</summary>
    public double Largest { get; init; } = 1;

    /// <summary>s₀.</summary>
    public double NoiseScale { get; init; } = 100;

    /// <summary>e: 1 is noise aligned with curvature, 0 is the same noise everywhere.</summary>
    public double NoiseExponent { get; init; } = 1;

    /// <summary>A.</summary>
    public double StartScale { get; init; } = 1;

    /// <summary>b.</summary>
    public double StartExponent { get; init; }

    /// <summary>zᵢ are normal quantiles in scattered order (true) or all 1.</summary>
    public bool Scattered { get; init; } = true;

    /// <summary>The instance.</summary>
    /// <exception cref="InputException">Numbers out of range.</exception>
    public Quadratic Build()
    {
        double[] curvature = Curvatures();
        double largest = curvature.Max();
        double[] z = Scattered ? ScatteredNormal(Dimension) : [.. Enumerable.Repeat(1.0, Dimension)];
        for (int i = 0; i < Dimension; i++)
            curvature[i] /= largest;
        return new Quadratic(
            [.. curvature.Select(c => c * Largest)],
            [.. curvature.Select(c => NoiseScale * Math.Pow(c, NoiseExponent))],
            [.. curvature.Select((c, i) => StartScale * z[i] * z[i] * Math.Pow(c, StartExponent))]
        );
    }

    /// <summary>Normal quantiles q_j = Φ⁻¹(½ + ½(j+½)/d) in the order j = (m(i−1)+11) mod d, m the first number from 37 on that shares no
    /// factor with d.</summary>
    public static double[] ScatteredNormal(int dimension)
    {
        long multiplier = 37;
        while (Gcd(multiplier, dimension) != 1)
            multiplier++;
        return
        [
            .. Enumerable
                .Range(0, dimension)
                .Select(i => Normal.InvCDF(0, 1, 0.5 + 0.5 * ((multiplier * i + 11) % dimension + 0.5) / dimension)),
        ];
    }

    private double[] Curvatures()
    {
        if (Dimension < 1)
            throw new InputException($"the dimension is {Dimension}; expected at least 1");
        switch (Spectrum)
        {
            case "power-law":
                return [.. Enumerable.Range(1, Dimension).Select(i => Math.Pow(i, -Exponent))];
            case "zipf-blocks":
                if (Blocks < 1 || Dimension % Blocks != 0)
                    throw new InputException(
                        $"{Blocks} blocks do not share {Dimension} coordinates evenly; expected a divisor of the dimension"
                    );
                int size = Dimension / Blocks;
                return
                [
                    .. Enumerable
                        .Range(0, Dimension)
                        .Select(i => Math.Pow(i / size + 1, -Exponent) * (size == 1 ? 1 : 0.5 + (double)(i % size) / (size - 1))),
                ];
            case "two-scale":
                if (Sharp < 1 || Sharp > Dimension)
                    throw new InputException($"{Sharp} sharp coordinates of {Dimension}; expected 1 to {Dimension}");
                return [.. Enumerable.Range(0, Dimension).Select(i => i < Sharp ? 1 : Flat)];
            case "uniform":
                return [.. Enumerable.Repeat(1.0, Dimension)];
            default:
                throw new InputException($"unknown spectrum '{Spectrum}'; expected {string.Join(", ", Spectra)}");
        }
    }

    private static long Gcd(long a, long b) => b == 0 ? a : Gcd(b, a % b);
}
