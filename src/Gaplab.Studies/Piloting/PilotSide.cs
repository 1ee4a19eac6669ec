// The sides of a pilot's pairs: an optimizer of the study with one choice of its momenta.
using Gaplab.Learning.Optim;
using Gaplab.Learning.Specs;
using Gaplab.Results.Analysis;
using Gaplab.Studies.Planning;

namespace Gaplab.Studies.Piloting;

/// <summary>An optimizer with one choice of its momenta. A sweep that tries several of them is predicted for each: the memory of Adam is
/// what makes the crossover.</summary>
/// <param name="Optimizer">Its name in the study.</param>
/// <param name="Variant">As <see cref="Arm.Variant"/>; "" where the study has one choice.</param>
/// <param name="Template">The recipe, at the study's lowest batch size where it depends on it.</param>
/// <param name="Kind">Of the recipe.</param>
internal sealed record PilotSide(string Optimizer, string Variant, OptimizerSpec Template, OptimizerKind Kind)
{
    /// <summary>"adam", or "adam (beta2=0.95)".</summary>
    public string Name => Variant.Length > 0 ? $"{Optimizer} ({Variant})" : Optimizer;

    /// <summary>The sides of a comparison, in the order of the study's optimizers.</summary>
    /// <param name="plan">The study's.</param>
    /// <param name="comparison">One of it.</param>
    public static IReadOnlyList<PilotSide> Of(Plan plan, PlannedComparison comparison) =>
        [
            .. plan
                .Arms.Where(a => ReferenceEquals(a.Comparison, comparison) && a.Batch == comparison.Study.Grid.Batches[0])
                .Select(a => new PilotSide(a.Optimizer, a.Variant, a.Template, comparison.Study.Catalogues.Optimizers.Of(a.Template))),
        ];

    /// <summary>The pairs to predict: of the optimizers named, each choice of the one against each of the other; where the grid sets one β
    /// for all alike, those of the same.</summary>
    public static IReadOnlyList<(PilotSide First, PilotSide Second)> Pairs(
        IReadOnlyList<PilotSide> sides,
        IEnumerable<OptimizerPair> named,
        bool tied
    ) =>
        [
            .. from pair in named
            from first in sides.Where(s => s.Optimizer == pair.First)
            from second in sides.Where(s => s.Optimizer == pair.Second)
            where !tied || first.Variant == second.Variant
            select (first, second),
        ];

    /// <summary>Whether an arm of the study's plan, or of its pilot's, is of this side.</summary>
    public bool Has(Arm arm) => arm.Optimizer == Optimizer && arm.Variant == Variant;
}
