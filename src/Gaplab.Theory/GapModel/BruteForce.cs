// The true algorithms on a noisy quadratic, run many times: what the gap model is held against.
using System.Numerics;
using System.Runtime.InteropServices;
using Gaplab.Numerics;
using Gaplab.Numerics.Statistics;
using Gaplab.Numerics.Streams;

namespace Gaplab.Theory.GapModel;

/// <summary>An optimizer at a learning rate, to be simulated.</summary>
public sealed record Contender(ModelledOptimizer Optimizer, double Rate);

/// <summary>Simulated losses of one contender.</summary>
/// <param name="Losses">After the last step, one a run.</param>
/// <param name="Curve">Mean loss before the first and after every step.</param>
public sealed record SimulatedLoss(IReadOnlyList<double> Losses, IReadOnlyList<double> Curve)
{
    public double Mean => Losses.Average();

    public double StandardError => SampleError.OfMean([.. Losses]);
}

/// <summary>
/// SGD with momentum, Adam and sign descent with Gaussian gradient noise. Contenders meet the same noise, step by step, so their ratio is
/// known better than each. Numbers depend on seed and runs alone, not on the number of cores.
/// </summary>
public static class BruteForce
{
    /// <summary>Runs that advance together; a fixed number, because each group has its own stream.</summary>
    private const int Group = 16;

    /// <summary>Runs every contender.</summary>
    /// <param name="runs">Rounded up to a multiple of 16.</param>
    public static IReadOnlyList<SimulatedLoss> Run(
        GapSetting setting,
        IReadOnlyList<Contender> contenders,
        double batch,
        int runs,
        long seed
    )
    {
        ArgumentNullException.ThrowIfNull(setting);
        ArgumentNullException.ThrowIfNull(contenders);
        if (runs < 2)
            throw new InputException($"{runs} simulated runs; expected at least 2");
        double[] factors = setting.Schedule.Factors(setting.Budget.StepsAt(batch));
        int groups = (runs + Group - 1) / Group;
        var results = new (double[] Final, double[] Curve)[groups][];
        Parallel.For(
            0,
            groups,
            g => results[g] = RunGroup(setting, contenders, batch, factors, RandomStream.For(seed, "gap-model/brute-force", g))
        );
        return
        [
            .. contenders.Select(
                (_, c) =>
                    new SimulatedLoss(
                        [.. results.SelectMany(r => r[c].Final)],
                        [.. Enumerable.Range(0, factors.Length + 1).Select(k => results.Sum(r => r[c].Curve[k]) / groups)]
                    )
            ),
        ];
    }

    /// <summary>ln of the ratio of two contenders' mean losses, and its standard error by the delta method over paired runs.</summary>
    public static Estimate Gap(SimulatedLoss first, SimulatedLoss second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        (double a, double b) = (first.Mean, second.Mean);
        return new Estimate(Math.Log(a / b), SampleError.OfMean([.. first.Losses.Zip(second.Losses, (x, y) => x / a - y / b)]));
    }

    private static (double[] Final, double[] Curve)[] RunGroup(
        GapSetting setting,
        IReadOnlyList<Contender> contenders,
        double batch,
        double[] factors,
        RandomStream random
    )
    {
        Quadratic q = setting.Quadratic;
        var members = contenders.Select(c => new Member(c, setting, factors.Length)).ToArray();
        double[] noise = new double[q.Count * Group];
        double[] deviation = [.. q.NoiseVariance.Select(v => Math.Sqrt(v / batch))];
        foreach (Member member in members)
            member.Record(0);
        for (int k = 0; k < factors.Length; k++)
        {
            for (int i = 0; i < q.Count; i++)
            for (int r = 0; r < Group; r++)
                noise[i * Group + r] = deviation[i] * random.NextGaussian();
            foreach (Member member in members)
            {
                member.Step(noise, factors[k], k);
                member.Record(k + 1);
            }
        }
        return [.. members.Select(m => (m.Losses(), m.Curve))];
    }

    /// <summary>One contender's 16 runs: arrays [coordinate, run], positions along the axes.</summary>
    private sealed class Member
    {
        private readonly Contender _contender;
        private readonly Quadratic _quadratic;
        private readonly Rotation? _rotation;
        private readonly double[] _x,
            _first,
            _second,
            _gradient,
            _along;
        private double _power1 = 1,
            _power2 = 1;

