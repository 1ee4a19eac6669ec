// A study with smaller batches and fewer steps, to run in place of it.
using Gaplab.Learning.Specs;
using Gaplab.Numerics;

namespace Gaplab.Studies.Prediction;

/// <summary>
/// A study at scale d: every batch size d times smaller and d times fewer steps, so d² times fewer samples a run; two seeds at most, and the middle
/// three learning rates, from which the sentinel goes on as far as it must. What its gaps say of the study is for <see cref="Results.Prediction.MiniatureReading"/>.
/// </summary>
/// <param name="Plan">What is run.</param>
/// <param name="Scale">d.</param>
/// <param name="Sweep">Training samples of the whole study's first round.</param>
public sealed record Miniature(Plan Plan, int Scale, long Sweep)
{
    /// <summary>What its first round may cost of the sweep's, where no scale is asked for.</summary>
    public const double Share = 0.02;

    private const int Seeds = 2, Rates = 3;

    // Beyond the largest nothing is left of most studies.
    private static readonly int[] s_scales = [2, 4, 8, 16];

    /// <summary>Training samples of its first round.</summary>
    public long Samples => PlanEstimate.Of(Plan).Samples;

    /// <summary>The miniature at the scale asked for, or at the least one that costs no more than <see cref="Share"/> of the sweep (the least costly where none does).</summary>
    /// <param name="whole">The study.</param>
    /// <param name="pair">The two optimizers compared.</param>
    /// <param name="scale">d; null: chosen.</param>
    /// <exception cref="InputException">No batch size, or no step, is left at that scale; or the pair is not the study's.</exception>
    public static Miniature Of(Plan whole, (string First, string Second) pair, int? scale)
    {
        ArgumentNullException.ThrowIfNull(whole);
        StudySpec study = whole.Study;
        foreach (string name in (string[])[pair.First, pair.Second])
            if (study.Optimizers.All(o => o.Name != name)) throw new InputException($"the study has no optimizer '{name}'; expected two of {string.Join(", ", study.Optimizers.Select(o => o.Name))}: name them with --pair");
        if (scale is < 2) throw new InputException($"--scale got {scale}; expected 2 or more: batch sizes and steps are divided by it");
        if (study.Grid.HalfLives.Count > 0) throw new InputException("the study's averages depend on the batch size (grid.half-life); a miniature would change them with it: give fixed momenta and betas");
        long sweep = PlanEstimate.Of(whole.Of(Only(study, pair))).Samples;
        if (scale is { } asked) return At(whole, pair, asked, sweep) ?? throw new InputException($"--scale got {asked}, but then {(Batches(study.Grid, asked).Count == 0 ? $"no batch size is left of {string.Join(", ", study.Grid.Batches)}" : "a run has no step left")}; expected less");
        Miniature[] all = [.. s_scales.Select(s => At(whole, pair, s, sweep)).OfType<Miniature>()];
        return all.FirstOrDefault(m => m.Samples <= Share * sweep) ?? all.LastOrDefault()
            ?? throw new InputException($"no miniature can be made of batch sizes {string.Join(", ", study.Grid.Batches)} within {study.Budget.Amount} {study.Budget.Unit}; raise the budget or the batch sizes");
    }

    private static Miniature? At(Plan whole, (string First, string Second) pair, int scale, long sweep)
    {
        StudySpec study = Only(whole.Study, pair);
        IEnumerable<StudySpec> cells = study.Cells.Count > 0 ? study.Cells.Select(c => c.Study) : [study];
        if (cells.Any(c => Batches(c.Grid, scale) is not [.., var largest] || Shrunk(c.Budget, scale).Amount < (c.Budget.Unit == "steps" ? 1 : largest * (c.Budget.Unit == "tokens" ? c.Task.Context : 1)))) return null;
        return new Miniature(whole.Of(Shrunk(study, scale) with { Name = $"{study.Name}-miniature", Cells = [.. study.Cells.Select(c => c with { Study = Shrunk(c.Study, scale) })] }), scale, sweep);
    }

    private static StudySpec Only(StudySpec study, (string First, string Second) pair)
    {
        StudySpec Of(StudySpec s) => s with { Optimizers = [.. s.Optimizers.Where(o => o.Name == pair.First || o.Name == pair.Second)] };
        return Of(study) with { Cells = [.. study.Cells.Select(c => c with { Study = Of(c.Study) })] };
    }

    private static StudySpec Shrunk(StudySpec study, int scale)
    {
        OptimizerChoice[] optimizers = [.. study.Optimizers.Select(o => o with { Rates = Middle(o.Rates) })];
        // Refined no further than the grid: the sentinel is there to follow the best rate, which is lower at smaller batches.
        double coarsest = optimizers.SelectMany(o => o.Rates.Zip(o.Rates.Skip(1), (a, b) => b / a)).DefaultIfEmpty(study.Sentinel.RefineTo).Max();
        return study with
        {
            Optimizers = optimizers,
            Grid = study.Grid with { Batches = Batches(study.Grid, scale), Seeds = [.. study.Grid.Seeds.Take(Seeds)] },
            Budget = Shrunk(study.Budget, scale),
            Sentinel = study.Sentinel with { RefineTo = Math.Max(coarsest, study.Sentinel.RefineTo), MaxExtensions = study.Sentinel.MaxExtensions + study.Optimizers.Max(o => o.Rates.Count) / 2 },
            Evaluation = study.Evaluation with { Points = 0 },
            Probes = null,
        };
    }

    private static IReadOnlyList<int> Batches(GridSpec grid, int scale) => [.. grid.Batches.Select(b => b / scale).Where(b => b >= 1).Distinct()];

    private static BudgetSpec Shrunk(BudgetSpec budget, int scale) => budget with { Amount = budget.Amount / (budget.Unit == "steps" ? scale : scale * scale) };

    private static IReadOnlyList<double> Middle(IReadOnlyList<double> rates) => rates.Count <= Rates ? rates : [.. rates.Skip((rates.Count - Rates) / 2).Take(Rates)];
}
