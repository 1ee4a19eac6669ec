// A curvature matrix of the loss at a point, known by its products, batch by batch.
using Gaplab.Learning.Models;
using Gaplab.Learning.Params;
using Gaplab.Numerics.Linear;
using Gaplab.Torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Gaplab.Learning.Diagnostics;

/// <summary>The mean over an evaluation set of a symmetric matrix [P, P], restricted to a block of parameters.</summary>
/// <remarks>Graphs of all batches are kept while it lives, so that a product costs a backward pass and not a forward too; memory grows with
/// the set. Vectors are double whatever the precision of the point.</remarks>
public abstract class Curvature : IDisposable
{
    private readonly double[] _row,
        _result;

    /// <param name="model">Of one replica.</param>
    /// <param name="theta">θ [P].</param>
    /// <param name="set">The data.</param>
    /// <param name="block">The rows and columns that count; null is all.</param>
    /// <param name="type">The precision in which products are computed.</param>
    protected Curvature(IModel model, ReadOnlySpan<double> theta, EvaluationSet set, ParamBlock? block, ScalarType type)
    {
        (Set, Block, Type) = (set, block ?? ParamBlock.All(model.Layout), type);
        if (theta.Length != model.Layout.Count)
            throw new ArgumentException($"got θ of {theta.Length} numbers; expected {model.Layout.Count}", nameof(theta));
        _row = new double[theta.Length];
        _result = new double[theta.Length];
        using var scope = new TensorScope();
        Theta = TensorScope.Release(Tensor.From(theta, 1, theta.Length).ToType(type).Clone());
        Theta.RequiresGrad = true;
    }

    public EvaluationSet Set { get; }

    public ParamBlock Block { get; }

    /// <summary>Numbers in the block.</summary>
    public int Dimension => Block.Count;

    /// <summary>θ [1, P], a leaf.</summary>
    protected Tensor Theta { get; }

    protected ScalarType Type { get; }

    /// <summary>The product of batch b's matrix with v [1, P]: [1, P]. Runs inside a tensor scope of its own.</summary>
    protected abstract Tensor Product(int batch, Tensor v);

    /// <summary>The product with the mean of all batches.</summary>
    public void Apply(ReadOnlySpan<double> x, Span<double> product) => Apply(x, product, null, -1);

    /// <summary>The matrix of one batch.</summary>
    public SymmetricOperator OfBatch(int batch) => (x, product) => Apply(x, product, b => b == batch, batch);

    /// <summary>The mean over some batches, reweighted to 1.</summary>
    public SymmetricOperator Over(Func<int, bool> batches) => (x, product) => Apply(x, product, batches, -1);

    private void Apply(ReadOnlySpan<double> x, Span<double> product, Func<int, bool>? batches, int only)
    {
        using var scope = new TensorScope();
        Array.Clear(_row);
        Array.Clear(_result);
        Block.Scatter(x, _row);
        Tensor v = Tensor.From<double>(_row, 1, _row.Length).ToType(Type);
        double total = 0;
        for (int b = Math.Max(only, 0); b < (only < 0 ? Set.Count : only + 1); b++)
        {
            if (batches is not null && !batches(b))
                continue;
            using var part = new TensorScope();
            TensorPrimitives.MultiplyAdd(Product(b, v).ToDoubles(), Set.Weights[b], _result, _result);
            total += Set.Weights[b];
        }
        Block.Gather(_result, product);
        TensorPrimitives.Divide(product, total, product);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
            Theta.Dispose();
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }
}
