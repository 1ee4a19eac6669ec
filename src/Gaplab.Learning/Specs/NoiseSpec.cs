// What the gradient-noise probes draw and keep.
namespace Gaplab.Learning.Specs;

/// <summary>Gradient noise is ∇f_S − ∇F: F the mean loss over a fixed subset of the training samples, S a mini-batch drawn from that very
/// subset, so that the noise has mean zero.</summary>
public sealed record NoiseSpec
{
    /// <summary>Training samples of the subset, evenly spaced; 0 is all.</summary>
    public int Samples { get; init; } = 512;

    /// <summary>Samples a mini-batch; empty: the run's own.</summary>
    public IReadOnlyList<int> Batches { get; init; } = [];

    /// <summary>Mini-batches of each size at a point.</summary>
    public int Draws { get; init; } = 1000;

    /// <summary>Coordinates followed from mini-batch to mini-batch, as many of every layer as it has or its share.</summary>
    public int Coordinates { get; init; } = 256;

    /// <summary>Mini-batches of which all coordinates are kept (a fixed draw of 2²⁰ of them in larger models).</summary>
    public int Whole { get; init; } = 2;

    /// <summary>Steps of a window that are kept, after ⌈5/(1−β₁)⌉ steps in which Adam's average settles.</summary>
    public int Window { get; init; } = 200;

    /// <summary>β₁ of the averages in Adam's noise.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Main columns (eigenvectors) of the noise covariance, and eigenpairs of the Hessian, at the end of a run.</summary>
    public int Columns { get; init; } = 8;

    /// <summary>⌈5/(1−β₁)⌉ steps: the average then remembers less than 1% of its start.</summary>
    public int Settling => (int)Math.Ceiling(5 / (1 - Beta1) - 1e-9);

    /// <summary>Coordinates kept of a whole mini-batch.</summary>
    public long WholeOf(long parameters) => Math.Min(parameters, 1L << 20);

    /// <summary>Bytes that the noise probes of one run hold at most beside the gradients of one pass: sums, averages and kept arrays, in
    /// double.</summary>
    /// <param name="parameters">P.</param>
    /// <param name="windows">Windows open at once.</param>
    public long Memory(long parameters, int windows)
    {
        int sizes = Math.Max(1, Batches.Count);
        long point = 16 * parameters + sizes * (Draws * (Coordinates + 1L) + Whole * WholeOf(parameters));
        long window = 3 * parameters + sizes * (parameters + 2 * (Window * (Coordinates + 1L) + Whole * WholeOf(parameters)));
        return sizeof(double) * (point + windows * window);
    }
}
