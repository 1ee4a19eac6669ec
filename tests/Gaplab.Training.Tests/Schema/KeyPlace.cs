// A key of a study file in a place: its row, and a study that is right but for what stands there.
using System.Globalization;
using Gaplab.Learning.Data;
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Models;
using Gaplab.Learning.Optim;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Studies.Yaml;

namespace Gaplab.Training.Tests.Schema;

/// <param name="Path">"model (gpt): width".</param>
/// <param name="Row">The key's data; only its reading is of another type.</param>
/// <param name="Study">The study with a value in the place.</param>
internal sealed record KeyPlace(string Path, SpecKey<object> Row, Func<string, string> Study)
{
    /// <summary>Values that are right, where not every value in the row's range is.</summary>
    public IReadOnlyList<string>? Fitting { get; init; }

    /// <summary>Whether a value has a meaning in the place.</summary>
    public Func<string, bool> Means { get; init; } = _ => true;

    /// <summary>Whether the study cannot do without it.</summary>
    public bool IsNeeded { get; init; } = Row.Required is not null;

    /// <summary>Every row of every kind and section.</summary>
    public static IReadOnlyList<KeyPlace> All { get; } = [.. Places()];

    /// <summary>Values of the form and in the range that the row says; each is right.</summary>
    public IEnumerable<string> Inside()
    {
        string[] one = [.. (Fitting ?? [.. Values(Row.Least, Row.Most)]).Where(Means)];
        foreach (string value in one.Concat(Row.Form == KeyForm.Word ? [] : Row.Words))
            yield return value;
        if (Row.IsList)
            yield return Row.InList is { } range
                ? $"[{string.Join(", ", Values(range.Least, range.Most))}]"
                : $"[{string.Join(", ", Row.MostValues is 1 ? one.Take(1) : one.Distinct())}]";
        if (!IsNeeded)
            yield return "";
    }

    /// <summary>Values of another form or outside the range; each is wrong.</summary>
    public IEnumerable<string> Outside()
    {
        yield return "{a: b}";
        if (!Row.IsList)
            yield return $"[{Values(Row.Least, Row.Most).First()}]";
        else
            foreach (string list in (string[])["[]", "[[1]]", "[{a: b}]"])
                yield return list;
        if (IsNeeded)
            yield return "";
        foreach (string value in Wrong(Row.Least, Row.Most))
        {
            yield return value;
            if (Row.IsList && Row.InList is null)
                yield return $"[{value}]";
        }
        if (Row.InList is { } range)
            foreach (string value in Wrong(range.Least, range.Most))
                yield return $"[{value}]";
        if (Row.IsList && Values(Row.Least, Row.Most).First() is var first)
            yield return $"[{first}, {first}]";
    }

    private IEnumerable<string> Values(double least, double most) =>
        Row.Form switch
        {
            KeyForm.Flag => ["true", "false"],
            KeyForm.Word => Row.Words,
            KeyForm.Path => ["a", "7"],
            KeyForm.Text => Row.Pattern is null ? ["a", "7", "true"] : Matching(["2", "30", "cpu", "cuda:1"]),
            _ => Numbers(least, most),
        };

    private IEnumerable<string> Matching(IEnumerable<string> texts) =>
        texts.Where(t => System.Text.RegularExpressions.Regex.IsMatch(t, Row.Pattern!));

    private IEnumerable<string> Numbers(double least, double most)
    {
        bool whole = Row.Form == KeyForm.Integer;
        double step =
            whole ? 1
            : double.IsFinite(most) ? (most - least) / 4
            : 0.5;
        if (!Row.Open)
            yield return Text(least);
        yield return Text(least + step);
        if (!Row.Open && !Row.OpenAbove && double.IsFinite(most))
            yield return Text(most);
    }

