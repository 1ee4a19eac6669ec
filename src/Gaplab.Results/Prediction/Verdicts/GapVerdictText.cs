// A verdict in words: its sentence, its lines, its document, its part of a page.
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Results.Analysis;
using Gaplab.Results.Answers;
using Gaplab.Results.Report;
using Gaplab.Results.Report.Charts;

namespace Gaplab.Results.Prediction;

/// <summary>The three faces of a <see cref="GapVerdict"/>.</summary>
public static class GapVerdictText
{
    /// <summary>The answer in one or two sentences.</summary>
    public static string Headline(GapVerdict v)
    {
        ArgumentNullException.ThrowIfNull(v);
        string sides = Sides(v);
        (string below, string above) = v.ToSecond >= 0.5 ? (v.First, v.Second) : (v.Second, v.First);
        if (v.BStar is { } star)
            return $"{above} overtakes {below} at batch size {Headlines.Batch(star)} (80% interval {Range(v.Interval)}): {sides}.";
        if (v.Crossing >= Certainty.Asked)
            return v.Interval is { Low: not null }
                ? $"{above} overtakes {below} ({Percent(v.Crossing)} certain), but where is not determined (80% interval "
                    + $"{Range(v.Interval)}): {sides}."
                : $"One overtakes the other, but where is not determined: {sides}.";
        if (v.Bins.None >= Certainty.Asked && v.Batches.All(b => b.Word == BatchWord.Level))
            return $"{v.First} and {v.Second} are level at every batch size from {v.Bins.Sizes[0]} to {v.Bins.Sizes[^1]}: no gap exceeds "
                + $"{v.Band.Percent}.";
        bool none = 1 - v.Crossing >= Certainty.Asked;
        string onset =
            none && v.OnsetSide != 0 && v.Onset is { } from && from > v.Bins.Sizes[0] * 1.001
                ? $" {(v.OnsetSide > 0 ? v.Second : v.First)}'s lead exceeds {v.Band.Percent} from batch size {Headlines.Batch(from)} on "
                    + $"(80% interval {Range(v.OnsetInterval)})."
                : "";
        return $"{(none ? "No crossover in range" : "Not determined whether there is a crossover")}: {sides}.{onset}";
    }

    /// <summary>What makes the crossover, or a lead at small batch sizes; empty where nothing reaches the probability asked for.</summary>
    public static IEnumerable<string> Reasons(GapVerdict v)
    {
        ArgumentNullException.ThrowIfNull(v);
        if (v.Branches is not { } b)
            yield break;
        string remedy =
            v.Remedy.Length > 0
                ? $"with {v.Remedy} at batch size {v.Bins.Sizes[0]} it goes away"
                : "a longer average would make it go away";
        if (v.Crossing >= Certainty.Asked && b.Memory >= Certainty.Asked)
            yield return $"Memory makes the crossover: {remedy} ({Percent(b.Memory)} of the draws).";
        else if (v.Crossing >= Certainty.Asked && b.Steps >= Certainty.Asked)
            yield return $"Steps make the crossover: the optimizers run out of them at different batch sizes, whatever the memory "
                + $"({Percent(b.Steps)} of the draws).";
        else if (b.MemoryCosts >= Certainty.Asked)
            yield return $"A short memory costs more than {v.Band.Percent} at batch size {v.Bins.Sizes[0]}"
                + (v.Remedy.Length > 0 ? $": {v.Remedy} would gain it ({Percent(b.MemoryCosts)} of the draws)." : ".");
        if (b.ShortTraining >= Certainty.Asked)
            yield return $"Short training: {v.First} is ahead at batch size {v.Bins.Sizes[0]} whatever the memory "
                + $"({Percent(b.ShortTraining)} of the draws).";
    }

    /// <summary>"sgd is ahead at 4 and 8, adam at 64; level at 16; not determined at 32".</summary>
    private static string Sides(GapVerdict v)
    {
        IReadOnlyList<long> Of(BatchWord word) => [.. v.Batches.Where(b => b.Word == word).Select(b => b.Batch)];
        return new BatchSides(Of(BatchWord.First), Of(BatchWord.Second), Of(BatchWord.Level), Of(BatchWord.NotDetermined)).Text(
            new AnalysisOptions { First = v.First, Second = v.Second }
        );
    }

    /// <summary>What to run next; null where nothing was looked for, or nothing would help.</summary>
    public static string? Next(GapVerdict v)
    {
        ArgumentNullException.ThrowIfNull(v);
        if (v.Next is not { } next)
            return null;
        string seeds = next.Seeds == 1 ? "one seed" : $"{next.Seeds} seeds",
            interval = next.Factor is { } factor
                ? $", after which the 80% interval of B* should span a factor of {NumberText.Short(factor)}"
                : "";
        return $"The next run that would tell most of B*: both optimizers at batch size {next.Batch} over "
            + $"{NumberText.Short(next.Samples)} samples, {seeds}; cost {NumberText.Short(next.Cost)} samples, "
            + $"{next.Bits.ToString("0.00", CultureInfo.InvariantCulture)} bits expected{interval}.";
    }

