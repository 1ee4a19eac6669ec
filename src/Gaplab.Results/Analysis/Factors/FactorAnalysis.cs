// What switching a factor does to the gap and to the crossover, with intervals, interactions and aliases.
using Gaplab.Numerics.Statistics;

namespace Gaplab.Results.Analysis;

/// <summary>An estimated change. Numbers are null where they cannot be had: a diverged or missing run, no crossover, one seed.</summary>
/// <param name="Interval">95%, paired bootstrap over seeds with t-inflation.</param>
/// <param name="PValue">Two-sided, of Student's t with S−1 degrees of freedom: the estimate over its bootstrap standard error (with
/// √(S/(S−1))).</param>
/// <param name="Adjusted">The same after Holm's correction for all effects on this response in all settings.</param>
public sealed record Effect(double? Value, Interval Interval, double? PValue, double? Adjusted)
{
    public static readonly Effect None = new(null, Interval.None, null, null);
}

/// <summary>An effect on the gap at one batch size.</summary>
public sealed record EffectAt(long Batch, Effect Effect);

/// <summary>What one factor, or two together, do in one setting.</summary>
/// <param name="Name">"activation", "activation (gelu)" where it has several levels, "activation × norm".</param>
/// <param name="From">The reference level of a main effect; empty for an interaction.</param>
/// <param name="To">The level it is compared with.</param>
/// <param name="Factors">One name, or two of an interaction.</param>
/// <param name="Aliases">Effects of up to two factors that a fractional design cannot tell from this one.</param>
/// <param name="Gap">On the mean of the gap over the batch sizes in <paramref name="AtBatches"/> where every needed gap is finite.</param>
/// <param name="AtBatches">On the gap at each batch size.</param>
/// <param name="Log2Batch">On log₂ B* of the isotonic fit; null where a needed comparison has no crossover in range or batch sizes too far
/// apart around it. Its interval holds what the batch sizes leave open.</param>
public sealed record FactorEffect(
    string Name,
    string From,
    string To,
    IReadOnlyList<string> Factors,
    IReadOnlyList<string> Aliases,
    Effect Gap,
    IReadOnlyList<EffectAt> AtBatches,
    Effect Log2Batch
);

/// <summary>The effects in one setting.</summary>
/// <param name="Setting">"" where the study has no settings.</param>
/// <param name="Comparisons">Treatments with results.</param>
/// <param name="Crossing">How many of them have a crossover in range.</param>
public sealed record SettingEffects(string Setting, int Comparisons, int Crossing, IReadOnlyList<FactorEffect> Effects);

