// A study with smaller batches and fewer steps, to run in place of it.
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Studies.Planning;

namespace Gaplab.Studies.Prediction;

/// <summary>
/// A study at scale d: every batch size d times smaller and d times fewer steps, so d² times fewer samples a run; two seeds at most, and
/// the middle three learning rates, from which the sentinel goes on. What its gaps say of the study is for
/// <see cref="Results.Prediction.MiniatureReading"/>.
/// </summary>
/// <param name="Plan">What is run.</param>
/// <param name="Scale">d.</param>
/// <param name="Sweep">Training samples of the whole study's first round.</param>
internal sealed record Miniature(Plan Plan, int Scale, long Sweep)
{
    private const int Seeds = 2,
        Rates = 3;

    // Beyond the largest nothing is left of most studies.
    private static readonly int[] s_scales = [2, 4, 8, 16];

    /// <summary>Training samples of its first round.</summary>
    public long Samples => PlanEstimate.Of(Plan).Samples;

    /// <summary>The miniature at the scale asked for, or at the least of 2, 4, 8 and 16 that costs no more than
    /// <see cref="ProbePlan.Share"/> of the sweep (the largest possible where none does).</summary>
    /// <param name="whole">The study.</param>
    /// <param name="pair">The two optimizers compared.</param>
    /// <param name="scale">d; null: chosen.</param>
    /// <exception cref="InputException">No batch size, or no step, of a comparison is left at that scale; or the pair is not the
    /// study's.</exception>
    public static Miniature Of(Plan whole, (string First, string Second) pair, int? scale)
    {
        ArgumentNullException.ThrowIfNull(whole);
        StudySpec study = whole.Study;
        _ = (study.Optimizer(pair.First), study.Optimizer(pair.Second));
        if (scale is < 2)
            throw new InputException($"--scale got {scale}; expected 2 or more: batch sizes and steps are divided by it");
        if (whole.Comparisons.Any(c => c.Study.Grid.HalfLives.Count > 0))
            throw new InputException(
                "the study's averages depend on the batch size (grid.half-life); a miniature would change them with it: give fixed "
                    + "momenta and betas"
            );
        long sweep = PlanEstimate.Of(whole.With(Only(study, pair))).Samples;
        Miniature Made(int d) => new(whole.With(Shrunk(Only(study, pair), d) with { Name = $"{study.Name}-miniature" }), d, sweep);
        if (scale is { } asked)
            return Refusal(whole, asked) is { } refusal
                ? throw new InputException(
                    $"--scale got {asked}, but then {refusal}; expected another, or 2, 4, 8 or 16 as no --scale would choose"
                )
                : Made(asked);
        Miniature[] all = [.. s_scales.Where(d => Refusal(whole, d) is null).Select(Made)];
        return all.FirstOrDefault(m => m.Samples <= ProbePlan.Share * sweep)
            ?? all.LastOrDefault()
            ?? throw new InputException($"no miniature can be made: at 1:2 {Refusal(whole, 2)}");
    }

    /// <summary>The study's batch sizes that it does not speak of: no multiples of the scale.</summary>
    public IReadOnlyList<int> LeftOut(Plan whole) =>
        [.. whole.Comparisons.SelectMany(c => c.Study.Grid.Batches).Where(b => b % Scale != 0).Distinct().Order()];

    /// <summary>Why a scale cannot be; null: it can.</summary>
    private static string? Refusal(Plan whole, int scale)
    {
        foreach (PlannedComparison comparison in whole.Comparisons)
        {
            string of = comparison.Key.Heading is { Length: > 0 } key ? $" of {key}" : "";
            if (Batches(comparison.Study.Grid, scale) is not [.., var largest])
                return $"no batch size{of} can be divided by {scale} ({string.Join(", ", comparison.Study.Grid.Batches)})";
            BudgetSpec budget = Shrunk(comparison.Study.Budget, scale);
            if (
                budget.Amount
                < (
                    budget.Unit switch
                    {
                        "steps" => 1,
                        "tokens" => (long)largest * comparison.Study.Task.Context,
                        _ => largest,
                    }
                )
            )
                return $"a run{of} at batch size {largest} has no step left";
        }
        return null;
    }

    private static StudySpec Only(StudySpec study, (string First, string Second) pair) =>
        EveryComparison(study, s => s with { Optimizers = [.. s.Optimizers.Where(o => o.Name == pair.First || o.Name == pair.Second)] });

    private static StudySpec EveryComparison(StudySpec study, Func<StudySpec, StudySpec> change) =>
        change(study) with
        {
            Listed = [.. study.Listed.Select(c => c with { Study = change(c.Study) })],
        };

    private static StudySpec Shrunk(StudySpec whole, int scale) =>
        EveryComparison(
            whole,
            study =>
                study with
                {
                    // Without the sentinel nothing would go on from the middle.
                    Optimizers = study.Sentinel.Enabled
                        ? [.. study.Optimizers.Select(o => o with { Rates = Middle(o.Rates) })]
                        : study.Optimizers,
                    Grid = study.Grid with { Batches = Batches(study.Grid, scale), Seeds = [.. study.Grid.Seeds.Take(Seeds)] },
                    Budget = Shrunk(study.Budget, scale),
                    // It follows the best rate, which is lower at smaller batches, by the finest step of the grids, and does not refine.
                    Sentinel = study.Sentinel with
                    {
                        Factor = study.Sentinel.Factor > 1 ? study.Sentinel.Factor : Finest(study),
                        RefineTo = double.MaxValue,
                        MaxExtensions = study.Sentinel.MaxExtensions + study.Optimizers.Max(o => o.Rates.Count) / 2,
                    },
                    Evaluation = study.Evaluation with { Points = 0 },
                    Probes = null,
                }
        );

    private static double Finest(StudySpec study) =>
        study.Optimizers.SelectMany(o => o.Rates.Zip(o.Rates.Skip(1), (a, b) => b / a)).DefaultIfEmpty(4).Min();

    private static IReadOnlyList<int> Batches(GridSpec grid, int scale) =>
        [.. grid.Batches.Where(b => b % scale == 0).Select(b => b / scale)];

    private static BudgetSpec Shrunk(BudgetSpec budget, int scale) =>
        budget with
        {
            Amount = budget.Amount / (budget.Unit == "steps" ? scale : scale * scale),
        };

    private static IReadOnlyList<double> Middle(IReadOnlyList<double> rates) =>
        rates.Count <= Rates ? rates : [.. rates.Skip((rates.Count - Rates) / 2).Take(Rates)];
}
