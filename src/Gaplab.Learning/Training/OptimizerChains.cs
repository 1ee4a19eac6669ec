// From the optimizers of a pack's runs to one chain whose hyper-parameters are columns.
using System.Collections.Immutable;
using Gaplab.Learning.Optim;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;

namespace Gaplab.Learning.Training;

/// <summary>Builds chains from specs. Runs of one pack share the chain's shape; their numbers are its columns.</summary>
public static class OptimizerChains
{
    public static IReadOnlyList<string> Kinds { get; } = [.. OptimizerCatalogue.Kinds.Select(k => k.Name)];

    public static IReadOnlyList<string> Decays { get; } = ["none", "coupled", "lr", "schedule"];

    /// <summary>Where clip-top stands: before the accumulators, before Adam's m alone, or after the rule.</summary>
    public static IReadOnlyList<string> ClipTopPlaces { get; } = ["gradient", "gradient-m", "update"];

    /// <summary>One threshold over the row, or one a tensor.</summary>
    public static IReadOnlyList<string> ClipTopScopes { get; } = ["row", "tensor"];

    /// <summary>clip-norm → coupled decay → rotate → clip-top (gradient) → the rule → clip-top (update) → rotate back → AdamW's decay →
    /// descend → the study's scheduled decay; links that every run has switched off are left out.</summary>
    /// <param name="replicas">The optimizers of a pack's runs; they share a shape.</param>
    /// <param name="schedule">Of the learning rate.</param>
    /// <param name="kinds">The kinds there are; null is the catalogue's.</param>
    /// <exception cref="InputException">An unknown kind, decay, or place or scope of clip-top.</exception>
    public static Chain Build(IReadOnlyList<OptimizerSpec> replicas, Schedule schedule, IReadOnlyList<OptimizerKind>? kinds = null)
    {
        OptimizerSpec first = replicas[0];
        OptimizerKind kind = OptimizerCatalogue.Of(first, kinds);
        string decay = first.Kind == "adamw" && first.Decay == "none" ? "lr" : first.Decay;
        Check(first, "decay", decay, Decays);
        Check(first, "clip-top-at", first.ClipTopAt, ClipTopPlaces);
        Check(first, "clip-top-scope", first.ClipTopScope, ClipTopScopes);

        var links = ImmutableArray.CreateBuilder<Link>();
        Hyper clip = Column(replicas, o => o.ClipNorm),
            weightDecay = Column(replicas, o => o.WeightDecay),
            top = Column(replicas, o => o.ClipTop);
        Link? clipTop =
            top.IsZero ? null
            : first.ClipTopScope == "tensor" ? new ClipEachTop(top)
            : new ClipTop(top);
        // The link also records the gradient norm, so it stands in every chain; its limit of 0 clips nothing.
        links.Add(new ClipByNorm(clip));
        if (decay == "coupled" && !weightDecay.IsZero)
            links.Add(new AddDecay(weightDecay));
        RandomBases? bases = first.Rotation == 0 ? null : new RandomBases(first.Rotation);
        if (bases is not null)
            links.Add(new Rotate(bases, Back: false));
        if (clipTop is not null && first.ClipTopAt == "gradient")
            links.Add(clipTop);
        links.AddRange(kind.Rule(replicas));
        if (clipTop is not null && first.ClipTopAt == "update")
            links.Add(clipTop);
        if (bases is not null)
            links.Add(new Rotate(bases, Back: true));
        if (decay == "lr" && !weightDecay.IsZero)
            links.Add(new AddDecay(weightDecay, OptimizerCatalogue.RestFactor(replicas)));
        links.Add(new Descend(Column(replicas, o => o.LearningRate) with { Schedule = schedule }));
        if (decay == "schedule" && !weightDecay.IsZero)
            links.Add(new ScheduledDecay(weightDecay with { Schedule = schedule }));
        return new Chain(links.ToImmutable());
    }

    /// <summary>The spec with its columns made equal: what must agree for runs to share a chain, and of a column only whether it is
    /// off.</summary>
    public static OptimizerSpec Shape(OptimizerSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        static double Switch(double value) => value > 0 ? 1 : 0;
        return spec with
        {
            LearningRate = 1,
            AdamLearningRate = 1,
            Momentum = Switch(spec.Momentum),
            Beta1 = spec.Kind == "adafactor" ? Switch(spec.Beta1) : 0,
            Beta2 = 0,
            WeightDecay = Switch(spec.WeightDecay),
            ClipNorm = Switch(spec.ClipNorm),
            ClipTop = Switch(spec.ClipTop),
        };
    }

    private static void Check(OptimizerSpec spec, string key, string value, IReadOnlyList<string> valid)
    {
        if (!valid.Contains(value))
            throw new InputException($"optimizer '{spec.Name}' has {key} '{value}'; expected one of {string.Join(", ", valid)}");
    }

    private static Hyper Column(IReadOnlyList<OptimizerSpec> replicas, Func<OptimizerSpec, double> value) =>
        OptimizerCatalogue.Column(replicas, value);
}
