// The probe of a study: a short training, and curvature, noise and gradient before and after it.
using Gaplab.Learning.Data;
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Models;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Numerics;
using Gaplab.Theory.GapModel;
using Gaplab.Torch;

namespace Gaplab.Studies.Prediction;

/// <summary>What a study's probe found.</summary>
/// <param name="Start">The model's inputs with everything measured at the initial point.</param>
/// <param name="After">Curvature and noise after the steps, and as distance from the minimum the way that the steps went, scaled so that the quadratic loses what there is to lose.</param>
/// <param name="Losses">At the start and after a quarter, half and all of the steps.</param>
public sealed record StudyProbeResult(ProbePlan Plan, Probe Start, Probe After, IReadOnlyList<double> Losses);

/// <summary>Runs probes, in this process.</summary>
public static class StudyProbe
{
    /// <summary>Samples in one graph of the Hessian.</summary>
    public const int CurvatureBatch = 32;

    /// <summary>Trains the few steps and measures.</summary>
    /// <param name="study">What is predicted.</param>
    /// <param name="plan">The sizes.</param>
    /// <param name="task">Its data.</param>
    /// <param name="model">Its model.</param>
    /// <param name="pair">The two optimizers compared.</param>
    /// <param name="progress">Told what begins.</param>
    /// <param name="stop">Ends between stages.</param>
    /// <exception cref="InputException">The training diverged or a measurement was not finite.</exception>
    public static StudyProbeResult Run(StudySpec study, ProbePlan plan, ITask task, IModel model, (string First, string Second) pair, Action<string> progress, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(study);
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(progress);
        IReadOnlyList<ModelledOptimizer> first = ModelledStudy.Optimizer(study, pair.First), second = ModelledStudy.Optimizer(study, pair.Second);
        RateSchedule schedule = ModelledStudy.Schedule(study.Schedule);
        progress(FormattableString.Invariant($"training   {plan.Steps} steps of {plan.Run.Optimizer.Name} at batch size {plan.Run.Batch}, learning rate {plan.Run.Optimizer.LearningRate:g4}"));
        var points = new PointSink(model, plan.Run.Seed, plan.Steps);
        var pack = new PackSpec { Id = RunId.OfPack(["probe"]), Runs = [new PlannedRun { Id = "probe", Spec = plan.Run }] };
        new Trainer(pack, task, model, points, new TrainerOptions { CheckpointSeconds = 1e-12, KeepFinal = true }).Run(stop);
        stop.ThrowIfCancellationRequested();
        if (points.Diverged is { } cause) throw new InputException($"the probe's training of {plan.Run.Optimizer.Name} at learning rate {plan.Run.Optimizer.LearningRate:g4} diverged ({cause}); lower the study's learning rates, or begin the probe from another optimizer with --train");

        EvaluationSet validation = EvaluationSet.Validation(task, plan.Evaluated, 64);
        double[] losses = [.. points.Kept().Select(theta => Loss(model, theta, validation))];
        if (losses.Any(l => !double.IsFinite(l))) throw new InputException("a loss of the probe is not finite: it ran on a diverged model; lower the study's learning rates");
        double floor = task.EntropyRate ?? Floor(losses);
        if (!(losses[0] > floor)) throw new InputException(FormattableString.Invariant($"the loss at the start, {losses[0]:g5}, is not above the least that can be reached, {floor:g5}: there is nothing to train"));

        Probe Of(string title, IReadOnlyList<ProbeBlock> blocks, ProbeGeometry? geometry) => new()
        {
            Title = $"{study.Name}, {title}", Blocks = blocks, Negative = "absolute", InitialLoss = losses[0], LossFloor = floor,
            Budget = ModelledStudy.Budget(study), Batches = [.. study.Grid.Batches.Select(b => (double)b)], Schedule = schedule,
            First = first, Second = second, FirstName = pair.First, SecondName = pair.Second, Cost = plan.Cost, Geometry = geometry,
        };
        progress($"measuring  at the start: {plan.Blocks.Count} blocks, {plan.Noise} gradients, Hessian of {plan.Curvature} samples");
        (IReadOnlyList<ProbeBlock> start, ProbeGeometry? startGeometry) = Measure(model, task, plan, points.First, null, stop);
        progress("measuring  after the steps");
        (IReadOnlyList<ProbeBlock> after, ProbeGeometry? afterGeometry) = Measure(model, task, plan, points.Last, [.. points.Last.Zip(points.First, (b, a) => b - a)], stop);
        return new StudyProbeResult(plan, Of("probed at the start", start, startGeometry), Of(FormattableString.Invariant($"probed after {plan.Steps} steps"), Scaled(after, losses[0] - floor), afterGeometry), losses);
    }

