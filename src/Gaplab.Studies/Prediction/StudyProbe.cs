// The probe of a study: a short training, and curvature, noise and gradient before and after it.
using System.Globalization;
using Gaplab.Learning.Data;
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Models;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Numerics;
using Gaplab.Numerics.Statistics;
using Gaplab.Studies.Planning;
using Gaplab.Theory.GapModel;
using Gaplab.Torch;

namespace Gaplab.Studies.Prediction;

/// <summary>What a study's probe found.</summary>
/// <param name="Start">The model's inputs with everything measured at the initial point.</param>
/// <param name="After">Curvature and noise where each trial run ended, and as distance from the minimum the way that it went.</param>
/// <param name="Losses">Of the two trial runs at the start and after <see cref="ProbePlan.LossSteps"/>.</param>
internal sealed record StudyProbeResult(
    ProbePlan Plan,
    Probe Start,
    Probe After,
    (IReadOnlyList<double> First, IReadOnlyList<double> Second) Losses
);

/// <summary>Runs probes, in this process.</summary>
internal static class StudyProbe
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
    public static StudyProbeResult Run(
        StudySpec study,
        ProbePlan plan,
        ITask task,
        IModel model,
        (string First, string Second) pair,
        Action<string> progress,
        CancellationToken stop
    )
    {
        ArgumentNullException.ThrowIfNull(study);
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(progress);
        IReadOnlyList<ModelledOptimizer> first = ModelledStudy.Optimizer(study, pair.First),
            second = ModelledStudy.Optimizer(study, pair.Second);
        EvaluationSet validation = EvaluationSet.Validation(task, plan.Evaluated, 64);
        int repeated = 0;
        (PointSink Points, RunSpec Run, double[] Losses) Trained(RunSpec run, IReadOnlyList<double> lower)
        {
            PointSink points = Train(study.Catalogues.Optimizers, run, plan, task, model, progress, stop);
            foreach (double rate in lower.Where(r => r < run.Optimizer.LearningRate).OrderDescending())
            {
                if (points.Diverged is null)
                    break;
                run = run with { Optimizer = run.Optimizer with { LearningRate = rate } };
                repeated++;
                points = Train(study.Catalogues.Optimizers, run, plan, task, model, progress, stop);
            }
            if (points.Diverged is { } cause)
                throw new InputException(
                    $"the probe's training of {run.Optimizer.Name} at learning rate {run.Optimizer.LearningRate:g4} diverged ({cause}); "
                        + $"lower the study's learning rates"
                );
            double[] losses = [.. points.Kept().Select(theta => Loss(model, theta, validation))];
            return losses.All(double.IsFinite)
                ? (points, run, losses)
                : throw new InputException(
                    "a loss of the probe is not finite: it ran on a diverged model; lower the study's learning rates"
                );
        }
        IReadOnlyList<double> Rates(string name) => study.Optimizers.First(o => o.Name == name).Rates;
        var one = Trained(plan.First, Rates(pair.First));
        var two = Trained(plan.Second, Rates(pair.Second));
        double begin = one.Losses[0],
            floor = task.EntropyRate ?? Math.Min(Floor(plan.Doubling(one.Losses)), Floor(plan.Doubling(two.Losses)));
        if (!(begin > floor))
            throw new InputException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the loss at the start, {begin:g5}, is not above the least that can be reached, {floor:g5}: there is nothing to train"
                )
            );

        ProbeRun Of(RunSpec run, double[] losses) =>
            new(run.Optimizer.LearningRate, run.Batch, plan.Steps, [.. plan.LossSteps.Select((k, i) => ((int)k, losses[i + 1]))]);
        Probe Made(
            string title,
            ProbeBlock whole,
            (ProbeBlock Block, double Trace)? metric,
            IReadOnlyList<ProbeBlock> layers,
            ProbeGeometry? geometry
        ) =>
            new()
            {
                Title = $"{study.Name}, {title}",
                Blocks = [whole],
                Preconditioned = metric is { } m ? [m.Block] : null,
                PreconditionerTrace = metric?.Trace,
                Layers = layers.Count > 0 ? layers : null,
                Negative = "absolute",
                InitialLoss = begin,
                LossFloor = floor,
                FirstTrial = Of(one.Run, one.Losses),
                SecondTrial = Of(two.Run, two.Losses),
                Budget = ModelledStudy.Budget(study),
                Batches = [.. study.Grid.Batches.Select(b => (double)b)],
                Schedule = study.Schedule.Rate(),
                First = first,
                Second = second,
                FirstName = pair.First,
                SecondName = pair.Second,
                Cost = plan.Cost + (long)repeated * plan.Steps * plan.Batch,
                Geometry = geometry,
            };
        // Adam is modelled in its own metric, where its own run ended; any other in the parameters', where its run did.
        (bool firstAdam, bool secondAdam) = (first[0] is AdamClosure, second[0] is AdamClosure);
        PointSink own = firstAdam && !secondAdam ? two.Points : one.Points,
            adam = secondAdam ? two.Points : one.Points;
        double[] Way(PointSink points) => [.. points.Last.Zip(points.First, (b, a) => b - a)];
        T At<T>(double[] theta, Func<PointMeasurement, T> ask)
        {
            using var point = new PointMeasurement(model, task, plan, theta, stop);
            return ask(point);
        }
        progress(
            $"measuring  at the start: {(plan.LayerCurvature ? $"{plan.Layers.Count} layers, " : "")}{plan.Noise} gradients, Hessian of "
                + $"{plan.Curvature} samples"
        );
        Probe start = At(
            one.Points.First,
            p =>
                Made(
                    "probed at the start",
                    p.Whole(),
                    firstAdam || secondAdam ? (p.Preconditioned(), p.Trace) : null,
                    p.Layers(),
                    p.Geometry()
                )
        );
        progress("measuring  after the steps");
        ProbeBlock whole = At(own.Last, p => Moved(p.Whole(Way(own))));
        Probe after = At(
            adam.Last,
            p =>
                Made(
                    string.Create(CultureInfo.InvariantCulture, $"probed after {plan.Steps} steps"),
                    whole,
                    firstAdam || secondAdam ? (Moved(p.Preconditioned(Way(adam))), p.Trace) : null,
                    p.Layers(),
                    p.Geometry()
                )
        );
        return new StudyProbeResult(plan, start, after, (one.Losses, two.Losses));
    }

    private static PointSink Train(
        OptimizerCatalogue optimizers,
        RunSpec run,
        ProbePlan plan,
        ITask task,
        IModel model,
        Action<string> progress,
        CancellationToken stop
    )
    {
        progress(
            string.Create(
                CultureInfo.InvariantCulture,
                $"training   {plan.Steps} steps of {run.Optimizer.Name} at batch size {run.Batch}, learning rate "
                    + $"{run.Optimizer.LearningRate:g4}"
            )
        );
        var points = new PointSink(GivenWeights.Start(run.Model, model, run.Seed), plan.LossSteps);
        var pack = new PackSpec { Id = RunId.OfPack(["probe"]), Runs = [new PlannedRun { Id = "probe", Spec = run }] };
        var options = new TrainerOptions
        {
            CheckpointSeconds = 1e-12,
            KeepFinal = true,
            Optimizers = optimizers,
        };
        new Trainer(pack, task, model, points, options).Run(stop);
        stop.ThrowIfCancellationRequested();
        return points;
    }

    /// <summary>The limit of losses of which the last three are those after K/4, K/2 and K steps, if they fall as a power of the steps
    /// (Aitken's formula, exact for L + c·k^−p); 0 where they do not level off.</summary>
    public static double Floor(IReadOnlyList<double> losses)
    {
        ArgumentNullException.ThrowIfNull(losses);
        if (losses.Count < 4)
            return 0;
        (double a, double b, double c) = (losses[^3], losses[^2], losses[^1]);
        double earlier = a - b,
            later = b - c;
        return earlier > later && later > 0 ? Math.Max(0, c - later * later / (earlier - later)) : 0;
    }

    /// <summary>A block whose distance from the minimum is the way gone; the model scales it to lose what there is to lose.</summary>
    private static ProbeBlock Moved(ProbeBlock block) =>
        block.Displacement!.Zip(block.Nodes, (d, n) => d.Value * Math.Abs(n)).Sum() > 0
            ? block with
            {
                GradientNorm = null,
                GradientShares = null,
            }
            : throw new InputException(
                "the probe's training did not move the weights along any curvature; give it more steps or a higher learning rate"
            );

    /// <summary>Gradients and curvature at one point, asked for block by block.</summary>
    private sealed class PointMeasurement : IDisposable
    {
        private readonly ProbePlan _plan;
        private readonly GradientSample _gradients;
        private readonly BlockProbe _probe;
        private readonly AdamMetric _metric;
        private readonly Hessian _hessian;
        private readonly ParamLayout _layout;
        private readonly double[] _gradient;
        private readonly ParamBlock _all;
        private readonly long _seed;
        private readonly CancellationToken _stop;

        public PointMeasurement(IModel model, ITask task, ProbePlan plan, double[] theta, CancellationToken stop)
        {
            (_all, _seed, _stop, _plan) = (ParamBlock.All(model.Layout), plan.First.Seed, stop, plan);
            _gradients = GradientSample.Of(TrainingSubset.Of(task, plan.Noise), model, theta, [_all, .. plan.Layers], _seed);
            (_metric, _layout, _gradient) = (AdamMetric.Of(_gradients, model.Layout), model.Layout, _gradients.Mean);
            _hessian = new Hessian(model, theta, TrainingSubset.Of(task, plan.Curvature).InBatches(CurvatureBatch));
            _probe = new BlockProbe(_gradients, ProbePlan.Lanczos);
        }

        /// <summary>Σ Pⱼ.</summary>
        public double Trace => _metric.Preconditioner.Sum();

        public ProbeGeometry? Geometry() => StudyGeometry.Of(_hessian, _layout, _gradient, _seed);

        public ProbeBlock Whole(double[]? way = null) => Of(_all, null, way);

        /// <summary>Layer by layer, with spectra where these are not too many products.</summary>
        public IReadOnlyList<ProbeBlock> Layers() =>
            [
                .. _plan.Layers.Select(l =>
                    _plan.LayerCurvature
                        ? Of(l)
                        : new ProbeBlock
                        {
                            Name = l.Name,
                            Parameters = l.Count,
                            Nodes = [],
                            Weights = [],
                            NoiseVariance =
                            [
                                new(_gradients.NoiseTrace(l).Value / l.Count, _gradients.NoiseTrace(l).StandardError / l.Count),
                            ],
                            GradientNorm = Exact(_gradients.MeanNorm(l)),
                        }
                ),
            ];

        public ProbeBlock Preconditioned(double[]? way = null) => Of(_all, _metric, way);

        public ProbeBlock Of(ParamBlock block, AdamMetric? metric = null, double[]? way = null)
        {
            _stop.ThrowIfCancellationRequested();
            BlockMeasurement found =
                _probe.Measure(_hessian, block, _seed, way, metric)
                ?? throw new InputException(
                    $"curvature of '{block.Name}' is not finite: the probe ran on a diverged model; lower the study's learning rates"
                );
            return new ProbeBlock
            {
                Name = block.Name,
                Parameters = block.Count,
                Nodes = found.Nodes,
                Weights = [.. found.Weights.Select(Exact)],
                NoiseVariance = [.. found.NoiseVariance.Select(Exact)],
                GradientNorm = Exact(found.GradientNorm),
                GradientShares = found.GradientShares.Sum() > 0 ? found.GradientShares : null,
                Displacement = found.Displacement is { } gone ? [.. gone.Select(d => new Measured(d))] : null,
                Alignment = found.Alignment,
            };
        }

        private static Measured Exact(Estimate e) => new(e.Value, e.StandardError);

        public void Dispose() => _hessian.Dispose();
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
        private readonly IReadOnlyList<long> _wanted;

        public PointSink(double[] start, IReadOnlyList<long> wanted)
        {
            _kept[0] = start;
            _wanted = wanted;
        }

        public string? Diverged { get; private set; }

        public double[] First => _kept[0];

        public double[] Last => _kept.Values.Last();

        public IEnumerable<double[]> Kept() => _kept.Values;

        public void Write(int replica, IReadOnlyList<Measurement> measurements) { }

        public void Checkpoint(IReadOnlyList<ReplicaCheckpoint> replicas)
        {
            if (_wanted.Contains(replicas[0].Step))
                _kept[replicas[0].Step] = replicas[0].Rows["theta"].ToDoubles();
        }

        public IReadOnlyList<ReplicaCheckpoint>? Resume() => null;

        public void Finish(IReadOnlyList<RunOutcomeRecord> results)
        {
            if (results[0].Outcome == RunOutcome.Diverged)
                Diverged = results[0].Cause ?? "no cause";
        }

        public void Progress(long step, long steps) { }
    }
}
