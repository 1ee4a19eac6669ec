// What one training run is: a run is a pure function of this record, and its canonical JSON is hashed into the run id.
using Gaplab.Numerics;

namespace Gaplab.Learning.Specs;

/// <summary>One run. Every default is written out; the canonical form leaves out keys at their default.</summary>
public sealed record RunSpec
{
    /// <summary>Raised whenever the meaning of a key changes; it is part of the hash.</summary>
    public const int SpecVersion = 1;

    public required TaskSpec Task { get; init; }
    public required ModelSpec Model { get; init; }
    public required OptimizerSpec Optimizer { get; init; }

    /// <summary>Samples (sequences, images, …) per optimizer step.</summary>
    public required int Batch { get; init; }

    /// <summary>Names every random stream of the run: initial weights, data order.</summary>
    public required long Seed { get; init; }
    public required BudgetSpec Budget { get; init; }
    public ScheduleSpec Schedule { get; init; } = new();
    public EvaluationSpec Evaluation { get; init; } = new();

    /// <summary>One of <see cref="Precisions"/>.</summary>
    public string Precision { get; init; } = "float32";

    /// <summary>The words of <see cref="Precision"/>, the default first; "bfloat16" keeps weights in float32 and computes the model
    /// alone in it.</summary>
    public static IReadOnlyList<string> Precisions { get; } = ["float32", "float64", "bfloat16"];

    /// <summary>A loss above this multiple of the loss at step 0 counts as diverged.</summary>
    public double DivergenceFactor { get; init; } = 4;
}

/// <summary>How long a run is: in samples, tokens or steps ("unit"). Steps = max(1, ⌊amount/(samples or tokens per step)⌋).</summary>
public sealed record BudgetSpec
{
    public string Unit { get; init; } = "samples";
    public required long Amount { get; init; }

    /// <summary>Optimizer steps of a run with <paramref name="batch"/> samples a step and <paramref name="context"/> tokens a
    /// sample.</summary>
    public long Steps(int batch, int context) =>
        Unit switch
        {
            "samples" => Math.Max(1, Amount / batch),
            "tokens" => Math.Max(1, Amount / ((long)batch * context)),
            "steps" => Amount,
            _ => throw new InvalidOperationException($"budget unit '{Unit}'; expected samples, tokens or steps"),
        };
}

/// <summary>The learning rate over time, as a factor of the peak: of which kind, by <see cref="RateSchedule"/>.</summary>
public sealed record ScheduleSpec
{
    public string Kind { get; init; } = "warmup-cosine";

    /// <summary>Fraction of the steps that warm up.</summary>
    public double Warmup { get; init; } = 0.1;

    /// <summary>Fraction of the steps that decay ("warmup-stable-decay").</summary>
    public double Decay { get; init; } = 0.2;

    /// <summary>Factor at the end of the decay.</summary>
    public double Final { get; init; }

    /// <summary>The formula.</summary>
    public RateSchedule Rate() => new(Kind, Warmup, Decay, Final);
}

/// <summary>When and on how much a run is evaluated.</summary>
public sealed record EvaluationSpec
{
    /// <summary>Evaluations of the validation loss spread evenly over the run, the last one at the end; 0 is at the end only.</summary>
    public int Points { get; init; } = 8;

    /// <summary>Validation sequences, evenly spaced over the validation part; 0 is all.</summary>
    public int Validation { get; init; } = 256;

    /// <summary>Training sequences of the final full-train evaluation; 0 is all, -1 is none.</summary>
    public int Train { get; init; } = 256;

    /// <summary>Translation: validation sentences, evenly spaced, that are translated at the end for their BLEU; 0 is all, -1 is
    /// none.</summary>
    public int Bleu { get; init; } = -1;

    /// <summary>Translation: hypotheses a beam search keeps; 1 is greedy.</summary>
    public int Beam { get; init; } = 1;

    /// <summary>Sequences per forward pass in an evaluation and the most per micro-batch in training (gradient accumulation above
    /// it).</summary>
    public int MicroBatch { get; init; } = 256;
}
