// Runs one path at a time of any exit problem.
using Gaplab.Theory.Escape;

namespace Gaplab.Theory.Levy;

/// <summary>A simulator with its own scratch space; one a thread. A path is a function of (seed, path) alone.</summary>
internal sealed class PathSimulator
{
    private readonly ExitProblem _problem;
    private readonly IPotential _potential;
    private readonly NoiseBlocks _noise;
    private readonly double[] _x,
        _moved,
        _gradient,
        _kick,
        _m,
        _v,
        _minimum,
        _start,
        _frozen;

    public PathSimulator(ExitProblem problem)
    {
        int d = problem.Potential.Dimension;
        (_problem, _potential, _noise) = (problem, problem.Potential.Copy(), new NoiseBlocks(problem.Noise));
        (_x, _moved, _gradient, _kick, _m, _v) = (new double[d], new double[d], new double[d], new double[d], new double[d], new double[d]);
        (_minimum, _start) = ([.. problem.Minimum], [.. problem.Start ?? problem.Minimum]);
        IReadOnlyList<double> frozen = problem.Rule.Frozen;
        _frozen = [.. Enumerable.Range(0, d).Select(i => frozen.Count == 0 ? 1 : frozen[frozen.Count == 1 ? 0 : i])];
    }

    public PathEnd Run(long seed, long path)
    {
        StepRule rule = _problem.Rule;
        IBasin region = _problem.Region;
        _noise.Start(seed, path);
        _start.CopyTo(_x, 0);
        Array.Clear(_m);
        Array.Clear(_v);
        double meanBias = 1,
            squareBias = 1;
        for (int n = 0; n < _problem.WarmUp; n++)
        {
            Array.Clear(_gradient);
            _problem.Noise.Apply(_noise.Next(), rule.Amplitude, _kick);
            meanBias *= rule.MeanBias;
            squareBias *= rule.SquareBias;
            Average(rule);
        }
        bool flows = rule is { IsSde: true, IsPlain: true } && _potential.Flow(_moved, 0);
        for (long n = 1; n <= _problem.MaxSteps; n++)
        {
            _problem.Noise.Apply(_noise.Next(), rule.Amplitude, _kick);
            if (flows)
            {
                _potential.Flow(_x, rule.Drift);
                for (int i = 0; i < _x.Length; i++)
                    _x[i] += _kick[i];
            }
            else
            {
                _potential.Gradient(_x, _gradient);
                if (rule.IsPlain)
                {
                    for (int i = 0; i < _x.Length; i++)
                        _x[i] += _kick[i] - rule.Drift * _gradient[i];
                }
                else
                {
                    meanBias *= rule.MeanBias;
                    squareBias *= rule.SquareBias;
                    Average(rule);
                    Move(rule, meanBias, squareBias);
                }
            }
            bool finite = true;
            for (int i = 0; i < _x.Length; i++)
            {
                _moved[i] = _x[i] - _minimum[i];
                finite &= double.IsFinite(_moved[i]);
            }
            if (!finite || !region.Contains(_moved))
                return new(n, true, !finite);
        }
        return new(_problem.MaxSteps, false);
    }

    // The kick is what noise would move x by; inside a gradient it counts with the other sign and over the drift.
    private void Average(StepRule rule)
    {
        for (int i = 0; i < _m.Length; i++)
        {
            double noisy = _gradient[i] - _kick[i] / rule.Drift;
            _m[i] = rule.MeanKeep * _m[i] + rule.MeanWeight * (rule.NoisePastAverage ? _gradient[i] : noisy);
            _v[i] += rule.SquareWeight * (noisy * noisy - _v[i]);
        }
    }

    private void Move(StepRule rule, double meanBias, double squareBias)
    {
        double mean = rule.Drift / (rule.MeanBias > 0 ? 1 - meanBias : 1),
            square = rule.SquareBias > 0 ? 1 / (1 - squareBias) : 1;
        for (int i = 0; i < _x.Length; i++)
        {
            double q = rule.Preconditioner == Preconditioner.Live ? Math.Sqrt(square * _v[i]) + rule.Epsilon : _frozen[i];
            _x[i] += ((rule.NoisePastAverage ? _kick[i] : 0) - mean * _m[i]) / q;
        }
    }
}
