// The answer of gaplab noise: the tails of gradient noise along tuned runs, and what the paper claims of them.
using System.Text.Json.Nodes;
using Gaplab.Results.Answers;

namespace Gaplab.Results.Report;

/// <summary>Of one study.</summary>
public sealed record NoiseAnswer : IPagedAnswer
{
    /// <summary>The study's name.</summary>
    public required string Study { get; init; }

    /// <summary>Model, trajectories, what was drawn.</summary>
    public required IReadOnlyList<Fact> Facts { get; init; }

    public required NoiseResults Results { get; init; }

    /// <summary>Sections that follow the page's own, such as the full panel of one series; asked for when there is a page.</summary>
    public IEnumerable<Section> Panels { get; init; } = [];

    /// <summary>The store, as a provenance line names it.</summary>
    public required string Source { get; init; }

    /// <summary>The command that asked.</summary>
    public required string Command { get; init; }

    private IReadOnlyList<ClaimResult> Claims => NoiseClaims.Of(Results);

    public IEnumerable<string> Lines() => Claims.Select(c => Markup.Plain(NoiseReport.Sentence(c)));

    public JsonNode Json() =>
        new JsonObject
        {
            ["study"] = Study,
            ["claims"] = AnswerJson.Of(Claims),
            ["tails"] = AnswerJson.Of(Results.Rows),
            ["noiseScale"] = AnswerJson.Of(Results.Scales),
            ["losses"] = AnswerJson.Of(Results.Losses),
            ["escapes"] = AnswerJson.Of(Results.Escapes),
        };

    public Report Page() => NoiseReport.Build(Study, Facts, Results, Panels, Source, Command);

    PageKind IPagedAnswer.Kind => Kind;

    public static PageKind Kind { get; } =
        new(typeof(NoiseAnswer))
        {
            Name = "noise",
            Says = "the tails of SGD's and Adam's gradient noise along the tuned runs, and what the paper claims of them",
            Commands = ["noise"],
            File = "noise.html",
        };
}