    private IEnumerable<string> Wrong(double least, double most)
    {
        switch (Row.Form)
        {
            case KeyForm.Flag:
                yield return "maybe";
                yield return "1";
                break;
            case KeyForm.Word:
                yield return "zzzzz";
                yield return "1";
                break;
            case KeyForm.Text or KeyForm.Path:
                yield return "\"\"";
                if (Row.Pattern is not null)
                    yield return "a/b c";
                break;
            default:
                yield return "zzzzz";
                yield return "\"1\"";
                yield return "true";
                bool whole = Row.Form == KeyForm.Integer;
                if (double.IsFinite(least))
                    yield return Text(Row.Open ? least : least - (whole ? 1 : 0.001));
                if (double.IsFinite(most))
                    yield return Text(Row.Open || Row.OpenAbove ? most : most + (whole ? 1 : 0.001));
                if (whole)
                    yield return Text(least + 0.5);
                break;
        }
    }

    private static string Text(double value) => value.ToString("0.################", CultureInfo.InvariantCulture);

    private static IEnumerable<KeyPlace> Places() =>
        [
            .. Section("", StudyKeys.All, (key, value) => Least() with { Task = TaskOf(value), Others = [$"{key}: {value}"] }),
            .. Section("grid", GridSection.Section.Keys, (key, value) => Least() with { Grid = Only("batch: 4", key, value) }),
            .. Section("budget", BudgetSection.Section.Keys, (key, value) => Least() with { Budget = $"{{{key}: {value}}}" })
                .Select(p => p with { IsNeeded = true }),
            .. Section("schedule", ScheduleSection.Section.Keys, InSection("schedule")),
            .. Section(
                "evaluation",
                EvaluationSection.Section.Keys,
                (key, value) => InSection("evaluation")(key, value) with { Task = Pairs }
            ),
            .. Section("sentinel", SentinelSection.Section.Keys, InSection("sentinel")),
            .. Section("checkpoint", CheckpointSection.Section.Keys, InSection("checkpoint")),
            .. Section("limits", LimitsSection.Section.Keys, InSection("limits")),
            .. Section(
                    "design",
                    DesignSection.Section.Keys,
                    (key, value) =>
                        InSection("design")(key, value) with
                        {
                            Task =
                                "{}\nfactors: {model.layers: [1, 2], model.width: [8, 16], model.bias: [true, false], a: {levels: {x: "
                                + "{precision: float32}, y: {precision: float64}}}}",
                        }
                )
                .Select(p =>
                    p with
                    {
                        Fitting = p.Row.Name switch
                        {
                            "runs" => ["8", "16"],
                            "resolution" => ["3", "4"],
                            "generators" => ["D=ABC"],
                            _ => null,
                        },
                    }
                ),
            .. Section(
                    "optimizers.sgd.lr",
                    [.. RateRange.Ends, .. RateRange.Count],
                    (key, value) => Least() with { Optimizers = $"{{sgd: {{lr: {Range(key, value)}}}}}" }
                )
                .Select(p => p with { IsNeeded = true }),
            .. ProbeCatalogue.BuiltIn.Options.SelectMany(o =>
                Section(
                    o.Section.Length > 0 ? $"probes.{o.Section}" : "probes",
                    o.Keys,
                    (key, value) =>
                        Least() with
                        {
                            Others = [$"probes: {(o.Section.Length > 0 ? $"{{{o.Section}: {{{key}: {value}}}}}" : $"{{{key}: {value}}}")}"],
                        }
                )
            ),
            .. TaskCatalogue.BuiltIn.All.SelectMany(k =>
                Section($"task ({k.Name})", k.Keys, (key, value) => Least() with { Task = TaskOf(k, key, value), Model = "" })
                    .Select(p => p with { Fitting = k.Name == "cifar" && p.Row.Name == "classes" ? ["10", "100"] : null })
            ),
            .. ModelCatalogue
                .BuiltIn.All.Where(k => !k.Reads.Contains(SampleKind.Own))
                .SelectMany(k =>
                    k.Reads.SelectMany(samples =>
                        Section(
                                $"model ({k.Name} of {samples})",
                                k.Keys,
                                (key, value) =>
                                    Least() with
                                    {
                                        Task = TaskOf(TaskCatalogue.BuiltIn.All.First(t => t.Samples == samples)),
                                        Model = $"{{kind: {k.Name}, {Beside(k, key, value)}{key}: {value}}}",
                                    }
                            )
                            .Select(p => p with { Fitting = FittingOf(k, p.Row.Name) })
                    )
                ),
            .. OptimizerCatalogue.BuiltIn.All.SelectMany(k =>
                Section(
                        $"optimizers ({k.Name})",
                        [.. k.Keys.Concat(OptimizerKey.Shared).Select(key => key.Key)],
                        (key, value) => Least() with { Optimizers = $"{{mine: {{kind: {k.Name}, {Beside(k, key, value)}{key}: {value}}}}}" }
                    )
                    .Select(p => p with { Means = value => MeansIn(k, p.Row.Name, value) })
            ),
            .. OptimizerCatalogue.BuiltIn.All.SelectMany(k =>
                Section(
                        $"probes.shadows ({k.Name})",
                        [.. k.Keys.Concat(OptimizerKey.Shared).Select(key => key.Key with { MostValues = key.Key.IsList ? 1 : null })],
                        (key, value) =>
                            Least() with
                            {
                                Others = [$"probes: {{shadows: {{{k.Name}: {{{Beside(k, key, value)}{key}: {value}}}}}}}"],
                            }
                    )
                    .Select(p => p with { Means = value => MeansIn(k, p.Row.Name, value) })
            ),
        ];

