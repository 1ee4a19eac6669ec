// A network's loss as a potential: a loss of known curvature against the quadratic itself, a trained network against its samples one by
// one.
using Gaplab.Learning.Data.Text;
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Studies.Escape;
using Gaplab.Theory.Escape;
using Gaplab.Theory.Levy;
using Gaplab.Torch;
using Gaplab.Training.Tests.Diagnostics;

namespace Gaplab.Training.Tests.Studies;

public sealed class NetworkPotentialSpecs : IDisposable
{
    private const int Samples = 20;

    private readonly LanguageTask _task = LanguageTask.Load(
        new TaskSpec
        {
            Kind = "markov",
            Vocabulary = SmallModels.Vocabulary,
            Context = SmallModels.Context,
            Tokens = 2000,
        }
    );
    private readonly TrainingSubset _subset;

    public NetworkPotentialSpecs()
    {
        TorchRuntime.Threads = 1;
        _subset = TrainingSubset.Of(_task, Samples);
    }

    public void Dispose() => _task.Dispose();

    [Fact]
    public void A_loss_of_known_curvature_gives_the_exits_of_that_quadratic()
    {
        double[,] hessian =
        {
            { 3, 0.5, 0 },
            { 0.5, 1, 0.2 },
            { 0, 0.2, 0.4 },
        };
        // That model's loss is the quadratic times the mean token of a batch.
        var network = new NetworkPotential(new Quadratic(hessian), _subset);
        double mean = network.Value([1, 0, 0]) / 1.5;
        double[,] scaled = new double[3, 3];
        for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            scaled[i, j] = mean * hessian[i, j];
        LevyNoise noise = LevyNoise.Diagonal(1.5, NoiseDriver.Independent, 1, 0.5, 2);
        IBasin below = network.Below([0, 0, 0], 0.5);
        var exact = new EllipsoidBasin(scaled, 0.5);
        foreach (
            double[] direction in (double[][])
                [
                    [1, 0, 0],
                    [-0.2, 1, 3],
                    [0, -1, 0.5],
                ]
        )
            Assert.Equal(1, below.Reach(direction) / exact.Reach(direction), 1e-9);

        foreach (StepRule rule in (StepRule[])[StepRule.Sgd(0.05), StepRule.Adam(0.3, 0.9, 0.99)])
        {
            ExitSample measured = ExitEnsemble.Run(network.Exit([0, 0, 0], below, noise, rule, 60), 4, 12, cores: 1);
            ExitSample known = ExitEnsemble.Run(
                network.Exit([0, 0, 0], exact, noise, rule, 60) with
                {
                    Potential = new QuadraticPotential(scaled),
                },
                4,
                12,
                cores: 1
            );
            Assert.Equal(known.Times, measured.Times);
            Assert.Equal(known.Exited, measured.Exited);
            Assert.InRange(measured.Censored, 0, 11);
        }
    }

    [Fact]
    public void Value_gradient_and_noise_are_those_of_the_samples_one_by_one()
    {
        Gpt model = SmallModels.Gpt();
        double[] point = SmallModels.Point(model),
            gradient = new double[point.Length],
            expected = new double[point.Length];
        var network = new NetworkPotential(model, _subset);
        double loss = 0;
        double[][] each = new double[Samples][];
        for (int i = 0; i < Samples; i++)
        {
            EvaluationSet sample = _subset.InBatches(1);
            var one = new EvaluationSet([sample.Rows(i).ToArray()], SmallModels.Context + 1, [SmallModels.Context]);
            loss += SmallModels.Loss(model, point, one) / Samples;
            each[i] = SmallModels.Gradient(model, point, one);
            for (int p = 0; p < expected.Length; p++)
                expected[p] += each[i][p] / Samples;
        }
        network.Gradient(point, gradient);
        Assert.Equal(loss, network.Value(point), 1e-13);
        for (int p = 0; p < expected.Length; p++)
            Assert.Equal(expected[p], gradient[p], 1e-13);

        // Of batches of B drawn with replacement the variance is that of the samples over B; 4000 draws know a standard deviation to 1.1%
        // and more where the samples' tails are heavy.
        double[] scales = network.NoiseAt(1.5, point, 4, 4000, 1).Scales;
        double ratio = 0;
        for (int p = 0; p < scales.Length; p++)
            ratio += scales[p] * scales[p] / (each.Average(g => Math.Pow(g[p] - expected[p], 2)) / 4 / 2) / scales.Length;
        Assert.InRange(ratio, 0.95, 1.05);
    }

    [Fact]
    public void From_a_trained_network_higher_barriers_hold_every_path_as_long_or_longer()
    {
        Gpt model = SmallModels.Gpt();
        var network = new NetworkPotential(model, _subset);
        double[] point = SmallModels.Point(model),
            gradient = new double[point.Length];
        double before = network.Value(point);
        for (int n = 0; n < 60; n++)
        {
            network.Gradient(point, gradient);
            for (int i = 0; i < point.Length; i++)
                point[i] -= 0.3 * gradient[i];
        }
        double trained = network.Value(point);
        Assert.InRange(trained, 0, 0.95 * before);
        LevyNoise noise = network.NoiseAt(1.5, point, 2, 40, 1);
        ExitSample[] exits =
        [
            .. ((double[])[0.02, 0.1, 0.5]).Select(h =>
                ExitEnsemble.Run(network.Exit(point, network.Below(point, h), noise, StepRule.Sgd(0.1), 60), 4, 8, cores: 1)
            ),
        ];
        for (int i = 1; i < exits.Length; i++)
            foreach ((double shorter, double longer) in exits[i - 1].Times.Zip(exits[i].Times))
                Assert.True(longer >= shorter);
        Assert.True(exits[0].Mean < exits[^1].Mean);
    }

    [Fact]
    public void What_does_not_fit_is_said_in_one_line()
    {
        var network = new NetworkPotential(
            new Quadratic(
                new double[,]
                {
                    { 1, 0 },
                    { 0, 1 },
                }
            ),
            _subset
        );
        Assert.Contains(
            "the barrier is -1",
            Assert.Throws<InputException>(() => network.Below([0, 0], -1)).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "3 coordinates, the network 2 parameters",
            Assert.Throws<InputException>(() => network.Below([0, 0, 0], 1)).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "the loss at the trained point is NaN",
            Assert.Throws<InputException>(() => network.Below([double.NaN, 0], 1)).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "expected at least 2 of at least 1",
            Assert.Throws<InputException>(() => network.NoiseAt(1.5, [0, 0], 4, 1, 1)).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "alpha is 2.5",
            Assert.Throws<InputException>(() => network.NoiseAt(2.5, [0, 0], 4, 2, 1)).Message,
            StringComparison.Ordinal
        );
    }
}
