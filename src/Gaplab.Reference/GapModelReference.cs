// Evaluators of the reference rows on the gap model (theory.md section C).
using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gaplab.Numerics;
using Gaplab.Theory.GapModel;

namespace Gaplab.Reference;

/// <summary>By the row's name: its value from its parameters. Whoever checks a file of reference rows adds them under the letter
/// C.</summary>
internal sealed class GapModelReference
{
    private const long Seed = 20260711;
    private static readonly HeavyBall Plain = new(0),
        Ball = new(0.9);
    private static readonly AdamClosure Adam = new(0.9, 0.999);

    // Curves share their points with the rows of single batch sizes.
    private readonly ConcurrentDictionary<(string, string, double), GapPoint> _points = new();
    private readonly ConcurrentDictionary<(string, string, double), double> _simulated = new();

    /// <summary>The evaluators.</summary>
    public IReadOnlyDictionary<string, Func<JsonElement, JsonNode?>> Evaluators =>
        new Dictionary<string, Func<JsonElement, JsonNode?>>
        {
            ["schedule factors cosine 10% warmup"] = p => new JsonArray(
                RateSchedule.Cosine.Factors(p.GetProperty("K").GetInt32()) is var s ? s.Sum() : 0,
                s[^1]
            ),
            ["instance initial loss sum 1/2 lam a^2"] = p => Case(p).InitialLoss,
            ["SGD recursion E loss (single coordinate)"] = p => Single(p, new HeavyBall(Number(p, "mu"))),
            ["Adam recursion E loss (single coordinate)"] = p =>
                Single(p, new AdamClosure(Number(p, "beta1"), Number(p, "beta2"), Number(p, "eps"))),
            ["signSGD closure E loss (single coordinate)"] = p => Single(p, new SignClosure()),
            ["E[sign g], E[x sign g], x~N(M,V), g=lam x+N(0,s)"] = p =>
            {
                (double sign, double spread) = SignClosure.Expectations(Number(p, "lam"), Number(p, "M"), Number(p, "V"), Number(p, "s"));
                return new JsonArray(sign, Number(p, "M") * sign + spread);
            },
            ["small-n test R0 (>1: SGD wins as n->0)"] = p => new NoiseDominated(Case(p), RateSchedule.Cosine).SmallN,
            ["large-n test Rinf (>1: Adam wins as n->inf)"] = p => new NoiseDominated(Case(p), RateSchedule.Constant).LargeN,
            ["large-n test Rinf for the cosine schedule"] = p => new NoiseDominated(Case(p), RateSchedule.Cosine).LargeN,
            ["n* = B* K/s0 (noise-dominated crossovers), cosine"] = p => Crossings(p, RateSchedule.Cosine),
            ["n* = B* K/s0 (noise-dominated crossovers), constant lr"] = p => Crossings(p, RateSchedule.Constant),
            ["noise-dominated master losses [F_SGD,F_Adam] cosine"] = p =>
                Master(p) is var m ? new JsonArray(m.Loss(Number(p, "n"), false), m.Loss(Number(p, "n"), true)) : null,
            ["tuned model losses [L_SGD*,L_Adam*,eta_SGD*,eta_Adam*]"] = p =>
                Point(p) is var at ? new JsonArray(at.First.Loss, at.Second.Loss, at.First.Rate, at.Second.Rate) : null,
            ["gap G model"] = p => Point(p).Gap,
            ["crossover B* (model, log2 interpolation on the power-of-2 grid)"] = p =>
            {
                string name = Text(p, "case"),
                    setting = Text(p, "setting");
                double[] grid = [.. p.GetProperty("grid").EnumerateArray().Select(v => v.GetDouble())];
                GapCurve curve = GapCurve.Of([.. Batches(grid[0], grid[1]).Select(b => Point(name, setting, b))], 0.02);
                return curve.Crossings.Count == 0 && curve.WeakCrossings > 0
                    ? "ties: |G|<0.02 or one-signed"
                    : new JsonArray([.. curve.Crossings.Select(c => (JsonNode?)c.Batch)]);
            },
            ["B* model / (n* s0/K)"] = p =>
            {
                (int steps, double s0) = (p.GetProperty("K").GetInt32(), Number(p, "s0"));
                GapCurve curve = GapCurve.Of(Setting(Case(Text(p, "case"), s0), steps, Batches(1, 8192)));
                double limit = Master(p).Crossings(0.1, 1e6)[0].N * s0 / steps;
                return curve.Crossings[0].Batch / limit;
            },
            ["finite-K excess over the noise-dominated limit [plain SGD, SGD mu=.9, Adam(.9,.999)]: L*/F-1"] = p =>
            {
                (Quadratic q, double s0) = Scaled(Text(p, "case"));
                int steps = p.GetProperty("K").GetInt32();
                double n = Number(p, "n"),
                    batch = n * s0 / steps;
                NoiseDominated master = Master(p);
                double Excess(ModelledOptimizer optimizer, bool preconditioned) =>
                    Setting(q, steps, [batch]).Tune([optimizer], batch).Loss / master.Loss(n, preconditioned) - 1;
                return new JsonArray(Excess(Plain, false), Excess(Ball, false), Excess(Adam, true));
            },
            ["signSGD tuned loss / F_Adam(2n/pi) at K=4096"] = p =>
            {
                (Quadratic q, double s0) = Scaled(Text(p, "case"));
                double n = Number(p, "n"),
                    batch = n * s0 / 4096;
                return Setting(q, 4096, [batch]).Tune([new SignClosure()], batch).Loss / Master(p).Loss(2 * n / Math.PI, true);
            },
            ["gap G=ln(L_SGD*/L_Adam*) with Givens-rotated eigenbasis"] = p => Math.Log(RotatedTuned(p, Ball) / RotatedTuned(p, Adam)),
            ["gap G brute-force MC at the model's eta*"] = p => Simulated(Text(p, "case"), Text(p, "setting"), Number(p, "B")),
            ["crossover B* (brute-force MC)"] = p =>
            {
                string name = Text(p, "case"),
                    setting = Text(p, "setting");
                double[] grid = name == "F" ? Batches(8, 1024) : Batches(1, 8192);
                GapPoint[] points = [.. grid.Select(b => Point(name, setting, b) with { Gap = Simulated(name, setting, b) })];
                return new JsonArray([.. GapCurve.Of(points, 0.02).Crossings.Select(c => (JsonNode?)c.Batch)]);
            },
            ["rotated Adam recursion vs MC at the tuned eta: L_model/L_MC"] = p =>
            {
                (GapSetting setting, double batch) = (Rotated(p), Number(p, "B"));
                double rate = Number(p, "eta"),
                    model = setting.Loss(Adam, batch, setting.Schedule.Factors(setting.Budget.StepsAt(batch)), rate);
                return model / BruteForce.Run(setting, [new Contender(Adam, rate)], batch, 1600, Seed)[0].Mean;
            },
        };

