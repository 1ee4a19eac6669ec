// The likelihood of a pilot's cells at many points of the sampled space at once: as many to a step as a vector register has lanes.
using System.Numerics;
using Lane = System.Numerics.Vector<double>;

namespace Gaplab.Theory.Efficiency;

/// <summary>What <see cref="EfficiencyModel.At"/>, <see cref="EfficiencyParameters.At"/> and
/// <see cref="EfficiencyModel.LogLikelihood(in EfficiencyParameters)"/> give one point at a time, with τ integrated over its prior by the
/// trapezoid rule: a small τ allows so little of everything else that a sampler which has to move both would seldom find its way there.
/// Sampling is nearly all of the time of a fit, so this is written apart and held against those.</summary>
internal sealed class LaneLikelihood
{
    // Terms multiplied before a logarithm is taken: squares are at most some 1e30.
    private const int Multiplied = 8;

    private readonly EfficiencyModel _model;
    private readonly EfficiencyPriors _priors;
    private readonly Cell[] _cells;
    private readonly Node[] _nodes;
    private readonly Lane[] _point = new Lane[EfficiencyModel.Dimension],
        _squares,
        _logs;
    private readonly double[] _firstMemory = new double[Lane.Count],
        _secondMemory = new double[Lane.Count];

    /// <param name="StartsCurve">Whether the cell before is of another optimizer or length.</param>
    /// <param name="LogLength">ln(n/N).</param>
    /// <param name="Above">Its loss above the floor.</param>
    /// <param name="Scatter">(k−1)·s² of its k seeds.</param>
    private readonly record struct Cell(
        bool First,
        bool StartsCurve,
        double LogLength,
        double LogBatch,
        double Above,
        double Scatter,
        double Seeds,
        int Counted
    );

    /// <summary>A τ of the trapezoid rule: 1/(ν₀τ²), and what does not depend on the point.</summary>
    private readonly record struct Node(double Inverse, double Constant);

    public LaneLikelihood(EfficiencyModel model)
    {
        (_model, _priors) = (model, model.Priors);
        int counted = model.Cells.Sum(EfficiencyModel.Counted);
        _cells = new Cell[model.Cells.Count];
        for (int i = 0; i < _cells.Length; i++)
        {
            PilotCell cell = model.Cells[i];
            bool starts = i == 0 || cell.Side != model.Cells[i - 1].Side || cell.Samples != model.Cells[i - 1].Samples;
            _cells[i] = new Cell(
                cell.Side == PairSide.First,
                starts,
                Math.Log(cell.Samples / model.Context.Samples),
                Math.Log(cell.Batch),
                cell.Loss - model.Context.Floor,
                EfficiencyModel.Scatter(cell),
                cell.Seeds,
                EfficiencyModel.Counted(cell)
            );
        }
        _nodes =
        [
            .. model.Noises.Select(n =>
            {
                double t = _priors.NoiseDegrees * n.Tau * n.Tau;
                return new Node(1 / t, -0.5 * n.Z * n.Z - 0.5 * counted * Math.Log(t));
            }),
        ];
        (_squares, _logs) = (new Lane[_cells.Length], new Lane[_nodes.Length]);
    }

    /// <summary>ln ∫ p(cells | point, τ) p(τ) dτ up to a constant, of every point.</summary>
    /// <param name="coordinates">[coordinate][point].</param>
    /// <param name="logs">[point].</param>
    public void Logs(double[][] coordinates, Span<double> logs)
    {
        Span<double> some = stackalloc double[Lane.Count];
        for (int from = 0; from < logs.Length; from += Lane.Count)
        {
            int count = Math.Min(Lane.Count, logs.Length - from);
            for (int i = 0; i < _point.Length; i++)
                if (count == Lane.Count)
                    _point[i] = new Lane(coordinates[i], from);
                else
                {
                    some.Clear();
                    coordinates[i].AsSpan(from, count).CopyTo(some);
                    _point[i] = new Lane(some);
                }
            Log().CopyTo(some);
            some[..count].CopyTo(logs[from..]);
        }
    }

    private static Lane At(NormalPrior prior, Lane z) => new Lane(prior.Mean) + prior.Deviation * z;

    private static Lane LogOnePlusExp(Lane x) => Vector.Max(x, Lane.Zero) + Vector.Log(Lane.One + Vector.Exp(-Vector.Abs(x)));

