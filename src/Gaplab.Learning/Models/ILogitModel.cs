// A model whose loss is the mean cross-entropy of logits that can be asked for.
using Gaplab.Torch;

namespace Gaplab.Learning.Models;

/// <summary>What the Gauss–Newton matrix and the loss by token class need beyond the loss.</summary>
public interface ILogitModel : IModel
{
    /// <summary>Logits [R, N, V] and targets int64 [R, N] of a batch; the mean cross-entropy over N is <see cref="IModel.Loss"/>.</summary>
    (Tensor Logits, Tensor Targets) Predict(Tensor theta, Tensor tokens);
}
