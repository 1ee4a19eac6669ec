// From the optimizers of a pack's runs to one chain whose hyper-parameters are columns.
using System.Collections.Immutable;
using Gaplab.Learning.Optim;
using Gaplab.Numerics;

using Gaplab.Learning.Specs;

namespace Gaplab.Learning.Training;

/// <summary>Builds chains from specs. Runs of one pack share the chain's shape; their numbers are its columns.</summary>
public static class OptimizerChains
{
    public static IReadOnlyList<string> Kinds { get; } = ["sgd", "adam", "adamw"];

    public static IReadOnlyList<string> Decays { get; } = ["none", "coupled", "lr", "schedule"];

    /// <summary>clip-norm → coupled decay → momentum or Adam → AdamW's decay → descend → the study's scheduled decay; links that every run has switched off are left out.</summary>
    /// <exception cref="InputException">An unknown kind or decay.</exception>
    public static Chain Build(IReadOnlyList<OptimizerSpec> replicas, Schedule schedule)
    {
        OptimizerSpec first = replicas[0];
        if (!Kinds.Contains(first.Kind)) throw new InputException($"optimizer '{first.Name}' is of kind '{first.Kind}'; expected one of {string.Join(", ", Kinds)}");
        string decay = first.Kind == "adamw" && first.Decay == "none" ? "lr" : first.Decay;
        if (!Decays.Contains(decay)) throw new InputException($"optimizer '{first.Name}' has decay '{decay}'; expected one of {string.Join(", ", Decays)}");

        var links = ImmutableArray.CreateBuilder<Link>();
        Hyper clip = Column(replicas, o => o.ClipNorm), weightDecay = Column(replicas, o => o.WeightDecay);
        // The link also records the gradient norm, so it stands in every chain; its limit of 0 clips nothing.
        links.Add(new ClipByNorm(clip));
        if (decay == "coupled" && !weightDecay.IsZero) links.Add(new AddDecay(weightDecay));
        if (first.Kind == "sgd")
        {
            Hyper momentum = Column(replicas, o => o.Momentum);
            if (!momentum.IsZero) links.Add(new Momentum(momentum, first.Nesterov));
        }
        else
        {
            links.Add(new ScaleByAdam(Column(replicas, o => o.Beta1), Column(replicas, o => o.Beta2), first.Epsilon));
        }
        if (decay == "lr" && !weightDecay.IsZero) links.Add(new AddDecay(weightDecay));
        links.Add(new Descend(Column(replicas, o => o.LearningRate) with { Schedule = schedule }));
        if (decay == "schedule" && !weightDecay.IsZero) links.Add(new ScheduledDecay(weightDecay with { Schedule = schedule }));
        return new Chain(links.ToImmutable());
    }

    private static Hyper Column(IReadOnlyList<OptimizerSpec> replicas, Func<OptimizerSpec, double> value) => new([.. replicas.Select(value)]);
}
