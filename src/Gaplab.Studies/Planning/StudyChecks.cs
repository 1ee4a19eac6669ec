// What speaks against a study before anything has started: hints, warnings and errors.
using System.Globalization;
using Gaplab.Learning.Data;
using Gaplab.Learning.Specs;
using Gaplab.Numerics.Statistics;
using Gaplab.Results.Analysis;

namespace Gaplab.Studies.Planning;

/// <summary>Checks of a planned study.</summary>
internal static class StudyChecks
{
    /// <summary>All findings, errors first. An error means that the study must not start.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="task">Its data.</param>
    /// <param name="workers">Packs that run at once.</param>
    /// <param name="allowedMemory">Bytes of memory that the study may use; 0 is unknown.</param>
    /// <param name="freeDisk">Bytes free where the store lies; 0 is unknown.</param>
    public static IReadOnlyList<Finding> Check(Plan plan, ITask task, int workers = 1, long allowedMemory = 0, long freeDisk = 0)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(task);
        return Check(plan, [.. plan.Comparisons.Select(_ => task)], workers, allowedMemory, freeDisk);
    }

    /// <summary>The same with the data of each comparison.</summary>
    /// <param name="classes">How often the classes of each comparison occur; null where that is not known.</param>
    public static IReadOnlyList<Finding> Check(
        Plan plan,
        IReadOnlyList<ITask> tasks,
        int workers = 1,
        long allowedMemory = 0,
        long freeDisk = 0,
        IReadOnlyList<ClassFrequencies?>? classes = null
    )
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(tasks);
        IEnumerable<Finding> found = plan
            .Comparisons.SelectMany(
                (comparison, i) =>
                    Grid(comparison.Study)
                        .Concat(comparison.Study.IsOfCommand ? Watched(comparison.Study) : Data(comparison.Study, tasks[i]))
                        .Concat(Budget(comparison.Study))
                        .Concat(Memory(plan.Arms.Where(a => ReferenceEquals(a.Comparison, comparison)), classes?[i]))
                        .Select(f => (comparison.Key, Finding: f))
            )
            // What holds of every setting and level is said once.
            .GroupBy(f => f.Finding)
            .Select(g =>
                g.Count() == plan.Comparisons.Count || g.First().Key.Equals(ComparisonKey.Empty)
                    ? g.Key
                    : g.Key with
                    {
                        Where =
                            g.First().Key
                            + (g.Count() > 1 ? $" and {g.Count() - 1} more" : "")
                            + (g.Key.Where.Length > 0 ? ", " + g.Key.Where : ""),
                    }
            );
        return [.. found.Concat(Resources(plan, workers, allowedMemory, freeDisk)).OrderByDescending(f => f.Severity)];
    }

    private static IEnumerable<Finding> Grid(StudySpec study)
    {
        if (DesignFindings.Seeds(study.Grid.Seeds.Count) is { } few)
            yield return few;
        if (study.Grid.Batches.Count == 1)
            yield return new(
                StudyFindingKinds.OneBatchSize,
                Severity.Hint,
                "one batch size gives a gap but no crossover; list several in grid.batch"
            );
        if (study.Optimizers.Count == 1)
            yield return new(
                StudyFindingKinds.OneOptimizer,
                Severity.Hint,
                "one optimizer gives tuned losses but no gap; name a second under optimizers"
            );
        foreach (OptimizerChoice o in study.Optimizers)
        {
            if (o.Rates.Count < 3 && !study.Sentinel.Enabled)
                yield return new(
                    StudyFindingKinds.FewRates,
                    Severity.Warning,
                    $"{o.Rates.Count} learning rate{(o.Rates.Count == 1 ? "" : "s")} cannot bracket a best and the sentinel is off; list "
                        + $"at least 5 or enable the sentinel",
                    o.Name
                );
            if (
                study.Grid.Betas.Count + study.Grid.HalfLives.Count == 0
                && o.Template.Kind == "sgd"
                && o.Momenta is [0]
                && !study.IsOfCommand
            )
                yield return new(
                    StudyFindingKinds.NoMomentum,
                    Severity.Hint,
                    "SGD runs without momentum; give momentum (0.9 is usual) unless that is meant",
                    o.Name
                );
        }
        // Unequal tuning budgets: the product of initial rates and momentum choices each optimizer starts with.
        int[] tried =
        [
            .. study.Optimizers.Select(o =>
                o.Rates.Count
                * (study.Grid.Betas.Count + study.Grid.HalfLives.Count > 0 ? 1 : o.Momenta.Count * o.Beta1s.Count * o.Beta2s.Count)
                * Math.Max(1, o.Variants.Count)
            ),
        ];
        if (tried.Length > 1 && tried.Max() > 2 * tried.Min())
            yield return new(
                StudyFindingKinds.UnequalTuning,
                Severity.Warning,
                $"the optimizers start with {string.Join(" and ", study.Optimizers.Zip(tried, (o, c) => $"{c} ({o.Name})"))} trials "
                    + $"per batch size; tune them alike before comparing"
            );
        if (study.Metric == "last-min")
            yield return DesignFindings.Biased(study.Metric);
    }

    /// <summary>What the β₂ that are to be tried leave unsaid.</summary>
    private static IEnumerable<Finding> Memory(IEnumerable<Arm> comparison, ClassFrequencies? classes)
    {
        Arm[][] optimizers = [.. comparison.GroupBy(a => a.Optimizer).Select(o => o.ToArray())];
        foreach (Arm[] arms in optimizers)
        {
            string name = arms[0].Optimizer;
            long[] batches = [.. arms.Select(a => (long)a.Batch).Distinct().Order()];
            if (MemoryFindings.Tied(name, arms.Select(a => a.Moments)) is { } tied)
                yield return tied;
            // Beside one that is on the same terms there is nothing to tune.
            if (
                optimizers
                    .Where(o => o != arms)
                    .Select(o =>
                        MemoryFindings.Untuned(
                            name,
                            arms.Select(a => a.Beta2),
                            batches,
                            o[0].Optimizer,
                            o.Select(a => a.Beta2),
                            crosses: false
                        )
                    )
                    .OfType<Finding>()
                    .FirstOrDefault() is
                { } untuned
            )
                yield return untuned;
            if (
                MemoryFindings.Short(
                    name,
                    arms.GroupBy(a => (long)a.Batch).Select(b => (b.Key, b.MaxBy(a => a.Beta2 ?? 0)!.Moments)),
                    classes
                ) is
                { } shortened
            )
                yield return shortened;
        }
    }

    /// <summary>What of a command may change without its runs becoming others.</summary>
    public static IEnumerable<Finding> Watched(StudySpec study)
    {
        CommandSpec command = study.Model.Command!;
        (string? Content, string Key)[] all =
        [
            (command.CodeContent, "model.code"),
            (command.DataContent, "model.data"),
            (command.EnvironmentContent, "model.environment"),
        ];
        string[] missing = [.. all.Where(a => a.Content is null).Select(a => a.Key)];
        if (missing.Length > 0)
            yield return new(
                StudyFindingKinds.NotWatched,
                Severity.Hint,
                $"{string.Join(", ", missing)} {(missing.Length == 1 ? "is" : "are")} not given: what changes there "
                    + $"changes no run's id, and "
                    + $"runs of before and after are compared as if they were alike"
            );
    }

    private static IEnumerable<Finding> Data(StudySpec study, ITask task)
    {
        foreach (int batch in study.Grid.Batches)
            if (Refusal(task, batch) is { } refusal)
                yield return new(StudyFindingKinds.BatchAboveData, Severity.Error, refusal, $"B={batch}");
        if (study.Evaluation.Validation > task.ValidationCount(0))
            yield return new(
                StudyFindingKinds.ShortValidation,
                Severity.Hint,
                $"evaluation.validation asks for {study.Evaluation.Validation} samples, the validation part has "
                    + $"{task.ValidationCount(0)}; all of them are used"
            );
        double epochs = study.Grid.Batches.Max(b => (double)study.Budget.Steps(b, study.Task.Context) * b) / task.TrainEvaluationCount(0);
        if (epochs > 4)
            yield return new(
                StudyFindingKinds.ManyEpochs,
                Severity.Hint,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the budget passes over the training data {epochs:0.#} times; the comparison is then about memorising as well"
                )
            );
    }

    private static string? Refusal(ITask task, int batch)
    {
        try
        {
            task.CheckBatch(batch);
            return null;
        }
        catch (Numerics.InputException e)
        {
            return e.Message;
        }
    }

    private static IEnumerable<Finding> Budget(StudySpec study)
    {
        int context = study.Task.Context;
        foreach (int batch in study.Grid.Batches)
        {
            long perStep = study.Budget.Unit switch
            {
                "samples" => batch,
                "tokens" => (long)batch * context,
                _ => 1,
            };
            long steps = study.Budget.Steps(batch, context);
            string where = $"B={batch}";
            if (study.Budget.Amount < perStep)
                yield return new(
                    StudyFindingKinds.BudgetBelowStep,
                    Severity.Warning,
                    $"the budget of {study.Budget.Amount} {study.Budget.Unit} is less than one step of {perStep}; the run takes one step "
                        + $"and so more than its budget",
                    where
                );
            else if (
                !study.IsOfCommand
                && study.Schedule.Kind.Contains("warmup", StringComparison.Ordinal)
                && study.Schedule.Warmup > 0
                && study.Schedule.Warmup * steps < 1
            )
                yield return new(
                    StudyFindingKinds.VoidWarmup,
                    Severity.Warning,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"the run has {steps} step{(steps == 1 ? "" : "s")}, so a warm-up of {study.Schedule.Warmup} is less than one; "
                            + $"raise the budget or drop this batch size"
                    ),
                    where
                );
            else if (steps < 20)
                yield return new(
                    StudyFindingKinds.FewSteps,
                    Severity.Hint,
                    $"the run has only {steps} steps; its loss tells little about the optimizer",
                    where
                );
        }
    }

    /// <summary>That one pack needs more memory than the study may use, or null.</summary>
    /// <param name="study">Its limits.</param>
    /// <param name="need">Bytes.</param>
    /// <param name="training">Of these, what training needs without its probes.</param>
    /// <param name="allowed">Bytes; 0 is unknown.</param>
    public static string? MemoryRefusal(StudySpec study, long need, long training, long allowed)
    {
        ArgumentNullException.ThrowIfNull(study);
        if (allowed <= 0 || need <= allowed)
            return null;
        string probes =
            need > training
                ? $" ({ByteSize.Format(need - training)} of it for the probes: shadows, directions, and graphs in float64 that are "
                    + $"differentiated twice)"
                : "";
        string mend =
            training <= allowed && need > training
                ? "lower probes.batch, measure fewer shadows, or lower limits.max-replicas"
                : "lower evaluation.micro-batch or limits.max-replicas";
        return $"one pack needs about {ByteSize.Format(need)} of memory{probes}; {Allowance(study, allowed)}; {mend}";
    }

    private static string Allowance(StudySpec study, long allowed) =>
        study.Limits.Memory > 0
            ? $"limits.memory allows {ByteSize.Format(allowed)}"
            : $"a study may use {ByteSize.Format(allowed)} on this machine";

    private static IEnumerable<Finding> Resources(Plan plan, int workers, long allowedMemory, long freeDisk)
    {
        PlanEstimate cost = PlanEstimate.Of(plan);
        long memory = cost.MemoryPerPack * workers;
        PackSpec largest = plan.FirstRound().MaxBy(p => p.EstimatedMemory)!;
        if (
            MemoryRefusal(plan.Study, cost.MemoryPerPack, plan.Memory(largest.Runs[0].Spec, largest.Runs.Count, null), allowedMemory) is
            { } refusal
        )
            yield return new(StudyFindingKinds.Memory, Severity.Error, refusal);
        else if (allowedMemory > 0 && memory > allowedMemory)
            yield return new(
                StudyFindingKinds.Memory,
                Severity.Warning,
                $"{workers} packs at once need about {ByteSize.Format(memory)} of memory; {Allowance(plan.Study, allowedMemory)}; use "
                    + $"fewer workers, or lower evaluation.micro-batch or limits.max-replicas"
            );
        if (freeDisk > 0 && cost.Disk > freeDisk)
            yield return new(
                StudyFindingKinds.Disk,
                Severity.Error,
                $"the study may write {ByteSize.Format(cost.Disk)}, {ByteSize.Format(freeDisk)} are free; keep fewer checkpoints "
                    + $"(checkpoint.keep) or give another --store"
            );
        else if (freeDisk > 0 && cost.Disk > freeDisk / 2)
            yield return new(
                StudyFindingKinds.Disk,
                Severity.Warning,
                $"the study may write {ByteSize.Format(cost.Disk)}, more than half of the {ByteSize.Format(freeDisk)} that are free"
            );
    }
}
