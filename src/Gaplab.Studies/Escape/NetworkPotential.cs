// A small trained network's loss as a surface that paths move on, with the noise measured where it was trained to.
using System.Globalization;
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Models;
using Gaplab.Numerics;
using Gaplab.Numerics.Streams;
using Gaplab.Theory.Escape;
using Gaplab.Theory.Levy;

namespace Gaplab.Studies.Escape;

/// <summary>F(θ), the mean training loss over a fixed subset of the training samples, and its gradient, in double.</summary>
/// <remarks>Every step of a path is a forward and a backward pass over the subset, and basins by level another forward pass: for networks
/// and subsets of some hundreds.</remarks>
public sealed class NetworkPotential : IPotential
{
    private readonly IModel _model;
    private readonly TrainingSubset _subset;

    public NetworkPotential(IModel model, TrainingSubset subset)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(subset);
        (_model, _subset, Dimension) = (model, subset, checked((int)model.Layout.Count));
    }

    public int Dimension { get; }

    public double Value(ReadOnlySpan<double> x) => _subset.Loss(_model, x.ToArray());

    public void Gradient(ReadOnlySpan<double> x, Span<double> gradient) => _subset.Gradient(_model, x.ToArray()).CopyTo(gradient);

    /// <summary>The displacements from <paramref name="point"/> at which the loss is less than <paramref name="barrier"/> above what it is
    /// there.</summary>
    /// <param name="point">[P]</param>
    /// <param name="barrier">h, in the loss's unit.</param>
    /// <param name="furthest">Distance beyond which a ray counts as never leaving.</param>
    /// <param name="steps">Losses asked along a ray before bisection; gaps narrower than furthest/steps are passed over.</param>
    /// <exception cref="InputException">The barrier is not positive, or the loss at the point is no number.</exception>
    public IBasin Below(IReadOnlyList<double> point, double barrier, double furthest = 100, int steps = 400)
    {
        ArgumentNullException.ThrowIfNull(point);
        if (!(barrier > 0) || !double.IsFinite(barrier))
            throw new InputException(string.Create(CultureInfo.InvariantCulture, $"the barrier is {barrier}; expected a positive height"));
        double[] at = [.. point];
        Check(at);
        double level = Value(at) + barrier;
        if (!double.IsFinite(level))
            throw new InputException(
                string.Create(CultureInfo.InvariantCulture, $"the loss at the trained point is {level - barrier}; expected a finite number")
            );
        return new PredicateBasin(
            Dimension,
            x =>
            {
                var moved = new double[at.Length];
                for (int i = 0; i < moved.Length; i++)
                    moved[i] = at[i] + x[i];
                return Value(moved) < level;
            },
            furthest,
            steps
        );
    }

    /// <summary>SGD's noise at a point, coordinate by coordinate: the scale σᵢ at which a stable law of α = 2 has the variance 2σᵢ²
    /// measured over mini-batches drawn with replacement.</summary>
    /// <param name="alpha">0 &lt; α ≤ 2, of the noise that is to act with these scales.</param>
    /// <param name="point">[P]</param>
    /// <param name="batch">Samples in a mini-batch.</param>
    /// <param name="draws">Mini-batches, at least 2.</param>
    /// <param name="seed">Of the draws.</param>
    /// <exception cref="InputException">α, batch or draws out of range, or a point of another length.</exception>
    public LevyNoise NoiseAt(double alpha, IReadOnlyList<double> point, int batch, int draws, long seed)
    {
        ArgumentNullException.ThrowIfNull(point);
        if (batch < 1 || draws < 2)
            throw new InputException($"noise from {draws} mini-batches of {batch}; expected at least 2 of at least 1");
        double[] at = [.. point],
            square = new double[Dimension];
        Check(at);
        double[] mean = _subset.Gradient(_model, at);
        RandomStream random = RandomStream.For(seed, "escape/draws");
        // Around the full gradient, which is known, so the sum is over draws and not one less.
        _subset.Gradients(
            _model,
            at,
            [.. Enumerable.Range(0, draws).Select(_ => _subset.Draw(random, batch))],
            (_, g) =>
            {
                for (int i = 0; i < square.Length; i++)
                    square[i] += (g[i] - mean[i]) * (g[i] - mean[i]);
            }
        );
        return LevyNoise.Diagonal(alpha, NoiseDriver.Independent, [.. square.Select(s => Math.Sqrt(s / draws / 2))]);
    }

    /// <summary>The exit from the basin below a barrier around a trained point, under the noise measured there. Give
    /// <see cref="EnsembleOptions.Cores"/> 1 where libtorch has threads of its own.</summary>
    /// <param name="point">[P], where paths start.</param>
    /// <param name="basin">Of <see cref="Below"/>.</param>
    /// <param name="noise">Of <see cref="NoiseAt"/>.</param>
    /// <param name="rule">The algorithm, or the scheme of its SDE.</param>
    /// <param name="maxSteps">Paths that have not left by then are censored.</param>
    public ExitProblem Exit(IReadOnlyList<double> point, IBasin basin, LevyNoise noise, StepRule rule, long maxSteps) =>
        new()
        {
            Potential = this,
            Minimum = point,
            Region = basin,
            Noise = noise,
            Rule = rule,
            MaxSteps = maxSteps,
        };

    private void Check(double[] point)
    {
        if (point.Length != Dimension)
            throw new InputException($"the point has {point.Length} coordinates, the network {Dimension} parameters; expected as many");
    }
}