    private static IEnumerable<KeyPlace> Section<T>(string section, IEnumerable<SpecKey<T>> keys, Func<string, string, Parts> study) =>
        keys.Select(key => new KeyPlace(
            section.Length > 0 ? $"{section}: {key.Name}" : key.Name,
            new SpecKey<object>
            {
                Name = key.Name,
                Says = key.Says,
                Form = key.Form,
                Least = key.Least,
                Most = key.Most,
                Open = key.Open,
                OpenAbove = key.OpenAbove,
                Words = key.Words,
                Pattern = key.Pattern,
                IsList = key.IsList,
                InList = key.InList,
                MostValues = key.MostValues,
                Required = key.Required,
                Reads = (_, _, spec) => spec,
                Value = _ => null,
            },
            value => study(key.Name, value).ToString()
        ));

    private const string Pairs = "{source: a, target: b}";

    private static Parts Least() => new("{}", "", "{sgd: {lr: 0.1}}", "{batch: 4}", "{steps: 8}", []);

    private static Func<string, string, Parts> InSection(string section) =>
        (key, value) => Least() with { Others = [$"{section}: {{{key}: {value}}}"] };

    private static string Only(string needed, string key, string value) =>
        needed.StartsWith($"{key}:", StringComparison.Ordinal) ? $"{{{key}: {value}}}" : $"{{{needed}, {key}: {value}}}";

    // Each end with the other far away, each count with both ends.
    private static string Range(string key, string value) =>
        key switch
        {
            "from" => $"{{from: {value}, to: 1e9, points: 3}}",
            "to" => $"{{from: 1e-9, to: {value}, points: 3}}",
            "factor" => $"{{from: 0.1, to: 1, factor: {value}}}",
            _ => $"{{from: 0.1, to: 1, points: {value}}}",
        };

    // The task in which a metric can be measured.
    private static string TaskOf(string metric) =>
        metric switch
        {
            "validation-bleu" => Pairs,
            "validation-accuracy" => "{kind: shapes}",
            _ => "{}",
        };