/// <summary>A factor analysis of a sweep.</summary>
/// <param name="Settings">In the order of the sweep; then, under the name "all settings", the mean over them where there are
/// several.</param>
/// <param name="Seeds">The seeds that every comparison has.</param>
public sealed record FactorAnalysis(
    FactorialStudy Study,
    IReadOnlyList<SettingEffects> Settings,
    IReadOnlyList<string> Seeds,
    IReadOnlyList<Finding> Findings
)
{
    /// <summary>The name under which effects averaged over the settings stand.</summary>
    public const string AllSettings = "all settings";

    /// <summary>Analyses a sweep; null when the study has no factors or the sweep none of its comparisons.</summary>
    public static FactorAnalysis? Analyse(SweepTable table, FactorialStudy study, AnalysisOptions options)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(study);
        ArgumentNullException.ThrowIfNull(options);
        if (study.Factors.Count == 0)
            return null;
        GapSamples? samples = GapSamples.Of(table.Rows.Where(r => study.LevelsOf(r.Comparison) is not null), options);
        if (samples is null)
            return null;
        var findings = new List<Finding>();
        var settings = new List<SettingEffects>();
        var blocks = samples.Comparisons.GroupBy(g => FactorialStudy.SettingOf(g.Key)).ToList();
        foreach (var block in blocks)
        {
            GapSample[] comparisons = [.. block];
            int[][] treatments = [.. comparisons.Select(g => study.LevelsOf(g.Key)!)];
            IReadOnlyList<Contrast> contrasts = study.Contrasts(treatments);
            if (contrasts.Count(c => c.Weights is null) is > 0 and var lacking)
                findings.Add(
                    new(
                        FindingKinds.MissingComparisons,
                        Severity.Warning,
                        $"{lacking} of {contrasts.Count} effects need comparisons that have no results yet",
                        block.Key
                    )
                );
            settings.Add(
                new SettingEffects(
                    block.Key,
                    comparisons.Length,
                    comparisons.Count(g => double.IsFinite(g.Log2Batch)),
                    [.. contrasts.Select(c => EffectOf(c, comparisons, samples))]
                )
            );
        }
        if (blocks.Count > 1 && Mean(study, blocks, samples) is { } mean)
            settings.Add(mean);
        Adjust(settings, (e, adjusted) => e with { Gap = e.Gap with { Adjusted = adjusted } }, e => e.Gap.PValue);
        if (DesignFindings.Seeds(samples.Seeds.Count) is { } few)
            findings.Add(few);
        if (study.Design == "fractional" && settings.SelectMany(s => s.Effects).Any(e => e.Aliases.Count > 0))
            findings.Add(
                new(
                    FindingKinds.Aliased,
                    Severity.Hint,
                    "the design cannot tell effects from their aliases; an effect is one factor's own only if its aliases are negligible"
                )
            );
        if (study.Design == "one-at-a-time")
            findings.Add(
                new(
                    FindingKinds.OneAtATime,
                    Severity.Hint,
                    "each factor was switched with all others at their first level; interactions are unknown, and the first level's runs "
                        + "enter every effect"
                )
            );
        return new FactorAnalysis(study, settings, samples.Seeds, findings);
    }

    private static FactorEffect EffectOf(Contrast contrast, GapSample[] comparisons, GapSamples samples)
    {
        if (contrast.Weights is not { } weights)
            return new(contrast.Name, contrast.From, contrast.To, contrast.Factors, contrast.Aliases, Effect.None, [], Effect.None);
        int[] needed = [.. Enumerable.Range(0, weights.Length).Where(i => weights[i] != 0)];
        long[] batches = [.. comparisons[needed[0]].Gaps.Keys.Where(b => needed.All(i => comparisons[i].Gaps.ContainsKey(b))).Order()];
        var at = new List<EffectAt>();
        var usable = new List<ResampledNumber>();
        foreach (long batch in batches)
        {
            ResampledNumber number = ResampledNumber.Sum([.. needed.Select(i => (weights[i], comparisons[i].Gaps[batch]))]);
            if (double.IsFinite(number.Value))
                usable.Add(number);
            at.Add(new EffectAt(batch, number.ToEffect(samples.Seeds.Count)));
        }
        Effect gap =
            usable.Count == 0
                ? Effect.None
                : ResampledNumber.Sum([.. usable.Select(u => (1.0 / usable.Count, u))]).ToEffect(samples.Seeds.Count);
        Effect crossing = SampledCrossing.Sum([.. needed.Select(i => (weights[i], comparisons[i].Crossing))]).ToEffect();
        return new(contrast.Name, contrast.From, contrast.To, contrast.Factors, contrast.Aliases, gap, at, crossing);
    }

    // The mean over settings: the same resample of seeds in all of them, since seeds pair them.
    private static SettingEffects? Mean(FactorialStudy study, List<IGrouping<string, GapSample>> blocks, GapSamples samples)
    {
        var keyed = blocks.Select(b => b.ToDictionary(g => string.Join(',', study.LevelsOf(g.Key)!))).ToList();
        string[] shared = [.. keyed[0].Keys.Where(k => keyed.All(b => b.ContainsKey(k)))];
        if (shared.Length == 0)
            return null;
        GapSample[] comparisons = [.. shared.Select(k => GapSample.Mean([.. keyed.Select(b => b[k])]))];
        IReadOnlyList<Contrast> contrasts = study.Contrasts([.. comparisons.Select(g => study.LevelsOf(g.Key)!)]);
        return new SettingEffects(
            AllSettings,
            comparisons.Length,
            comparisons.Count(g => double.IsFinite(g.Log2Batch)),
            [.. contrasts.Select(c => EffectOf(c, comparisons, samples))]
        );
    }

    private static void Adjust(
        List<SettingEffects> settings,
        Func<FactorEffect, double?, FactorEffect> with,
        Func<FactorEffect, double?> pValue
    )
    {
        // The mean over settings asks the same question once more: it is a family of its own.
        foreach (bool mean in (bool[])[false, true])
        {
            var family = settings
                .Select((s, i) => (s, i))
                .Where(s => s.s.Setting == AllSettings == mean)
                .SelectMany(s => s.s.Effects.Select((e, k) => (Setting: s.i, Effect: k, P: pValue(e))))
                .Where(e => e.P is not null)
                .ToList();
            double[] adjusted = Holm.Adjust([.. family.Select(e => e.P!.Value)]);
            for (int i = 0; i < family.Count; i++)
            {
                SettingEffects before = settings[family[i].Setting];
                FactorEffect[] effects = [.. before.Effects];
                effects[family[i].Effect] = with(effects[family[i].Effect], adjusted[i]);
                settings[family[i].Setting] = before with { Effects = effects };
            }
        }
    }
}
