// The Hessian of the mean loss, by exact Hessian-vector products.
using Gaplab.Learning.Models;
using Gaplab.Learning.Params;
using Gaplab.Torch;

namespace Gaplab.Learning.Diagnostics;

/// <summary>H = ∇²f, H·v = ∇⟨∇f, v⟩ (Pearlmutter 1994).</summary>
public sealed class Hessian : Curvature
{
    private readonly Tensor[] _gradients;

    public Hessian(
        IModel model,
        ReadOnlySpan<double> theta,
        EvaluationSet set,
        ParamBlock? block = null,
        ScalarType type = ScalarType.Float64
    )
        : base(model, theta, set, block, type)
    {
        _gradients = new Tensor[set.Count];
        for (int b = 0; b < set.Count; b++)
        {
            using var scope = new TensorScope();
            _gradients[b] = TensorScope.Release(Autograd.Gradient(model.Loss(Theta, set.Batch(b)).Sum(), Theta, createGraph: true));
        }
    }

    protected override Tensor Product(int batch, Tensor v) => Autograd.Gradients([_gradients[batch]], [Theta], [v], retainGraph: true)[0];

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            foreach (Tensor gradient in _gradients)
                gradient.Dispose();
        base.Dispose(disposing);
    }
}
