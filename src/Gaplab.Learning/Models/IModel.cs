// A model on the replica axis: it names its parameters and gives every replica its own loss.
using Gaplab.Learning.Params;
using Gaplab.Torch;

namespace Gaplab.Learning.Models;

/// <summary>A model reads as if the replica axis were not there; its layers hide it.</summary>
public interface IModel
{
    ParamLayout Layout { get; }

    /// <summary>Mean loss of each replica: theta [R, P], tokens int64 [R, B, T+1] (T inputs and the T targets one further) -> [R], in nats
    /// a token.</summary>
    Tensor Loss(Tensor theta, Tensor tokens);

    /// <summary>What training descends on, where that is not the loss that is evaluated (label smoothing): theta [R, P], tokens as in
    /// <see cref="Loss"/> -> [R].</summary>
    Tensor TrainingLoss(Tensor theta, Tensor tokens) => Loss(theta, tokens);
}
