// Blocks' spectra, noise and gradients on losses whose every part is known.
using Gaplab.Learning.Data.Text;
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Studies.Prediction;
using Gaplab.Torch;

namespace Gaplab.Training.Tests.Diagnostics;

public sealed class BlockProbeSpecs : IDisposable
{
    private const int Samples = 9;
    private readonly LanguageTask _task = LanguageTask.Load(
        new TaskSpec
        {
            Kind = "markov",
            Vocabulary = SmallModels.Vocabulary,
            Context = SmallModels.Context,
            Tokens = 2000,
        }
    );

    public BlockProbeSpecs() => TorchRuntime.Threads = 1;

    public void Dispose() => _task.Dispose();

    [Fact]
    public void On_a_diagonal_quadratic_every_part_is_that_of_hand_calculation()
    {
        double[] curvature = [1, 4, 16, 64],
            theta = [0.5, -1, 0.25, 2],
            way = [1, 2, 3, 0];
        var h = new double[4, 4];
        for (int i = 0; i < 4; i++)
            h[i, i] = curvature[i];
        var model = new Quadratic(h);
        // f = t·½θᵀHθ: a sample's gradient is t·Hθ, t the mean of its tokens.
        TrainingSubset subset = TrainingSubset.Of(_task, Samples);
        double[] t = Tokens();
        double mean = t.Average(),
            variance = t.Sum(x => (x - mean) * (x - mean)) / (Samples - 1);
        double[] direction = [.. curvature.Zip(theta, (c, x) => c * x)];
        double square = direction.Sum(d => d * d);
        ParamBlock all = ParamBlock.All(model.Layout);
        GradientSample sample = GradientSample.Of(subset, model, theta, [all], 3);
        Assert.Equal(variance * square, sample.NoiseTrace(all).Value, 1e-9 * square);
        Assert.Equal(
            Math.Sqrt(Math.Max(mean * mean - variance / Samples, 0.01 * mean * mean) * square),
            sample.MeanNorm(all).Value,
            1e-9 * Math.Sqrt(square)
        );

        using var hessian = new Hessian(model, theta, subset.InBatches(4));
        BlockMeasurement found = new BlockProbe(sample, 4).Measure(hessian, all, 3, way)!;
        Assert.Equal(4, found.Nodes.Length);
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(curvature[i] * mean, found.Nodes[i], 1e-8 * curvature[i] * mean);
            Assert.Equal(0.25, found.Weights[i].Value, 1e-9);
            Assert.Equal(direction[i] * direction[i] / square, found.GradientShares[i], 1e-9);
            Assert.Equal(variance * direction[i] * direction[i], found.NoiseVariance[i].Value, 1e-8 * variance * square);
            Assert.Equal(way[i] * way[i], found.Displacement![i], 1e-8);
        }
        Assert.Equal(1, found.Alignment, 1e-9);
        // The trace's own error stays with every node.
        Assert.Equal(
            sample.NoiseTrace(all).StandardError / sample.NoiseTrace(all).Value,
            found.NoiseVariance[3].StandardError / found.NoiseVariance[3].Value,
            1e-6
        );
    }

    [Fact]
    public void In_Adams_metric_a_diagonal_quadratic_has_curvatures_divided_and_ways_multiplied_by_the_root_of_squared_gradients()
    {
        double[] curvature = [1, 4, 16, 64],
            theta = [0.5, -1, 0.25, 2],
            way = [1, 2, 3, 0.5];
        var h = new double[4, 4];
        for (int i = 0; i < 4; i++)
            h[i, i] = curvature[i];
        var model = new Quadratic(h);
        TrainingSubset subset = TrainingSubset.Of(_task, Samples);
        double[] t = Tokens();
        double mean = t.Average(),
            variance = t.Sum(x => (x - mean) * (x - mean)) / (Samples - 1),
            second = t.Average(x => x * x);
        double[] direction = [.. curvature.Zip(theta, (c, x) => c * x)];
        ParamBlock all = ParamBlock.All(model.Layout);
        GradientSample sample = GradientSample.Of(subset, model, theta, [all], 3);
        AdamMetric metric = AdamMetric.Of(sample, model.Layout);
        // The squares of a tensor's coordinates, each as if the tensor's mean had been seen once more. The first slice holds the first
        // coordinate.
        double[] squares = [.. direction.Select(d => second * d * d)];
        double rest = squares[1..].Average();
        double[] p = [.. squares.Select((x, i) => Math.Sqrt((Samples * x + (i == 0 ? squares[0] : rest)) / (Samples + 1)))];
        for (int i = 0; i < 4; i++)
            Assert.Equal(p[i], metric.Preconditioner[i], 1e-9 * p[i]);

        using var hessian = new Hessian(model, theta, subset.InBatches(4));
        BlockMeasurement found = new BlockProbe(sample, 4).Measure(hessian, all, 3, way, metric)!;
        int[] order = [.. Enumerable.Range(0, 4).OrderBy(i => curvature[i] / p[i])];
        for (int k = 0; k < 4; k++)
        {
            int i = order[k];
            Assert.Equal(curvature[i] * mean / p[i], found.Nodes[k], 1e-7 * found.Nodes[k]);
            Assert.Equal(
                variance * direction[i] * direction[i] / p[i],
                found.NoiseVariance[k].Value,
                1e-7 * found.NoiseVariance.Max(v => v.Value)
            );
            Assert.Equal(way[i] * way[i] * p[i], found.Displacement![k], 1e-7 * found.Displacement.Max());
        }
        double norm = Math.Sqrt(direction.Zip(p, (d, q) => d * d / q).Sum());
        Assert.InRange(found.GradientNorm.Value, 0.1 * mean * norm, mean * norm);
    }

    [Fact]
    public void A_tensor_without_any_gradient_counts_as_the_mean_of_all()
    {
        var model = new Quadratic(
            new double[,]
            {
                { 2, 0, 0 },
                { 0, 0, 0 },
                { 0, 0, 0 },
            }
        );
        GradientSample sample = GradientSample.Of(TrainingSubset.Of(_task, Samples), model, [1, 1, 1], [], 3);
        double[] p = AdamMetric.Of(sample, model.Layout).Preconditioner;
        Assert.Equal(Math.Sqrt(sample.Square[0] / 3), p[1], 1e-12);
        Assert.All(p, x => Assert.True(x > 0));
    }

    [Fact]
    public void A_block_sees_its_own_rows_and_columns_only()
    {
        var h = new double[,]
        {
            { 5, 1, 2 },
            { 1, 3, 0 },
            { 2, 0, 12 },
        };
        var model = new Quadratic(h);
        double[] theta = [1, 1, 1];
        TrainingSubset subset = TrainingSubset.Of(_task, Samples);
        ParamBlock rest = ParamBlock.Of(model.Layout, "rest");
        GradientSample sample = GradientSample.Of(subset, model, theta, [rest], 3);
        using var hessian = new Hessian(model, theta, subset.InBatches(4));
        BlockMeasurement found = new BlockProbe(sample, 4).Measure(hessian, rest, 3)!;
        double mean = Tokens().Average();
        Assert.Equal(2, found.Nodes.Length);
        Assert.Equal(3 * mean, found.Nodes[0], 1e-8 * mean);
        Assert.Equal(12 * mean, found.Nodes[1], 1e-8 * mean);
        Assert.Null(found.Displacement);
    }

    [Fact]
    public void Alignment_is_the_share_of_the_diagonal_where_eigenvectors_are_turned_by_45_degrees()
    {
        const int Pairs = 200;
        var h = new double[2 * Pairs, 2 * Pairs];
        for (int p = 0; p < Pairs; p++)
        {
            h[2 * p, 2 * p] = h[2 * p + 1, 2 * p + 1] = 2.5;
            h[2 * p, 2 * p + 1] = h[2 * p + 1, 2 * p] = 1.5;
        }
        var model = new Quadratic(h);
        double[] theta = [.. Enumerable.Repeat(1.0, 2 * Pairs)];
        TrainingSubset subset = TrainingSubset.Of(_task, Samples);
        ParamBlock all = ParamBlock.All(model.Layout);
        GradientSample sample = GradientSample.Of(subset, model, theta, [all], 3);
        using var hessian = new Hessian(model, theta, subset.InBatches(9));
        BlockMeasurement found = new BlockProbe(sample, 4).Measure(hessian, all, 3)!;
        // Eigenvalues 1 and 4: 2·2.5²/(1² + 4²). The estimate's standard deviation over signs is about 0.05.
        Assert.InRange(found.Alignment, 12.5 / 17 - 0.15, 12.5 / 17 + 0.15);
        Assert.Equal([1, 4], found.Nodes.Select(n => Math.Round(n / Tokens().Average(), 6)));
    }

    [Fact]
    public void The_floor_of_losses_that_fall_as_a_power_of_the_steps_is_their_limit()
    {
        double At(double k) => 2 + 3 * Math.Pow(k, -0.4);
        Assert.Equal(2, StudyProbe.Floor([5, At(25), At(50), At(100)]), 1e-9);
        // As a probe takes them: the formula wants steps that double, of all that are measured.
        var run = new RunSpec
        {
            Task = new TaskSpec { Kind = "markov" },
            Model = new ModelSpec
            {
                Kind = "gpt",
                Layers = 1,
                Heads = 1,
                Width = 8,
            },
            Optimizer = new OptimizerSpec
            {
                Name = "sgd",
                Kind = "sgd",
                LearningRate = 1,
            },
            Batch = 4,
            Seed = 1,
            Budget = new BudgetSpec { Unit = "steps", Amount = 200 },
        };
        ProbePlan plan = new(run, run, [], false, 8, 8, 8, 1000);
        Assert.Equal(2, StudyProbe.Floor(plan.Doubling([5, .. plan.LossSteps.Select(k => At(k))])), 1e-9);
        Assert.Equal(0, StudyProbe.Floor(plan.Doubling([5, 4])));
        Assert.Equal(0, StudyProbe.Floor([5, 4, 3, 2]));
        Assert.Equal(0, StudyProbe.Floor([5, 4]));
    }

    private double[] Tokens()
    {
        long[] rows = new long[Samples * _task.SampleLength];
        _task.FillTrainEvaluation(Samples, 0, rows);
        return [.. rows.Chunk(_task.SampleLength).Select(r => r.Average())];
    }
}
