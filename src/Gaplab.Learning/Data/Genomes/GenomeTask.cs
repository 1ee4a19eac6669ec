// Prediction of nucleotides, the next or hidden ones: windows of a genome from FASTA files or of a generated one.
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Gaplab.Learning.Data.Sampling;
using Gaplab.Learning.Data.Text;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Numerics.Streams;

namespace Gaplab.Learning.Data.Genomes;

/// <summary>Training and validation regions, cut into windows of T+1 bases as <see cref="SampleOrder"/> says; a training window is its
/// reverse complement with probability ½ where that is asked for.</summary>
internal sealed class GenomeTask : ITask
{
    private readonly TokenSequence _train,
        _validation;
    private readonly SampleOrder _order;
    private readonly TokenTargets _targets;

    private GenomeTask(TaskSpec spec, TokenSequence train, TokenSequence validation, double? least)
    {
        // The known loss is that of a predictor from the left.
        if (Masked(spec))
            least = null;
        (Spec, _train, _validation, EntropyRate, _order) = (spec, train, validation, least, new SampleOrder(train.Length, spec.Context));
        _targets = new TokenTargets(spec, Nucleotides.Unknown, Nucleotides.Alphabet);
        Description =
            string.Create(
                CultureInfo.InvariantCulture,
                $"{train.Length:N0} training and {validation.Length:N0} validation bases, alphabet A C G T N"
            )
            + (Masked(spec) ? string.Create(CultureInfo.InvariantCulture, $", {_targets.PerRow} of {spec.Context} hidden") : "")
            + (
                least is { } l
                    ? string.Create(CultureInfo.InvariantCulture, $"; least possible validation loss {l:0.####} nats a base")
                    : ""
            );
    }

    public TaskSpec Spec { get; }

    /// <summary>5: A, C, G, T, N; with a masked objective 6, the last of which hides a base.</summary>
    public int Vocabulary => Nucleotides.Alphabet + (Masked(Spec) ? 1 : 0);

    public int Context => Spec.Context;

    public int SampleLength => _targets.RowLength;

    /// <summary>Of a generated genome: the loss in nats a base of the best predictor on the validation region.</summary>
    public double? EntropyRate { get; }

    public string Description { get; }

    private long ValidationWindows => (_validation.Length - 1) / Context;

    /// <exception cref="InputException">Missing, broken or too short files, or not those named by
    /// <see cref="TaskSpec.Content"/>.</exception>
    public static GenomeTask Load(TaskSpec spec) => (GenomeTask)TaskCatalogue.BuiltIn.Load(spec);

    /// <summary>Of a generated genome.</summary>
    /// <exception cref="InputException">Parts that are too short.</exception>
    internal static GenomeTask Generated(TaskSpec spec)
    {
        CheckContext(spec);
        long held = (long)Math.Round(spec.Tokens * spec.ValidationFraction);
        var source = new GenomeSource(spec.Order, spec.Dependence, spec.Motifs, spec.MotifLength, spec.MotifRate, spec.SourceSeed);
        CheckLength(spec, "the generated genome", spec.Tokens - held, held);
        (Nucleotides text, double least) = source.Generate(spec.Tokens, spec.Tokens - held);
        return new GenomeTask(spec with { Content = null }, text.Slice(0, spec.Tokens - held), text.Slice(spec.Tokens - held, held), least);
    }

    /// <summary>Of FASTA files.</summary>
    /// <exception cref="InputException">As <see cref="Load"/>.</exception>
    internal static GenomeTask OfFiles(TaskSpec spec)
    {
        CheckContext(spec);
        string path = spec.Path ?? throw new InputException("task.path is missing; a task of kind fasta needs a FASTA file (.fa, .fa.gz)");
        Nucleotides bases = FastaFile.Read(path, spec.Repeats == "hide");
        Nucleotides? other = spec.ValidationPath is null ? null : FastaFile.Read(spec.ValidationPath, spec.Repeats == "hide");
        long length = other is null ? (long)Math.Round(bases.Length * spec.ValidationFraction) : other.Length,
            train = other is null ? bases.Length - length : bases.Length;
        CheckLength(spec, path, train, length);
        string content = Convert.ToHexStringLower(
            SHA256.HashData([.. bases.Hash(), .. other?.Hash() ?? [], .. Encoding.ASCII.GetBytes("fasta 1")])
        );
        PlannedContent.Check(spec, content, path);
        return new GenomeTask(
            spec with
            {
                Content = content,
            },
            bases.Slice(0, train),
            other is null ? bases.Slice(train, length) : other,
            null
        );
    }

