// What pages say of the sizes that several kinds of model have.
using Gaplab.Learning.Specs;

namespace Gaplab.Learning.Models;

/// <summary>Facts for the rows of models.</summary>
public static class ModelFact
{
    public static SpecFact Layers(ModelSpec model) => new("layers", Count(model.Layers, "layer"));

    public static SpecFact Width(ModelSpec model) => new("width", $"width {model.Width}");

    public static SpecFact Heads(ModelSpec model) => new("heads", Count(model.Heads, "head"));

    /// <summary>"1 layer", "2 layers".</summary>
    public static string Count(int number, string noun) => $"{number} {noun}{(number == 1 ? "" : "s")}";
}
