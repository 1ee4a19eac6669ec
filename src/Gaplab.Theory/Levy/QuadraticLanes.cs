// Paths on a quadratic under any rule, eight at a time.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Gaplab.Numerics.Stable;
using Gaplab.Numerics.Streams;
using Gaplab.Theory.Escape;

namespace Gaplab.Theory.Levy;

/// <summary>
/// The steps of <see cref="PathSimulator"/> for a quadratic potential at the origin and a closed-form basin. Each lane holds a path with
/// its own counters; a lane whose path has ended takes the next path, and the numbers of a path depend on its keys alone.
/// </summary>
internal sealed class QuadraticLanes
{
    private readonly ExitProblem _problem;
    private readonly StepRule _rule;
    private readonly SymmetricStable _law;
    private readonly PositiveStable? _squares;
    private readonly double[] _hessian,
        _sigma,
        _form,
        _low,
        _high,
        _inverse,
        _start;
    private readonly double _level;
    private readonly bool _diagonalHessian,
        _diagonalSigma,
        _diagonalForm;
    private readonly int _d,
        _k;

    private QuadraticLanes(ExitProblem problem, double[,] hessian, double[,]? form, double level, double[] low, double[] high)
    {
        (_problem, _rule, _d, _k, _level, _low, _high) = (
            problem,
            problem.Rule,
            problem.Potential.Dimension,
            problem.Noise.Components,
            level,
            low,
            high
        );
        bool isotropic = problem.Noise.Driver == NoiseDriver.Isotropic;
        _law = new SymmetricStable(isotropic ? 2 : problem.Noise.Alpha);
        _squares = isotropic && problem.Noise.Alpha < 2 ? new PositiveStable(problem.Noise.Alpha / 2) : null;
        (_hessian, _diagonalHessian) = Flat(hessian);
        (_sigma, _diagonalSigma) = Flat(problem.Noise.Sigma);
        (_form, _diagonalForm) = form is null ? ([], true) : Flat(form);
        for (int i = 0; i < _sigma.Length; i++)
            _sigma[i] *= problem.Rule.Amplitude;
        IReadOnlyList<double> frozen = problem.Rule.Frozen;
        _inverse = [.. Enumerable.Range(0, _d).Select(i => frozen.Count == 0 ? 1 : 1 / frozen[frozen.Count == 1 ? 0 : i])];
        _start = [.. problem.Start ?? problem.Minimum];
    }

    /// <summary>Null for problems of another kind.</summary>
    public static QuadraticLanes? Of(ExitProblem problem)
    {
        if (problem.Potential is not QuadraticPotential quadratic || problem.Minimum.Any(m => m != 0))
            return null;
        int d = quadratic.Dimension;
        return problem.Region switch
        {
            EllipsoidBasin ellipsoid => new(problem, quadratic.Hessian, ellipsoid.Hessian, 2 * ellipsoid.Barrier, [], []),
            BallBasin ball => new(
                problem,
                quadratic.Hessian,
                QuadraticPotential.Diagonal([.. Enumerable.Repeat(1.0, d)]).Hessian,
                ball.Radius * ball.Radius,
                [],
                []
            ),
            BoxBasin box => new(problem, quadratic.Hessian, null, 0, [.. box.Low.Select(l => -l)], [.. box.High]),
            _ => null,
        };
    }

