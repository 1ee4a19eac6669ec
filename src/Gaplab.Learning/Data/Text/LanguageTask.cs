// A language-modelling task as the trainer sees it: token batches by (seed, sample), evaluation windows, vocabulary, known entropy.
using System.Globalization;
using System.Security.Cryptography;
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
        IDisposable[] files
    )
    {
        (Spec, Vocabulary, Train, Validation, Tokenizer, Source, _files) = (spec, vocabulary, train, validation, tokenizer, source, files);
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

    public TokenSequence Train { get; }
    public TokenSequence Validation { get; }

    public string Description =>
        string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"{Train.Length:N0} training and {Validation.Length:N0} validation tokens, vocabulary {Vocabulary}"
        );

    /// <summary>The text's tokenizer; null for "tokens" and "markov".</summary>
    public ITokenizer? Tokenizer { get; }

    /// <summary>The synthetic source; null for real data.</summary>
    public MarkovSource? Source { get; }

    /// <summary>The least possible loss in nats a token, where it is known: the source's entropy rate.</summary>
    public double? EntropyRate => Source?.EntropyRate;

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
        if (spec.Context < 1)
            throw new InputException($"task.context is {spec.Context}; expected at least 1");
        if (!(spec.ValidationFraction is > 0 and < 1))
            throw new InputException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"task.validation-fraction is {spec.ValidationFraction}; expected a fraction " + $"between 0 and 1"
                )
            );
        LanguageTask task = spec.Kind switch
        {
            "text" => LoadText(spec),
            "tokens" => LoadTokens(spec),
            "markov" => LoadMarkov(spec),
            _ => throw new InputException($"task.kind is '{spec.Kind}'; expected text, tokens or markov"),
        };
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

    private static LanguageTask LoadText(TaskSpec spec)
    {
        string path = spec.Path ?? throw new InputException("task.path is missing; a task of kind text needs a UTF-8 file or a folder");
        byte[] text = TextFiles.Read(path);
        byte[] content = SHA256.HashData(text);
        ITokenizer tokenizer;
        switch (spec.Tokenizer)
        {
            case "bytes":
                tokenizer = new ByteTokenizer();
                break;
            case "chars":
                tokenizer = CharTokenizer.Of(text);
                break;
            case "gpt2":
                var gpt2 = Gpt2Tokenizer.Open(spec.Merges, spec.Encoder);
                content = SHA256.HashData([.. content, .. gpt2.Hash]);
                tokenizer = gpt2;
                break;
            default:
                throw new InputException($"task.tokenizer is '{spec.Tokenizer}'; expected bytes, chars or gpt2");
        }
        TokenSequence tokens = tokenizer.Encode(text);
        CheckVaried(path, tokens);
        return Split(spec with { Content = Convert.ToHexStringLower(content) }, path, tokenizer.Vocabulary, tokens, tokenizer, null, []);
    }

    private static LanguageTask LoadTokens(TaskSpec spec)
    {
        string path =
            spec.Path
            ?? throw new InputException(
                "task.path is missing; a task of kind tokens needs a .bin file or a folder with train.bin and val.bin"
            );
        string? validationPath = spec.ValidationPath;
        if (Directory.Exists(path))
        {
            validationPath ??= Path.Combine(path, "val.bin");
            path = Path.Combine(path, "train.bin");
        }
        MappedTokens train = MappedTokens.Open(path);
        MappedTokens? validation = null;
        try
        {
            validation = validationPath is null ? null : MappedTokens.Open(validationPath);
            int largest = Math.Max(train.LargestId, validation?.LargestId ?? 0);
            if (spec.Vocabulary > 0 && largest >= spec.Vocabulary)
                throw new InputException(
                    $"{(train.LargestId == largest ? path : validationPath)}: holds id {largest}, but task.vocabulary is "
                        + $"{spec.Vocabulary}; expected ids below it. Raise the vocabulary or leave it out"
                );
            int vocabulary = spec.Vocabulary > 0 ? spec.Vocabulary : largest + 1;
            CheckVaried(path, train);
            byte[] content = validation is null ? train.Hash : SHA256.HashData([.. train.Hash, .. validation.Hash]);
            spec = spec with { Content = Convert.ToHexStringLower(content) };
            if (validation is null)
                return Split(spec, path, vocabulary, train, null, null, [train]);
            CheckLength(spec, path, "training part", train.Length);
            CheckLength(spec, validationPath!, "validation part", validation.Length);
            return new LanguageTask(spec, vocabulary, train, validation, null, null, [train, validation]);
        }
        catch
        {
            train.Dispose();
            validation?.Dispose();
            throw;
        }
    }

    private static LanguageTask LoadMarkov(TaskSpec spec)
    {
        var source = new MarkovSource(spec.Vocabulary == 0 ? 64 : spec.Vocabulary, spec.Exponent, spec.Dependence, spec.SourceSeed);
        return Split(spec with { Content = null }, "the markov source", source.Vocabulary, source.Generate(spec.Tokens), null, source, []);
    }

    private static LanguageTask Split(
        TaskSpec spec,
        string name,
        int vocabulary,
        TokenSequence tokens,
        ITokenizer? tokenizer,
        MarkovSource? source,
        IDisposable[] files
    )
    {
        long validation = (long)Math.Round(tokens.Length * spec.ValidationFraction),
            train = tokens.Length - validation;
        CheckLength(spec, name, "training part", train);
        CheckLength(spec, name, "validation part", validation);
        return new LanguageTask(spec, vocabulary, tokens.Slice(0, train), tokens.Slice(train, validation), tokenizer, source, files);
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

    private static void CheckVaried(string path, TokenSequence tokens)
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
