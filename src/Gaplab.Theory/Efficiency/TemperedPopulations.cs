// Sampling a posterior whose prior is standard normal: populations that are moved from the prior to the posterior by degrees.
using Gaplab.Numerics.Streams;

namespace Gaplab.Theory.Efficiency;

/// <summary>ln of the likelihood at a point; −∞ or NaN: impossible.</summary>
internal delegate double LogLikelihood(ReadOnlySpan<double> point);

/// <summary>Draws of several populations that know nothing of each other.</summary>
/// <param name="Points">[population][draw][coordinate].</param>
/// <param name="Levels">Temperatures that each population went through.</param>
internal sealed record TemperedDraws(double[][][] Points, IReadOnlyList<int> Levels)
{
    public IEnumerable<double[]> All => Points.SelectMany(p => p);
}

/// <summary>A sequential Monte Carlo sampler (Del Moral, Doucet and Jasra 2006): from prior to posterior through likelihood^b, b chosen so
/// that half of the effective sample is left, resampled systematically, and moved by Metropolis steps that keep each level's
/// distribution.</summary>
/// <remarks>
/// Steps are of many lengths, because what the data say may be much narrower in one place than in another.
/// Three kinds of steps: normal with the population's covariance; along the difference of two other members in some or all coordinates
/// (ter Braak 2006; Vrugt and others 2009), which crosses between modes and along curved ridges; and a fresh draw of
/// given coordinates from the prior, which enters and leaves hypotheses. A population holds
/// competing hypotheses in proportion to their evidence, which a chain that starts in one of them finds only by luck.
/// </remarks>
internal sealed record TemperedPopulations
{
    /// <summary>Coordinates, each standard normal in the prior.</summary>
    public required int Dimension { get; init; }

    public required LogLikelihood LogLikelihood { get; init; }

    /// <summary>Sets of coordinates that are drawn afresh from the prior together.</summary>
    public IReadOnlyList<int[]> Fresh { get; init; } = [];

    public int Populations { get; init; } = 8;

    /// <summary>Draws of one population.</summary>
    public int Size { get; init; } = 256;

    /// <summary>Steps of every member at each level, and at the last.</summary>
    public (int Level, int Last) Moves { get; init; } = (14, 120);

    private const double KeptShare = 0.5,
        WantedAcceptance = 0.25;

    public TemperedDraws Sample(long seed)
    {
        var points = new double[Populations][][];
        int[] levels = new int[Populations];
        Parallel.For(
            0,
            Populations,
            k => (points[k], levels[k]) = new Population(this, RandomStream.For(seed, "efficiency/population", k)).Run()
        );
        return new TemperedDraws(points, levels);
    }

    private sealed class Population
    {
        private readonly TemperedPopulations _of;
        private readonly RandomStream _stream;
        private readonly int _dimension;
        private readonly double[] _logs;
        private readonly double[] _proposal;
        private readonly bool[] _chosen;
        private double[][] _points;
        private double _power,
            _scale;

        public Population(TemperedPopulations of, RandomStream stream)
        {
            (_of, _stream, _dimension) = (of, stream, of.Dimension);
            _scale = 2.38 / Math.Sqrt(_dimension);
            _proposal = new double[_dimension];
            _chosen = new bool[_dimension];
            _points = [.. Enumerable.Range(0, of.Size).Select(_ => Fill(new double[_dimension]))];
            _logs = [.. _points.Select(p => Log(p))];
        }

        public (double[][] Points, int Levels) Run()
        {
            int levels = 0;
            for (; _power < 1; levels++)
            {
                double next = NextPower();
                Resample(next - _power);
                _power = next;
                Move(_power < 1 ? _of.Moves.Level : _of.Moves.Last);
            }
            return (_points, levels);
        }

        private double[] Fill(double[] point)
        {
            for (int i = 0; i < point.Length; i++)
                point[i] = _stream.NextGaussian();
            return point;
        }

        private double Log(ReadOnlySpan<double> point) =>
            _of.LogLikelihood(point) is var log && double.IsNaN(log) ? double.NegativeInfinity : log;

        /// <summary>The greatest power at which half of the effective sample is left.</summary>
        private double NextPower()
        {
            if (Effective(1 - _power) >= KeptShare * _points.Length)
                return 1;
            double low = 0,
                high = 1 - _power;
            for (int i = 0; i < 60; i++)
            {
                double middle = 0.5 * (low + high);
                if (Effective(middle) >= KeptShare * _points.Length)
                    low = middle;
                else
                    high = middle;
            }
            // Where a step keeps too little however small (nearly all members are impossible), it is taken all the same.
            return Math.Min(1, _power + Math.Max(low, 1e-9));
        }

        private double Effective(double step)
        {
            double top = _logs.Max(),
                sum = 0,
                squares = 0;
            foreach (double log in _logs)
            {
                double weight = Math.Exp(step * (log - top));
                (sum, squares) = (sum + weight, squares + weight * weight);
            }
            return sum * sum / squares;
        }