    /// <summary>Runs paths first … first + ends.Length − 1 to their ends.</summary>
    [SkipLocalsInit]
    public void Run(long seed, long first, Span<PathEnd> ends)
    {
        int d = _d;
        var state = new Vector512<double>[(5 * d) + _k];
        Span<Vector512<double>> x = state.AsSpan(0, d),
            m = state.AsSpan(d, d),
            v = state.AsSpan(2 * d, d),
            gradient = state.AsSpan(3 * d, d),
            kick = state.AsSpan(4 * d, d),
            z = state.AsSpan(5 * d, _k);
        Span<ulong> counter = stackalloc ulong[8],
            radius = stackalloc ulong[8];
        Span<long> path = stackalloc long[8],
            born = stackalloc long[8];
        int next = 0,
            live = 0;
        long now = 0,
            last = _problem.WarmUp + _problem.MaxSteps;
        if (last < 0)
            last = long.MaxValue / 2;
        Vector512<double> meanBias = Vector512<double>.One,
            squareBias = Vector512<double>.One,
            awake = Vector512<double>.Zero;
        Vector512<ulong> counters = default,
            radii = default;
        ulong changed = 0xFF;
        long alarm = 0;
        path.Fill(-1);
        born.Clear();
        counter.Clear();
        radius.Clear();
        while (true)
        {
            if (changed != 0 || now >= alarm)
            {
                counters.CopyTo(counter);
                radii.CopyTo(radius);
                alarm = long.MaxValue;
                for (int lane = 0; lane < 8; lane++)
                {
                    bool left = (changed >> lane & 1) != 0;
                    if (path[lane] >= 0 && (left || now - born[lane] >= last))
                    {
                        bool finite = true;
                        for (int i = 0; i < d; i++)
                            finite &= double.IsFinite(x[i][lane]);
                        ends[(int)path[lane]] = new(now - born[lane] - _problem.WarmUp, left, left && !finite);
                        path[lane] = -1;
                        live--;
                    }
                    // An empty lane rests at the start, asleep.
                    if (path[lane] < 0)
                    {
                        for (int i = 0; i < d; i++)
                        {
                            x[i] = x[i].WithElement(lane, _start[i]);
                            m[i] = m[i].WithElement(lane, 0);
                            v[i] = v[i].WithElement(lane, 0);
                        }
                        meanBias = meanBias.WithElement(lane, 1);
                        squareBias = squareBias.WithElement(lane, 1);
                        if (next < ends.Length)
                        {
                            (counter[lane], radius[lane], path[lane], born[lane]) = (
                                NoiseBlocks.KeyOf(seed, first + next),
                                NoiseBlocks.RadiusKeyOf(seed, first + next),
                                next,
                                now
                            );
                            next++;
                            live++;
                        }
                    }
                    long age = now - born[lane];
                    bool moves = path[lane] >= 0 && age >= _problem.WarmUp;
                    awake = awake.WithElement(lane, BitConverter.Int64BitsToDouble(moves ? -1 : 0));
                    if (path[lane] >= 0)
                        alarm = Math.Min(alarm, born[lane] + (moves ? last : _problem.WarmUp));
                }
                if (live == 0)
                    return;
                counters = Vector512.Create<ulong>(counter);
                radii = Vector512.Create<ulong>(radius);
            }
            for (int j = 0; j < z.Length; j++, counters += Vector512.Create(unchecked(2 * RandomStream.Gamma)))
                z[j] = _law.Sample(counters);
            if (_squares is not null)
            {
                Vector512<double> root = Vector512.Sqrt(_squares.Sample(radii));
                radii += Vector512.Create(unchecked(2 * RandomStream.Gamma));
                foreach (ref Vector512<double> component in z)
                    component *= root;
            }
            Product(_sigma, _diagonalSigma, z, kick);
            Product(_hessian, _diagonalHessian, x, gradient);
            if (_rule.IsPlain)
            {
                Vector512<double> drift = Vector512.Create(_rule.Drift);
                for (int i = 0; i < x.Length; i++)
                    x[i] += (kick[i] - (drift * gradient[i])) & awake;
            }
            else
            {
                meanBias *= Vector512.Create(_rule.MeanBias);
                squareBias *= Vector512.Create(_rule.SquareBias);
                Average(x, m, v, gradient, kick, awake, meanBias, squareBias);
            }
            now++;
            changed = Outside(x);
        }
    }

