// Reverse-mode differentiation: gradients, graphs of gradients, and the switch that turns recording off.
namespace Gaplab.Torch;

/// <summary>Gradients by libtorch's autograd, of any order.</summary>
public static class Autograd
{
    /// <summary>d(sum of output)/d(input); with <paramref name="createGraph"/> the result can be differentiated again.</summary>
    public static Tensor Gradient(Tensor output, Tensor input, bool createGraph = false) =>
        Gradients([output], [input], [], createGraph)[0];

    /// <summary>The gradients of Σᵢ⟨upstreamᵢ, outputsᵢ⟩ with respect to each input; an input that takes no part gets zeros. No upstream
    /// means ones on scalar outputs.</summary>
    /// <param name="outputs">Tensors with a graph.</param>
    /// <param name="inputs">Leaves or intermediate tensors of that graph.</param>
    /// <param name="upstream">One a output, of its shape; empty for scalar outputs.</param>
    /// <param name="createGraph">The results can be differentiated again.</param>
    /// <param name="retainGraph">The outputs' graph survives, so that it can be differentiated with another upstream.</param>
    public static Tensor[] Gradients(
        ReadOnlySpan<Tensor> outputs,
        ReadOnlySpan<Tensor> inputs,
        ReadOnlySpan<Tensor> upstream,
        bool createGraph = false,
        bool retainGraph = false
    )
    {
        using var o = new Operands(outputs);
        using var i = new Operands(inputs);
        using var u = new Operands(upstream);
        nint[] results = new nint[inputs.Length];
        TorchError.Check(
            Native.gl_grad(
                o.Pointers,
                outputs.Length,
                i.Pointers,
                inputs.Length,
                u.Pointers,
                upstream.Length,
                (createGraph ? 1 : 0) | (retainGraph ? 2 : 0),
                results
            )
        );
        return Tensor.Own(results);
    }

    /// <summary>H·v for the Hessian of <paramref name="loss"/> (a scalar with a graph) at <paramref name="at"/>, by differentiating ⟨∇loss,
    /// v⟩ (Pearlmutter 1994).</summary>
    public static Tensor HessianVectorProduct(Tensor loss, Tensor at, Tensor v)
    {
        Tensor gradient = Gradient(loss, at, createGraph: true);
        return Gradients([gradient], [at], [v])[0];
    }

    /// <summary>Within the scope nothing is recorded.</summary>
    public static NoGradScope NoGrad() => new(Native.gl_grad_mode(0) != 0);
}

/// <summary>Restores the recording mode at its end.</summary>
public readonly ref struct NoGradScope(bool before)
{
    public void Dispose() => _ = Native.gl_grad_mode(before ? 1 : 0);
}