    private Lane Log()
    {
        Lane[] z = _point;
        double direction = _model.Direction,
            tail = _priors.LeadTail;
        Lane grown = Vector.Exp(tail * z[EfficiencyModel.LeadAt]),
            least = _model.Scale * Vector.Exp(At(_priors.Base, z[EfficiencyModel.BaseAt])),
            alpha = Vector.Exp(At(_priors.LengthExponent, z[EfficiencyModel.LengthExponentAt])),
            lead = new Lane(direction * _priors.Lead.Mean) + _priors.Lead.Deviation / (2 * tail) * (grown - Lane.One / grown),
            leadExponent = At(_priors.LeadExponent, z[EfficiencyModel.LeadExponentAt]),
            drift = At(_priors.LeadDrift, z[EfficiencyModel.LeadDriftAt]),
            share = alpha * Vector.Exp(At(_priors.StepsAmplitude, z[EfficiencyModel.StepsAmplitudeAt])),
            ratio =
                new Lane(direction * _priors.StepsBatchRatio.Mean)
                + _priors.StepsBatchRatio.Deviation * z[EfficiencyModel.StepsBatchRatioAt],
            firstSteps = new Lane(Math.Log(_model.Context.Samples)) + At(_priors.StepsBatch, z[EfficiencyModel.StepsBatchAt]),
            power = Vector.Exp(At(_priors.StepsExponent, z[EfficiencyModel.StepsExponentAt])),
            stepsLength = At(_priors.StepsLengthExponent, z[EfficiencyModel.StepsLengthExponentAt]),
            amplitude = least * Vector.Exp(At(_priors.MemoryAmplitude, z[EfficiencyModel.MemoryAmplitudeAt])),
            gamma = Vector.Exp(At(_priors.MemoryExponent, z[EfficiencyModel.MemoryExponentAt])),
            memoryLength = At(_priors.MemoryLengthExponent, z[EfficiencyModel.MemoryLengthExponentAt]);
        if (direction < 0)
            firstSteps -= ratio;
        bool firstForgets = _model.Context.First.Shortness > 0,
            secondForgets = _model.Context.Second.Shortness > 0;
        Lane has = Lane.Zero;
        if ((firstForgets || secondForgets) && _model.NoMemory < 1)
        {
            for (int k = 0; k < Lane.Count; k++)
            {
                bool own = z[EfficiencyModel.HasMemoryAt][k] > _model.HasMemoryAbove;
                (double log, double at) = (Math.Log(amplitude[k]), z[EfficiencyModel.MemoryBatchAt][k]);
                _firstMemory[k] = own && firstForgets ? _model.FirstMemory.LogAt(log, at, _priors.MemoryBatch) : double.NegativeInfinity;
                _secondMemory[k] = own && secondForgets ? _model.SecondMemory.LogAt(log, at, _priors.MemoryBatch) : double.NegativeInfinity;
            }
            has = Vector.ConditionalSelect(
                Vector.GreaterThan(z[EfficiencyModel.HasMemoryAt], new Lane(_model.HasMemoryAbove)),
                Lane.One,
                Lane.Zero
            );
        }
        bool any = Vector.GreaterThanAny(has, Lane.Zero);

        Lane logs = Lane.Zero,
            own0 = Lane.Zero,
            steps = Lane.Zero,
            logSteps = Lane.Zero,
            overSteps = Lane.Zero,
            logMemory = Lane.Zero;
        bool remembers = false;
        for (int i = 0; i < _cells.Length; i++)
        {
            Cell cell = _cells[i];
            if (cell.StartsCurve)
            {
                double x = cell.LogLength;
                Lane common = least * Vector.Exp(-x * alpha);
                own0 = cell.First ? common * Vector.Exp(lead * Vector.Exp(-x * leadExponent) + x * drift) : common;
                steps = share * common;
                logSteps = (cell.First ? firstSteps : firstSteps + ratio) + x * stepsLength;
                remembers = any && (cell.First ? firstForgets : secondForgets);
                if (remembers)
                {
                    logMemory = new Lane(cell.First ? _firstMemory : _secondMemory) - x * memoryLength;
                    overSteps = amplitude / steps;
                }
            }
            Lane few = power * (new Lane(cell.LogBatch) - logSteps),
                excess;
            if (remembers)
            {
                Lane forgot = has * overSteps * LogOnePlusExp(Vector.Max(gamma * (logMemory - new Lane(cell.LogBatch)), new Lane(-745)));
                excess = own0 + steps * (Vector.Max(few, forgot) + Vector.Log(Lane.One + Vector.Exp(-Vector.Abs(few - forgot))));
            }
            else
                excess = own0 + steps * LogOnePlusExp(few);
            Lane miss = new Lane(cell.Above) - excess;
            _squares[i] = (new Lane(cell.Scatter) + cell.Seeds * miss * miss) / (excess * excess);
            logs += cell.Counted * Vector.Log(excess);
        }

        double degrees = _priors.NoiseDegrees;
        Lane top = new(double.NegativeInfinity);
        for (int j = 0; j < _nodes.Length; j++)
        {
            Lane inverse = new(_nodes[j].Inverse),
                sum = Lane.Zero,
                product = Lane.One;
            int multiplied = 0;
            for (int i = 0; i < _squares.Length; i++)
            {
                Lane term = Lane.One + _squares[i] * inverse;
                if (_cells[i].Counted > 1)
                    sum += 0.5 * (degrees + _cells[i].Counted) * Vector.Log(term);
                else
                {
                    product *= term;
                    if (++multiplied % Multiplied == 0)
                    {
                        sum += 0.5 * (degrees + 1) * Vector.Log(product);
                        product = Lane.One;
                    }
                }
            }
            sum += 0.5 * (degrees + 1) * Vector.Log(product);
            _logs[j] = new Lane(_nodes[j].Constant) - sum;
            top = Vector.Max(top, _logs[j]);
        }
        Lane total = Lane.Zero;
        foreach (Lane log in _logs)
            total += Vector.Exp(log - top);
        return top + Vector.Log(total) - logs;
    }
}
