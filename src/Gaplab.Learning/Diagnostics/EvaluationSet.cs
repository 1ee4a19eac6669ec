// The fixed batches on which curvature is measured: their mean is the loss, their spread the error from sampling the data.
using Gaplab.Learning.Data;
using Gaplab.Torch;

namespace Gaplab.Learning.Diagnostics;

/// <summary>Batches of samples with the number of predictions in each; f = Σ w_b·f_b, w_b = n_b/Σn, is the mean loss of all
/// predictions.</summary>
public sealed class EvaluationSet
{
    private readonly long[][] _rows;
    private readonly int _sampleLength;

    /// <param name="batches">Rows of samples, each batch row-major [B, sampleLength].</param>
    /// <param name="sampleLength">Integers in a sample.</param>
    /// <param name="predictions">n_b.</param>
    public EvaluationSet(IReadOnlyList<long[]> batches, int sampleLength, IReadOnlyList<long> predictions)
    {
        if (batches.Count == 0 || batches.Count != predictions.Count)
            throw new ArgumentException(
                $"{batches.Count} batches with {predictions.Count} counts; expected as many, at least one",
                nameof(batches)
            );
        (_rows, _sampleLength) = ([.. batches], sampleLength);
        double total = predictions.Sum();
        Weights = [.. predictions.Select(n => n / total)];
    }

    /// <summary>w_b, adding up to 1.</summary>
    public IReadOnlyList<double> Weights { get; }

    /// <summary>Batches.</summary>
    public int Count => _rows.Length;

    /// <summary>The samples of a batch as integers.</summary>
    public ReadOnlySpan<long> Rows(int batch) => _rows[batch];

    /// <summary>Batch b as int64 [1, B, sampleLength].</summary>
    public Tensor Batch(int batch) => Tensor.From<long>(_rows[batch], 1, _rows[batch].Length / _sampleLength, _sampleLength);

    /// <summary>Evenly spaced samples of the validation part, in batches.</summary>
    /// <param name="task">Where from.</param>
    /// <param name="samples">How many; 0 is all.</param>
    /// <param name="batch">Samples a batch; the last may be smaller.</param>
    public static EvaluationSet Validation(ITask task, long samples, int batch)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        long count = task.ValidationCount(samples);
        var rows = new List<long[]>();
        for (long first = 0; first < count; first += batch)
        {
            long[] part = new long[Math.Min(batch, count - first) * task.SampleLength];
            task.FillValidation(samples, first, part);
            rows.Add(part);
        }
        return new EvaluationSet(rows, task.SampleLength, [.. rows.Select(r => task.Predictions(r))]);
    }
}