    /// <summary>For a terminal.</summary>
    public static IEnumerable<string> Lines(GapVerdict v)
    {
        ArgumentNullException.ThrowIfNull(v);
        yield return Headline(v);
        foreach (string reason in Reasons(v))
            yield return reason;
        if (v.Doubt is { } doubt)
            yield return $"But {doubt}.";
        yield return "";
        yield return $"   batch    gap      80% interval         {v.First, -12} level   {v.Second, -12} says";
        foreach (BatchVerdict b in v.Batches)
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{b.Batch, 8}    {NumberText.Signed(b.Gap), -8} {Interval(b), -20} {Percent(b.FirstAhead), -12} {Percent(b.Level), -7} "
                    + $"{Percent(b.SecondAhead), -12} {Word(v, b.Word)}"
            );
        yield return $"Gap: ln of the ratio of both tuned losses; level: within {v.Band.Says}.";
        yield return $"B*: {Places(v.Bins)}.";
        if (Next(v) is { } next)
            yield return next;
    }

    /// <summary>The document.</summary>
    public static JsonObject Json(GapVerdict v)
    {
        ArgumentNullException.ThrowIfNull(v);
        return new JsonObject
        {
            ["headline"] = Headline(v),
            ["first"] = v.First,
            ["second"] = v.Second,
            ["relevance"] = v.Band.Share,
            ["floor"] = v.Band.Floor,
            ["batches"] = AnswerJson.Each(v.Batches, b => AnswerJson.Of(b)),
            ["crossing"] = v.Crossing,
            ["toSecond"] = v.ToSecond,
            ["batch"] = v.BStar,
            ["middle"] = v.Middle,
            ["interval"] = AnswerJson.Of(v.Interval),
            ["bins"] = AnswerJson.Of(v.Bins),
            ["onset"] =
                v.OnsetSide == 0
                    ? null
                    : new JsonObject
                    {
                        ["ahead"] = v.OnsetSide > 0 ? v.Second : v.First,
                        ["batch"] = v.Onset,
                        ["interval"] = AnswerJson.Of(v.OnsetInterval),
                    },
            ["branches"] = v.Branches is { } branches ? AnswerJson.Of(branches) : null,
            ["reasons"] = AnswerJson.Texts(Reasons(v)),
            ["remedy"] = v.Remedy.Length > 0 ? v.Remedy : null,
            ["next"] = v.Next is { } next ? AnswerJson.Of(next) : null,
            ["doubt"] = v.Doubt,
        };
    }

    /// <summary>Its part of a page: the gap with its interval, and the probabilities.</summary>
    /// <param name="suffix">Of the section's id, where a page has several.</param>
    public static Section Section(GapVerdict v, Provenance from, string suffix = "")
    {
        ArgumentNullException.ThrowIfNull(v);
        return new Section
        {
            Id = "verdict" + suffix,
            Title = "Who is ahead at which batch size",
            Prose =
            [
                Headline(v),
                .. Reasons(v),
                .. v.Doubt is { } doubt ? [$"But {doubt}."] : (string[])[],
                $"Gap: ln of the ratio of both tuned losses, above 0 {v.Second} is ahead; level: within {v.Band.Says}. A word is given at "
                    + $"{Percent(Certainty.Asked)}.",
                $"B*: {Places(v.Bins)}.",
                .. Next(v) is { } next ? [next] : (string[])[],
            ],
            Chart = SeriesPanels.Make(
                [.. v.Batches.Select(b => new PanelPoint("", "median", b.Batch, b.Gap) { Interval = (b.Low, b.High) })],
                PanelAxis.Batches(v.Batches.Select(b => (double)b.Batch)),
                PanelAxis.Gap(v.First, v.Second, "ln ratio of tuned losses"),
                lines: true,
                $"The predicted gap against batch size. {Headline(v)}",
                "Bars: 80% intervals."
            ),
            TableOpen = true,
            Table = new Table(
                "one row per batch size",
                [
                    new("batch", true),
                    new("gap", true),
                    new("80% interval", true),
                    new("95% interval", true),
                    new($"{v.First} ahead", true, "by more than the band"),
                    new("level", true),
                    new($"{v.Second} ahead", true, "by more than the band"),
                    new("says"),
                ],
                [
                    .. v.Batches.Select(b => new Row(
                        new Cell(NumberText.Count(b.Batch), b.Batch),
                        new Cell(NumberText.Signed(b.Gap), b.Gap),
                        Interval(b),
                        $"{NumberText.Signed(b.Low95)} … {NumberText.Signed(b.High95)}",
                        new Cell(Percent(b.FirstAhead), b.FirstAhead),
                        new Cell(Percent(b.Level), b.Level),
                        new Cell(Percent(b.SecondAhead), b.SecondAhead),
                        Word(v, b.Word)
                    )),
                ]
            ),
            Provenance = from,
        };
    }

    private static string Places(CrossoverBins bins)
    {
        IEnumerable<(string Where, double P)> all =
        [
            ($"below {bins.Sizes[0]}", bins.Below),
            .. bins.Between.Select((p, i) => ($"{bins.Sizes[i]} to {bins.Sizes[i + 1]}", p)),
            ($"above {bins.Sizes[^1]}", bins.Above),
            ("none", bins.None),
        ];
        return string.Join(", ", all.Where(b => b.P >= 0.005).Select(b => $"{b.Where} {Percent(b.P)}"));
    }

    private static string Word(GapVerdict v, BatchWord word) =>
        word switch
        {
            BatchWord.First => v.First,
            BatchWord.Second => v.Second,
            BatchWord.Level => "level",
            _ => "not determined",
        };

    private static string Interval(BatchVerdict b) => $"{NumberText.Signed(b.Low)} … {NumberText.Signed(b.High)}";

    private static string Range(Interval interval) => $"{Headlines.Batch(interval.Low!.Value)} … {Headlines.Batch(interval.High!.Value)}";

    private static string Percent(double p) => NumberText.Percent(p);
}
