// What a pilot of one comparison is made of before anything has run: batch sizes, lengths, seeds, and what they may cost.
using System.Globalization;
using Gaplab.Numerics;
using Gaplab.Studies.Planning;

namespace Gaplab.Studies.Piloting;

/// <summary>The frame of a pilot; which learning rates and anchors fill it depends on results (<see cref="PilotSearch"/>).</summary>
internal sealed record PilotDesign
{
    /// <summary>Learning rates of a cell at first.</summary>
    public const int Rates = 3;

    // With fewer anchors a crossover is hardly ever straddled.
    private const int FewestAnchors = 3;

    // A sweep's seeds are small numbers.
    private const long FirstSeed = 101;

    public required PlannedComparison Comparison { get; init; }

    public required PilotTier Tier { get; init; }

    /// <summary>Of the study, in its order, those that are compared.</summary>
    public required IReadOnlyList<string> Optimizers { get; init; }

    public required IReadOnlyList<PilotSide> Sides { get; init; }

    /// <summary>Two that the sweep does not use.</summary>
    public required IReadOnlyList<long> Seeds { get; init; }

    /// <summary>Batch sizes of quarter length in the order in which they are run; those of one round together.</summary>
    public required IReadOnlyList<IReadOnlyList<int>> Short { get; init; }

    /// <summary>The batch size of a sixteenth's length, with both seeds; null: none has steps enough, or money.</summary>
    public required int? Shortest { get; init; }

    /// <summary>Batch sizes of the study with too few steps at a quarter of the length.</summary>
    public required IReadOnlyList<int> LeftOut { get; init; }

    /// <summary>Training samples of the sweep's first round, of these optimizers.</summary>
    public required long Sweep { get; init; }

    public StudySpec Study => Comparison.Study;

    /// <summary>Training samples that the pilot may cost.</summary>
    public double Allowance => Tier.Share * Sweep;

    /// <summary>Of one cell of some optimizers at their first rates: every choice of momenta is run.</summary>
    public long Cost(PilotLength length, int batch, IEnumerable<string> optimizers) =>
        Rates * length.Samples(Study, batch) * optimizers.Sum(o => (long)Sides.Count(s => s.Optimizer == o));

    /// <summary>What is certain to be run.</summary>
    public IReadOnlyList<(PilotLength Length, int Batch, IReadOnlyList<long> Seeds)> Cells =>
        [
            .. Short.SelectMany(b => b).Order().Select(b => (PilotLength.Quarter, b, (IReadOnlyList<long>)[Seeds[0]])),
            .. Shortest is { } shortest
                ? [(PilotLength.Sixteenth, shortest, Seeds)]
                : Array.Empty<(PilotLength, int, IReadOnlyList<long>)>(),
        ];

    /// <summary>Training samples of <see cref="Cells"/> at their first rates.</summary>
    public long Certain => Cells.Sum(c => c.Seeds.Count * Cost(c.Length, c.Batch, Optimizers));

    /// <summary>Cells of the whole length, of a pair each, that the rest of the allowance pays at most, at the first rates.</summary>
    public int AnchorsAtMost
    {
        get
        {
            long cell = Cost(PilotLength.Whole, Study.Grid.Batches[0], Optimizers);
            int paid = cell == 0 ? 0 : (int)Math.Max(0, (Allowance - Certain) / cell);
            return Math.Min(paid, Tier.Anchors ?? int.MaxValue);
        }
    }

