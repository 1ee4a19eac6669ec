// The eigenvectors of a quadratic against the axes along which Adam scales.
using System.Globalization;
using Gaplab.Numerics;
using Gaplab.Numerics.Streams;

namespace Gaplab.Theory.GapModel;

/// <summary>Eigenvectors that are mixed among themselves.</summary>
/// <param name="Indices">The entries of the quadratic that are mixed.</param>
/// <param name="Matrix">R, orthogonal, [n, n]: x = R y with y along the eigenvectors.</param>
public sealed record RotationBlock(int[] Indices, double[,] Matrix);

/// <summary>Blocks of mixed eigenvectors; noise stays attached to eigenvectors (theory.md C2). SGD does not see a rotation, Adam
/// does.</summary>
public sealed class Rotation
{
    /// <summary>The largest block; a step of its recursion costs 3n³ products.</summary>
    public const int LargestBlock = 64;

    private Rotation(IReadOnlyList<RotationBlock> blocks) => Blocks = blocks;

    public IReadOnlyList<RotationBlock> Blocks { get; }

    /// <summary>Sorts curvatures falling and turns entry i with entry i + d/2 by an angle.</summary>
    /// <exception cref="InputException">Odd or weighted.</exception>
    public static Rotation Pairs(Quadratic quadratic, double degrees)
    {
        Check(quadratic);
        if (quadratic.Count % 2 != 0)
            throw new InputException($"{quadratic.Count} coordinates cannot be turned in pairs; expected an even number");
        if (!double.IsFinite(degrees))
            throw new InputException("the angle of a rotation is no number");
        int[] order = [.. Enumerable.Range(0, quadratic.Count).OrderByDescending(i => quadratic.Curvature[i])];
        int half = order.Length / 2;
        double c = Math.Cos(degrees * Math.PI / 180),
            s = Math.Sin(degrees * Math.PI / 180);
        return new Rotation([
            .. Enumerable
                .Range(0, half)
                .Select(i => new RotationBlock(
                    [order[i], order[i + half]],
                    new[,]
                    {
                        { c, -s },
                        { s, c },
                    }
                )),
        ]);
    }

    /// <summary>One random orthogonal matrix over all coordinates, at most 64: Gram–Schmidt of a Gaussian matrix, so uniformly
    /// distributed.</summary>
    public static Rotation Random(Quadratic quadratic, long seed)
    {
        Check(quadratic);
        int n = quadratic.Count;
        if (n > LargestBlock)
            throw new InputException($"a random rotation of {n} coordinates; expected at most {LargestBlock}, or a rotation in pairs");
        RandomStream random = RandomStream.For(seed, "gap-model/rotation");
        double[,] r = new double[n, n];
        for (int column = 0; column < n; column++)
        {
            double[] v = [.. Enumerable.Range(0, n).Select(_ => random.NextGaussian())];
            // Twice is enough for orthogonality to rounding.
            for (int pass = 0; pass < 2; pass++)
            for (int before = 0; before < column; before++)
            {
                double dot = 0;
                for (int i = 0; i < n; i++)
                    dot += v[i] * r[i, before];
                for (int i = 0; i < n; i++)
                    v[i] -= dot * r[i, before];
            }
            double norm = Math.Sqrt(v.Sum(x => x * x));
            for (int i = 0; i < n; i++)
                r[i, column] = v[i] / norm;
        }
        return Of(quadratic, [.. Enumerable.Range(0, n)], r);
    }

    /// <summary>A measured rotation of some entries; R's columns are eigenvectors in the axes' coordinates.</summary>
    /// <exception cref="InputException">Not orthogonal to 1e-6, or larger than 64.</exception>
    public static Rotation Of(Quadratic quadratic, int[] indices, double[,] matrix)
    {
        ArgumentNullException.ThrowIfNull(indices);
        ArgumentNullException.ThrowIfNull(matrix);
        Check(quadratic);
        int n = indices.Length;
        if (n > LargestBlock || matrix.GetLength(0) != n || matrix.GetLength(1) != n)
            throw new InputException(
                $"a rotation of {n} coordinates by a {matrix.GetLength(0)} × {matrix.GetLength(1)} matrix; expected square and at most "
                    + $"{LargestBlock}"
            );
        for (int i = 0; i < n; i++)
        for (int j = 0; j <= i; j++)
        {
            double dot = 0;
            for (int k = 0; k < n; k++)
                dot += matrix[k, i] * matrix[k, j];
            if (!(Math.Abs(dot - (i == j ? 1 : 0)) < 1e-6))
                throw new InputException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"columns {j + 1} and {i + 1} of the rotation have the product {dot:g6}; expected orthonormal columns"
                    )
                );
        }
        return new Rotation([new RotationBlock(indices, matrix)]);
    }

    private static void Check(Quadratic quadratic)
    {
        ArgumentNullException.ThrowIfNull(quadratic);
        if (quadratic.Weight.Any(w => w != 1))
            throw new InputException("entries that stand for several coordinates cannot be turned; expected weights of 1");
    }
}
