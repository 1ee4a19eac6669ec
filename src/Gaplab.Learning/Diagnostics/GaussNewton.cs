// The Gauss–Newton matrix of the cross-entropy: the Hessian with the model replaced by its linearisation.
using Gaplab.Learning.Models;
using Gaplab.Learning.Params;
using Gaplab.Torch;

namespace Gaplab.Learning.Diagnostics;

/// <summary>G = Jᵀ·H_L·J ⪰ 0, J the Jacobian of the logits and H_L = (diag p − ppᵀ)/N a prediction (Schraudolph 2002).</summary>
/// <remarks>J·v comes from differentiating w ↦ ⟨Jᵀw, v⟩, linear in w: two backward passes and no forward mode.</remarks>
internal sealed class GaussNewton : Curvature
{
    private readonly record struct Linearisation(Tensor Logits, Tensor Probabilities, Tensor Upstream, Tensor Transposed);

    private readonly Linearisation[] _batches;

    public GaussNewton(
        ILogitModel model,
        ReadOnlySpan<double> theta,
        EvaluationSet set,
        ParamBlock? block = null,
        ScalarType type = ScalarType.Float64
    )
        : base(model, theta, set, block, type)
    {
        _batches = new Linearisation[set.Count];
        for (int b = 0; b < set.Count; b++)
        {
            using var scope = new TensorScope();
            (Tensor logits, _) = model.Predict(Theta, set.Batch(b)); // [1, N, V]
            Tensor probabilities = logits.Detach().Softmax(-1),
                upstream = Tensor.Zeros(logits.Shape, type);
            upstream.RequiresGrad = true;
            Tensor transposed = Autograd.Gradients([logits], [Theta], [upstream], createGraph: true)[0]; // Jᵀw, [1, P]
            _batches[b] = new Linearisation(
                TensorScope.Release(logits),
                TensorScope.Release(probabilities),
                TensorScope.Release(upstream),
                TensorScope.Release(transposed)
            );
        }
    }

    protected override Tensor Product(int batch, Tensor v)
    {
        Linearisation at = _batches[batch];
        Tensor jv = Autograd.Gradients([at.Transposed], [at.Upstream], [v], retainGraph: true)[0].Detach(); // [1, N, V]
        Tensor weighted = at.Probabilities * jv;
        Tensor curved = (weighted - at.Probabilities * weighted.Sum([-1], keep: true)) / jv.Size(1);
        return Autograd.Gradients([at.Logits], [Theta], [curved], retainGraph: true)[0];
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (Linearisation b in _batches)
            {
                b.Logits.Dispose();
                b.Probabilities.Dispose();
                b.Upstream.Dispose();
                b.Transposed.Dispose();
            }
        }
        base.Dispose(disposing);
    }
}
