// A pilot's runs as a study of their own, so that they are planned, packed, run and resumed like any others.
using Gaplab.Studies.Planning;

namespace Gaplab.Studies.Piloting;

/// <summary>A plan of what was asked for, and which of its comparisons is which. Each is one comparison of the whole study at one length
/// and seed: what is asked for later changes no pack that was made before.</summary>
/// <param name="Plan">What is run.</param>
/// <param name="Places">By the setting's name: the place of the whole study's comparison, the length, and the seed.</param>
internal sealed record PilotPlan(Plan Plan, IReadOnlyDictionary<string, (int Comparison, PilotLength Length, long Seed)> Places)
{
    /// <summary>The runs that are asked for of each comparison of a study.</summary>
    /// <param name="whole">The study's plan.</param>
    /// <param name="asked">By the place of a comparison in it.</param>
    public static PilotPlan Of(Plan whole, IReadOnlyDictionary<int, IReadOnlyList<PilotAsk>> asked)
    {
        var places = new Dictionary<string, (int, PilotLength, long)>();
        var comparisons = new List<Comparison>();
        foreach ((int place, IReadOnlyList<PilotAsk> asks) in asked.OrderBy(a => a.Key))
        {
            PlannedComparison comparison = whole.Comparisons[place];
            foreach (var alike in asks.GroupBy(a => (a.Length, a.Seed)))
            {
                (PilotLength length, long seed) = alike.Key;
                string setting = string.Join('.', [.. comparison.Key.Names, length.Name, $"seed-{seed}"]);
                places.Add(setting, (place, length, seed));
                comparisons.Add(
                    new Comparison { Setting = setting, Study = Shortened(comparison.Study, length, seed, [.. alike]) with { Listed = [] } }
                );
            }
        }
        StudySpec study = comparisons[0].Study with
        {
            Name = Name(whole.Study),
            Question = "",
            Listed = comparisons,
            Factors = [],
            Design = new(),
        };
        return new PilotPlan(whole.With(study), places);
    }

    /// <summary>Of the pilot's store.</summary>
    public static string Name(StudySpec whole) => $"{whole.Name}-pilot";

    private static StudySpec Shortened(StudySpec study, PilotLength length, long seed, IReadOnlyList<PilotAsk> asks) =>
        study with
        {
            Factors = [],
            Optimizers =
            [
                .. study
                    .Optimizers.Where(o => asks.Any(a => a.Optimizer == o.Name))
                    .Select(o =>
                        o with
                        {
                            ByBatch =
                            [
                                .. asks.Where(a => a.Optimizer == o.Name)
                                    .OrderBy(a => a.Batch)
                                    .Select(a => new BatchRates { Batch = a.Batch, Rates = a.Rates }),
                            ],
                        }
                    ),
            ],
            Grid = study.Grid with { Batches = [.. asks.Select(a => a.Batch).Distinct().Order()], Seeds = [seed] },
            Budget = length.Of(study.Budget),
            // It follows an edge once on either side, by the step of the cell's own rates, and does not refine.
            Sentinel = study.Sentinel with
            {
                Enabled = true,
                Factor = length.Step,
                MaxExtensions = 1,
                RefineTo = double.MaxValue,
            },
            Evaluation = study.Evaluation with { Points = 0 },
            Probes = null,
        };
}
