// The parameters' space turned: what stands between two of these sees every tensor in another orthogonal basis.
using System.Numerics;
using Gaplab.Learning.Params;
using Gaplab.Torch;

namespace Gaplab.Learning.Optim;

/// <summary>G ← A·G·Bᵀ for every tensor G [rows, columns], A and B its random orthogonal bases; <see cref="Back"/> undoes it: G ←
/// Aᵀ·G·B.</summary>
/// <remarks>
/// A rule between the two runs as if the model had been written in the turned coordinates. SGD does not notice; Adam, whose update is made
/// coordinate by coordinate, does: what it loses is what it owed to the model's own basis.
/// </remarks>
internal sealed record Rotate(RandomBases Bases, bool Back) : Link
{
    public override string Name => Back ? "rotate-back" : "rotate";

    public override LinkNeeds Needs => LinkNeeds.Layout;

    public override bool TurnsBasis => true;

    public override void Apply<T>(in Chunk<T> chunk, in RowContext context) => Turn(chunk.Update, context.Layout, Bases, Back);

    public override void Apply(Tensor update, DeviceRows rows)
    {
        foreach (ParamSlice slice in rows.Layout.Slices)
        {
            Tensor piece = DeviceRows.Piece(update, slice);
            (int height, int width) = RandomBases.Sides(slice);
            Tensor? left = Basis(slice, left: true, height, piece.Type),
                right = Basis(slice, left: false, width, piece.Type);
            if (left is null && right is null)
                continue;
            Tensor x = piece.Reshape(rows.Replicas, height, width);
            if (left is not null)
                x = (Back ? left.Transpose(0, 1) : left).MatMul(x);
            if (right is not null)
                x = x.MatMul(Back ? right : right.Transpose(0, 1));
            piece.CopyFrom(x.Reshape(rows.Replicas, slice.Count));
        }
    }

    private Tensor? Basis(ParamSlice slice, bool left, int size, ScalarType type) =>
        type == ScalarType.Float32
            ? Bases.Of<float>(slice, left) is { } single
                ? Tensor.From<float>(single, size, size)
                : null
            : Bases.Of<double>(slice, left) is { } wide
                ? Tensor.From<double>(wide, size, size)
                : null;

    /// <summary>Turns a row [P] in place, or turns it back.</summary>
    public static void Turn<T>(Span<T> row, ParamLayout layout, RandomBases bases, bool back)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(bases);
        foreach (ParamSlice slice in layout.Slices)
        {
            (int rows, int columns) = RandomBases.Sides(slice);
            T[]? left = bases.Of<T>(slice, left: true),
                right = bases.Of<T>(slice, left: false);
            if (left is null && right is null)
                continue;
            using var scope = new TensorScope();
            Span<T> values = row.Slice(checked((int)slice.Offset), checked((int)slice.Count));
            Tensor x = Tensor.From<T>(values, rows, columns);
            if (left is not null)
            {
                Tensor a = Tensor.From<T>(left, rows, rows);
                x = (back ? a.Transpose(0, 1) : a).MatMul(x);
            }
            if (right is not null)
            {
                Tensor b = Tensor.From<T>(right, columns, columns);
                x = x.MatMul(back ? b : b.Transpose(0, 1));
            }
            x.Contiguous().Span<T>().CopyTo(values);
        }
    }
}