    private static string TaskOf(TaskKind kind, string key = "", string value = "")
    {
        (string Key, string Value)[] beside =
        [
            .. kind.Keys.Where(k => k.Required is not null).Select(k => (k.Name, "a")),
            .. kind.Name == "molecules" && key is not ("target-column" or "targets") ? ((string, string)[])[("target-column", "y")] : [],
            .. (key, value) switch
            {
                ("target-column", "") => ((string, string)[])[("targets", "y")],
                ("targets", "") when kind.Name == "molecules" => [("target-column", "y")],
                (_, "") => [],
                ("merges", _) => [("tokenizer", "gpt2"), ("encoder", "a")],
                ("encoder", _) => [("tokenizer", "gpt2"), ("merges", "a")],
                ("validation-source", _) => [("validation-target", "a")],
                ("validation-target", _) => [("validation-source", "a")],
                ("validation-inputs", _) when kind.Name == "arrays" => [("validation-targets", "a")],
                ("validation-targets", _) when kind.Name == "arrays" => [("validation-inputs", "a")],
                ("validation-targets", _) => [("targets", "a"), ("validation-inputs", "a")],
                _ => [],
            },
        ];
        string keys = string.Concat(beside.Where(b => b.Key != key).Select(b => $", {b.Key}: {b.Value}"));
        return $"{{kind: {kind.Name}{keys}{(key.Length > 0 ? $", {key}: {value}" : "")}}}";
    }

    // Rotary positions turn pairs of a head's coordinates, a picture's positions take them in fours, and buckets come in fours.
    private static IReadOnlyList<string>? FittingOf(ModelKind kind, string key) =>
        key switch
        {
            "width" when kind.Keys.Any(k => k.Name == "heads") => ["4", "1048576"],
            "relative-buckets" => ["4", "64"],
            _ => null,
        };

    // Heads divide a width, buckets come in fours and end before the distance.
    private static string Beside(ModelKind kind, string key, string value) =>
        (key, value) switch
        {
            ("width", _) when kind.Keys.Any(k => k.Name == "heads") => "heads: 1, ",
            ("heads", _) => $"width: {(int.TryParse(value, out int heads) && heads > 0 ? 4 * heads : 64)}, ",
            ("relative-distance", _) => "relative-buckets: 4, ",
            _ => "",
        };

    // What a key has an effect beside.
    private static string Beside(OptimizerKind kind, string key, string value)
    {
        bool hasMomentum = kind.Keys.Contains(OptimizerKey.Momentum),
            hasNesterov = kind.Keys.Contains(OptimizerKey.Nesterov);
        return (key == OptimizerKey.LearningRate.Name ? "" : "lr: 0.1, ")
            + key switch
            {
                "weight-decay" => "decay: lr, ",
                "decay" => $"weight-decay: {(value is "none" or "" ? 0 : 0.1)}, ",
                "momentum" => hasNesterov ? "nesterov: false, " : "",
                "nesterov" or "clip" or "clip-top" when hasMomentum => "momentum: 0.9, ",
                "clip-top-at" or "clip-top-scope" => $"clip-top: 0.1, {(hasMomentum ? "momentum: 0.9, " : "")}",
                "epsilon2" => "relative-step: true, ",
                _ => "",
            };
    }

    // What a kind makes of a key beyond its row, which the reader alone can tell.
    private static bool MeansIn(OptimizerKind kind, string key, string value) =>
        (key, value) switch
        {
            ("clip-top-at", "gradient-m") => kind.ClipsMean,
            ("clip-top-at", "update") => !kind.GivesSigns,
            ("clip", "none" or "") => true,
            ("clip", _) => kind.Name != "lars",
            _ => true,
        };

    /// <summary>The sections of a study, as YAML.</summary>
    internal sealed record Parts(string Task, string Model, string Optimizers, string Grid, string Budget, IReadOnlyList<string> Others)
    {
        public override string ToString() =>
            $"task: {Task}\n{(Model.Length > 0 ? $"model: {Model}\n" : "")}optimizers: {Optimizers}\ngrid: {Grid}\nbudget: {Budget}\n"
            + string.Concat(Others.Select(o => o + "\n"));
    }
}
