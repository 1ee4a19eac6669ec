// From a study file to a plan that may start: read, load the data, plan, check.
using Gaplab.Learning.Data;
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Models;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Store;

namespace Gaplab.Studies.Running;

/// <summary>A study that has been read, whose data have been found good, and that has been checked.</summary>
public sealed class PreparedStudy : IDisposable
{
    // What the rest of the machine keeps.
    private const double MemoryShare = 0.8;

    private PreparedStudy(string path, string yaml, Plan plan, ITask task, long memoryPerPack, IReadOnlyList<Finding> findings) =>
        (Path, Yaml, Plan, Task, MemoryPerPack, AllowedMemory, Findings) = (path, yaml, plan, task, memoryPerPack, AllowedFor(plan.Study), findings);

    public string Path { get; }

    /// <summary>The file as the user wrote it.</summary>
    public string Yaml { get; }

    public Plan Plan { get; }

    public ITask Task { get; }

    public long MemoryPerPack { get; }

    /// <summary>Bytes that all packs together may use.</summary>
    public long AllowedMemory { get; }

    /// <summary>limits.memory, or what of this machine's memory a study may take.</summary>
    public static long AllowedFor(StudySpec study) => study.Limits.Memory > 0 ? study.Limits.Memory : (long)(MemoryShare * GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    /// <summary>What speaks against starting, errors first.</summary>
    public IReadOnlyList<Finding> Findings { get; }

    public PlanDocument ToDocument(string command) => new(Plan.Study, Plan.Vocabulary, MemoryPerPack, command, Task.EntropyRate);

    /// <param name="path">The study file.</param>
    /// <param name="overrides">"key.path=value" each.</param>
    /// <param name="workers">Packs at once.</param>
    /// <param name="storePath">Where the store will be; its plan's memory limit is kept, so that a restart makes the same packs.</param>
    /// <exception cref="InputException">What the user can mend, in one line.</exception>
    public static PreparedStudy Read(string path, IReadOnlyList<string> overrides, int workers, Func<StudySpec, string> storePath)
    {
        StudySpec study = StudyFile.Load(path, overrides);
        ITask task = TaskCatalogue.Load(study.Task);
        try
        {
            study = study with { Task = task.Spec };
            string folder = storePath(study);
            long total = AllowedFor(study);
            long perPack = total / workers;
            if (Directory.Exists(System.IO.Path.Combine(folder, "runs")) && PlanDocument.TryLoad(RunStore.Open(folder, create: true)) is { } before && RunId.OfStudy(before.Study) == RunId.OfStudy(study))
                perPack = before.MemoryPerPack;
            var plan = new Plan(study, task.Vocabulary, ModelCatalogue.ParameterCount, perPack);
            if (study.Probes is { } probes) ProbeCatalogue.Check(probes, ModelCatalogue.Build(study.Model, task.Vocabulary, study.Task.Context).Layout);
            IReadOnlyList<Finding> findings = StudyChecks.Check(plan, task, workers, total, FreeDisk(folder));
            return new PreparedStudy(path, File.ReadAllText(path), plan, task, perPack, findings);
        }
        catch
        {
            task.Dispose();
            throw;
        }
    }

    public void Dispose() => Task.Dispose();

    private static long FreeDisk(string folder)
    {
        string? existing = System.IO.Path.GetFullPath(folder);
        while (existing is not null && !Directory.Exists(existing)) existing = System.IO.Path.GetDirectoryName(existing);
        return existing is null ? 0 : new DriveInfo(existing).AvailableFreeSpace;
    }
}