    private void Average(
        Span<Vector512<double>> x,
        Span<Vector512<double>> m,
        Span<Vector512<double>> v,
        Span<Vector512<double>> gradient,
        Span<Vector512<double>> kick,
        Vector512<double> awake,
        Vector512<double> meanBias,
        Vector512<double> squareBias
    )
    {
        Vector512<double> one = Vector512<double>.One,
            overDrift = Vector512.Create(1 / _rule.Drift),
            keep = Vector512.Create(_rule.MeanKeep),
            weight = Vector512.Create(_rule.MeanWeight),
            squareWeight = Vector512.Create(_rule.SquareWeight);
        Vector512<double> mean = Vector512.Create(_rule.Drift) / (_rule.MeanBias > 0 ? one - meanBias : one),
            square = _rule.SquareBias > 0 ? one / (one - squareBias) : one;
        for (int i = 0; i < x.Length; i++)
        {
            // While a path warms up only the noise is averaged.
            Vector512<double> slope = gradient[i] & awake,
                noisy = slope - (kick[i] * overDrift);
            m[i] = (keep * m[i]) + (weight * (_rule.NoisePastAverage ? slope : noisy));
            v[i] += squareWeight * ((noisy * noisy) - v[i]);
            Vector512<double> step = _rule.NoisePastAverage ? kick[i] - (mean * m[i]) : -(mean * m[i]);
            step =
                _rule.Preconditioner == Preconditioner.Live
                    ? step / (Vector512.Sqrt(square * v[i]) + Vector512.Create(_rule.Epsilon))
                    : step * Vector512.Create(_inverse[i]);
            x[i] += step & awake;
        }
    }

    // A bit for each lane outside the basin; what is no number is outside.
    private ulong Outside(ReadOnlySpan<Vector512<double>> x)
    {
        Vector512<double> inside;
        if (_low.Length > 0)
        {
            inside = Vector512<double>.AllBitsSet;
            for (int i = 0; i < x.Length; i++)
                inside &= Vector512.GreaterThan(x[i], Vector512.Create(_low[i])) & Vector512.LessThan(x[i], Vector512.Create(_high[i]));
        }
        else
        {
            Vector512<double> sum = Vector512<double>.Zero;
            if (_diagonalForm)
            {
                for (int i = 0; i < x.Length; i++)
                    sum += Vector512.Create(_form[i]) * x[i] * x[i];
            }
            else
            {
                for (int i = 0, at = 0; i < x.Length; i++)
                {
                    Vector512<double> row = Vector512<double>.Zero;
                    for (int j = 0; j < x.Length; j++)
                        row += Vector512.Create(_form[at++]) * x[j];
                    sum += row * x[i];
                }
            }
            inside = Vector512.LessThan(sum, Vector512.Create(_level));
        }
        return ~Vector512.ExtractMostSignificantBits(inside) & 0xFF;
    }

    private static void Product(double[] matrix, bool diagonal, ReadOnlySpan<Vector512<double>> x, Span<Vector512<double>> y)
    {
        if (diagonal)
        {
            for (int i = 0; i < y.Length; i++)
                y[i] = Vector512.Create(matrix[i]) * x[i];
            return;
        }
        for (int i = 0, at = 0; i < y.Length; i++)
        {
            Vector512<double> row = Vector512<double>.Zero;
            for (int j = 0; j < x.Length; j++)
                row += Vector512.Create(matrix[at++]) * x[j];
            y[i] = row;
        }
    }

    // Its rows one after another, or, of a diagonal matrix, its diagonal.
    private static (double[], bool) Flat(double[,] matrix)
    {
        int rows = matrix.GetLength(0),
            columns = matrix.GetLength(1);
        bool diagonal = rows == columns;
        for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++)
            diagonal &= i == j || matrix[i, j] == 0;
        return (diagonal ? [.. Enumerable.Range(0, rows).Select(i => matrix[i, i])] : [.. matrix.Cast<double>()], diagonal);
    }
}
