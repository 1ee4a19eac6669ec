// The sections of a comparison's report: gap, tuning, learning curves, clip audit, budgets, how to read it.
using Gaplab.Results.Analysis;
using Gaplab.Results.Report.Charts;

namespace Gaplab.Results.Report;

/// <summary>Builds the sections of one group, and the two that belong to the whole.</summary>
internal static class CrossoverSections
{
    /// <summary>One row per group: its verdict and crossover.</summary>
    public static Section Overview(CrossoverReportInput input)
    {
        GapAnalysis analysis = input.Analysis;
        return new Section
        {
            Id = "overview",
            Title = "All comparisons",
            TableOpen = true,
            Table = new Table(
                "one row per comparison",
                [
                    new("comparison"),
                    new("verdict"),
                    new("crossover B*", true),
                    new("95% interval", true),
                    new("batch sizes", true),
                    new("seeds", true),
                    new("in words"),
                ],
                [
                    .. analysis.Comparisons.Select(
                        (g, i) =>
                            new Row(
                                g.Key.ToString(),
                                g.Verdict + Caveats.Beside(analysis, g),
                                g.Isotonic switch
                                {
                                    { Batch: { } batch } => new Cell(NumberText.Short(batch), batch),
                                    { Between: { } between, Interpolated: { } middle } => new Cell(
                                        $"{NumberText.Count(between.Low)} … {NumberText.Count(between.High)}",
                                        middle
                                    ),
                                    _ => new Cell(NumberText.None, null, "muted"),
                                },
                                g.Isotonic is { } fit ? NumberText.Interval(fit.Interval, NumberText.Short) : NumberText.None,
                                new Cell(NumberText.Count(g.Gaps.Count), g.Gaps.Count),
                                new Cell(NumberText.Count(g.Seeds.Count), g.Seeds.Count),
                                new Cell(analysis.Told(g), null, "wide")
                            )
                    ),
                ]
            ),
        };
    }

