// probe.json: reading with one clear line for what is wrong, and writing.
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;

namespace Gaplab.Theory.GapModel;

/// <summary>The JSON form of a <see cref="Probe"/>.</summary>
public static class ProbeJson
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Reads a probe.</summary>
    /// <exception cref="InputException">Not JSON, a key unknown or missing, a number out of range.</exception>
    public static Probe Read(string path)
    {
        string text = RegularFile.ReadText(path, FileLimit.Document);
        try
        {
            return Parse(text);
        }
        catch (InputException e)
        {
            throw new InputException($"{path}: {e.Message}", e);
        }
        catch (JsonException e)
        {
            throw new InputException($"{path}: not valid JSON: {e.Message.Split('\n')[0]}", e);
        }
    }

    /// <summary>Reads a probe from its text.</summary>
    public static Probe Parse(string text)
    {
        using JsonDocument document = JsonSeal.Parse(text);
        if (JsonSeal.Check(document.RootElement) == SealState.Broken)
            throw new InputException(JsonSeal.BrokenDocument);
        var root = new JsonKeys(document.RootElement, "");
        root.Text("kind", "probe");
        var probe = new Probe
        {
            Title = root.Text("title", "probe"),
            Blocks = [.. root.List("blocks", "a list of blocks").Select((e, i) => Block(new JsonKeys(e, $"blocks[{i}]")))],
            Preconditioned = root.Has("preconditioned")
                ? [.. root.List("preconditioned", "a list of blocks").Select((e, i) => Block(new JsonKeys(e, $"preconditioned[{i}]")))]
                : null,
            FirstTrial = Trial(root, "firstTrial"),
            SecondTrial = Trial(root, "secondTrial"),
            Layers = root.Has("layers")
                ?
                [
                    .. root.List("layers", "a list of blocks")
                        .Select((e, i) => Block(new JsonKeys(e, $"layers[{i}]"), needsSpectrum: false)),
                ]
                : null,
            PreconditionerTrace = root.Number("preconditionerTrace"),
            Negative = root.Choice("negative", "refuse", "refuse", "drop", "absolute"),
            InitialLoss = root.Number("initialLoss"),
            LossFloor = root.Number("lossFloor") ?? 0,
            Budget = new Budget(root.Whole("steps"), root.Whole("samples")),
            Batches = root.Numbers("batches") ?? throw root.Missing("batches", "a list of batch sizes"),
            Schedule = ScheduleWords.Of(
                root.Choice("schedule", "cosine", [.. ScheduleWords.Kinds]),
                Share(root, "warmUp"),
                Share(root, "decay"),
                Share(root, "final") ?? 0
            ),
            First = Optimizers(root, "first", [new HeavyBall(0), new HeavyBall(0.9)]),
            Second = Optimizers(root, "second", [new AdamClosure(0.9, 0.999)]),
            FirstName = root.Has("firstName") ? root.Text("firstName", "") : null,
            SecondName = root.Has("secondName") ? root.Text("secondName", "") : null,
            Cost = root.Number("cost"),
            Geometry = root.Object("geometry") is { } geometry ? Geometry(geometry) : null,
        };
        _ = root.Has(JsonSeal.Key);
        root.Finish();
        if (probe.Preconditioned is null != probe.PreconditionerTrace is null || probe.PreconditionerTrace is <= 0)
            throw new InputException(
                "'preconditioned' and 'preconditionerTrace' come together, the trace above 0; expected both or neither"
            );
        if (probe.InitialLoss is { } initial && !(initial > probe.LossFloor))
            throw new InputException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the initial loss {initial} is not above the floor {probe.LossFloor}; a probe of a diverged or finished model "
                        + $"predicts nothing"
                )
            );
        if (probe.InitialLoss is null && (probe.FirstTrial ?? probe.SecondTrial) is not null)
            throw new InputException("'initialLoss' is missing; expected the loss at the start of the trial runs");
        _ = probe.Setting();
        return probe;
    }

    /// <summary>Writes a probe.</summary>
    public static void Write(string path, Probe probe) =>
        AtomicFile.WriteText(path, JsonSeal.Close(ToJson(probe)).ToJsonString(Indented) + "\n");

    /// <summary>The JSON of a probe; reading it gives the same probe.</summary>
    public static JsonObject ToJson(Probe probe)
    {
        ArgumentNullException.ThrowIfNull(probe);
        var json = new JsonObject
        {
            ["kind"] = "probe",
            ["title"] = probe.Title,
            ["negative"] = probe.Negative,
            ["lossFloor"] = probe.LossFloor,
            ["batches"] = new JsonArray([.. probe.Batches.Select(b => (JsonNode?)b)]),
            ["schedule"] = probe.Schedule.Kind,
            ["warmUp"] = probe.Schedule.WarmsUp ? probe.Schedule.Warmup : 0,
            ["first"] = Optimizers(probe.First),
            ["second"] = Optimizers(probe.Second),
        };
        if (probe.Schedule.Kind == "warmup-stable-decay")
            json["decay"] = probe.Schedule.Decay;
        if (probe.Schedule.Final != 0)
            json["final"] = probe.Schedule.Final;
        if (probe.InitialLoss is { } loss)
            json["initialLoss"] = loss;
        if (probe.Budget.Steps is { } steps)
            json["steps"] = steps;
        if (probe.Budget.Samples is { } samples)
            json["samples"] = samples;
        if (probe.FirstName is { } name)
            json["firstName"] = name;
        if (probe.SecondName is { } other)
            json["secondName"] = other;
        if (probe.Cost is { } cost)
            json["cost"] = cost;
        if (probe.Geometry is { } geometry)
        {
            var keys = new JsonObject();
            foreach ((string key, double? value) in geometry.Values)
                if (value is { } number)
                    keys[key] = number;
            json["geometry"] = keys;
        }
        json["blocks"] = Blocks(probe.Blocks);
        if (probe.Preconditioned is { } preconditioned)
            (json["preconditionerTrace"], json["preconditioned"]) = (probe.PreconditionerTrace, Blocks(preconditioned));
        foreach (
            (string key, ProbeRun? trial) in ((string, ProbeRun?)[])[("firstTrial", probe.FirstTrial), ("secondTrial", probe.SecondTrial)]
        )
            if (trial is not null)
                json[key] = new JsonObject
                {
                    ["rate"] = trial.Rate,
                    ["batch"] = trial.Batch,
                    ["steps"] = trial.Steps,
                    ["at"] = new JsonArray([.. trial.Losses.Select(l => (JsonNode?)l.Step)]),
                    ["losses"] = new JsonArray([.. trial.Losses.Select(l => (JsonNode?)l.Loss)]),
                };
        if (probe.Layers is { } layers)
            json["layers"] = Blocks(layers);
        return json;
    }

    private static JsonArray Blocks(IEnumerable<ProbeBlock> blocks) =>
        new([
            .. blocks.Select(b =>
            {
                var block = new JsonObject { ["name"] = b.Name, ["parameters"] = b.Parameters };
                if (b.Nodes.Count > 0)
                    (block["nodes"], block["weights"]) = (new JsonArray([.. b.Nodes.Select(n => (JsonNode?)n)]), List(b.Weights));
                block["noiseVariance"] = List(b.NoiseVariance);
                if (b.GradientNorm is { } g)
                    block["gradientNorm"] = Of(g);
                if (b.GradientShares is { } shares)
                    block["gradientShares"] = new JsonArray([.. shares.Select(s => (JsonNode?)s)]);
                if (b.Displacement is { } d)
                    block["displacement"] = List(d);
                if (b.Alignment is { } a)
                    block["alignment"] = a;
                return (JsonNode?)block;
            }),
        ]);

    private static ProbeGeometry Geometry(JsonKeys keys)
    {
        double? Positive(string key, double most = double.PositiveInfinity) =>
            keys.Number(key) is not { } value ? null
            : value > 0 && value <= most ? value
            : throw new InputException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"'{keys.Path(key)}' is {value}; expected a number above 0{(double.IsFinite(most) ? $", at most {most}" : "")}"
                )
            );
        var geometry = new ProbeGeometry
        {
            GradientDensity = Positive("gradientDensity", 1),
            SignGain = Positive("signGain"),
            TurnedSignGain = Positive("turnedSignGain"),
        };
        keys.Finish();
        return geometry;
    }

    /// <param name="keys">The block's.</param>
    /// <param name="needsSpectrum">Layers do not.</param>
    private static ProbeBlock Block(JsonKeys keys, bool needsSpectrum = true)
    {
        bool spectrum = needsSpectrum || keys.Has("nodes") || keys.Has("weights");
        var block = new ProbeBlock
        {
            Name = keys.Text("name", keys.Name),
            Parameters = keys.Number("parameters") ?? throw keys.Missing("parameters", "the number of parameters"),
            Nodes = keys.Numbers("nodes") ?? (spectrum ? throw keys.Missing("nodes", "a list of curvatures") : []),
            Weights = keys.Measured("weights") ?? (spectrum ? throw keys.Missing("weights", "a list as long as nodes") : []),
            NoiseVariance =
                keys.Measured("noiseVariance")
                ?? throw keys.Missing("noiseVariance", spectrum ? "one number, or one a node" : "one number"),
            GradientNorm = keys.Measured("gradientNorm") is { } g
                ? g.Count == 1
                    ? g[0]
                    : throw new InputException($"'{keys.Path("gradientNorm")}' holds {g.Count} numbers; expected one")
                : null,
            GradientShares = keys.Numbers("gradientShares"),
            Displacement = keys.Measured("displacement"),
            Alignment = keys.Number("alignment"),
        };
        keys.Finish();
        int nodes = block.Nodes.Count;
        if (nodes == 0 && spectrum)
            throw new InputException($"'{keys.Path("nodes")}' is empty; expected at least one curvature");
        if (!(block.Parameters >= 1))
            throw new InputException(
                string.Create(CultureInfo.InvariantCulture, $"'{keys.Path("parameters")}' is {block.Parameters}; expected at least 1")
            );
        keys.Length("weights", block.Weights.Count, nodes, false);
        keys.Length("noiseVariance", block.NoiseVariance.Count, spectrum ? nodes : 1, true);
        if (block.GradientShares is { } shares)
            keys.Length("gradientShares", shares.Count, nodes, false);
        if (block.Displacement is { } displaced)
            keys.Length("displacement", displaced.Count, nodes, true);
        if (block.GradientNorm is null == block.Displacement is null)
            throw new InputException($"'{keys.Name}' needs either gradientNorm or displacement, not both or neither");
        foreach (
            (string key, IEnumerable<double> values) in new (string, IEnumerable<double>)[]
            {
                ("weights", block.Weights.Select(w => w.Value)),
                ("noiseVariance", block.NoiseVariance.Select(w => w.Value)),
                ("gradientShares", block.GradientShares ?? []),
                ("displacement", block.Displacement?.Select(d => d.Value) ?? []),
                ("gradientNorm", block.GradientNorm is { } one ? [one.Value] : []),
            }
        )
            if (values.FirstOrDefault(v => v < 0, 0) is < 0 and double bad)
                throw new InputException(
                    string.Create(CultureInfo.InvariantCulture, $"'{keys.Path(key)}' holds {bad}; expected 0 or more")
                );
        if (spectrum && !(block.Weights.Sum(w => w.Value) > 0))
            throw new InputException($"'{keys.Path("weights")}' adds up to 0; expected shares that add up to 1");
        return block;
    }

    private static ProbeRun? Trial(JsonKeys root, string key)
    {
        if (!root.Has(key))
            return null;
        JsonKeys keys = root.Inside(key);
        double Positive(string name) =>
            (keys.Number(name) ?? throw keys.Missing(name, "a number above 0")) is > 0 and var value
                ? value
                : throw new InputException($"'{keys.Path(name)}' is not above 0; expected a positive number");
        (double rate, double batch) = (Positive("rate"), Positive("batch"));
        long steps = keys.Whole("steps") ?? throw keys.Missing("steps", "a whole number of at least 1");
        if (steps > int.MaxValue)
            throw new InputException(
                string.Create(CultureInfo.InvariantCulture, $"'{keys.Path("steps")}' is {steps}; expected at most {int.MaxValue}")
            );
        IReadOnlyList<double> at = keys.Numbers("at") ?? throw keys.Missing("at", "a list of steps"),
            losses = keys.Numbers("losses") ?? throw keys.Missing("losses", "a loss for each of 'at'");
        keys.Finish();
        if (at.Count == 0)
            throw new InputException($"'{keys.Path("at")}' is empty; expected at least one step");
        if (losses.Count != at.Count)
            throw new InputException(
                $"'{keys.Path("losses")}' holds {losses.Count} numbers for the {at.Count} steps of '{keys.Path("at")}'; expected one a step"
            );
        if (losses.Any(l => l <= 0))
            throw new InputException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"'{keys.Path("losses")}' holds {losses.First(l => l <= 0)}; expected losses above 0"
                )
            );
        if (at.Any(k => k < 1 || k > steps || k != Math.Floor(k)))
            throw new InputException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"'{keys.Path("at")}' holds {at.First(k => k < 1 || k > steps || k != Math.Floor(k))}; expected whole steps from 1 "
                        + $"to {steps}"
                )
            );
        return new ProbeRun(rate, batch, (int)steps, [.. at.Zip(losses, (k, l) => ((int)k, l))]);
    }

    private static ModelledOptimizer[] Optimizers(JsonKeys root, string key, ModelledOptimizer[] byDefault)
    {
        if (!root.Has(key))
            return byDefault;
        JsonElement[] all = [.. root.List(key, "a list of optimizers")];
        if (all.Length == 0)
            throw new InputException($"'{key}' is empty; expected at least one optimizer");
        return
        [
            .. all.Select(
                (e, i) =>
                {
                    var keys = new JsonKeys(e, $"{key}[{i}]");
                    ModelledOptimizer made = keys.Choice("name", "", "sgd", "adam", "sign") switch
                    {
                        "sgd" => new HeavyBall(
                            keys.Fraction("momentum", 0),
                            keys.Number("clip") is not { } clip ? double.PositiveInfinity
                                : clip > 0 ? clip
                                : throw new InputException(
                                    string.Create(CultureInfo.InvariantCulture, $"'{keys.Path("clip")}' is {clip}; expected a norm above 0")
                                )
                        ),
                        "adam" => new AdamClosure(
                            keys.Fraction("beta1", 0.9),
                            keys.Fraction("beta2", 0.999),
                            keys.Number("epsilon") ?? 1e-12
                        ),
                        _ => new SignClosure(),
                    };
                    keys.Finish();
                    return made;
                }
            ),
        ];
    }

    internal static JsonArray Optimizers(IEnumerable<ModelledOptimizer> all) =>
        new([
            .. all.Select(o =>
                (JsonNode?)(
                    o switch
                    {
                        HeavyBall h => double.IsFinite(h.Clip)
                            ? new JsonObject
                            {
                                ["name"] = "sgd",
                                ["momentum"] = h.Momentum,
                                ["clip"] = h.Clip,
                            }
                            : new JsonObject { ["name"] = "sgd", ["momentum"] = h.Momentum },
                        AdamClosure a => new JsonObject
                        {
                            ["name"] = "adam",
                            ["beta1"] = a.Beta1,
                            ["beta2"] = a.Beta2,
                            ["epsilon"] = a.Epsilon,
                        },
                        _ => new JsonObject { ["name"] = "sign" },
                    }
                )
            ),
        ]);

    private static double? Share(JsonKeys root, string key) =>
        root.Number(key) is not { } value ? null
        : value is >= 0 and <= 1 ? value
        : throw new InputException(string.Create(CultureInfo.InvariantCulture, $"'{root.Path(key)}' is {value}; expected 0 to 1"));

    private static JsonArray List(IEnumerable<Measured> all) => new([.. all.Select(Of)]);

    private static JsonNode? Of(Measured m) =>
        m.Error == 0 ? JsonValue.Create(m.Value) : new JsonObject { ["value"] = m.Value, ["error"] = m.Error };
}
