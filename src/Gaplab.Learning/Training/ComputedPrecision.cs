// In which numbers a model is computed, of weights that are kept in others.
using Gaplab.Learning.Specs;
using Gaplab.Torch;

namespace Gaplab.Learning.Training;

/// <summary>The types of a run's <c>precision</c>: "float32", "float64", or "bfloat16", whose weights, gradients and optimizers are
/// float32 and whose model alone is computed in bfloat16 (Micikevicius et al. 2018, "Mixed precision training"; bfloat16 has float32's
/// range and needs no scaling of the loss).</summary>
internal readonly record struct ComputedPrecision(ScalarType Kept, ScalarType Computed)
{
    public static ComputedPrecision Of(string word) =>
        word switch
        {
            "float32" => new(ScalarType.Float32, ScalarType.Float32),
            "float64" => new(ScalarType.Float64, ScalarType.Float64),
            "bfloat16" => new(ScalarType.Float32, ScalarType.BFloat16),
            _ => throw new ArgumentException(
                $"got precision '{word}'; expected one of {string.Join(", ", RunSpec.Precisions)}",
                nameof(word)
            ),
        };

    /// <summary>θ as the model sees it; gradients go back to the weights that are kept.</summary>
    public Tensor Seen(Tensor theta) => Computed == Kept ? theta : theta.ToType(Computed);
}
