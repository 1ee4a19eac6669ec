// What the trainer needs of a task: samples by number, evaluation sets, and how many predictions a sample holds.
using Gaplab.Learning.Specs;
using Gaplab.Numerics;

namespace Gaplab.Learning.Data;

/// <summary>Training and evaluation samples as rows of integers of one length; what a row means is between the task and its
/// model.</summary>
public interface ITask : IDisposable
{
    /// <summary>The spec with <see cref="TaskSpec.Content"/> filled in.</summary>
    TaskSpec Spec { get; }

    /// <summary>Ids are 0 … Vocabulary-1.</summary>
    int Vocabulary { get; }

    /// <summary>T: the most predictions a sample holds.</summary>
    int Context { get; }

    /// <summary>Integers in a sample's row: T+1 for language modelling.</summary>
    int SampleLength { get; }

    /// <summary>The least possible loss in nats a prediction, where it is known.</summary>
    double? EntropyRate { get; }

    /// <summary>What was loaded, in a few words: "1,003,854 training and 111,540 validation tokens, vocabulary 256".</summary>
    string Description { get; }

    /// <summary>Refuses a batch larger than the training data.</summary>
    /// <exception cref="InputException">More samples than the data hold.</exception>
    void CheckBatch(long batch);

    /// <summary>Writes samples firstSample, firstSample+1, … of the run with this seed: [B, SampleLength], row-major. Sample k is a
    /// function of (seed, k) for every batch size.</summary>
    void FillBatch(long seed, long firstSample, Span<long> tokens);

    /// <summary>How many samples an evaluation on the validation part that asks for <paramref name="wanted"/> (0 = all) gets.</summary>
    long ValidationCount(long wanted);

    /// <summary>Likewise on the training part.</summary>
    long TrainEvaluationCount(long wanted);

    void FillValidation(long wanted, long first, Span<long> tokens);

    void FillTrainEvaluation(long wanted, long first, Span<long> tokens);

    /// <summary>What a row predicts, as ids below <see cref="Vocabulary"/>; empty where a target is a number.</summary>
    ReadOnlySpan<long> Targets(ReadOnlySpan<long> row);

    /// <summary>Ids from which label noise draws anew in every sample; 0 where rows of a training evaluation hold the noise
    /// already.</summary>
    int NoisyClasses => 0;

    /// <summary>Predictions in some rows: the weight of their mean loss in a mean over several batches.</summary>
    long Predictions(ReadOnlySpan<long> rows);
}