    public void CheckBatch(long batch)
    {
        if (batch > _order.Windows)
            throw new InputException(
                $"batch {batch} is larger than the training data: {_train.Length} bases hold {_order.Windows} distinct sequences of "
                    + $"context {Context}; use a smaller batch or context, or more data"
            );
    }

    public void FillBatch(long seed, long firstSample, Span<long> tokens)
    {
        long epoch = -1;
        SampleOrder.EpochOrder order = default;
        for (int b = 0; b * SampleLength < tokens.Length; b++)
        {
            long sample = firstSample + b;
            if (sample / _order.Windows != epoch)
                order = _order.Epoch(seed, epoch = sample / _order.Windows);
            Span<long> row = tokens.Slice(b * SampleLength, SampleLength),
                window = _targets.Window(row);
            _train.Read(order.Start(sample % _order.Windows), window);
            if (Spec.ReverseComplement && RandomStream.For(seed, "data/reverse-complement", sample).NextDouble() < 0.5)
                Nucleotides.ReverseComplement(window);
            _targets.Training(row, seed, sample);
        }
    }

    public long ValidationCount(long wanted) => EvenlySpaced.Count(wanted, ValidationWindows);

    public long TrainEvaluationCount(long wanted) => EvenlySpaced.Count(wanted, _order.Windows);

    public void FillValidation(long wanted, long first, Span<long> tokens) =>
        FillEvenly(_validation, ValidationWindows, ValidationCount(wanted), first, tokens);

    public void FillTrainEvaluation(long wanted, long first, Span<long> tokens) =>
        FillEvenly(_train, _order.Windows, TrainEvaluationCount(wanted), first, tokens);

    /// <inheritdoc/>
    public ReadOnlySpan<long> Targets(ReadOnlySpan<long> row) => _targets.Of(row);

    /// <summary>A, C, G and T.</summary>
    public int NoisyClasses => Nucleotides.Unknown;

    public long Predictions(ReadOnlySpan<long> rows) => rows.Length / SampleLength * _targets.PerRow;

    public void Dispose()
    {
        // All is in memory.
    }

    private static bool Masked(TaskSpec spec) => TokenRowForm.Of(spec) == TokenRows.Masked;

    private void FillEvenly(TokenSequence text, long windows, long count, long first, Span<long> tokens)
    {
        for (int b = 0; b * SampleLength < tokens.Length; b++)
        {
            if (first + b < 0 || first + b >= count)
                throw new ArgumentOutOfRangeException(nameof(first), $"sequence {first + b} of {count}");
            long window = EvenlySpaced.Index(first + b, count, windows);
            Span<long> row = tokens.Slice(b * SampleLength, SampleLength);
            text.Read(window * Context, _targets.Window(row));
            _targets.Evaluation(row, window);
        }
    }

    private static void CheckLength(TaskSpec spec, string name, long train, long validation)
    {
        foreach ((string part, long length) in (ReadOnlySpan<(string, long)>)[("training", train), ("validation", validation)])
            if (length <= spec.Context)
                throw new InputException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{name}: the {part} part has {length} bases, but one sequence of context {spec.Context} needs "
                            + $"{spec.Context + 1L}; use a longer sequence, a smaller task.context or another task.validation-fraction "
                            + $"(now {spec.ValidationFraction})"
                    )
                );
    }

    private static void CheckContext(TaskSpec spec)
    {
        if (spec.Context < 1)
            throw new InputException($"task.context is {spec.Context}; expected at least 1");
    }
}
