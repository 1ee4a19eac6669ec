// Probes a study in this process, comparison by comparison, and keeps each probe in the study's store.
using System.Globalization;
using Gaplab.Learning.Data;
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Store;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Running;
using Gaplab.Theory.GapModel;
using Gaplab.Torch;

namespace Gaplab.Studies.Prediction;

/// <summary>A probe and where it lies.</summary>
public sealed record KeptProbe(ComparisonKey Key, Probe Probe, PredictionFiles Files);

/// <summary>What the gap model predicts a study from.</summary>
public sealed class StudyPrediction
{
    private readonly PreparedStudy _study;
    private readonly (string First, string Second) _pair;
    private readonly bool _fromStart;
    private readonly string _folder,
        _command;
    private readonly Action<string> _say;

    /// <param name="study">The study.</param>
    /// <param name="pair">The two optimizers compared.</param>
    /// <param name="fromStart">Whether to predict from curvature and noise at the start, and not after the probe's steps.</param>
    /// <param name="folder">The study's store.</param>
    /// <param name="command">The command, as the user would type it again.</param>
    /// <param name="say">Told what happens.</param>
    /// <exception cref="InputException">The study cannot be predicted by the gap model.</exception>
    public StudyPrediction(
        PreparedStudy study,
        (string First, string Second) pair,
        bool fromStart,
        string folder,
        string command,
        Action<string> say
    )
    {
        ArgumentNullException.ThrowIfNull(study);
        foreach (PlannedComparison comparison in study.Plan.Comparisons)
        foreach (string name in (string[])[pair.First, pair.Second])
            _ = ModelledStudy.Optimizer(comparison.Study, name);
        (_study, _pair, _fromStart, _folder, _command, _say) = (study, pair, fromStart, folder, command, say);
    }

    /// <exception cref="InputException">A score as metric, or what would keep the study from running.</exception>
    public static void RefuseUnpredictable(PreparedStudy study)
    {
        ArgumentNullException.ThrowIfNull(study);
        if (study.Plan.Study.Metric is var metric && StudySpec.IsHigherBetter(metric))
            throw new InputException($"the study's metric is {metric}, a score; a prediction is of losses: --set metric=validation-loss");
        study.RefuseErrors();
    }

    /// <summary>The study's store, made where it is not there; a plan in it stays.</summary>
    internal static RunStore OpenStore(PreparedStudy study, string folder, string command)
    {
        RunStore store = RunStore.Open(folder, create: true);
        store.Bind(study.Plan.Study.Name, RunId.OfStudy(study.Plan.Study), study.Yaml);
        if (PlanDocument.TryLoad(store, study.Plan.Study.Catalogues) is null)
            study.ToDocument(command).Save(store);
        return store;
    }

    /// <summary>Probes every comparison. One that cannot be probed is told and left out; if none can be, that is an error.</summary>
    /// <exception cref="InputException">No comparison can be probed, or the call was stopped.</exception>
    public IReadOnlyList<KeptProbe> Run(CancellationToken stop)
    {
        _ = TorchRuntime.Version;
        TorchRuntime.Threads = 1;
        bool several = _study.Plan.Comparisons.Count > 1;
        var made = new List<KeptProbe>();
        InputException? failed = null;
        foreach ((PlannedComparison comparison, ITask task) in _study.Plan.Comparisons.Zip(_study.Tasks))
        {
            if (comparison.Key.Heading.Length > 0)
                _say($"[{comparison.Key}]");
            StudyProbeResult found;
            // What the model cannot be fitted to is left out here, with its reason, and not after all others are measured.
            try
            {
                found = Probed(comparison, task, stop);
                _ = (_fromStart ? found.Start : found.After).Setting();
            }
            catch (InputException e) when (several && !stop.IsCancellationRequested)
            {
                _say($"left out   {comparison.Key}: {e.Message}");
                failed = e;
                continue;
            }
            made.Add(Kept(comparison.Key, found, task.EntropyRate is not null));
        }
        return made.Count > 0 ? made : throw failed!;
    }

    private StudyProbeResult Probed(PlannedComparison comparison, ITask task, CancellationToken stop)
    {
        Plan only = _study.Plan.Only(comparison);
        IModel model = comparison.Study.Catalogues.Models.Build(comparison.Study.Model, comparison.Vocabulary, comparison.Study.Task);
        using var _model = model as IDisposable;
        ProbePlan plan = ProbePlan.Of(only, task, model, _pair);
        var asked = new ProbesSpec
        {
            Names = ["spectrum"],
            Samples = plan.Curvature,
            Batch = StudyProbe.CurvatureBatch,
            SpectrumProducts = ProbePlan.Lanczos,
            DensitySteps = ProbePlan.Lanczos,
        };
        string? refusal = StudyChecks.MemoryRefusal(
            comparison.Study,
            comparison.Memory(plan.First, 1, asked),
            comparison.Memory(plan.First, 1, null),
            _study.AllowedMemory
        );
        if (refusal is not null)
            throw new InputException(refusal);
        try
        {
            return StudyProbe.Run(only.Study, plan, task, model, _pair, _say, stop);
        }
        catch (OperationCanceledException e)
        {
            throw new InputException("interrupted; a probe starts anew the next time, nothing of it was written", e);
        }
    }

    private KeptProbe Kept(ComparisonKey key, StudyProbeResult found, bool known)
    {
        PredictionFiles files = PredictionFiles.Of(OpenStore(_study, _folder, _command), key);
        Directory.CreateDirectory(files.Folder);
        (Probe chosen, Probe other, string beside) = _fromStart
            ? (found.Start, found.After, files.After)
            : (found.After, found.Start, files.Start);
        ProbeJson.Write(files.Probe, chosen);
        ProbeJson.Write(beside, other);
        foreach (string line in Lines(found, known, files.Probe, beside))
            _say(line);
        _say("");
        return new KeptProbe(key, chosen, files);
    }

    private static IReadOnlyList<string> Lines(StudyProbeResult found, bool known, string path, string other)
    {
        ProbePlan plan = found.Plan;
        double cost = found.Start.Cost!.Value,
            share = cost / plan.Sweep;
        string but =
            cost > plan.Cost ? "; with trial runs repeated because they diverged"
            : share > ProbePlan.Share ? "; the least probe of so short a sweep costs more than 2%"
            : "";
        static string Losses(IReadOnlyList<double> all) =>
            string.Join(' ', all.Select(l => l.ToString("g4", CultureInfo.InvariantCulture)));
        return
        [
            string.Create(CultureInfo.InvariantCulture, $"probe      {path} (and {other})"),
            string.Create(
                CultureInfo.InvariantCulture,
                $"cost       {cost} sample gradients, {100 * share:0.0#}% of the {plan.Sweep} of the sweep's first round{but}"
            ),
            string.Create(
                CultureInfo.InvariantCulture,
                $"losses     {Losses(found.Losses.First)} of {found.Start.FirstName}, {Losses(found.Losses.Second)} of "
                    + $"{found.Start.SecondName}; least possible {found.Start.LossFloor:g5} "
                    + $"({(known ? "known of the data" : "estimated from these")})"
            ),
        ];
    }
}