    /// <summary>The limit of losses after K/4, K/2 and K steps if they fall as a power of the steps (Aitken's formula, exact for L + c·k^−p); 0 where they do not level off.</summary>
    public static double Floor(IReadOnlyList<double> losses)
    {
        ArgumentNullException.ThrowIfNull(losses);
        if (losses.Count < 4) return 0;
        (double a, double b, double c) = (losses[^3], losses[^2], losses[^1]);
        double earlier = a - b, later = b - c;
        return earlier > later && later > 0 ? Math.Max(0, c - later * later / (earlier - later)) : 0;
    }

    /// <summary>The displacements times what makes ½Σλa² equal to <paramref name="drop"/>: a loss is no quadratic on so long a way, and the model is to lose what training does.</summary>
    private static ProbeBlock[] Scaled(IReadOnlyList<ProbeBlock> blocks, double drop)
    {
        double loss = blocks.Sum(b => Enumerable.Range(0, b.Nodes.Count).Sum(k => 0.5 * b.Parameters * b.Weights[k].Value * Math.Abs(b.Nodes[k]) * b.Displacement![k].Value));
        if (!(loss > 0)) throw new InputException("the probe's training did not move the weights along any curvature; give it more steps or a higher learning rate");
        return [.. blocks.Select(b => b with { GradientNorm = null, GradientShares = null, Displacement = [.. b.Displacement!.Select(d => new Measured(d.Value * drop / loss))] })];
    }

    private static (IReadOnlyList<ProbeBlock> Blocks, ProbeGeometry? Geometry) Measure(IModel model, ITask task, ProbePlan plan, double[] theta, double[]? way, CancellationToken stop)
    {
        GradientSample gradients = GradientSample.Of(TrainingSubset.Of(task, plan.Noise), model, theta, plan.Blocks, plan.Run.Seed);
        using var hessian = new Hessian(model, theta, TrainingSubset.Of(task, plan.Curvature).InBatches(CurvatureBatch));
        var probe = new BlockProbe(gradients, ProbePlan.Lanczos);
        var blocks = new List<ProbeBlock>();
        foreach (ParamBlock block in plan.Blocks)
        {
            stop.ThrowIfCancellationRequested();
            BlockMeasurement found = probe.Measure(hessian, block, plan.Run.Seed, way) ?? throw new InputException($"curvature of '{block.Name}' is not finite: the probe ran on a diverged model; lower the study's learning rates");
            static Measured Exact(Estimate e) => new(e.Value, e.StandardError);
            blocks.Add(new ProbeBlock
            {
                Name = block.Name, Parameters = block.Count, Nodes = found.Nodes, Weights = [.. found.Weights.Select(Exact)], NoiseVariance = [.. found.NoiseVariance.Select(Exact)],
                GradientNorm = Exact(found.GradientNorm), GradientShares = found.GradientShares.Sum() > 0 ? found.GradientShares : null, Displacement = found.Displacement is { } gone ? [.. gone.Select(d => new Measured(d))] : null, Alignment = found.Alignment,
            });
        }
        return (blocks, StudyGeometry.Of(hessian, model.Layout, gradients.Mean, plan.Run.Seed));
    }

    private static double Loss(IModel model, double[] theta, EvaluationSet set)
    {
        using NoGradScope _ = Autograd.NoGrad();
        double sum = 0;
        for (int b = 0; b < set.Count; b++)
        {
            using var scope = new TensorScope();
            sum += set.Weights[b] * model.Loss(Tensor.From<double>(theta, 1, theta.Length), set.Batch(b)).ToDoubles()[0];
        }
        return sum;
    }

    /// <summary>Keeps the weights at the points where losses are taken.</summary>
    private sealed class PointSink : IPackSink
    {
        private readonly SortedDictionary<long, double[]> _kept = [];
        private readonly long[] _wanted;

        public PointSink(IModel model, long seed, int steps)
        {
            double[] start = new double[model.Layout.Count];
            model.Layout.Initialise(seed, start);
            _kept[0] = start;
            _wanted = [Math.Max(1, steps / 4), Math.Max(1, steps / 2), steps];
        }

        public string? Diverged { get; private set; }

        public double[] First => _kept[0];

        public double[] Last => _kept.Values.Last();

        public IEnumerable<double[]> Kept() => _kept.Values;

        public void Write(int replica, IReadOnlyList<Measurement> measurements)
        {
        }

        public void Checkpoint(IReadOnlyList<ReplicaCheckpoint> replicas)
        {
            if (_wanted.Contains(replicas[0].Step)) _kept[replicas[0].Step] = replicas[0].Rows["theta"].ToDoubles();
        }

        public IReadOnlyList<ReplicaCheckpoint>? Resume() => null;

        public void Finish(IReadOnlyList<RunOutcomeRecord> results)
        {
            if (results[0].Outcome == RunOutcome.Diverged) Diverged = results[0].Cause ?? "no cause";
        }

        public void Progress(long step, long steps)
        {
        }
    }
}
