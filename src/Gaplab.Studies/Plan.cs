// The plan: a study's groups, the runs of each, and which runs train together in a pack.
using System.Globalization;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Numerics;

namespace Gaplab.Studies;

/// <summary>A study taken apart into groups, runs and packs; a pure function of the study, the data and the memory limit.</summary>
/// <remarks>The packs of the first round may mix groups; those of a later round hold one group, because when groups reach a
/// round depends on time and membership must not.</remarks>
public sealed class Plan
{
    private readonly long _memoryPerPack;

    /// <param name="study">With the task's content hash filled in (<c>LanguageTask.Spec</c>).</param>
    /// <param name="vocabulary">Of the loaded task.</param>
    /// <param name="parameters">P of a model for a vocabulary and a loaded task.</param>
    /// <param name="memoryPerPack">Bytes that one pack may use; 0 is no limit.</param>
    public Plan(StudySpec study, int vocabulary, Func<ModelSpec, int, TaskSpec, long> parameters, long memoryPerPack = 0)
    {
        (Study, Vocabulary, _memoryPerPack) = (study, vocabulary, memoryPerPack);
        Groups = [.. from batch in study.Grid.Batches from optimizer in study.Optimizers from cell in GroupsOf(optimizer, batch) select cell];
        Parameters = parameters(study.Model, vocabulary, study.Task);
    }

    public StudySpec Study { get; }
    public int Vocabulary { get; }

    /// <summary>P: parameters of one replica.</summary>
    public long Parameters { get; }

    /// <summary>By batch size (small ones take longest, so they start first), then in the order of the file.</summary>
    public IReadOnlyList<StudyGroup> Groups { get; }

    /// <summary>The sentinel of a group.</summary>
    public Sentinel SentinelOf(StudyGroup group) => new(Study.Sentinel, group.Rates, Study.Grid.Seeds);

    /// <summary>One run of a group.</summary>
    public RunSpec Run(StudyGroup group, double rate, long seed) => new()
    {
        Task = Study.Task,
        Model = Study.Model,
        Optimizer = group.Template with { LearningRate = LearningRates.Round(rate) },
        Batch = group.Batch,
        Seed = seed,
        Budget = Study.Budget,
        Schedule = Study.Schedule,
        Evaluation = Study.Evaluation,
        Precision = Study.Precision,
        DivergenceFactor = Study.DivergenceFactor,
    };

    /// <summary>The runs of a group at some rates with every seed, by rate and then by seed.</summary>
    public IReadOnlyList<PlannedRun> Runs(StudyGroup group, IEnumerable<double> rates) =>
        [.. rates.Order().SelectMany(rate => Study.Grid.Seeds.Select(seed => Planned(Run(group, rate, seed))))];

    /// <summary>The packs of the first round: every group at its initial rates.</summary>
    public IReadOnlyList<PackSpec> FirstRound() => Pack(Groups.SelectMany(g => Runs(g, g.Rates)));

    /// <summary>The packs of a later round of one group.</summary>
    public IReadOnlyList<PackSpec> Round(StudyGroup group, IEnumerable<double> rates) => Pack(Runs(group, rates));

    /// <summary>Bytes that training <paramref name="replicas"/> runs like this together is estimated to need.</summary>
    public long Memory(RunSpec run, int replicas) => PlanEstimate.PackMemory(run, Parameters, Vocabulary, replicas);

    private static PlannedRun Planned(RunSpec run) => new() { Id = RunId.Of(run), Spec = run };

    // Runs that can share a pack, in plan order, cut into chunks whose sizes differ by one at most.
    private List<PackSpec> Pack(IEnumerable<PlannedRun> runs)
    {
        var packs = new List<PackSpec>();
        foreach (var alike in runs.DistinctBy(r => r.Id).GroupBy(r => RunId.Canonical(Shape(r.Spec))))
        {
            PlannedRun[] members = [.. alike];
            int most = MostReplicas(members[0].Spec), chunks = (members.Length + most - 1) / most;
            for (int c = 0; c < chunks; c++)
            {
                PlannedRun[] chunk = members[(int)((long)members.Length * c / chunks)..(int)((long)members.Length * (c + 1) / chunks)];
                packs.Add(new PackSpec { Id = RunId.OfPack(chunk.Select(r => r.Id)), Runs = chunk, Probes = Study.Probes, EstimatedMemory = Memory(chunk[0].Spec, chunk.Length) });
            }
        }
        return packs;
    }

    // What must agree within a pack: everything but the columns of the replica axis, of which only "off or on" shapes the chain.
    private static RunSpec Shape(RunSpec run) => run with
    {
        Seed = 0,
        Optimizer = OptimizerChains.Shape(run.Optimizer),
    };

    private int MostReplicas(RunSpec run)
    {
        int most = Study.Limits.MaxReplicas;
        while (_memoryPerPack > 0 && most > 1 && Memory(run, most) > _memoryPerPack) most--;
        return most;
    }

    private IEnumerable<StudyGroup> GroupsOf(OptimizerChoice optimizer, int batch)
    {
        static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
        OptimizerKind kind = OptimizerCatalogue.Of(optimizer.Template);
        OptimizerSpec With(double beta) => optimizer.Template with
        {
            Momentum = kind.Averages.Contains(nameof(OptimizerSpec.Momentum)) ? beta : optimizer.Template.Momentum,
            Beta1 = kind.Averages.Contains(nameof(OptimizerSpec.Beta1)) ? beta : optimizer.Template.Beta1,
            Beta2 = kind.Averages.Contains(nameof(OptimizerSpec.Beta2)) ? beta : optimizer.Template.Beta2,
        };
        IEnumerable<(string Variant, OptimizerSpec Template)> variants;
        if (Study.Grid.Betas.Count > 0) variants = Study.Grid.Betas.Select(beta => ($"beta={Text(beta)}", With(beta)));
        else if (Study.Grid.HalfLives.Count > 0) variants = Study.Grid.HalfLives.Select(h => ($"half-life={Text(h)}", With(HalfLife.Beta(batch, h))));
        else
            variants = from momentum in optimizer.Momenta
                       from b1 in optimizer.Beta1s
                       from b2 in optimizer.Beta2s
                       let parts = (string[])[optimizer.Momenta.Count > 1 ? $"momentum={Text(momentum)}" : "", optimizer.Beta1s.Count > 1 ? $"beta1={Text(b1)}" : "", optimizer.Beta2s.Count > 1 ? $"beta2={Text(b2)}" : ""]
                       select (string.Join(',', parts.Where(p => p.Length > 0)), optimizer.Template with { Momentum = momentum, Beta1 = b1, Beta2 = b2 });
        foreach ((string variant, OptimizerSpec template) in variants)
        {
            if (OptimizerCatalogue.Dead(template) is { } dead)
                throw new InputException($"{OptimizerSection.Path(optimizer.Name, dead.Property)} {dead.Why}{(variant.Length > 0 ? $" (at {variant})" : "")}");
            yield return new StudyGroup
            {
                Key = $"{optimizer.Name}/B={batch}{(variant.Length > 0 ? "/" + variant : "")}",
                Optimizer = optimizer.Name,
                Batch = batch,
                Variant = variant,
                Template = template,
                Rates = optimizer.Rates,
            };
        }
    }
}