    /// <summary>How the anchors of one group begin.</summary>
    public static string Prefix(int index, bool single) =>
        single ? "" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"g{index + 1}-");

    /// <summary>The sections of one group.</summary>
    /// <param name="single">Whether it is the only group: its headline is then the page's.</param>
    /// <param name="thin">Whether single runs are left out (<see cref="Thinned"/>).</param>
    public static IEnumerable<Section> Of(
        CrossoverReportInput input,
        ComparisonAnalysis comparison,
        int index,
        bool single,
        bool thin = false
    )
    {
        GapAnalysis analysis = input.Analysis;
        IReadOnlyList<string> optimizers = CrossoverReport.Optimizers(analysis);
        string prefix = Prefix(index, single);
        int level = single ? 2 : 3;
        if (!single)
            yield return new Section
            {
                Id = prefix + "comparison",
                Title = comparison.Key.ToString(),
                Prose =
                [
                    analysis.Told(comparison),
                    .. CrossoverReport.HowComeBy(analysis, comparison),
                    .. CrossoverReport.Needs(comparison),
                ],
            };

        Chart? clip = ClipAudit.Make(comparison.Tuned, optimizers);
        // Findings stand beside what they speak about; those of no section stand with the gap, which they all bear on.
        Finding[] rest =
        [
            .. comparison.Findings.Where(f =>
                f.Kind.Topic is not (FindingTopic.Tuning or FindingTopic.Budgets) && (clip is null || f.Kind.Topic != FindingTopic.Clipping)
            ),
        ];
        if (comparison.Gaps.Count > 0)
        {
            yield return new Section
            {
                Id = prefix + "gap",
                Title = "Gap against batch size",
                Level = level,
                Findings = rest,
                // Of an only comparison the page opens with it.
                Chart = single ? null : GapAgainstBatch.Make(comparison, analysis.First, analysis.Second, analysis.Metric, prefix + "gap"),
                Table = GapTable(analysis, comparison, prefix + "gap"),
                TableOpen = true,
                Provenance = From(input, comparison.Gaps.SelectMany(g => g.First.Best.Runs.Concat(g.Second.Best.Runs))),
            };
        }
        foreach (Section memory in MemorySections.Of(analysis, comparison, prefix, level))
            yield return memory;
        yield return new Section
        {
            Id = prefix + "tuning",
            Title = "How each optimizer was tuned",
            Level = level,
            Prose = comparison.Gaps.Count > 0 ? [] : [analysis.Told(comparison)],
            Findings = [.. comparison.Gaps.Count > 0 ? [] : rest, .. About(comparison, FindingTopic.Tuning)],
            Chart = LossAgainstRate.Make(comparison.Tuned, optimizers, analysis.Metric, analysis.HigherIsBetter, !thin),
            Table = TrialTable(analysis, comparison),
            Provenance = From(input, comparison.Tuned.SelectMany(t => t.Trials).SelectMany(c => c.Runs)),
        };
        yield return new Section
        {
            Id = prefix + "tuned",
            Title = "Tuned values",
            Level = 3,
            Table = TunedTable(comparison, optimizers),
            TableOpen = true,
        };

        CurvePoint[] curves = Curves(input, comparison);
        if (LearningCurves.Make(curves, optimizers, input.CurveMetric) is Chart learning)
        {
            yield return new Section
            {
                Id = prefix + "curves",
                Title = "Learning curves of the tuned runs",
                Level = level,
                Chart = learning,
                Table = CurveTable(curves, input.CurveMetric),
                Provenance = From(input, curves.Select(c => c.Run)),
            };
        }
        if (clip is not null)
        {
            yield return new Section
            {
                Id = prefix + "clip",
                Title = "Clip audit",
                Level = level,
                Prose =
                [
                    "Where the norm clip acts on every step, SGD is normalised SGD: its step length no longer depends on the gradient's, "
                        + "and its learning rate means something else.",
                ],
                Findings = [.. About(comparison, FindingTopic.Clipping)],
                Chart = clip,
                Table = ClipTable(comparison),
                Provenance = From(
                    input,
                    comparison.Tuned.SelectMany(t => t.Trials).Where(c => c.ClipFraction is not null).SelectMany(c => c.Runs)
                ),
            };
        }
        if (comparison.Budgets.Count == 0)
            yield break;
        yield return new Section
        {
            Id = prefix + "budgets",
            Title = "Tuning budgets",
            Level = level,
            Prose = ["An optimizer that was tried with more settings has more chances to look good: compare what each had."],
            Findings = [.. About(comparison, FindingTopic.Budgets)],
            Table = BudgetTable(comparison),
            TableOpen = true,
        };
    }

    private static IEnumerable<Finding> About(ComparisonAnalysis comparison, FindingTopic topic) =>
        comparison.Findings.Where(f => f.Kind.Topic == topic);

    /// <summary>What a gap is and what it is not.</summary>
    public static Section HowToRead(GapAnalysis analysis)
    {
        string first = analysis.First,
            second = analysis.Second;
        string definition = analysis.HigherIsBetter ? $"tuned {second} − tuned {first}" : $"tuned {first} − tuned {second}";
        return new Section
        {
            Id = "reading",
            Title = "How to read a gap",
            Prose =
            [
                $"**Gap** = {definition}, in {analysis.Metric}. Positive always means that {second} is ahead, negative that {first} is.",
                "**Tuned** is the best mean over seeds among the learning rates tried. A seed that diverged makes its learning rate "
                    + "unusable. A best learning rate at the edge of its grid may not be the best there is, so the gap is then a bound "
                    + "and is drawn hollow.",
                "**95% interval**: the seeds are resampled in pairs (the same seeds for every setting), the learning rate is chosen anew "
                    + "in each resample, and the percentile interval is widened by a t factor, because plain percentile intervals from "
                    + "three to five seeds cover only 70 to 87%. One seed gives no interval; two give practically none.",
                "**Crossover B***: where a monotone fit of the gap changes sign, interpolated in log₂ B. It is called determined only "
                    + "when enough of the resamples agree.",
                "A gap speaks about this task, model, budget and schedule, and about the settings that were tried. It says nothing about "
                    + "settings that were not.",
            ],
        };
    }

    private static Table GapTable(GapAnalysis analysis, ComparisonAnalysis comparison, string section)
    {
        string first = analysis.First,
            second = analysis.Second;
        return new Table(
            $"gap in {analysis.Metric} per batch size; positive: {second} ahead",
            [
                new("batch", true),
                new(first, true, $"tuned {analysis.Metric}, mean over seeds"),
                new($"{first} lr", true),
                new(second, true, $"tuned {analysis.Metric}, mean over seeds"),
                new($"{second} lr", true),
                new("gap", true),
                new("95% interval", true, "paired bootstrap over seeds, widened by a t factor"),
                new(
                    "leave-one-out gap",
                    true,
                    "the learning rate is chosen on the other seeds and judged on the one left out: free of the bias of choosing"
                ),
                new("ahead"),
            ],
            [
                .. comparison.Gaps.Select(g => new Row(
                    [
                        new(NumberText.Count(g.Batch), g.Batch),
                        Value(g.First),
                        Rate(g.First),
                        Value(g.Second),
                        Rate(g.Second),
                        new(BoundSign(g.Bound) + NumberText.Signed(g.Value), g.Value, "winner"),
                        NumberText.Interval(g.Interval, NumberText.Signed),
                        g.LeaveOneOut is double left ? new(NumberText.Signed(left), left) : new(NumberText.None, null, "muted"),
                        Ahead(analysis, g),
                    ],
                    Known(g.First.Best.Runs.Concat(g.Second.Best.Runs))
                )
                {
                    Anchor = GapAgainstBatch.RowOf(section, g.Batch),
                }),
            ]
        );
    }

    private static string BoundSign(GapBound bound) =>
        bound switch
        {
            GapBound.AtMost => "≤ ",
            GapBound.AtLeast => "≥ ",
            GapBound.Unbounded => "? ",
            _ => "",
        };

    private static Cell Ahead(GapAnalysis analysis, Gap gap)
    {
        if (double.IsNaN(gap.Value) || gap.Value == 0)
            return new Cell("neither", null, "muted");
        string name = gap.Value > 0 ? analysis.Second : analysis.First;
        bool sure = gap.Interval.ExcludesZero || double.IsInfinity(gap.Value);
        string small = gap.IsRelevant == false ? $", within {gap.Band!.Percent}" : "";
        return new Cell(name + (sure ? "" : ", uncertain") + small, null, gap.Value > 0 ? "second" : "first");
    }

    private static Table TunedTable(ComparisonAnalysis comparison, IReadOnlyList<string> optimizers)
    {
        bool momentum = comparison.Tuned.Any(t => t.Moments.First is not null),
            beta2 = comparison.Tuned.Any(t => t.Moments.Second is not null);
        Column[] columns =
        [
            new("optimizer"),
            new("batch", true),
            new("learning rate", true),
            .. momentum ? [new Column("momentum", true)] : Array.Empty<Column>(),
            .. beta2 ? [new Column("β₂", true)] : Array.Empty<Column>(),
            new("tuned value", true),
            new("interpolated", true, "minimum of a parabola in log₂ learning rate through the best and its neighbours"),
            new("at lr", true),
            new("selection bias", true, "bootstrap estimate of how much choosing the best of several flatters the value"),
            new("leave-one-out", true),
            new("spread over seeds", true, "largest minus smallest"),
        ];
        return new Table(
            "tuned values per optimizer and batch size",
            columns,
            [
                .. comparison
                    .Tuned.OrderBy(t => optimizers.ToList().IndexOf(t.Optimizer))
                    .ThenBy(t => t.Batch)
                    .Select(t =>
                    {
                        double[] values = [.. t.Best.Values.Where(double.IsFinite)];
                        Cell[] cells =
                        [
                            t.Optimizer,
                            new(NumberText.Count(t.Batch), t.Batch),
                            Rate(t),
                            .. momentum ? [Cell.Of(t.Moments.First, NumberText.Short)] : Array.Empty<Cell>(),
                            .. beta2 ? [Cell.Of(t.Moments.Second, NumberText.Short)] : Array.Empty<Cell>(),
                            Value(t),
                            Cell.Of(t.Interpolated?.Value, NumberText.Metric),
                            Cell.Of(t.Interpolated?.LearningRate, NumberText.Short),
                            Cell.Of(t.SelectionBias, NumberText.Signed),
                            Cell.Of(t.LeaveOneOut, NumberText.Metric),
                            values.Length > 1
                                ? new(NumberText.Metric(values.Max() - values.Min()), values.Max() - values.Min())
                                : new(NumberText.None, null, "muted"),
                        ];
                        return new Row(cells, Known(t.Best.Runs));
                    }),
            ]
        );
    }

    private static Table TrialTable(GapAnalysis analysis, ComparisonAnalysis comparison)
    {
        bool momentum = comparison.Tuned.Any(t => t.Moments.First is not null),
            beta2 = comparison.Tuned.Any(t => t.Moments.Second is not null);
        Column[] columns =
        [
            new("optimizer"),
            new("batch", true),
            new("learning rate", true),
            .. momentum ? [new Column("momentum", true)] : Array.Empty<Column>(),
            .. beta2 ? [new Column("β₂", true)] : Array.Empty<Column>(),
            new($"mean {analysis.Metric}", true),
            new("per seed"),
            new("chosen"),
        ];
        return new Table(
            "every setting tried",
            columns,
            [
                .. comparison.Tuned.SelectMany(t =>
                    t.Trials.Select(c =>
                    {
                        bool chosen = c.LearningRate == t.LearningRate && c.Moments == t.Moments;
                        Cell[] cells =
                        [
                            t.Optimizer,
                            new(NumberText.Count(t.Batch), t.Batch),
                            Cell.Of(c.LearningRate, NumberText.Short),
                            .. momentum ? [Cell.Of(c.Moments.First, NumberText.Short)] : Array.Empty<Cell>(),
                            .. beta2 ? [Cell.Of(c.Moments.Second, NumberText.Short)] : Array.Empty<Cell>(),
                            new(
                                double.IsFinite(c.Mean) ? NumberText.Metric(c.Mean) : "diverged",
                                c.Mean,
                                double.IsFinite(c.Mean) ? null : "muted"
                            ),
                            string.Join("  ", c.Values.Select(NumberText.Metric)),
                            chosen ? "chosen" : "",
                        ];
                        return new Row(cells, Known(c.Runs));
                    })
                ),
            ]
        );
    }

    private static Table CurveTable(IReadOnlyList<CurvePoint> curves, string metric) =>
        new(
            $"{metric}, mean over seeds",
            [
                new("optimizer"),
                new("batch", true),
                new("samples", true),
                new("mean", true),
                new("lowest seed", true),
                new("highest seed", true),
            ],
            [
                .. LearningCurves
                    .Means(curves)
                    .Select(m => new Row(
                        [
                            m.Optimizer,
                            new(NumberText.Count(m.Batch), m.Batch),
                            new(NumberText.Count(m.Samples), m.Samples),
                            new(NumberText.Metric(m.Value), m.Value),
                            new(NumberText.Metric(m.Low), m.Low),
                            new(NumberText.Metric(m.High), m.High),
                        ],
                        m.Runs
                    )),
            ]
        );

    private static Table ClipTable(ComparisonAnalysis comparison) =>
        new(
            "fraction of steps on which the norm clip acted",
            [new("optimizer"), new("batch", true), new("learning rate", true), new("steps clipped", true), new("chosen")],
            [
                .. comparison.Tuned.SelectMany(t =>
                    t.Trials.Where(c => c.ClipFraction is not null)
                        .Select(c => new Row(
                            [
                                t.Optimizer,
                                new(NumberText.Count(t.Batch), t.Batch),
                                Cell.Of(c.LearningRate, NumberText.Short),
                                Cell.Of(c.ClipFraction, NumberText.Percent),
                                c.LearningRate == t.LearningRate && c.Moments == t.Moments ? "chosen" : "",
                            ],
                            Known(c.Runs)
                        ))
                ),
            ]
        );

    private static Table BudgetTable(ComparisonAnalysis comparison) =>
        new(
            "what was tried",
            [
                new("optimizer"),
                new("batch", true),
                new("learning rates", true),
                new("momenta", true),
                new("seeds used", true),
                new("runs", true),
                new("diverged", true),
                new("missing", true, "killed, out of memory or timed out: not counted against the optimizer"),
            ],
            [
                .. comparison.Budgets.Select(b => new Row(
                    [
                        b.Optimizer,
                        .. new long[] { b.Batch, b.LearningRates, b.Momenta, b.Seeds, b.Runs, b.Diverged, b.Missing }.Select(n => new Cell(
                            NumberText.Count(n),
                            n
                        )),
                    ],
                    []
                )),
            ]
        );

    // Only the runs that the tuned values rest on.
    private static CurvePoint[] Curves(CrossoverReportInput input, ComparisonAnalysis comparison)
    {
        var chosen = comparison.Tuned.SelectMany(t => t.Best.Runs).Where(r => r.Length > 0).ToHashSet(StringComparer.Ordinal);
        return [.. input.Curves.Where(c => c.Comparison.Equals(comparison.Key) && chosen.Contains(c.Point.Run)).Select(c => c.Point)];
    }

    private static Provenance? From(CrossoverReportInput input, IEnumerable<string> runs)
    {
        IReadOnlyList<string> known = Known(runs);
        return known.Count == 0 ? null : new Provenance(input.Source, input.Command, known);
    }

    private static IReadOnlyList<string> Known(IEnumerable<string> runs) =>
        [.. runs.Where(r => r.Length > 0).Distinct(StringComparer.Ordinal)];

    private static Cell Value(TunedMetric tuned) =>
        tuned.AllDiverged ? new Cell("diverged", tuned.Value, "muted") : new Cell(NumberText.Metric(tuned.Value), tuned.Value);

    private static Cell Rate(TunedMetric tuned) =>
        tuned.LearningRate is not double rate
            ? new Cell(NumberText.None, null, "muted")
            : tuned.Edge switch
            {
                GridEdge.None => new Cell(NumberText.Short(rate), rate),
                GridEdge.Low => new Cell(NumberText.Short(rate) + " (low edge)", rate, "edge"),
                GridEdge.High => new Cell(NumberText.Short(rate) + " (high edge)", rate, "edge"),
                _ => new Cell(NumberText.Short(rate) + " (only one)", rate, "edge"),
            };
}
