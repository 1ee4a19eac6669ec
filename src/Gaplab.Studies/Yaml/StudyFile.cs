// Reads a study from YAML: docs/study.md describes every key; what is unknown or impossible is refused with its place.
using System.Globalization;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Studies.Planning;
using YamlDotNet.RepresentationModel;

namespace Gaplab.Studies.Yaml;

/// <summary>Study files.</summary>
public static class StudyFile
{
    /// <summary>Characters of the name of a study, a setting, an optimizer, a factor or a level: they stand in names of files and in every
    /// line of a report.</summary>
    internal const int MostName = 100;

    /// <summary>Batch sizes of a grid, and optimizers: each has a row or a column of its own in every report.</summary>
    internal const int MostNames = 1000;

    /// <summary>Reads a study file and lays overrides over it.</summary>
    /// <param name="path">The YAML file.</param>
    /// <param name="overrides">Each <c>key.key=value</c> with a YAML value, checked as the file's own; a relative path in one is relative
    /// to the current folder.</param>
    /// <exception cref="InputException">One line: file:line (or the override), the key, what was got and what was expected.</exception>
    public static StudySpec Load(string path, params IReadOnlyList<string> overrides) => Load(path, Catalogues.BuiltIn, overrides);

    /// <summary>Reads a study file that may name other kinds.</summary>
    /// <inheritdoc cref="Load(string, IReadOnlyList{string})"/>
    /// <param name="catalogues">What it can name.</param>
    public static StudySpec Load(string path, Catalogues catalogues, params IReadOnlyList<string> overrides) =>
        Parse(path, RegularFile.ReadText(path, FileLimit.Study), catalogues, overrides);

    /// <summary>Reads a study from text; <paramref name="path"/> names it in errors and anchors its relative paths.</summary>
    /// <exception cref="InputException">As <see cref="Load(string, IReadOnlyList{string})"/>.</exception>
    public static StudySpec Parse(string path, string text, params IReadOnlyList<string> overrides) =>
        Parse(path, text, Catalogues.BuiltIn, overrides);

    /// <summary>Reads a study from text that may name other kinds.</summary>
    /// <inheritdoc cref="Parse(string, string, IReadOnlyList{string})"/>
    /// <param name="catalogues">What it can name.</param>
    public static StudySpec Parse(string path, string text, Catalogues catalogues, params IReadOnlyList<string> overrides)
    {
        StudySource source = StudySource.Parse(path, text, catalogues, overrides);
        StudySpec study = ComparisonSections.Any(source) ? ComparisonSections.Read(path, text, catalogues, overrides) : Read(path, source);
        PlannedRuns.Check(path, study);
        return study;
    }

