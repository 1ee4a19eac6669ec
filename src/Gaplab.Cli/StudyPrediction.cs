// The part of gaplab predict that takes a study: runs its probe in this process and keeps probe.json in the store.
using System.CommandLine;
using System.Globalization;
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Store;
using Gaplab.Studies;
using Gaplab.Studies.Prediction;
using Gaplab.Studies.Running;
using Gaplab.Theory.GapModel;
using Gaplab.Torch;

namespace Gaplab.Cli;

/// <summary>Options and run of a study's probe.</summary>
internal sealed class StudyPrediction
{
    public const string ProbeFile = "probe.json";

    private readonly Option<string?> _pair = new("--pair") { Description = "of a study: the two optimizers compared, FIRST,SECOND (default sgd,adam)" };
    private readonly Option<string?> _train = new("--train") { Description = "of a study: which optimizer trains the probe's steps (default the second of the pair)" };
    private readonly Option<string?> _at = new("--at") { Description = "of a study: predict from curvature and noise at the 'start', or 'after' the probe's steps (default after)" };

    public StudyArguments Study { get; } = new();

    public IReadOnlyList<Option> Options => [_pair, _train, _at, Study.Set, Study.Text, Study.Store];

    /// <summary>Refuses the options that only a study has.</summary>
    public void Refuse(ParseResult parsed, string what)
    {
        if (Options.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } option) throw new InputException($"{option.Name} is for a study; {what} has no use for it");
    }

    /// <summary>Probes the study, writes probe.json into its store, and gives what to predict from and the store's folder.</summary>
    public (Probe Probe, string Folder, IReadOnlyList<string> Lines) Run(ParseResult parsed, TextWriter words)
    {
        string at = parsed.GetValue(_at) ?? "after";
        if (at is not ("start" or "after")) throw new InputException($"--at got '{at}'; expected start or after");
        using PreparedStudy study = PreparedStudy.Read(parsed.GetRequiredValue(Study.File), Study.Overrides(parsed), Environment.ProcessorCount, s => Study.StorePath(parsed, s));
        StudySpec spec = study.Plan.Study;
        (string First, string Second) pair = Pair(parsed.GetValue(_pair), [.. spec.Optimizers.Select(o => o.Name)]);
        foreach (string name in (string[])[pair.First, pair.Second]) _ = ModelledStudy.Optimizer(spec, name);
        string trained = parsed.GetValue(_train) ?? pair.Second;
        if (spec.Optimizers.All(o => o.Name != trained)) throw new InputException($"--train got '{trained}', but the study has no such optimizer; expected of {string.Join(", ", spec.Optimizers.Select(o => o.Name))}");
        if (StudySpec.IsHigherBetter(spec.Metric)) throw new InputException($"the study's metric is {spec.Metric}, a score; a prediction is of losses: --set metric=validation-loss");
        _ = TorchRuntime.Version;
        TorchRuntime.Threads = 1;
        if (study.Findings.FirstOrDefault(f => f.Severity == Severity.Error) is { } error) throw new InputException(error.Message);
        IModel model = ModelCatalogue.Build(spec.Model, study.Task.Vocabulary, study.Task.Spec);
        using var _model = model as IDisposable;
        ProbePlan plan = ProbePlan.Of(study.Plan, study.Task, model, trained);
        var asked = new ProbesSpec { Names = ["spectrum"], Samples = plan.Curvature, Batch = StudyProbe.CurvatureBatch, SpectrumProducts = ProbePlan.Lanczos, DensitySteps = ProbePlan.Lanczos };
        if (StudyChecks.MemoryRefusal(spec, study.Plan.Memory(plan.Run, 1, asked), study.Plan.Memory(plan.Run, 1, null), study.AllowedMemory) is { } refusal) throw new InputException(refusal);

        StudyProbeResult? found = null;
        if (StudyRunCommand.UntilStopped(stop =>
        {
            try { found = StudyProbe.Run(spec, plan, study.Task, model, pair, words.WriteLine, stop); }
            catch (OperationCanceledException) { return new RunnerEnd(true, []); }
            return new RunnerEnd(false, []);
        }).Interrupted) throw new InputException("interrupted; a probe starts anew the next time, nothing was written");

        string folder = Study.StorePath(parsed, spec);
        RunStore store = RunStore.Open(folder, create: true);
        store.Bind(spec.Name, RunId.OfStudy(spec), study.Yaml);
        if (PlanDocument.TryLoad(store) is null) study.ToDocument(StudyRunCommand.CommandText()).Save(store);
        (Probe chosen, Probe other, string otherFile) = at == "start" ? (found!.Start, found.After, "probe-after.json") : (found!.After, found.Start, "probe-start.json");
        ProbeJson.Write(Path.Combine(folder, ProbeFile), chosen);
        ProbeJson.Write(Path.Combine(folder, otherFile), other);
        return (chosen, folder, Lines(found, plan, study.Task.EntropyRate is not null, Path.Combine(folder, ProbeFile), Path.Combine(folder, otherFile)));
    }

    private static (string, string) Pair(string? asked, string[] names)
    {
        if (asked is null) return names.Contains("sgd") && names.Contains("adam") || names.Length < 2 ? ("sgd", "adam") : (names[0], names[1]);
        string[] pair = [.. asked.Split(',').Select(n => n.Trim())];
        return pair.Length == 2 && pair[0] != pair[1] ? (pair[0], pair[1]) : throw new InputException($"--pair got '{asked}'; expected two optimizers, for example --pair sgd,adam");
    }

    private static IReadOnlyList<string> Lines(StudyProbeResult found, ProbePlan plan, bool known, string path, string other)
    {
        double share = (double)plan.Cost / plan.Sweep;
        static string Range(Probe probe) => string.Create(CultureInfo.InvariantCulture, $"{probe.Blocks.Min(b => b.Alignment!.Value):0.00} to {probe.Blocks.Max(b => b.Alignment!.Value):0.00}");
        return
        [
            string.Create(CultureInfo.InvariantCulture, $"probe      {path} (and {other})"),
            string.Create(CultureInfo.InvariantCulture, $"cost       {plan.Cost} sample gradients, {100 * share:0.0#}% of the {plan.Sweep} of the sweep's first round{(share > ProbePlan.Share ? "; the least probe of so short a sweep costs more than 2%" : "")}"),
            string.Create(CultureInfo.InvariantCulture, $"losses     {string.Join(", ", found.Losses.Select(l => l.ToString("g5", CultureInfo.InvariantCulture)))}; least possible {found.Start.LossFloor:g5} ({(known ? "known of the data" : "estimated from the probe's losses")})"),
            $"alignment  of the blocks' curvature with the axes {Range(found.Start)} at the start, {Range(found.After)} after the steps; the model takes it as 1",
        ];
    }
}
