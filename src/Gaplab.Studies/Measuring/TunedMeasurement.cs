// What sharpness and noise share: run a study, then measure its tuned runs with some probes, in the same store.
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Results.Store;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Running;

namespace Gaplab.Studies.Measuring;

/// <summary>Tuned runs whose probe files are all there.</summary>
/// <param name="Plan">Of the training alone.</param>
/// <param name="Folder">The store as the user named it.</param>
/// <param name="Command">The command that measured them.</param>
public sealed record TunedMeasurement(
    Plan Plan,
    RunStore Store,
    PlanDocument Document,
    IReadOnlyList<PackSpec> Packs,
    IReadOnlyList<string> Optimizers,
    string Folder,
    string Command
)
{
    /// <summary>What its runs came to, decided once for all that is read of them.</summary>
    public StudyResults Results { get; } = new(Plan, Store);

    /// <summary>What is measured along the tuned runs of one batch size.</summary>
    public delegate ProbesSpec ProbesOf(PlanDocument document, StudyResults results, int batch);

    /// <summary>Trains and measures what the store lacks.</summary>
    /// <param name="study">The study; of one comparison (<see cref="RefuseSeveral"/>).</param>
    /// <param name="folder">The store's.</param>
    /// <param name="optimizers">Along whose tuned runs to measure.</param>
    /// <param name="probes">By batch size.</param>
    /// <param name="call">How it is run and who is told.</param>
    /// <param name="stop">Ends it in order.</param>
    /// <returns>The measurement, which is whole only where the end says that nothing is missing.</returns>
    public static (TunedMeasurement Measured, RunnerEnd End) Make(
        PreparedStudy study,
        string folder,
        IReadOnlyList<string> optimizers,
        ProbesOf probes,
        StudyCall call,
        CancellationToken stop
    )
    {
        ArgumentNullException.ThrowIfNull(call);
        (RunStore store, PlanDocument document) = call.Begin(study, folder);
        Plan plan = WithoutProbes(document);
        IReadOnlyList<PackSpec> packs = [];
        RunnerEnd end = call.Run(plan, store, () => packs = PacksOf(plan, store, optimizers, document, probes), stop);
        return (new TunedMeasurement(plan, store, document, packs, optimizers, folder, call.Command), end);
    }

    /// <summary>Reads what was measured before; nothing is trained.</summary>
    /// <param name="store">The store.</param>
    /// <param name="document">Its plan.</param>
    /// <param name="optimizers">Along whose tuned runs.</param>
    /// <param name="probes">By batch size.</param>
    /// <param name="command">The command that asks.</param>
    /// <exception cref="InputException">The store lacks some of it.</exception>
    public static TunedMeasurement Read(
        RunStore store,
        PlanDocument document,
        IReadOnlyList<string> optimizers,
        ProbesOf probes,
        string command
    )
    {
        ArgumentNullException.ThrowIfNull(store);
        Plan plan = WithoutProbes(document);
        IReadOnlyList<PackSpec> packs = PacksOf(plan, store, optimizers, document, probes);
        if (packs.Count == 0 || packs.Any(p => ProbeFiles.AnyMissing(store, p, plan.Study.Catalogues.Probes, store.Tell)))
            throw new InputException(
                $"--from got {store.Root}, whose tuned runs were not measured with these options; expected a store that the same command "
                    + $"has measured: leave --from out to measure them{Damage(store)}"
            );
        return new TunedMeasurement(plan, store, document, packs, optimizers, store.Root, command);
    }

    /// <exception cref="InputException">The study has several comparisons.</exception>
    /// <param name="path">The study's file.</param>
    /// <param name="study">The study.</param>
    public static void RefuseSeveral(string path, StudySpec study)
    {
        ArgumentNullException.ThrowIfNull(study);
        if (study.Comparisons.Count > 1)
            throw new InputException(
                $"{path} has settings or factors; expected a study of one task and model: this measures along one set of tuned runs"
            );
    }

    private static string Damage(RunStore store) =>
        store.Integrity().Damaged is [var first, ..] all
            ? $" (damaged: {first}{(all.Count > 1 ? $", and {all.Count - 1} more files" : "")})"
            : "";

    // Only tuned runs are measured, and which these are is known at the end.
    private static Plan WithoutProbes(PlanDocument document) => (document with { Study = document.Study with { Probes = null } }).ToPlan();

    private static IReadOnlyList<PackSpec> PacksOf(
        Plan plan,
        RunStore store,
        IReadOnlyList<string> optimizers,
        PlanDocument document,
        ProbesOf probes
    )
    {
        var results = new StudyResults(plan, store);
        return results.TunedPacks(optimizers, batch => probes(document, results, batch));
    }
}
