// How far each layer moves in a step, over its size: the probe and its row.
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Params;
using Gaplab.Learning.Training;

/// <remarks>Array "ratio" [updates, layers]: ‖Δ‖₂/‖θ‖₂, infinite where a layer is 0; the facts "updates" and "layers" name them.</remarks>
internal sealed class UpdateRatio : IPointProbe
{
    public static ProbeKind Kind { get; } =
        new()
        {
            Name = "update-ratio",
            Says = "the size of each layer's update over the size of the layer",
            Build = _ => new UpdateRatio(),
        };

    public string Name => Kind.Name;

    public ProbeResult Measure(ProbePoint point)
    {
        ParamBlock[] layers = [.. ParamBlock.Layers(point.Model.Layout)];
        double Ratio(ParamBlock layer, double[] update) => Math.Sqrt(layer.Dot(update, update) / layer.Dot(point.Theta, point.Theta));
        double[] ratios = [.. point.Updates.SelectMany(u => layers.Select(l => Ratio(l, u.Delta)))];
        return new()
        {
            Arrays = new Dictionary<string, ProbeArray> { ["ratio"] = new([point.Updates.Count, layers.Length], ratios) },
            Facts = new Dictionary<string, string> { ["layers"] = ProbeFacts.OfLines(layers.Select(l => l.Name)) },
        };
    }
}
