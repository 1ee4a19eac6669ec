// How many runs a study file asks for, counted before any of them is made.
using Gaplab.Numerics;

namespace Gaplab.Studies.Yaml;

/// <summary>The runs of a study's first round: comparisons x batch sizes x optimizers' settings x seeds.</summary>
internal static class PlannedRuns
{
    /// <summary>More is a slip of the keyboard: at a second a run, a day and more.</summary>
    public const int Most = 100_000;

    /// <summary>The number, as a double so that no product overflows.</summary>
    public static double Of(StudySpec study) => study.Comparisons.Sum(c => OfOne(c.Study));

    /// <exception cref="InputException">There are more than <see cref="Most"/>.</exception>
    public static void Check(string path, StudySpec study)
    {
        double count = Of(study);
        if (count <= Most)
            return;
        StudySpec first = study.Comparisons[0].Study;
        string several = study.Comparisons.Count > 1 ? $"{study.Comparisons.Count} settings and combinations of levels, " : "";
        string factors =
            $"{several}{first.Grid.Batches.Count} batch sizes, {first.Optimizers.Sum(o => Settings(first, o)):0} settings of optimizers, "
            + $"{first.Grid.Seeds.Count} seeds";
        throw new InputException(
            $"{path}: the study plans {count:0} runs ({factors}); expected at most {Most}: fewer seeds, learning rates or batch sizes"
        );
    }

    private static double OfOne(StudySpec study) =>
        (double)study.Grid.Batches.Count * study.Grid.Seeds.Count * study.Optimizers.Sum(o => Settings(study, o));

    private static double Settings(StudySpec study, OptimizerChoice optimizer) =>
        (double)optimizer.Rates.Count
        * (
            study.Grid.Betas.Count > 0 ? study.Grid.Betas.Count
            : study.Grid.HalfLives.Count > 0 ? study.Grid.HalfLives.Count
            : (double)optimizer.Momenta.Count * optimizer.Beta1s.Count * optimizer.Beta2s.Count
        )
        * Math.Max(1, optimizer.Variants.Count);
}