        public Member(Contender contender, GapSetting setting, int steps)
        {
            (_contender, _quadratic) = (contender, setting.Quadratic);
            // A rotation is nothing to SGD: its losses are the same in the eigenbasis.
            _rotation = contender.Optimizer is HeavyBall ? null : setting.Rotation;
            int length = _quadratic.Count * Group;
            (_x, _first, _second, _gradient, _along) = (
                new double[length],
                new double[length],
                new double[length],
                new double[length],
                new double[length]
            );
            for (int i = 0; i < _quadratic.Count; i++)
                _along.AsSpan(i * Group, Group).Fill(Math.Sqrt(_quadratic.StartSquared[i]));
            Turn(_along, _x, false);
            Curve = new double[steps + 1];
        }

        public double[] Curve { get; }

        public void Step(double[] noise, double factor, int k)
        {
            Turn(_x, _along, true);
            for (int i = 0; i < _quadratic.Count; i++)
            {
                Span<Vector<double>> along = Vectors(_along, i);
                ReadOnlySpan<Vector<double>> xi = Vectors(noise, i);
                var curvature = new Vector<double>(_quadratic.Curvature[i]);
                for (int r = 0; r < along.Length; r++)
                    along[r] = curvature * along[r] + xi[r];
            }
            Turn(_along, _gradient, false);
            double eta = _contender.Rate * factor;
            Span<Vector<double>> x = All(_x),
                first = All(_first),
                second = All(_second),
                gradient = All(_gradient);
            switch (_contender.Optimizer)
            {
                case HeavyBall ball:
                    for (int j = 0; j < x.Length; j++)
                    {
                        first[j] = ball.Momentum * first[j] + gradient[j];
                        x[j] -= eta * first[j];
                    }
                    break;
                case AdamClosure adam:
                    _power1 *= adam.Beta1;
                    _power2 *= adam.Beta2;
                    double size = eta / (1 - _power1),
                        correction = 1 / (1 - _power2);
                    var epsilon = new Vector<double>(adam.Epsilon);
                    for (int j = 0; j < x.Length; j++)
                    {
                        first[j] = adam.Beta1 * first[j] + (1 - adam.Beta1) * gradient[j];
                        second[j] = adam.Beta2 * second[j] + (1 - adam.Beta2) * gradient[j] * gradient[j];
                        x[j] -= size * first[j] / (Vector.SquareRoot(second[j] * correction) + epsilon);
                    }
                    break;
                case SignClosure:
                    for (int j = 0; j < _x.Length; j++)
                        _x[j] -= double.IsNaN(_gradient[j]) ? double.NaN : eta * Math.Sign(_gradient[j]);
                    break;
                default:
                    throw new InvalidOperationException($"{_contender.Optimizer.Description} has no simulation");
            }
        }

        public void Record(int at) => Curve[at] = Losses().Average();

        public double[] Losses()
        {
            Turn(_x, _along, true);
            double[] losses = new double[Group];
            for (int i = 0; i < _quadratic.Count; i++)
            {
                double weight = 0.5 * _quadratic.Weight[i] * _quadratic.Curvature[i];
                for (int r = 0; r < Group; r++)
                    losses[r] += weight * _along[i * Group + r] * _along[i * Group + r];
            }
            return losses;
        }

        /// <summary>Axes to eigenvectors (Rᵀ) or back (R).</summary>
        private void Turn(double[] from, double[] to, bool toEigenvectors)
        {
            from.CopyTo(to, 0);
            if (_rotation is null)
                return;
            foreach (RotationBlock block in _rotation.Blocks)
                for (int i = 0; i < block.Indices.Length; i++)
                {
                    Span<Vector<double>> target = Vectors(to, block.Indices[i]);
                    target.Clear();
                    for (int j = 0; j < block.Indices.Length; j++)
                    {
                        double r = toEigenvectors ? block.Matrix[j, i] : block.Matrix[i, j];
                        ReadOnlySpan<Vector<double>> source = Vectors(from, block.Indices[j]);
                        for (int v = 0; v < target.Length; v++)
                            target[v] += r * source[v];
                    }
                }
        }

        private static Span<Vector<double>> Vectors(double[] values, int coordinate) =>
            MemoryMarshal.Cast<double, Vector<double>>(values.AsSpan(coordinate * Group, Group));

        private static Span<Vector<double>> All(double[] values) => MemoryMarshal.Cast<double, Vector<double>>(values.AsSpan());
    }
}
