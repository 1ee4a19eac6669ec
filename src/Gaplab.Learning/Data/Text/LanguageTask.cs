// A language-modelling task as the trainer sees it: token batches by (seed, sample), evaluation windows, vocabulary, known entropy.
using System.Globalization;
using Gaplab.Learning.Data.Sampling;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;

namespace Gaplab.Learning.Data.Text;

/// <summary>Training and validation tokens of a <see cref="TaskSpec"/>, cut into sequences of T+1 tokens (T inputs, T targets shifted by
/// one).</summary>
public sealed class LanguageTask : ITask
{
    private readonly IDisposable[] _files;
    private readonly SampleOrder _order;
    private readonly TokenTargets _targets;

    private LanguageTask(
        TaskSpec spec,
        int vocabulary,
        TokenSequence train,
        TokenSequence validation,
        ITokenizer? tokenizer,
        MarkovSource? source,
        double? leastLoss,
        IDisposable[] files
    )
    {
        (Spec, Vocabulary, Train, Validation, Tokenizer, Source, _files) = (spec, vocabulary, train, validation, tokenizer, source, files);
        EntropyRate = leastLoss ?? source?.EntropyRate;
        _order = new SampleOrder(train.Length, spec.Context);
        _targets = new TokenTargets(spec, vocabulary, vocabulary);
    }

    /// <summary>The spec with <see cref="TaskSpec.Content"/> filled in (except for "markov", which its numbers define).</summary>
    public TaskSpec Spec { get; }

    /// <summary>Ids are 0 … Vocabulary-1.</summary>
    public int Vocabulary { get; }

    /// <summary>T.</summary>
    public int Context => Spec.Context;

    /// <summary>T+1, or with label noise 2T: the targets then stand apart from the inputs.</summary>
    public int SampleLength => _targets.RowLength;

    internal TokenSequence Train { get; }
    internal TokenSequence Validation { get; }

