// From a study file to a plan that may start: read, load the data, plan, check.
using Gaplab.Learning.Data;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Numerics.Statistics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Store;
using Gaplab.Studies.Commands;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Yaml;

namespace Gaplab.Studies.Running;

/// <summary>A study that has been read, whose data have been found good, and that has been checked.</summary>
public sealed class PreparedStudy : IDisposable
{
    // What the rest of the machine keeps.
    private const double MemoryShare = 0.8;

    private PreparedStudy(
        string path,
        string yaml,
        Plan plan,
        IReadOnlyList<ITask> tasks,
        IReadOnlyList<ClassFrequencies?> classes,
        long memoryPerPack,
        long allowedMemory,
        IReadOnlyList<Finding> findings
    ) =>
        (Path, Yaml, Plan, Tasks, Classes, MemoryPerPack, AllowedMemory, Findings) = (
            path,
            yaml,
            plan,
            tasks,
            classes,
            memoryPerPack,
            allowedMemory,
            findings
        );

    public string Path { get; }

    /// <summary>The file as the user wrote it.</summary>
    public string Yaml { get; }

    public Plan Plan { get; }

    /// <summary>The data of each of the plan's comparisons; comparisons with the same task share them.</summary>
    public IReadOnlyList<ITask> Tasks { get; }

    /// <summary>How often the classes of each of <see cref="Tasks"/> occur; null of targets that are numbers.</summary>
    internal IReadOnlyList<ClassFrequencies?> Classes { get; }

    /// <summary>Of the first comparison.</summary>
    public ITask Task => Tasks[0];

    public long MemoryPerPack { get; }

    /// <summary>Bytes that all packs together may use.</summary>
    public long AllowedMemory { get; }

    /// <summary>limits.memory, or what of this machine's memory a study may take.</summary>
    public static long AllowedFor(StudySpec study) =>
        study.Limits.Memory > 0 ? study.Limits.Memory : (long)(MemoryShare * GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    /// <summary>What speaks against starting, errors first.</summary>
    public IReadOnlyList<Finding> Findings { get; }

    /// <exception cref="InputException">What keeps it from starting, in one line.</exception>
    public void RefuseErrors()
    {
        if (Findings.FirstOrDefault(f => f.Severity == Severity.Error) is { } error)
            throw new InputException(error.Message);
    }

    /// <param name="command">What made it.</param>
    /// <param name="plan">Another plan for the same tasks; null: the study's own.</param>
    public PlanDocument ToDocument(string command, Plan? plan = null)
    {
        plan ??= Plan;
        Dictionary<ITask, double?> imbalance = Tasks.Distinct().ToDictionary(t => t, ClassImbalance.Of);
        return new(
            plan.Study,
            MemoryPerPack,
            command,
            [
                .. plan
                    .Comparisons.Select(c => (Comparison: c, Task: TaskOf(c), Classes: ClassesOf(c)))
                    .Select(c => new ComparisonData(
                        c.Comparison.Vocabulary,
                        c.Task.EntropyRate,
                        imbalance[c.Task],
                        c.Comparison.Parameters,
                        c.Classes
                    )),
            ]
        );
    }

    /// <summary>The data of a comparison, of this study's plan or of another for the same tasks.</summary>
    public ITask TaskOf(PlannedComparison comparison)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        return Tasks[PlaceOf(comparison)];
    }

    private ClassFrequencies? ClassesOf(PlannedComparison comparison) => Classes[PlaceOf(comparison)];

    private int PlaceOf(PlannedComparison comparison) =>
        Plan.Comparisons.Index().First(c => c.Item.Study.Task == comparison.Study.Task).Index;

