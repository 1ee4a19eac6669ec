// What a page says of a model: for each kind the sizes that it has.
using Gaplab.Learning.Specs;

namespace Gaplab.Learning.Models;

/// <summary>The facts of each kind of model.</summary>
public static class ModelFacts
{
    /// <summary>Of <see cref="ModelCatalogue.Kinds"/>, each with what sets the size of its model.</summary>
    /// <exception cref="InvalidOperationException">A kind that has no row here.</exception>
    public static IReadOnlyList<SpecFact> Of(ModelSpec model) =>
        model.Kind switch
        {
            "gpt" => [Layers(model), Width(model), Heads(model)],
            "t5" =>
            [
                new("layers", $"{Count(model.Layers, "layer")} of the encoder"),
                new("decoder-layers", $"{(model.DecoderLayers == 0 ? model.Layers : model.DecoderLayers)} of the decoder"),
                Width(model),
                Heads(model),
            ],
            "gcnn" => [Layers(model), Width(model), new("kernel", $"kernels of {Count(model.Kernel, "position")}")],
            "gated-delta-net" => [Layers(model), Width(model), Heads(model)],
            "lstm" => [Layers(model), Width(model)],
            "gat" or "grit" => [Layers(model), Width(model), Heads(model)],
            "mlp" => [new("layers", Count(model.Layers, "hidden layer")), Width(model)],
            "alexnet" => [Width(model)],
            "resnet" => [new("layers", $"{Count(model.Layers, "block")} a stage"), Width(model)],
            "vit" => [Layers(model), Width(model), Heads(model), new("patch", $"patches of {model.Patch}×{model.Patch}")],
            _ => throw new InvalidOperationException($"no facts are known of a model of kind '{model.Kind}'"),
        };

    private static SpecFact Layers(ModelSpec model) => new("layers", Count(model.Layers, "layer"));

    private static SpecFact Width(ModelSpec model) => new("width", $"width {model.Width}");

    private static SpecFact Heads(ModelSpec model) => new("heads", Count(model.Heads, "head"));

    private static string Count(int number, string noun) => $"{number} {noun}{(number == 1 ? "" : "s")}";
}