    /// <summary>A named instance of theory.md C1.</summary>
    public static Quadratic Case(string name, double noiseScale = 0) =>
        new QuadraticFamily
        {
            Spectrum = name switch
            {
                "Z" => "zipf-blocks",
                "T" => "two-scale",
                "U" => "uniform",
                _ => "power-law",
            },
            Exponent = name is "Z" or "P2" or "F" ? 2 : 1,
            NoiseScale =
                noiseScale > 0 ? noiseScale
                : name == "F" ? 30
                : 100,
            NoiseExponent = name is "U" or "I" ? 0 : 1,
            StartExponent = name is "P1" or "Z" or "T" or "F" ? 0.5 : 0,
        }.Build();

    private static double[] Batches(double from, double to) =>
        [.. Enumerable.Range(0, 64).Select(i => from * Math.Pow(2, i)).TakeWhile(b => b <= to)];

    private static Quadratic Case(JsonElement p) => Case(Text(p, "case"));

    /// <summary>The instance and its s₀.</summary>
    private static (Quadratic, double) Scaled(string name) => (Case(name), name == "F" ? 30 : 100);

    /// <summary>In units where s₀ = 1.</summary>
    private static NoiseDominated Master(JsonElement p, RateSchedule? schedule = null) =>
        new(Case(Text(p, "case"), 1), schedule ?? RateSchedule.Cosine);

