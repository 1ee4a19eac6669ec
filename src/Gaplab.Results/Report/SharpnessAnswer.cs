// The answer of gaplab sharpness: sharpness and progress of many optimizers' updates at the same points.
using System.Text.Json.Nodes;
using Gaplab.Results.Answers;
using Gaplab.Results.Report.Charts;

namespace Gaplab.Results.Report;

/// <summary>Of one study, along its tuned runs or at saved checkpoints.</summary>
public sealed record SharpnessAnswer : IPagedAnswer
{
    /// <summary>The study's name.</summary>
    public required string Study { get; init; }

    /// <summary>Model, and what was measured along.</summary>
    public required IReadOnlyList<Fact> Facts { get; init; }

    /// <summary>In the order of the probe files.</summary>
    public required IReadOnlyList<SharpnessRow> Rows { get; init; }

    /// <summary>Validation loss of the tuned runs; none at checkpoints.</summary>
    public IReadOnlyList<PanelPoint> Curves { get; init; } = [];

    /// <summary>Sections of the curvature's spectrum; none where it was not measured.</summary>
    public IReadOnlyList<Section> Spectra { get; init; } = [];

    /// <summary>Whether it was measured at saved checkpoints, not along the tuned runs.</summary>
    public bool AtCheckpoints { get; init; }

    /// <summary>The store, as a provenance line names it.</summary>
    public required string Source { get; init; }

    /// <summary>The command that asked.</summary>
    public required string Command { get; init; }

    private IReadOnlyList<string> Claims => [.. SharpnessReport.Claims(Rows, Curves)];

    public IEnumerable<string> Lines() => Claims.Select(Markup.Plain);

    public JsonNode Json() =>
        new JsonObject
        {
            ["study"] = Study,
            ["claims"] = AnswerJson.Texts(Claims),
            // Histograms and landscapes are pictures; the probe files hold them.
            ["points"] = AnswerJson.Of(Rows.Select(r => r with { Histogram = [], Landscape = [] })),
        };

    public Report Page() =>
        SharpnessReport.Build(Study, Facts, Rows, Curves, Source, Command) is var page && Spectra.Count > 0
            ? page with
            {
                Sections = [.. page.Sections, .. Spectra],
            }
            : page;

    PageKind IPagedAnswer.Kind => AtCheckpoints ? CheckpointsKind : Kind;

    public static PageKind Kind { get; } =
        new(typeof(SharpnessAnswer))
        {
            Name = "sharpness",
            Says = "sharpness and progress of many optimizers' updates along the tuned runs",
            Commands = ["sharpness"],
            File = "sharpness.html",
        };

    public static PageKind CheckpointsKind { get; } =
        Kind with
        {
            Name = "sharpness-checkpoints",
            Says = "the same at the checkpoints of a store (`--from`)",
            File = "sharpness-checkpoints.html",
        };
}
