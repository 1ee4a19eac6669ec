// The plan: a study's arms, the runs of each, and which runs train together in a pack.
using System.Collections.Concurrent;
using System.Globalization;
using Gaplab.Learning.Optim;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;

namespace Gaplab.Studies.Planning;

/// <summary>One comparison of a plan: its key, its study, and what its data and model turned out to be.</summary>
/// <param name="Key">Empty for a study without settings and factors.</param>
/// <param name="Vocabulary">Of the loaded task.</param>
/// <param name="Parameters">P of one run.</param>
public sealed record PlannedComparison(ComparisonKey Key, StudySpec Study, int Vocabulary, long Parameters)
{
    /// <summary>Bytes that training <paramref name="replicas"/> runs like this together is estimated to need.</summary>
    public long Memory(RunSpec run, int replicas, ProbesSpec? probes) =>
        PlanEstimate.PackMemory(Study.Catalogues, run, Parameters, Vocabulary, replicas)
        + (probes is null ? 0 : PlanEstimate.ProbesMemory(Study.Catalogues, probes, run, Parameters, Vocabulary, replicas));
}

/// <summary>A study taken apart into arms, runs and packs; a pure function of the study, the data and the memory limit.</summary>
/// <remarks>The packs of the first round may mix arms; those of a later round hold one arm, because when arms reach a
/// round depends on time and membership must not.</remarks>
public sealed class Plan
{
    private readonly long _memoryPerPack;

    // Ids are long in the making and are asked for again and again while a store is read. An arm is made once, so it is known by its
    // reference; of a rate the ids are those of the seeds, in their order.
    private readonly ConcurrentDictionary<Arm, (RunIdTemplate Template, ConcurrentDictionary<double, string[]> Ids)> _planned = new(
        ReferenceEqualityComparer.Instance
    );
    private IReadOnlyList<PackSpec>? _firstRound;

    /// <param name="study">With the task's content hash filled in (<c>LanguageTask.Spec</c>).</param>
    /// <param name="vocabulary">Of the loaded task, which every comparison shares.</param>
    /// <param name="parameters">P of a model for a vocabulary and a loaded task.</param>
    /// <param name="memoryPerPack">Bytes that one pack may use; 0 is no limit.</param>
    public Plan(StudySpec study, int vocabulary, Func<ModelSpec, int, TaskSpec, long> parameters, long memoryPerPack = 0)
        : this(study, [.. Enumerable.Repeat(vocabulary, study.Comparisons.Count)], parameters, memoryPerPack) { }

    /// <param name="study">With the content hash of every comparison's task filled in.</param>
    /// <param name="vocabularies">Of each comparison's loaded task, in the order of the comparisons.</param>
    /// <param name="parameters">P of a model for a vocabulary and a loaded task.</param>
    /// <param name="memoryPerPack">Bytes that one pack may use; 0 is no limit.</param>
    public Plan(StudySpec study, IReadOnlyList<int> vocabularies, Func<ModelSpec, int, TaskSpec, long> parameters, long memoryPerPack = 0)
    {
        (Study, _memoryPerPack) = (study, memoryPerPack);
        Comparisons =
        [
            .. study.Comparisons.Zip(
                vocabularies,
                (c, v) => new PlannedComparison(c.Key(study.Factors), c.Study, v, parameters(c.Study.Model, v, c.Study.Task))
            ),
        ];
        foreach (TaskSpec task in Comparisons.Select(c => c.Study.Task))
            if (task.Content is null && !study.Catalogues.Tasks.Of(task.Kind).Generated)
                throw new InvalidOperationException("the task's content hash must be filled in (ITask.Spec) before its runs have ids");
        if (Comparisons.Any(c => c.Study.Model is { Weights: not null, WeightsContent: null }))
            throw new InvalidOperationException("the weights' hash must be filled in (ModelCatalogue.WithContent) before runs have ids");
        Arms =
        [
            .. from comparison in Comparisons
            from batch in comparison.Study.Grid.Batches
            from optimizer in comparison.Study.Optimizers
            from arm in ArmsOf(comparison, optimizer, batch)
            select arm,
        ];
    }

