// The pages by name.
using Gaplab.Results.Prediction;
using Gaplab.Results.Report;
using Gaplab.Studies.Escape;
using Gaplab.Studies.Prediction;
using Gaplab.Studies.Reporting;
using Gaplab.Studies.Theorem;

namespace Gaplab.Studies.Kinds;

/// <summary>Every kind of page there is. A new one is its answer's file, which ends with its row, and one line here.</summary>
public static class PageCatalogue
{
    public static IReadOnlyList<PageKind> All { get; } =
    [
        StudyAnswer.Kind,
        CrossoverAnswer.Kind,
        SharpnessAnswer.Kind,
        SharpnessAnswer.CheckpointsKind,
        NoiseAnswer.Kind,
        TailAnswer.Kind,
        PredictionAnswer.Kind,
        MiniatureAnswer.Kind,
        PilotAnswer.Kind,
        BoundsAnswer.Kind,
        BacktestAnswer.Kind,
        ExplainAnswer.Kind,
        EscapeAnswer.Kind,
        TheoremAnswer.Kind,
    ];
}