    /// <summary>Reads a source without settings and factors.</summary>
    internal static StudySpec Read(string path, StudySource source)
    {
        var root = new StudySection(source, source.Root, "");
        foreach (string key in ComparisonSections.Keys)
            root.Has(key);
        string name = root.Text("study", Path.GetFileNameWithoutExtension(path));
        if (name.Length == 0)
            throw root.Missing("study", "a name, as the file's own begins with a dot");
        if (name.Length > MostName || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') || name[0] == '.')
            throw root.Error(
                "study",
                $"'study' is '{name}'; expected a name of letters, digits, '-', '_' and '.', at most {MostName} of them (it names the "
                    + $"study's folder)"
            );
        TaskSpec task = TaskSection.Read(root.Section("task"));
        var study = new StudySpec
        {
            Name = name,
            Question = root.Text("question", ""),
            Catalogues = source.Catalogues,
            Task = task,
            Model = ModelSection.Read(root.Section("model"), task),
            Grid = ReadGrid(root),
            Optimizers = OptimizerSection.ReadAll(root),
            Budget = ReadBudget(root),
            Schedule = ReadSchedule(root.Section("schedule")),
            Evaluation = ReadEvaluation(root.Section("evaluation"), task),
            Metric = root.Choice("metric", "validation-loss", StudySpec.Metrics, StudySpec.MetricsElsewhere),
            Precision = root.Choice("precision", "float32", "float32", "float64"),
            DivergenceFactor = root.Number("divergence-factor", 4, 1, double.PositiveInfinity, open: true),
            Sentinel = ReadSentinel(root.Section("sentinel")),
            Checkpoint = ReadCheckpoint(root.Section("checkpoint")),
            Limits = ReadLimits(root.Section("limits")),
            Probes = root.Has("probes") ? ProbesSection.Read(root.Section("probes")) : null,
        };
        root.Finish();
        if (study.Evaluation.Train < 0 && study.Metric == "train-loss")
            throw root.Error("metric", "'metric' is 'train-loss', but 'evaluation.train' is none; give a number of sequences or all");
        if (study.Evaluation.Bleu < 0 && study.Metric == "validation-bleu")
            throw root.Error(
                "metric",
                "'metric' is 'validation-bleu', but no sentences are translated; it needs a task of kind translation, with a number of "
                    + "sentences or all in 'evaluation.bleu'"
            );
        if (study.Metric == "validation-accuracy" && !source.Catalogues.Tasks.Of(task.Kind).Classifies)
            throw root.Error(
                "metric",
                $"'metric' is 'validation-accuracy', which a task of kind {task.Kind} has not; it belongs to tasks of images and of "
                    + $"graphs with classes"
            );
        return study;
    }

    private static GridSpec ReadGrid(StudySection root)
    {
        StudySection s = root.Section("grid");
        var grid = new GridSpec
        {
            Batches =
            [
                .. (s.Integers("batch", 1, 1 << 30) ?? throw s.Missing("batch", "a list of batch sizes")).Select(b => (int)b).Order(),
            ],
            Betas = s.Numbers("beta", 0, 1) ?? [],
            HalfLives = s.Numbers("half-life", 0, double.PositiveInfinity, open: true) ?? [],
            Seeds = Seeds(s),
        };
        if (grid.Batches.Count > MostNames)
            throw s.Error("batch", $"'grid.batch' holds {grid.Batches.Count} batch sizes; expected at most {MostNames}");
        if (grid.Betas.Any(b => b >= 1))
            throw s.Error("beta", "'grid.beta' holds 1; expected values from 0 to below 1");
        if (grid.Betas.Count > 0 && grid.HalfLives.Count > 0)
            throw s.Error("half-life", "'grid.half-life' and 'grid.beta' are both given; expected one of them");
        foreach (double halfLife in grid.HalfLives)
        foreach (int batch in grid.Batches)
            if (HalfLife.Beta(batch, halfLife) is not (> 0 and < 1) and var beta)
                throw s.Error(
                    "half-life",
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"'grid.half-life' {halfLife} gives β = {beta} at batch size {batch}; expected one between 0 and 1: "
                            + $"{(beta >= 1 ? "a smaller half-life" : $"at least about {batch / 20.0:0.#} samples")}"
                    )
                );
        s.Finish();
        return grid;
    }

    private static long[] Seeds(StudySection s)
    {
        if (s.Node("seeds") is YamlSequenceNode)
            return [.. s.Integers("seeds", 0)!.Order()];
        long count = s.Integer("seeds", 4, 1, 10_000);
        return [.. Enumerable.Range(1, (int)count).Select(i => (long)i)];
    }

    private static BudgetSpec ReadBudget(StudySection root)
    {
        StudySection s = root.Section("budget");
        string[] units = ["samples", "tokens", "steps"];
        string[] given = [.. units.Where(s.Has)];
        if (
            s.Keys.FirstOrDefault(k => NearestName.Plain(k) is "epochs" or "epoch" or "numepochs" or "maxepochs" or "numtrainepochs") is
            { } epochs
        )
            throw s.Error(
                epochs,
                $"'{s.Path(epochs)}' depends on the size of the data; a budget is given in samples, tokens or steps: samples = epochs x "
                    + $"training samples, which 'gaplab study plan' prints"
            );
        if (given.Length > 1)
            throw s.Error(given[1], $"'budget' gives both {given[0]} and {given[1]}; expected one of them");
        s.Finish();
        if (given.Length == 0)
            throw root.Missing("budget", "one of samples, tokens, steps, for instance 'budget: {samples: 20000}'");
        return new BudgetSpec { Unit = given[0], Amount = s.Integer(given[0], 0, 1) };
    }

    private static ScheduleSpec ReadSchedule(StudySection s)
    {
        var byDefault = new ScheduleSpec();
        var schedule = new ScheduleSpec
        {
            Kind = s.Choice("kind", byDefault.Kind, RateSchedule.Kinds),
            Warmup = s.Number("warmup", byDefault.Warmup, 0, 1),
            Decay = s.Number("decay", byDefault.Decay, 0, 1),
            Final = s.Number("final", byDefault.Final, 0, 1),
        };
        if (schedule.Kind == "warmup-stable-decay" && schedule.Warmup + schedule.Decay > 1)
            throw s.Error(
                "decay",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"'schedule.warmup' {schedule.Warmup} and 'schedule.decay' {schedule.Decay} are more than the whole run; expected at "
                        + $"most 1 together"
                )
            );
        s.Finish();
        return schedule;
    }

