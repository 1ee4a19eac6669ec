// The keys of a study file's optimizers, by the property of the recipe that each sets.
using System.Text.Json;
using Gaplab.Learning.Specs;

namespace Gaplab.Studies;

/// <summary>Names of keys; lr is read apart, as the grid it is.</summary>
internal static class OptimizerKeys
{
    public static IReadOnlyDictionary<string, string> Of { get; } =
        typeof(OptimizerSpec)
            .GetProperties()
            .Where(p => p.Name is not (nameof(OptimizerSpec.Name) or nameof(OptimizerSpec.Kind)))
            .ToDictionary(
                p => p.Name,
                p =>
                    p.Name switch
                    {
                        nameof(OptimizerSpec.LearningRate) => "lr",
                        nameof(OptimizerSpec.AdamLearningRate) => "adam-lr",
                        nameof(OptimizerSpec.ClipNorm) => "clip",
                        _ => JsonNamingPolicy.KebabCaseLower.ConvertName(p.Name),
                    }
            );

    /// <summary>"optimizers.adam.clip-top": the key of a property, as errors name it.</summary>
    public static string Path(string optimizer, string property) => $"optimizers.{optimizer}.{Of[property]}";
}
