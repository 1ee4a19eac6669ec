// LARS: SGD with momentum whose steps are relative to the size of each tensor, and the key that it alone has.

namespace Gaplab.Learning.Specs
{
    public sealed partial record OptimizerSpec
    {
        /// <summary>LARS: η, a tensor's step at rate 1 over the tensor's size.</summary>
        [OmittedAtDefault]
        public double Trust { get; init; } = 0.001;
    }
}

namespace Gaplab.Learning.Optim
{
    /// <summary>LARS as links: <see cref="ScaleByTrust"/>, then <see cref="Momentum"/>.</summary>
    /// <remarks><c>r = g + λp; v ← μv + r·η‖p‖₂/‖r‖₂</c>, tensor by tensor; u = v. You, Gitman and Ginsburg 2017, with ‖g + λp‖ for their
    /// ‖g‖ + λ‖p‖ and the rate behind the momentum, as optax and PyTorch's SGD have it.</remarks>
    internal static class Lars
    {
        private static readonly OptimizerKey Trust = OptimizerKey.Positive(
            "trust",
            s => s.Trust,
            (s, v) => s with { Trust = v },
            "η: a tensor's step at rate 1, over the tensor's size"
        );

        public static OptimizerKind Kind { get; } =
            new()
            {
                Name = "lars",
                Says = "r = g + `weight-decay`·p; v ← μv + r·η‖p‖₂/‖r‖₂, tensor by tensor; u = v, or Nesterov's",
                Keys = [.. Momentum.Keys, Trust],
                Averages = [OptimizerKey.Momentum],
                Defaults = o => o with { Momentum = 0.9 },
                Decay = "coupled",
                Rule = o => [new ScaleByTrust(Trust.Of(o)), .. Momentum.Of(o)],
                StateRows = Momentum.Rows,
                Objection = o =>
                    o is { ClipNorm: > 0, Decay: not "coupled" }
                        ? (OptimizerKey.ClipNorm, "scales the gradient, which lars forgets; expected no clip")
                        : null,
            };
    }
}
