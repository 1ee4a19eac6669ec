// The answer of gaplab predict --method bounds: B* in closed form from convergence bounds, at the study's initial point.
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Numerics;
using Gaplab.Results.Answers;
using Gaplab.Results.Report;
using Gaplab.Theory.Efficiency;
using Gaplab.Theory.GapModel;

namespace Gaplab.Studies.Prediction;

/// <summary>What the bounds say of one comparison.</summary>
/// <param name="Comparison">Its key; "" is the only one.</param>
/// <param name="First">Who stands for normalised SGD.</param>
/// <param name="Second">Who stands for sign descent.</param>
public sealed record BoundsPart(string Comparison, string First, string Second, DualNormBound Bound)
{
    /// <summary>From a probe at the initial point.</summary>
    /// <exception cref="InputException">The curvature along the gradient or its signs is not positive there.</exception>
    public static BoundsPart Of(KeptProbe kept)
    {
        ArgumentNullException.ThrowIfNull(kept);
        Probe probe = kept.Probe;
        double parameters = probe.Blocks.Sum(b => b.Parameters),
            largest = probe.Blocks.SelectMany(b => b.Nodes).Max();
        if (
            probe.Geometry is not { GradientDensity: { } density, SignGain: { } gain }
            || probe.Blocks is not [{ GradientShares: { } shares, Nodes: var nodes }]
            || probe.InitialLoss is not { } initial
            || !(largest > 0)
        )
            throw new InputException(
                $"{kept.Files.Probe}: the curvature along the gradient or its signs is not positive at the initial point, where the bounds "
                    + "need it; predict with --method pilot"
            );
        // Σ (‖g‖₁/‖g‖₂)² of the whole, and the curvature along the gradient; that along its signs follows from what signs gain.
        double squared = density * parameters,
            along = shares.Zip(nodes, (s, n) => s * n).Sum(),
            signs = squared * along / gain;
        return new(
            kept.Key.Heading,
            probe.FirstName ?? "sgd",
            probe.SecondName ?? "adam",
            new DualNormBound(
                largest,
                signs / largest,
                Math.Sqrt(squared),
                Math.Sqrt(probe.Blocks.Sum(Trace)),
                Math.Max(1e-12, initial - probe.LossFloor),
                parameters,
                probe.Budget.Samples ?? probe.Budget.Steps!.Value * probe.Batches[probe.Batches.Count / 2]
            )
        );
    }

    /// <summary>The answer in a sentence.</summary>
    public string Headline =>
        Bound.Verdict switch
        {
            DualNormBound.Side.FirstThroughout => $"The bounds put {First} ahead at every batch size.",
            DualNormBound.Side.SecondThroughout => $"The bounds put {Second} ahead at every batch size.",
            _ => $"The bounds put the crossover at batch size {NumberText.Short(Bound.Crossing!.Value)}.",
        };

    /// <summary>What went in, by name.</summary>
    public IReadOnlyList<(string Name, string Key, double Value)> Inputs =>
        [
            ("L₂, the largest curvature", "smoothness", Bound.Smoothness),
            ("r, the curvature along the signs of the gradient over it", "signSmoothness", Bound.SignSmoothness),
            ("c, ‖g‖₁/‖g‖₂", "density", Bound.Density),
            ("σ, root of the variance of one sample's gradient", "noise", Bound.Noise),
            ("Δ, loss to be gained", "distance", Bound.Distance),
            ("d, parameters", "parameters", Bound.Parameters),
            ("N, samples", "samples", Bound.Samples),
        ];

    private static double Trace(ProbeBlock block) =>
        block.Parameters
        * (
            block.NoiseVariance.Count == 1
                ? block.NoiseVariance[0].Value
                : block.Weights.Zip(block.NoiseVariance, (w, v) => w.Value * v.Value).Sum()
        );
}

/// <param name="Parts">At least one.</param>
/// <param name="Source">The study's file, as the page names it.</param>
public sealed record BoundsAnswer(IReadOnlyList<BoundsPart> Parts, string Source) : IPagedAnswer
{
    private const string About =
        "Upper bounds on the gradient of normalised SGD and of sign descent, both with momentum, solved for the batch size at which they "
        + "are equal: a reconstruction of such models. It has no memory of squared gradients, and bounds are no losses.";

    public IEnumerable<string> Lines()
    {
        foreach (BoundsPart part in Parts)
        {
            yield return "";
            if (part.Comparison.Length > 0)
                yield return $"[{part.Comparison}]";
            yield return part.Headline;
            foreach ((string name, _, double value) in part.Inputs)
                yield return string.Create(CultureInfo.InvariantCulture, $"  {name, -60} {value:g4}");
        }
        yield return About;
    }

    public JsonNode Json() =>
        new JsonObject
        {
            ["comparisons"] = AnswerJson.Each(
                Parts,
                p =>
                {
                    var json = new JsonObject
                    {
                        ["comparison"] = p.Comparison,
                        ["first"] = p.First,
                        ["second"] = p.Second,
                        ["headline"] = p.Headline,
                        ["crossing"] = AnswerJson.Number(p.Bound.Crossing),
                    };
                    foreach ((_, string key, double value) in p.Inputs)
                        json[key] = AnswerJson.Number(value);
                    return json;
                }
            ),
        };

    public Report Page()
    {
        string command = $"gaplab predict {Source} --method bounds";
        var from = new Provenance(Source, command, []);
        return new()
        {
            Title = $"Bounds for {Source}",
            Headline = string.Join(" ", Parts.Select(p => (p.Comparison.Length > 0 ? p.Comparison + ": " : "") + p.Headline)),
            Command = command,
            Sections =
            [
                .. Parts.Select(
                    (p, i) =>
                        new Section
                        {
                            Id = $"bounds-{i}",
                            Title = "What the bounds are made of" + (p.Comparison.Length > 0 ? ", " + p.Comparison : ""),
                            Prose = [p.Headline, About],
                            TableOpen = true,
                            Table = new Table(
                                "one row per input",
                                [new("input"), new("value", true)],
                                [.. p.Inputs.Select(input => new Row(input.Name, Cell.Of(input.Value, NumberText.Short)))]
                            ),
                            Provenance = from,
                        }
                ),
            ],
        };
    }

    PageKind IPagedAnswer.Kind => Kind;

    public static PageKind Kind { get; } =
        new(typeof(BoundsAnswer))
        {
            Name = "bounds",
            Says = "the crossover in closed form from convergence bounds",
            Commands = ["predict"],
        };
}
