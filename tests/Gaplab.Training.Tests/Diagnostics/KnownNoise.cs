// A task and a model whose per-sample gradients are given: f_i(θ) = g_i·θ.
using Gaplab.Learning.Data;
using Gaplab.Learning.Models;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Torch;

namespace Gaplab.Training.Tests.Diagnostics;

/// <summary>Sample i is the row [i].</summary>
internal sealed class NumberedSamples(int count) : ITask
{
    public TaskSpec Spec { get; } = new() { Kind = "markov" };

    public int Vocabulary => count;

    public int Context => 1;

    public int SampleLength => 1;

    public double? EntropyRate => null;

    public string Description => $"{count} numbered samples";

    public void CheckBatch(long batch) { }

    public void FillBatch(long seed, long firstSample, Span<long> tokens) => FillTrainEvaluation(0, firstSample, tokens);

    public ReadOnlySpan<long> Targets(ReadOnlySpan<long> row) => row;

    public long ValidationCount(long wanted) => TrainEvaluationCount(wanted);

    public long TrainEvaluationCount(long wanted) => wanted == 0 ? count : Math.Min(wanted, count);

    public void FillValidation(long wanted, long first, Span<long> tokens) => FillTrainEvaluation(wanted, first, tokens);

    public void FillTrainEvaluation(long wanted, long first, Span<long> tokens)
    {
        for (int i = 0; i < tokens.Length; i++)
            tokens[i] = (first + i) % count;
    }

    public long Predictions(ReadOnlySpan<long> rows) => rows.Length;

    public void Dispose() { }
}

/// <summary>The mean of g_i·θ over a mini-batch, two layers of P/2 parameters.</summary>
internal sealed class KnownGradients : IModel, IDisposable
{
    private readonly Tensor _gradients;
    private readonly int _dimension;

    /// <param name="gradients">g_i [samples, P].</param>
    /// <param name="dimension">P.</param>
    public KnownGradients(double[] gradients, int dimension)
    {
        _dimension = dimension;
        _gradients = TensorScope.Release(Tensor.From<double>(gradients, gradients.Length / dimension, dimension));
        var layout = new ParamLayoutBuilder();
        layout.Add("first.0.weight", Initialisation.One, dimension / 2);
        layout.Add("second.0.weight", Initialisation.One, dimension - dimension / 2);
        Layout = layout.Build();
    }

    public ParamLayout Layout { get; }

    public Tensor Loss(Tensor theta, Tensor tokens)
    {
        long replicas = tokens.Shape[0],
            batch = tokens.Shape[1];
        Tensor means = _gradients.IndexSelect(0, tokens.Reshape(-1)).Reshape(replicas, batch, _dimension).Mean([1]);
        return (theta * means).Sum([1]);
    }

    public void Dispose() => _gradients.Dispose();
}
