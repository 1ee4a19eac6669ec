// From the optimizers of a pack's runs to one chain whose hyper-parameters are columns.
using System.Collections.Immutable;
using Gaplab.Learning.Optim;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;

namespace Gaplab.Learning.Training;

/// <summary>Builds chains from specs. Runs of one pack share the chain's shape; their numbers are its columns.</summary>
internal static class OptimizerChains
{
    /// <summary>A tap of the gradient's norm → clip-norm → coupled decay → rotate → clip-top (gradient) → the rule → clip-top (update) →
    /// rotate back → AdamW's decay → what of the rule stands behind it → descend → the study's scheduled decay; links that every run has
    /// switched off are left out.</summary>
    /// <param name="replicas">The optimizers of a pack's runs; they share a shape.</param>
    /// <param name="schedule">Of the learning rate.</param>
    /// <param name="kinds">The kinds there are.</param>
    /// <exception cref="InputException">An unknown kind, decay, or place or scope of clip-top.</exception>
    public static Chain Build(IReadOnlyList<OptimizerSpec> replicas, Schedule schedule, OptimizerCatalogue kinds)
    {
        OptimizerSpec first = replicas[0];
        OptimizerKind kind = kinds.Of(first);
        string decay = kind.AlwaysDecays && first.Decay == "none" ? kind.Decay : first.Decay;
        Check(first, OptimizerKey.Decay);
        Check(first, OptimizerKey.ClipTopAt);
        Check(first, OptimizerKey.ClipTopScope);

        var links = ImmutableArray.CreateBuilder<Link>();
        Hyper clip = OptimizerKey.ClipNorm.Of(replicas),
            weightDecay = OptimizerKey.WeightDecay.Of(replicas),
            top = OptimizerKey.ClipTop.Of(replicas);
        Link? clipTop =
            top.IsZero ? null
            : first.ClipTopScope == "tensor" ? new ClipEachTop(top)
            : new ClipTop(top);
        links.Add(new Tap("gradient-norm"));
        if (!clip.IsZero)
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
            links.Add(new AddDecay(weightDecay, kind.RestFactor(replicas)));
        links.AddRange(kind.AfterDecay(replicas));
        links.Add(new Descend(OptimizerKey.LearningRate.Of(replicas) with { Schedule = schedule }));
        if (decay == "schedule" && !weightDecay.IsZero)
            links.Add(new ScheduledDecay(weightDecay with { Schedule = schedule }));
        return new Chain(links.ToImmutable());
    }

    private static void Check(OptimizerSpec spec, OptimizerKey key)
    {
        if (!key.Key.Words.Contains(key.Key.Value(spec)))
            throw new InputException(
                $"optimizer '{spec.Name}' has {key.Name} '{key.Key.Value(spec)}'; expected one of {string.Join(", ", key.Key.Words)}"
            );
    }
}