    public StudySpec Study { get; }

    /// <summary>What is compared separately; one for a study without settings and factors.</summary>
    public IReadOnlyList<PlannedComparison> Comparisons { get; }

    /// <summary>Of the first comparison.</summary>
    public int Vocabulary => Comparisons[0].Vocabulary;

    /// <summary>P: parameters of one replica, of the first comparison.</summary>
    public long Parameters => Comparisons[0].Parameters;

    /// <summary>By comparison, then batch size (small ones take longest, so they start first), then in the order of the file.</summary>
    public IReadOnlyList<Arm> Arms { get; }

    /// <summary>One comparison as a study of its own.</summary>
    public Plan Only(PlannedComparison comparison)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        return new Plan(
            comparison.Study with
            {
                Listed = [],
                Factors = [],
            },
            comparison.Vocabulary,
            (_, _, _) => comparison.Parameters,
            _memoryPerPack
        );
    }

    /// <summary>Another study of the same tasks and models; of how many comparisons is its own affair.</summary>
    public Plan With(StudySpec study) =>
        new(
            study,
            [.. study.Comparisons.Select(c => Alike(c.Study.Model, c.Study.Task).Vocabulary)],
            (model, _, task) => Alike(model, task).Parameters,
            _memoryPerPack
        );

    private PlannedComparison Alike(ModelSpec model, TaskSpec task) =>
        Comparisons.First(c => c.Study.Model == model && c.Study.Task == task);

    /// <summary>The sentinel of an arm.</summary>
    public Sentinel SentinelOf(Arm arm) => new(arm.Comparison.Study.Sentinel, arm.Rates, arm.Comparison.Study.Grid.Seeds);

    /// <summary>One run of an arm.</summary>
    public RunSpec Run(Arm arm, double rate, long seed) => Run(arm, arm.Template with { LearningRate = SixDigits.Round(rate) }, seed);

    private static RunSpec Run(Arm arm, OptimizerSpec optimizer, long seed)
    {
        StudySpec study = arm.Comparison.Study;
        return new()
        {
            Task = study.Task,
            Model = study.Model,
            Optimizer = optimizer,
            Batch = arm.Batch,
            Seed = seed,
            Budget = study.Budget,
            Schedule = study.Schedule,
            Evaluation = study.Evaluation,
            Precision = study.Precision,
            DivergenceFactor = study.DivergenceFactor,
        };
    }

    /// <summary>The runs of an arm at some rates with every seed, by rate and then by seed.</summary>
    public IReadOnlyList<PlannedRun> Runs(Arm arm, IEnumerable<double> rates)
    {
        ArgumentNullException.ThrowIfNull(arm);
        return [.. rates.Order().SelectMany(rate => Planned(arm, SixDigits.Round(rate)))];
    }

    private IEnumerable<PlannedRun> Planned(Arm arm, double rate)
    {
        IReadOnlyList<long> seeds = arm.Comparison.Study.Grid.Seeds;
        OptimizerSpec optimizer = arm.Template with { LearningRate = rate };
        (RunIdTemplate template, var known) = _planned.GetOrAdd(arm, a => (new RunIdTemplate(Run(a, 1, 1)), new()));
        string[] ids = known.GetOrAdd(rate, _ => [.. seeds.Select(seed => template.Of(Run(arm, optimizer, seed)))]);
        return seeds.Select((seed, i) => new PlannedRun { Id = ids[i], Spec = Run(arm, optimizer, seed) });
    }

    /// <summary>The packs of the first round: every arm at its initial rates.</summary>
    public IReadOnlyList<PackSpec> FirstRound() =>
        _firstRound ??= [
            .. Comparisons
                .SelectMany(c => Pack(c, Arms.Where(a => ReferenceEquals(a.Comparison, c)).SelectMany(a => Runs(a, a.Rates))))
                .DistinctBy(p => p.Id),
        ];

    /// <summary>The packs of a later round of one arm.</summary>
    public IReadOnlyList<PackSpec> Round(Arm arm, IEnumerable<double> rates) => Pack(arm.Comparison, Runs(arm, rates));

    /// <summary>Bytes that training <paramref name="replicas"/> runs like this together is estimated to need, with what is measured along
    /// them.</summary>
    public long Memory(RunSpec run, int replicas, ProbesSpec? probes) =>
        (Comparisons.FirstOrDefault(c => c.Study.Model == run.Model && c.Study.Task == run.Task) ?? Comparisons[0]).Memory(
            run,
            replicas,
            probes
        );

    // Runs that can share a pack, in plan order, cut into chunks whose sizes differ by one at most.
    private List<PackSpec> Pack(PlannedComparison comparison, IEnumerable<PlannedRun> runs)
    {
        var packs = new List<PackSpec>();
        ProbesSpec? along = Study.Probes is { TunedOnly: false } all ? all : null;
        // Shapes that are equal have one text, which is long in the making.
        var texts = new Dictionary<RunSpec, string>();
        string TextOf(RunSpec shape) => texts.TryGetValue(shape, out string? known) ? known : texts[shape] = RunId.Canonical(shape);
        foreach (var alike in runs.DistinctBy(r => r.Id).GroupBy(r => TextOf(Shape(r.Spec))))
        {
            PlannedRun[] members = [.. alike];
            int most = MostReplicas(comparison, members[0].Spec),
                chunks = (members.Length + most - 1) / most;
            for (int c = 0; c < chunks; c++)
            {
                PlannedRun[] chunk = members[(int)((long)members.Length * c / chunks)..(int)((long)members.Length * (c + 1) / chunks)];
                packs.Add(
                    new PackSpec
                    {
                        Id = RunId.OfPack(chunk.Select(r => r.Id)),
                        Runs = chunk,
                        Probes = along,
                        EstimatedMemory = comparison.Memory(chunk[0].Spec, chunk.Length, Study.Probes),
                    }
                );
            }
        }
        return packs;
    }

    // What must agree within a pack: everything but the columns of the replica axis, of which only "off or on" shapes the chain.
    private RunSpec Shape(RunSpec run) =>
        run with
        {
            Seed = 0,
            Optimizer = Study.Catalogues.Optimizers.Of(run.Optimizer).Shape(run.Optimizer),
        };

    private int MostReplicas(PlannedComparison comparison, RunSpec run)
    {
        int most = comparison.Study.IsOfCommand ? 1 : Study.MostReplicas;
        // Without the probes: membership shapes the numbers, and probes must not.
        while (_memoryPerPack > 0 && most > 1 && comparison.Memory(run, most, null) > _memoryPerPack)
            most--;
        return most;
    }

    private static IEnumerable<Arm> ArmsOf(PlannedComparison comparison, OptimizerChoice optimizer, int batch)
    {
        GridSpec grid = comparison.Study.Grid;
        if (optimizer.RatesOf(batch) is not { Count: > 0 } rates)
            yield break;
        static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
        OptimizerKind kind = comparison.Study.Catalogues.Optimizers.Of(optimizer.Template);
        if (kind.IsNameOnly && grid.Betas.Count + grid.HalfLives.Count > 0)
            throw new InputException(
                $"optimizer '{optimizer.Name}' is of kind '{kind.Name}', which this program does not have, so it cannot know what "
                    + $"'{(grid.Betas.Count > 0 ? "grid.beta" : "grid.half-life")}' sets in it; use the program that made the store"
            );
        double? FirstMoment(OptimizerSpec template) =>
            !kind.IsNameOnly ? kind.FirstMoment(template)
            : optimizer.Momenta.Count > 1 ? template.Momentum
            : optimizer.Beta1s.Count > 1 ? template.Beta1
            : null;
        bool ofCommand = comparison.Study.Model.Command is not null;
        // What a command's script does when it is told no β₂ is not known.
        double? SecondMoment(OptimizerSpec template) =>
            kind.IsNameOnly
                ? optimizer.Beta2s.Count > 1
                    ? template.Beta2
                    : null
                : ofCommand && !template.Own.Values.ContainsKey(OptimizerKey.Beta2.Name)
                    ? null
                    : kind.SecondMoment(template);
        string Unsaid(string variant, OptimizerSpec template)
        {
            // The one β of all averages, or the half-life, is told by the averages themselves.
            if (grid.Betas.Count + grid.HalfLives.Count > 0 && optimizer.Variants.Count == 0)
                return "";
            bool momentum = kind.IsNameOnly ? optimizer.Momenta.Count > 1 : kind.Keys.Contains(OptimizerKey.Momentum);
            string[] said =
            [
                (momentum ? OptimizerKey.Momentum : OptimizerKey.Beta1).Name,
                .. SecondMoment(template) is null ? [] : (string[])[OptimizerKey.Beta2.Name],
            ];
            return string.Join(
                ',',
                variant
                    .Split(',', StringSplitOptions.RemoveEmptyEntries)
                    .Where(part => !said.Contains(part[..part.IndexOf('=', StringComparison.Ordinal)]))
            );
        }
        // A command is told what the study sets; its own keys carry it.
        OptimizerSpec Passed(OptimizerSpec spec, OwnKeys own) =>
            own.Values.Aggregate(
                spec,
                (told, pair) =>
                    kind.Keys.FirstOrDefault(k => k.Name == pair.Key) is { Column: not KeyColumn.None } key && pair.Value is double number
                        ? key.With(told.WithOwn(told.Own.With(pair.Key, pair.Value)), number)
                        : told.WithOwn(told.Own.With(pair.Key, pair.Value))
            );
        OptimizerSpec With(double beta) =>
            kind.Averages.Aggregate(
                optimizer.Template,
                (spec, key) => ofCommand ? Passed(spec, OwnKeys.None.With(key.Name, beta)) : key.With(spec, beta)
            );
        IEnumerable<(string Variant, OptimizerSpec Template)> variants;
        if (grid.Betas.Count > 0)
            variants = grid.Betas.Select(beta => ($"beta={Text(beta)}", With(beta)));
        else if (grid.HalfLives.Count > 0)
            variants = grid.HalfLives.Select(h => ($"half-life={Text(h)}", With(HalfLife.Beta(batch, h))));
        else
            variants =
                from momentum in optimizer.Momenta
                from b1 in optimizer.Beta1s
                from b2 in optimizer.Beta2s
                let parts = (string[])
                    [
                        optimizer.Momenta.Count > 1 ? $"momentum={Text(momentum)}" : "",
                        optimizer.Beta1s.Count > 1 ? $"beta1={Text(b1)}" : "",
                        optimizer.Beta2s.Count > 1 ? $"beta2={Text(b2)}" : "",
                    ]
                select (
                    string.Join(',', parts.Where(p => p.Length > 0)),
                    optimizer.Template with
                    {
                        Momentum = momentum,
                        Beta1 = b1,
                        Beta2 = b2,
                    }
                );
        if (optimizer.Variants.Count > 0)
            variants =
                from variant in variants
                from own in optimizer.Variants
                select (
                    string.Join(
                        ',',
                        own.Values.Select(v => $"{v.Key}={Commands.CommandTemplate.Text(v.Value)}")
                            .Prepend(variant.Variant)
                            .Where(v => v.Length > 0)
                    ),
                    Passed(variant.Template, own)
                );
        foreach ((string variant, OptimizerSpec template) in variants)
        {
            if (!ofCommand && kind.ObjectionTo(template) is { } dead)
                throw new InputException(
                    $"optimizers.{optimizer.Name}.{dead.Key.Name} {dead.Why}{(variant.Length > 0 ? $" (at {variant})" : "")}"
                );
            yield return new Arm
            {
                Key = string.Join(
                    '/',
                    [.. comparison.Key.Names, optimizer.Name, $"B={batch}", .. variant.Length > 0 ? [variant] : Array.Empty<string>()]
                ),
                Comparison = comparison,
                Optimizer = optimizer.Name,
                Batch = batch,
                Variant = variant,
                Template = template,
                Momentum = FirstMoment(template),
                Beta2 = SecondMoment(template),
                Other = Unsaid(variant, template),
                Rates = rates,
            };
        }
    }
}