    /// <param name="path">The study file.</param>
    /// <param name="overrides">"key.path=value" each.</param>
    /// <param name="workers">Packs at once.</param>
    /// <param name="catalogues">What the file can name.</param>
    /// <param name="storePath">Where the store will be; its plan's memory limit is kept, so that a restart makes the same packs.</param>
    /// <exception cref="InputException">What the user can mend, in one line.</exception>
    public static PreparedStudy Read(
        string path,
        IReadOnlyList<string> overrides,
        int workers,
        Catalogues catalogues,
        Func<StudySpec, string> storePath
    )
    {
        StudySpec study = Watching(StudyFile.Load(path, catalogues, overrides));
        catalogues = study.Catalogues;
        if (study.IsOfCommand)
            _ = CommandCrew.Of(study, workers); // GPUs that are not there are told before anything begins
        var loaded = new Dictionary<TaskSpec, ITask>();
        ITask Load(TaskSpec task) => loaded.TryGetValue(task, out ITask? known) ? known : loaded[task] = catalogues.Tasks.Load(task);
        try
        {
            ITask[] tasks = [.. study.Comparisons.Select(c => Load(c.Study.Task))];
            study = study with
            {
                Task = tasks[0].Spec,
                Listed = [.. study.Listed.Zip(tasks, (c, t) => c with { Study = c.Study with { Task = t.Spec } })],
            };
            var known = new Dictionary<(ModelSpec, ITask), ModelSpec>();
            ModelSpec Known(ModelSpec model, ITask task) =>
                known.TryGetValue((model, task), out ModelSpec? read)
                    ? read
                    : known[(model, task)] = catalogues.Models.WithContent(model, task.Vocabulary, task.Spec);
            study = study with
            {
                Model = Known(study.Model, tasks[0]),
                Listed = [.. study.Listed.Zip(tasks, (c, t) => c with { Study = c.Study with { Model = Known(c.Study.Model, t) } })],
            };
            string folder = storePath(study);
            TrainingDevices? devices = study.IsOfCommand ? null : TrainingDevices.Of(study.Device);
            workers = devices?.Workers(workers) ?? workers;
            long total = AllowedFor(study);
            // A GPU holds one pack, whatever the host's memory is.
            if (devices?.Memory() is { } each && study.Limits.Memory == 0)
                total = each * workers;
            long perPack = total / workers;
            if (
                Directory.Exists(System.IO.Path.Combine(folder, "runs"))
                && Before(RunStore.Open(folder, create: true), catalogues) is { } before
                && RunId.OfStudy(before.Study) == RunId.OfStudy(study)
            )
                perPack = before.MemoryPerPack;
            var plan = new Plan(
                study,
                [.. tasks.Select(t => t.Vocabulary)],
                (model, vocabulary, task) => Parameters(catalogues, model, vocabulary, task),
                perPack
            );
            if (study.Probes is { } probes)
                foreach (PlannedComparison comparison in plan.Comparisons)
                    catalogues.Probes.Check(
                        probes,
                        catalogues.Models.Build(comparison.Study.Model, comparison.Vocabulary, comparison.Study.Task).Layout
                    );
            Dictionary<ITask, ClassFrequencies?> frequencies = loaded.Values.Distinct().ToDictionary(t => t, TargetCounts.Frequencies);
            ClassFrequencies?[] classes = [.. tasks.Select(t => frequencies[t])];
            IReadOnlyList<Finding> findings = StudyChecks.Check(plan, tasks, workers, total, FreeDisk(folder), classes);
            return new PreparedStudy(path, RegularFile.ReadText(path, FileLimit.Study), plan, tasks, classes, perPack, total, findings);
        }
        catch
        {
            foreach (ITask task in loaded.Values)
                task.Dispose();
            throw;
        }
    }

    /// <summary>P; of a command none is known.</summary>
    private static long Parameters(Catalogues catalogues, ModelSpec model, int vocabulary, TaskSpec task) =>
        model.Command is not null ? 0 : catalogues.Models.ParameterCount(model, vocabulary, task);

    // What a command reads is hashed once, however many comparisons run it.
    private static StudySpec Watching(StudySpec study)
    {
        var filled = new Dictionary<CommandSpec, CommandSpec>();
        StudySpec Fill(StudySpec one) =>
            one.Model.Command is not { } command
                ? one
                : one with
                {
                    Model = one.Model with
                    {
                        Command = filled.TryGetValue(command, out CommandSpec? known)
                            ? known
                            : filled[command] = WatchedFiles.Fill(command),
                    },
                };
        if (study.Comparisons.Select(c => c.Study.IsOfCommand).Distinct().Count() > 1)
            throw new InputException(
                "the study has comparisons of a command and others of Gaplab's own models; expected one study for "
                    + "each: they share no workers"
            );
        return Fill(study) with { Listed = [.. study.Listed.Select(c => c with { Study = Fill(c.Study) })] };
    }

    // A plan that cannot be read is no reason not to run: it is written anew.
    private static PlanDocument? Before(RunStore store, Catalogues catalogues)
    {
        try
        {
            return PlanDocument.TryLoad(store, catalogues);
        }
        catch (InputException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        foreach (ITask task in Tasks.Distinct())
            task.Dispose();
    }

    private static long FreeDisk(string folder)
    {
        string? existing = System.IO.Path.GetFullPath(folder);
        while (existing is not null && !Directory.Exists(existing))
            existing = System.IO.Path.GetDirectoryName(existing);
        return existing is null ? 0 : new DriveInfo(existing).AvailableFreeSpace;
    }
}