    private static JsonArray Crossings(JsonElement p, RateSchedule schedule) =>
        new([.. Master(p, schedule).Crossings(0.1, 1e6).Select(c => (JsonNode?)c.N)]);

    private static GapSetting Setting(Quadratic quadratic, int steps, IReadOnlyList<double> batches) =>
        new()
        {
            Quadratic = quadratic,
            Budget = new Budget(steps, null),
            Batches = batches,
            Grid = RateGrid.Default,
        };

    private static GapSetting Setting(string name, string setting, IReadOnlyList<double> batches)
    {
        GapSetting made = Setting(Case(name), 256, batches);
        return setting switch
        {
            "fixed K=256, cosine, SGD mu=.9 vs Adam(.9,.999)" => made,
            "fixed K=256, constant lr, SGD mu=.9 vs Adam(.9,.95)" => made with
            {
                Schedule = RateSchedule.Constant,
                Second = [new AdamClosure(0.9, 0.95)],
            },
            "fixed K=256, cosine, plain SGD vs signSGD" => made with { First = [Plain], Second = [new SignClosure()] },
            "fixed N=16384, cosine, SGD mu=.9 vs Adam(.9,.999)" => made with { Budget = new Budget(null, 16384) },
            _ => throw new FormatException($"unknown setting '{setting}'"),
        };
    }

    private GapPoint Point(JsonElement p) => Point(Text(p, "case"), Text(p, "setting"), Number(p, "B"));

    private GapPoint Point(string name, string setting, double batch) =>
        _points.GetOrAdd((name, setting, batch), _ => GapCurve.Of(Setting(name, setting, [batch])).Points[0]);

    private double Simulated(string name, string setting, double batch) =>
        _simulated.GetOrAdd(
            (name, setting, batch),
            _ =>
            {
                GapPoint point = Point(name, setting, batch);
                IReadOnlyList<SimulatedLoss> runs = BruteForce.Run(
                    Setting(name, setting, [batch]),
                    [new(point.First.Optimizer, point.First.Rate), new(point.Second.Optimizer, point.Second.Rate)],
                    batch,
                    name == "F" ? 2500 : 1000,
                    Seed
                );
                return BruteForce.Gap(runs[0], runs[1]).Value;
            }
        );

    private static GapSetting Rotated(JsonElement p)
    {
        Quadratic quadratic = Case(p);
        double batch = Number(p, "B");
        return Setting(quadratic, p.TryGetProperty("K", out JsonElement k) ? k.GetInt32() : 256, [batch]) with
        {
            Rotation = Rotation.Pairs(quadratic, Number(p, "phi_deg")),
        };
    }

    private static double RotatedTuned(JsonElement p, ModelledOptimizer optimizer) => Rotated(p).Tune([optimizer], Number(p, "B")).Loss;

    private static double Single(JsonElement p, ModelledOptimizer optimizer)
    {
        var one = new Quadratic([Number(p, "lam")], [Number(p, "sigma2")], [Number(p, "a2")]);
        RateSchedule schedule = Text(p, "schedule") == "cosine" ? RateSchedule.Cosine : RateSchedule.Constant;
        return optimizer.Loss(one, Number(p, "B"), schedule.Factors(p.GetProperty("K").GetInt32()), Number(p, "eta"));
    }

    private static double Number(JsonElement p, string name) => p.GetProperty(name).GetDouble();

    private static string Text(JsonElement p, string name) => p.GetProperty(name).GetString()!;
}