    private static EvaluationSpec ReadEvaluation(StudySection s, TaskSpec task)
    {
        bool translation = s.Catalogues.Tasks.Of(task.Kind).Samples == SampleKind.Pairs;
        foreach (string key in (string[])["bleu", "beam"])
            if (!translation && s.Has(key))
                throw s.Error(key, $"'evaluation.{key}' has no meaning for a task of kind {task.Kind}; it belongs to translation");
        var byDefault = new EvaluationSpec { Bleu = translation ? 256 : -1 };
        int Count(string key, int otherwise, bool none) =>
            s.Node(key) is YamlScalarNode { Value: "all" } ? 0
            : none && s.Node(key) is YamlScalarNode { Value: "none" } ? -1
            : (int)s.Integer(key, otherwise, 1, int.MaxValue);
        var evaluation = new EvaluationSpec
        {
            Points = (int)s.Integer("points", byDefault.Points, 0, 1_000_000),
            Validation = Count("validation", byDefault.Validation, none: false),
            Train = Count("train", byDefault.Train, none: true),
            Bleu = Count("bleu", byDefault.Bleu, none: true),
            Beam = (int)s.Integer("beam", byDefault.Beam, 1, 64),
            MicroBatch = (int)s.Integer("micro-batch", byDefault.MicroBatch, 1, 1 << 30),
        };
        s.Finish();
        return evaluation;
    }

    private static SentinelSpec ReadSentinel(StudySection s)
    {
        var byDefault = new SentinelSpec();
        var sentinel = new SentinelSpec
        {
            Enabled = s.Flag("enabled", byDefault.Enabled),
            Factor = s.Number("factor", byDefault.Factor, 1.01, 1000),
            MaxExtensions = (int)s.Integer("max-extensions", byDefault.MaxExtensions, 0, 50),
            RefineTo = s.Number("refine-to", byDefault.RefineTo, 1.01, 1000),
        };
        s.Finish();
        return sentinel;
    }

    private static CheckpointSpec ReadCheckpoint(StudySection s)
    {
        var byDefault = new CheckpointSpec();
        var checkpoint = new CheckpointSpec
        {
            EverySeconds = s.Number("every-seconds", byDefault.EverySeconds, 0, double.PositiveInfinity, open: true),
            Keep = s.Choice("keep", byDefault.Keep, "none", "last", "all"),
        };
        s.Finish();
        return checkpoint;
    }

    private static LimitsSpec ReadLimits(StudySection s)
    {
        var byDefault = new LimitsSpec();
        long memory = 0;
        if (s.Text("memory") is { } text && !ByteSize.TryParse(text, out memory))
            throw s.Error("memory", $"'limits.memory' is '{text}'; expected a size such as 4GiB or 500MB");
        var limits = new LimitsSpec
        {
            Memory = memory,
            TimePerPack = s.Number("time-per-pack", byDefault.TimePerPack, 0, double.PositiveInfinity, open: true),
            MaxReplicas = (int)s.Integer("max-replicas", byDefault.MaxReplicas, 1, 4096),
        };
        s.Finish();
        return limits;
    }
}