        private void Resample(double step)
        {
            int size = _points.Length;
            double top = _logs.Max();
            double[] weights = [.. _logs.Select(l => Math.Exp(step * (l - top)))];
            double total = weights.Sum(),
                at = _stream.NextDouble() / size,
                sum = weights[0] / total;
            var points = new double[size][];
            double[] logs = new double[size];
            for (int i = 0, from = 0; i < size; i++, at += 1.0 / size)
            {
                while (sum < at && from + 1 < size)
                    sum += weights[++from] / total;
                (points[i], logs[i]) = ([.. _points[from]], _logs[from]);
            }
            _points = points;
            logs.CopyTo(_logs, 0);
        }

        private void Move(int moves)
        {
            // The members as they were: what steps are proposed from does not follow the member that is moved.
            double[][] others = [.. _points.Select(p => (double[])[.. p])];
            double[,] root = Root(others);
            double[] normal = new double[_dimension];
            for (int move = 0; move < moves; move++)
            {
                int tried = 0,
                    taken = 0;
                for (int k = 0; k < _points.Length; k++)
                {
                    double[] point = _points[k];
                    double kind = _stream.NextDouble(),
                        shrink = _stream.NextDouble() < 0.35 ? Math.Pow(10, -2 * _stream.NextDouble()) : 1;
                    if (kind < 0.12 && _of.Fresh.Count > 0)
                    {
                        point.CopyTo(_proposal, 0);
                        foreach (int i in _of.Fresh[(int)_stream.NextIndex(_of.Fresh.Count)])
                            _proposal[i] = _stream.NextGaussian();
                        // Drawn from the prior, so the likelihood alone decides.
                        Take(k, prior: 0);
                        continue;
                    }
                    if (kind < 0.4)
                    {
                        Fill(normal);
                        for (int i = 0; i < _dimension; i++)
                        {
                            double step = 0;
                            for (int j = 0; j <= i; j++)
                                step += root[i, j] * normal[j];
                            _proposal[i] = point[i] + shrink * _scale * step;
                        }
                        bool took = Take(k, Prior(_proposal, point));
                        if (shrink == 1)
                            (tried, taken) = (tried + 1, taken + (took ? 1 : 0));
                        continue;
                    }
                    double[] a = others[_stream.NextIndex(others.Length)],
                        b = others[_stream.NextIndex(others.Length)];
                    // A part of the coordinates, few or all: a step in few is taken oftener, one in all crosses ridges. Now and then a
                    // whole difference: from one mode to another.
                    int wanted = 1 + (int)_stream.NextIndex(_dimension),
                        moved = 0;
                    for (int i = 0; i < _dimension; i++)
                        moved += (_chosen[i] = _stream.NextIndex(_dimension) < wanted) ? 1 : 0;
                    double length =
                        kind > 0.97 ? 1 : shrink * 2.38 / Math.Sqrt(2 * Math.Max(1, moved)) * (0.3 + 0.9 * _stream.NextDouble());
                    for (int i = 0; i < _dimension; i++)
                        _proposal[i] = _chosen[i] ? point[i] + length * (a[i] - b[i]) + 1e-4 * _stream.NextGaussian() : point[i];
                    Take(k, Prior(_proposal, point));
                }
                if (_power < 1 || move < moves / 2)
                    _scale = Math.Clamp(_scale * Math.Exp(taken / Math.Max(1.0, tried) - WantedAcceptance), 0.02, 3);
            }
        }

        private static double Prior(double[] to, double[] from)
        {
            double sum = 0;
            for (int i = 0; i < to.Length; i++)
                sum += from[i] * from[i] - to[i] * to[i];
            return 0.5 * sum;
        }

        private bool Take(int k, double prior)
        {
            double log = Log(_proposal);
            if (!(Math.Log(_stream.NextDouble()) < _power * (log - _logs[k]) + prior))
                return false;
            _proposal.CopyTo(_points[k], 0);
            _logs[k] = log;
            return true;
        }

        /// <summary>Cholesky's root of the members' covariance.</summary>
        private double[,] Root(double[][] members)
        {
            int d = _dimension;
            double[] mean = new double[d];
            foreach (double[] m in members)
                for (int i = 0; i < d; i++)
                    mean[i] += m[i] / members.Length;
            double[,] root = new double[d, d];
            foreach (double[] m in members)
                for (int i = 0; i < d; i++)
                for (int j = 0; j <= i; j++)
                    root[i, j] += (m[i] - mean[i]) * (m[j] - mean[j]) / members.Length;
            for (int i = 0; i < d; i++)
            for (int j = 0; j <= i; j++)
            {
                double sum = root[i, j] + (i == j ? 1e-8 : 0);
                for (int l = 0; l < j; l++)
                    sum -= root[i, l] * root[j, l];
                root[i, j] = i == j ? Math.Sqrt(Math.Max(sum, 1e-10)) : sum / root[j, j];
            }
            return root;
        }
    }
}
