// The optimizers that gaplab sharpness compares where a study names none: eight, each unclipped and with its top tenth clipped.
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;

namespace Gaplab.Studies.Measuring;

/// <summary>The default shadows.</summary>
internal static class SharpnessShadows
{
    private const double Top = 0.1;

    // The rates matter to the attribution's terms alone: a direction has no length. Common values for small transformers.
    private static readonly (string Name, string Kind, double Momentum, double Rate)[] Family =
    [
        ("sgd", "sgd", 0, 0.1),
        ("sgd-momentum", "sgd", 0.9, 0.01),
        ("normalised-sgd", "normalised-sgd", 0, 0.1),
        ("signum", "signum", 0.9, 0.001),
        ("adagrad", "adagrad", 0, 0.01),
        ("rmsprop", "rmsprop", 0, 0.001),
        ("adam", "adam", 0, 0.001),
        ("lion", "lion", 0, 0.0003),
    ];

    /// <summary>An optimizer that the study tuned at this batch size (same kind, with or without momentum, same fraction clipped) gives its
    /// recipe and rate; the clipped twin of one takes over its rate.</summary>
    /// <param name="tuned">Tuned recipes of the study at one batch size.</param>
    public static IReadOnlyList<OptimizerSpec> Of(IReadOnlyList<OptimizerSpec> tuned)
    {
        var shadows = new List<OptimizerSpec>();
        foreach ((string name, string kind, double momentum, double rate) in Family)
        {
            var bare = new OptimizerSpec
            {
                Name = name,
                Kind = kind,
                LearningRate = rate,
                Momentum = momentum,
            };
            OptimizerSpec? Tuned(double top) =>
                tuned.FirstOrDefault(o => o.Kind == kind && o.Momentum > 0 == momentum > 0 && o.ClipTop == top);
            OptimizerSpec plain = Tuned(0) ?? OptimizerCatalogue.BuiltIn.Of(bare).Defaults(bare);
            shadows.Add(plain with { Name = name });
            shadows.Add((Tuned(Top) ?? plain with { ClipTop = Top }) with { Name = name + "-clipped" });
        }
        return shadows;
    }
}