    public string Description =>
        string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"{Train.Length:N0} training and {Validation.Length:N0} validation tokens, vocabulary {Vocabulary}"
        );

    /// <summary>The text's tokenizer; null for "tokens" and "markov".</summary>
    internal ITokenizer? Tokenizer { get; }

    /// <summary>The synthetic source; null for real data.</summary>
    internal MarkovSource? Source { get; }

    /// <summary>The least possible loss in nats a token, where it is known: the source's entropy rate.</summary>
    public double? EntropyRate { get; }

    /// <summary>Distinct training sequences: samples an epoch.</summary>
    public long TrainWindows => _order.Windows;

    /// <summary>Distinct validation sequences, one after the other.</summary>
    public long ValidationWindows => (Validation.Length - 1) / Context;

    /// <summary>Reads, checks and tokenizes the data of a task.</summary>
    /// <exception cref="InputException">Missing, binary, too short or unusable data; or not the data named by
    /// <see cref="TaskSpec.Content"/>.</exception>
    public static LanguageTask Load(TaskSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        TaskKind[] kinds = [.. TaskCatalogue.BuiltIn.All.Where(k => k.Samples == SampleKind.Tokens)];
        TaskKind kind =
            kinds.FirstOrDefault(k => k.Name == spec.Kind)
            ?? throw new InputException($"task.kind is '{spec.Kind}'; expected {string.Join(", ", kinds.Select(k => k.Name))}");
        return (LanguageTask)kind.Load(spec);
    }

    /// <summary>Checks what every kind has, and that the data are those planned.</summary>
    /// <param name="spec">The task.</param>
    /// <param name="read">Reads or makes the data.</param>
    /// <exception cref="InputException">As <see cref="Load(TaskSpec)"/>.</exception>
    public static LanguageTask Load(TaskSpec spec, Func<TaskSpec, LanguageTask> read)
    {
        if (spec.Context < 1)
            throw new InputException($"task.context is {spec.Context}; expected at least 1");
        if (!(spec.ValidationFraction is > 0 and < 1))
            throw new InputException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"task.validation-fraction is {spec.ValidationFraction}; expected a fraction between 0 and 1"
                )
            );
        LanguageTask task = read(spec);
        try
        {
            PlannedContent.Check(spec, task.Spec.Content, spec.Path);
            return task;
        }
        catch
        {
            task.Dispose();
            throw;
        }
    }

    /// <summary>Refuses a batch larger than the training data.</summary>
    /// <exception cref="InputException">More samples than distinct training sequences.</exception>
    public void CheckBatch(long batch)
    {
        if (batch > TrainWindows)
            throw new InputException(
                $"batch {batch} is larger than the training data: {Train.Length} tokens hold {TrainWindows} distinct sequences of context "
                    + $"{Context}; use a smaller batch or context, or more data"
            );
    }

    /// <summary>Position in <see cref="Train"/> of the first token of sample <paramref name="sample"/> of a run (see
    /// <see cref="SampleOrder"/>).</summary>
    public long SampleStart(long seed, long sample) => _order.Start(seed, sample);

    /// <summary>Writes samples firstSample, firstSample+1, … of a run: [B, <see cref="SampleLength"/>] ids, row-major. Step t of batch size
    /// B starts at sample t·B.</summary>
    public void FillBatch(long seed, long firstSample, Span<long> tokens)
    {
        int size = SampleLength,
            count = Rows(tokens);
        long epoch = -1;
        SampleOrder.EpochOrder order = default;
        for (int b = 0; b < count; b++)
        {
            long sample = firstSample + b;
            if (sample / TrainWindows != epoch)
                order = _order.Epoch(seed, epoch = sample / TrainWindows);
            Span<long> row = tokens.Slice(b * size, size);
            Train.Read(order.Start(sample % TrainWindows), _targets.Window(row));
            _targets.Training(row, seed, sample);
        }
    }

    /// <summary>How many sequences an evaluation that asks for <paramref name="wanted"/> (0 = all) gets of the validation part.</summary>
    public long ValidationCount(long wanted) => EvenlySpaced.Count(wanted, ValidationWindows);

    /// <summary>Likewise of the training part.</summary>
    public long TrainEvaluationCount(long wanted) => EvenlySpaced.Count(wanted, TrainWindows);

    /// <summary>Writes sequences first, first+1, … of an evaluation on <see cref="ValidationCount"/>(wanted) evenly spaced validation
    /// windows: [B, <see cref="SampleLength"/>] ids.</summary>
    public void FillValidation(long wanted, long first, Span<long> tokens) =>
        FillEvenly(Validation, ValidationWindows, ValidationCount(wanted), first, tokens);

    /// <summary>Likewise on the training part, for the full-train evaluation.</summary>
    public void FillTrainEvaluation(long wanted, long first, Span<long> tokens) =>
        FillEvenly(Train, TrainWindows, TrainEvaluationCount(wanted), first, tokens);

    /// <inheritdoc/>
    public ReadOnlySpan<long> Targets(ReadOnlySpan<long> row) => _targets.Of(row);

    /// <inheritdoc/>
    public int NoisyClasses => Vocabulary;

    /// <summary>T a sequence.</summary>
    public long Predictions(ReadOnlySpan<long> rows) => rows.Length / SampleLength * Context;

    public void Dispose()
    {
        foreach (IDisposable file in _files)
            file.Dispose();
    }

    private void FillEvenly(TokenSequence text, long windows, long count, long first, Span<long> tokens)
    {
        int size = SampleLength,
            rows = Rows(tokens);
        if (first < 0 || first + rows > count)
            throw new ArgumentOutOfRangeException(nameof(first), $"sequences {first} … {first + rows - 1} of {count}");
        for (int b = 0; b < rows; b++)
        {
            long window = EvenlySpaced.Index(first + b, count, windows);
            Span<long> row = tokens.Slice(b * size, size);
            text.Read(window * Context, _targets.Window(row));
            _targets.Evaluation(row, window);
        }
    }

    private int Rows(Span<long> tokens) =>
        tokens.Length % SampleLength == 0
            ? tokens.Length / SampleLength
            : throw new ArgumentException($"{tokens.Length} ids are no whole number of sequences of {SampleLength}", nameof(tokens));

    /// <summary>A task whose validation part is the last of its tokens.</summary>
    /// <param name="spec">Content filled in.</param>
    /// <param name="name">Of the data, for errors.</param>
    /// <param name="vocabulary">V.</param>
    /// <param name="tokens">All of them.</param>
    /// <param name="leastLoss">In nats a token, where it is known.</param>
    /// <exception cref="InputException">A part shorter than a sample.</exception>
    public static LanguageTask Split(TaskSpec spec, string name, int vocabulary, TokenSequence tokens, double? leastLoss = null) =>
        Split(spec, name, vocabulary, tokens, tokenizer: null, leastLoss: leastLoss);

    /// <inheritdoc cref="Split(TaskSpec, string, int, TokenSequence, double?)"/>
    /// <param name="spec">Content filled in.</param>
    /// <param name="name">Of the data, for errors.</param>
    /// <param name="vocabulary">V.</param>
    /// <param name="tokens">All of them.</param>
    /// <param name="tokenizer">Of a text.</param>
    /// <param name="source">Of the synthetic language.</param>
    /// <param name="leastLoss">In nats a token, of other sources where it is known.</param>
    /// <param name="files">Disposed of with the task.</param>
    /// <exception cref="InputException">A part shorter than a sample.</exception>
    internal static LanguageTask Split(
        TaskSpec spec,
        string name,
        int vocabulary,
        TokenSequence tokens,
        ITokenizer? tokenizer = null,
        MarkovSource? source = null,
        double? leastLoss = null,
        IDisposable[]? files = null
    )
    {
        long validation = (long)Math.Round(tokens.Length * spec.ValidationFraction),
            train = tokens.Length - validation;
        CheckLength(spec, name, "training part", train);
        CheckLength(spec, name, "validation part", validation);
        return new LanguageTask(
            spec,
            vocabulary,
            tokens.Slice(0, train),
            tokens.Slice(train, validation),
            tokenizer,
            source,
            leastLoss,
            files ?? []
        );
    }

    /// <summary>A task of two files.</summary>
    /// <exception cref="InputException">A part shorter than a sample.</exception>
    internal static LanguageTask OfParts(
        TaskSpec spec,
        int vocabulary,
        (string Name, TokenSequence Tokens) train,
        (string Name, TokenSequence Tokens) validation,
        IDisposable[] files
    )
    {
        CheckLength(spec, train.Name, "training part", train.Tokens.Length);
        CheckLength(spec, validation.Name, "validation part", validation.Tokens.Length);
        return new LanguageTask(spec, vocabulary, train.Tokens, validation.Tokens, null, null, null, files);
    }

    private static void CheckLength(TaskSpec spec, string name, string part, long length)
    {
        if (length <= spec.Context)
            throw new InputException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name}: the {part} has {length} tokens, but one sequence of context {spec.Context} needs {spec.Context + 1L}; use a "
                        + $"longer text, a smaller task.context or another task.validation-fraction (now {spec.ValidationFraction})"
                )
            );
    }

    /// <exception cref="InputException">Tokens that are all the same.</exception>
    internal static void CheckVaried(string path, TokenSequence tokens)
    {
        Span<long> ids = stackalloc long[1024];
        long first = -1;
        for (long start = 0; start < tokens.Length; start += ids.Length)
        {
            Span<long> part = ids[..(int)Math.Min(ids.Length, tokens.Length - start)];
            tokens.Read(start, part);
            if (first < 0)
                first = part[0];
            if (part.ContainsAnyExcept(first))
                return;
        }
        throw new InputException(
            $"{path}: has {tokens.Length} {(tokens.Length == 1 ? "token" : "tokens, all of them the same")}; a language model needs at "
                + $"least two different tokens"
        );
    }
}
