// Random orthogonal bases for the tensors of a model, by name.
using System.Numerics;
using Gaplab.Learning.Params;
using Gaplab.Numerics.Streams;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Gaplab.Learning.Optim;

/// <summary>One orthogonal matrix for either side of every tensor, uniform among all (Haar), from the stream that the rotation's number and
/// the tensor's name give.</summary>
/// <remarks>A tensor of more than two axes is its first axis against the rest; a vector is a row.</remarks>
/// <param name="number">Names the bases.</param>
internal sealed class RandomBases(long number)
{
    /// <summary>A side longer than this keeps its own basis: a matrix of this size squared is the cost.</summary>
    public const int LongestSide = 1024;

    private readonly Dictionary<(string Name, bool Left, Type Type), Array> _made = [];

    /// <summary>Rows and columns as which a tensor is rotated.</summary>
    public static (int Rows, int Columns) Sides(ParamSlice slice)
    {
        ArgumentNullException.ThrowIfNull(slice);
        int rows = slice.Shape.Length > 1 ? (int)slice.Shape[0] : 1;
        return (rows, checked((int)(slice.Count / Math.Max(1, rows))));
    }

    /// <summary>[n, n] row-major for the rows (left) or the columns of a tensor; null where that side is not rotated.</summary>
    public T[]? Of<T>(ParamSlice slice, bool left)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        (int rows, int columns) = Sides(slice);
        int size = left ? rows : columns;
        if (size is < 2 or > LongestSide)
            return null;
        if (_made.TryGetValue((slice.Name, left, typeof(T)), out Array? made))
            return (T[])made;
        T[] basis =
        [
            .. Haar(size, RandomStream.For(number, $"optimizer/rotation/{slice.Name}/{(left ? "rows" : "columns")}"))
                .Select(x => T.CreateChecked(x)),
        ];
        _made.Add((slice.Name, left, typeof(T)), basis);
        return basis;
    }

    /// <summary>Gram–Schmidt on Gaussian rows: the rows' directions are uniform, so the result is (Mezzadri 2007, section 5). Each row is
    /// orthogonalised twice, which is enough for rounding.</summary>
    internal static double[] Haar(int size, RandomStream stream)
    {
        double[] basis = new double[size * size];
        for (int i = 0; i < size; i++)
        {
            Span<double> row = basis.AsSpan(i * size, size);
            foreach (ref double x in row)
                x = stream.NextGaussian();
            for (int pass = 0; pass < 2; pass++)
            {
                for (int j = 0; j < i; j++)
                {
                    ReadOnlySpan<double> other = basis.AsSpan(j * size, size);
                    TensorPrimitives.MultiplyAdd(other, -TensorPrimitives.Dot(row, other), row, row);
                }
                TensorPrimitives.Divide(row, TensorPrimitives.Norm<double>(row), row);
            }
        }
        return basis;
    }
}