    /// <param name="whole">The study's plan.</param>
    /// <param name="comparison">One of it.</param>
    /// <param name="optimizers">Those that are compared.</param>
    /// <param name="tier">What it may cost.</param>
    /// <exception cref="InputException">The comparison cannot be piloted, or not at that price.</exception>
    public static PilotDesign Of(Plan whole, PlannedComparison comparison, IReadOnlyList<string> optimizers, PilotTier tier)
    {
        StudySpec study = comparison.Study;
        IReadOnlyList<int> batches = study.Grid.Batches;
        if (Refusal(study) is { } refusal)
            throw new InputException(refusal);
        PilotSide[] sides = [.. PilotSide.Of(whole, comparison).Where(s => optimizers.Contains(s.Optimizer))];
        int[] enough = [.. batches.Where(b => PilotLength.Quarter.Fits(study, b))];
        if (enough.Length < 2)
            throw new InputException(
                $"a quarter of the length has {PilotLength.Quarter.Steps(study, batches[0])} and "
                    + $"{PilotLength.Quarter.Steps(study, batches[1])} steps at the two lowest batch sizes, {batches[0]} and {batches[1]}; "
                    + $"a pilot needs {PilotLength.FewestSteps} at two of them: raise the budget, or predict with --method miniature"
            );
        var frame = new PilotDesign
        {
            Comparison = comparison,
            Tier = tier,
            Optimizers = optimizers,
            Sides = sides,
            Seeds = [.. Unused(study.Grid.Seeds).Take(2)],
            Short = [],
            Shortest = null,
            LeftOut = [.. batches.Except(enough)],
            Sweep = FirstRound(whole, comparison, optimizers),
        };
        (int low, int middle, int high) = (enough[0], Middle(enough), enough[^1]);
        // The middle first: there the grid's own middle is where to look. Of two, the ends, which lie furthest apart.
        PilotDesign two =
                frame with
                {
                    Short =
                    [
                        [low],
                        [high],
                    ],
                },
            three = middle == low || middle == high
                ? two
                : frame with
                {
                    Short =
                    [
                        [middle],
                        [low, high],
                    ],
                };
        if (two.Certain > two.Allowance)
            throw new InputException(TooLittle(two));
        if (tier.Anchors == 0)
            return three.Certain <= three.Allowance ? three : two;
        int? shortest = ((int[])[middle, low]).Cast<int?>().FirstOrDefault(b => PilotLength.Sixteenth.Fits(study, b!.Value));
        (two, three) = (two with { Shortest = shortest }, three with { Shortest = shortest });
        // Whole runs say more than short ones: the third batch size is not to cost an anchor that there is money for.
        int wanted = Math.Min(tier.Anchors ?? FewestAnchors, two.AnchorsAtMost);
        return three.Certain <= three.Allowance && three.AnchorsAtMost >= wanted ? three
            : two.Certain <= two.Allowance ? two
            : two with { Shortest = null };
    }

    private static string? Refusal(StudySpec study)
    {
        if (study.Optimizers.Count < 2)
            return $"the study has one optimizer, {study.Optimizers[0].Name}; a prediction compares two: add another under 'optimizers'";
        if (study.Grid.Batches.Count < 2)
            return $"the study has one batch size, {study.Grid.Batches[0]}; where the answer flips takes two or more: "
                + "--set grid.batch=[4,16,64]";
        if (study.Budget.Unit == "steps")
            return "the study's budget is in steps, so that runs at larger batch sizes train on more samples; a pilot compares at equal "
                + "samples: --set budget.samples=N, or predict with --method miniature";
        if (study.Grid.HalfLives.Count > 0)
            return "the study's averages depend on the batch size (grid.half-life), so that no memory is short at any; give fixed momenta "
                + "and betas to predict it";
        if (study.Model.Command is { } command && !Commands.CommandTemplate.CarriesLength(command))
            return "no argument of 'model.run' carries '{steps}' or '{samples}', so that the script cannot be told to train for less; "
                + "expected one of them";
        return null;
    }

    private static string TooLittle(PilotDesign design)
    {
        PilotTier? enough = PilotTier.All.FirstOrDefault(t => t.Share * design.Sweep >= design.Certain);
        string expected = enough is not null
            ? $"--cost {enough.Name}"
            : "a longer sweep: this one costs hardly more than its pilot, so that 'gaplab study run' is the way";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{design.Tier.Name} of the sweep's first round are {design.Allowance:0} training samples, too little for two batch sizes at a "
                + $"quarter of the length, {design.Certain}; expected {expected}"
        );
    }

    /// <summary>The nearest to the geometric middle of the range, the lower of two as near.</summary>
    internal static int Middle(IReadOnlyList<int> batches) =>
        batches.MinBy(b => Math.Abs(Math.Log((double)b * b / ((double)batches[0] * batches[^1]))));

    private static IEnumerable<long> Unused(IReadOnlyList<long> seeds)
    {
        for (long seed = FirstSeed; ; seed++)
            if (!seeds.Contains(seed))
                yield return seed;
    }

    private static long FirstRound(Plan whole, PlannedComparison comparison, IReadOnlyList<string> optimizers) =>
        whole
            .Arms.Where(a => ReferenceEquals(a.Comparison, comparison) && optimizers.Contains(a.Optimizer))
            .SelectMany(a => whole.Runs(a, a.Rates))
            .DistinctBy(r => r.Id)
            .Sum(r => r.Spec.Budget.Steps(r.Spec.Batch, r.Spec.Task.Context) * r.Spec.Batch);
}
