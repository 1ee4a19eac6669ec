// Sampling a posterior whose prior is standard normal: populations that are moved from the prior to the posterior by degrees.
using Gaplab.Numerics.Streams;

namespace Gaplab.Theory.Efficiency;

/// <summary>ln of the likelihood at many points; −∞ or NaN: impossible.</summary>
/// <param name="coordinates">[coordinate][point].</param>
/// <param name="logs">[point].</param>
internal delegate void LogLikelihoods(double[][] coordinates, Span<double> logs);

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

    /// <summary>Makes the likelihood of one population: each is asked by one thread.</summary>
    public required Func<LogLikelihoods> LogLikelihood { get; init; }

    /// <summary>Sets of coordinates that are drawn afresh from the prior together.</summary>
    public IReadOnlyList<int[]> Fresh { get; init; } = [];

    public int Populations { get; init; } = 8;

    /// <summary>Draws of one population.</summary>
    public int Size { get; init; } = 256;

    /// <summary>Steps of every member at each level, and at the last.</summary>
    public (int Level, int Last) Moves { get; init; } = (30, 400);

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
        private readonly LogLikelihoods _likelihood;
        private readonly int _dimension;

        // [coordinate][member], as the likelihood takes them.
        private readonly double[][] _proposals;
        private readonly double[] _proposedLogs,
            _priors,
            _logs;
        private readonly double[] _normal;
        private readonly bool[] _isFull;
        private double[][] _points;
        private double _power,
            _scale;

        public Population(TemperedPopulations of, RandomStream stream)
        {
            (_of, _stream, _dimension, _likelihood) = (of, stream, of.Dimension, of.LogLikelihood());
            _scale = 2.38 / Math.Sqrt(_dimension);
            _proposals = [.. Enumerable.Range(0, _dimension).Select(_ => new double[of.Size])];
            (_proposedLogs, _priors, _logs) = (new double[of.Size], new double[of.Size], new double[of.Size]);
            (_normal, _isFull) = (new double[_dimension], new bool[of.Size]);
            _points = [.. Enumerable.Range(0, of.Size).Select(_ => new double[_dimension])];
            for (int k = 0; k < of.Size; k++)
            for (int i = 0; i < _dimension; i++)
                _proposals[i][k] = _points[k][i] = _stream.NextGaussian();
            Evaluate();
            _proposedLogs.CopyTo(_logs, 0);
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

        private void Evaluate()
        {
            _likelihood(_proposals, _proposedLogs);
            foreach (ref double log in _proposedLogs.AsSpan())
                if (double.IsNaN(log))
                    log = double.NegativeInfinity;
        }

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
            for (int move = 0; move < moves; move++)
            {
                for (int k = 0; k < _points.Length; k++)
                    Propose(k, others, root);
                Evaluate();
                int tried = 0,
                    taken = 0;
                for (int k = 0; k < _points.Length; k++)
                {
                    bool takes = Math.Log(_stream.NextDouble()) < _power * (_proposedLogs[k] - _logs[k]) + _priors[k];
                    if (_isFull[k])
                        (tried, taken) = (tried + 1, taken + (takes ? 1 : 0));
                    if (!takes)
                        continue;
                    for (int i = 0; i < _dimension; i++)
                        _points[k][i] = _proposals[i][k];
                    _logs[k] = _proposedLogs[k];
                }
                if (_power < 1 || move < moves / 2)
                    _scale = Math.Clamp(_scale * Math.Exp(taken / Math.Max(1.0, tried) - WantedAcceptance), 0.02, 3);
            }
        }

        /// <summary>Where one member may go, and ln of the prior there over that where it is.</summary>
        private void Propose(int k, double[][] others, double[,] root)
        {
            double[] point = _points[k];
            double kind = _stream.NextDouble(),
                shrink = _stream.NextDouble() < 0.35 ? Math.Pow(10, -2 * _stream.NextDouble()) : 1;
            _isFull[k] = false;
            if (kind < 0.12 && _of.Fresh.Count > 0)
            {
                for (int i = 0; i < _dimension; i++)
                    _proposals[i][k] = point[i];
                foreach (int i in _of.Fresh[(int)_stream.NextIndex(_of.Fresh.Count)])
                    _proposals[i][k] = _stream.NextGaussian();
                // Drawn from the prior, so the likelihood alone decides.
                _priors[k] = 0;
                return;
            }
            if (kind < 0.4)
            {
                for (int i = 0; i < _dimension; i++)
                    _normal[i] = _stream.NextGaussian();
                for (int i = 0; i < _dimension; i++)
                {
                    double step = 0;
                    for (int j = 0; j <= i; j++)
                        step += root[i, j] * _normal[j];
                    _proposals[i][k] = point[i] + shrink * _scale * step;
                }
                _isFull[k] = shrink == 1;
            }
            else
            {
                double[] a = others[_stream.NextIndex(others.Length)],
                    b = others[_stream.NextIndex(others.Length)];
                // A part of the coordinates, few or all: a step in few is taken oftener, one in all crosses ridges. Now and then a whole
                // difference: from one mode to another.
                double part = (1 + (double)_stream.NextIndex(_dimension)) / _dimension,
                    length = kind > 0.97 ? 1 : shrink * (0.3 + 0.9 * _stream.NextDouble());
                int moved = 0;
                for (int i = 0; i < _dimension; i++)
                {
                    bool moves = _stream.NextDouble() < part;
                    moved += moves ? 1 : 0;
                    _proposals[i][k] = moves ? a[i] - b[i] : 0;
                }
                if (kind <= 0.97)
                    length *= 2.38 / Math.Sqrt(2 * Math.Max(1, moved));
                for (int i = 0; i < _dimension; i++)
                    _proposals[i][k] = point[i] + length * _proposals[i][k];
            }
            double prior = 0;
            for (int i = 0; i < _dimension; i++)
                prior += (point[i] - _proposals[i][k]) * (point[i] + _proposals[i][k]);
            _priors[k] = 0.5 * prior;
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
