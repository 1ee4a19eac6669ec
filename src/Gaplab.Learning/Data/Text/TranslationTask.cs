// A translation task as the trainer sees it: sentence pairs as rows of token ids, in an order that is a function of the seed.
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Gaplab.Learning.Data.Sampling;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;

namespace Gaplab.Learning.Data.Text;

/// <summary>Training and validation pairs over one byte-pair vocabulary for both languages, trained on the training pairs.</summary>
/// <remarks>
/// A sample's row holds S + T + 1 ids: the source, its end token and padding; then the begin token, the target, its end token and
/// padding (<see cref="SpecialToken"/>). Epoch e visits all training pairs in a permutation keyed by (seed, e); sample k is a function of
/// (seed, k).
/// </remarks>
internal sealed class TranslationTask : ITask
{
    /// <summary>Ids where the spec names no size.</summary>
    public const int DefaultVocabulary = 4000;

    private readonly Pairs _train,
        _validation;

    private TranslationTask(TaskSpec spec, BpeTokenizer tokenizer, Pairs train, Pairs validation, string description) =>
        (Spec, Tokenizer, _train, _validation, Description) = (spec, tokenizer, train, validation, description);

    public TaskSpec Spec { get; }

    public BpeTokenizer Tokenizer { get; }

    public int Vocabulary => Tokenizer.Vocabulary;

    /// <summary>T.</summary>
    public int Context => Spec.Context;

    /// <summary>S.</summary>
    public int SourceContext => _train.SourceLength;

    /// <summary>S + T + 1.</summary>
    public int SampleLength => _train.RowLength;

    public double? EntropyRate => null;

    public string Description { get; }

    /// <summary>Reads the files, trains the vocabulary and tokenizes.</summary>
    /// <exception cref="InputException">Files that are missing, broken, misaligned or without usable pairs; or not those named by
    /// <see cref="TaskSpec.Content"/>.</exception>
    public static TranslationTask Load(TaskSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        Check(spec);
        string source = spec.Source!,
            target = spec.Target!;
        AlignedText text = AlignedText.Read(source, target);
        AlignedText? validationText = spec.ValidationSource is null
            ? null
            : AlignedText.Read(spec.ValidationSource, spec.ValidationTarget!);
        var trainPairs = text.Pairs;
        var validationPairs = validationText?.Pairs;
        if (validationPairs is null)
        {
            int held = (int)Math.Round(trainPairs.Count * spec.ValidationFraction);
            if (held == 0 || held == trainPairs.Count)
                throw new InputException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{source} and {target}: task.validation-fraction {spec.ValidationFraction} of {trainPairs.Count} pairs leaves "
                            + $"{trainPairs.Count - held} to train and {held} to validate on; expected some of each. Give "
                            + $"task.validation-source and task.validation-target, or more pairs"
                    )
                );
            validationPairs = [.. trainPairs.Skip(trainPairs.Count - held)];
            trainPairs = [.. trainPairs.Take(trainPairs.Count - held)];
        }
        int vocabulary = spec.Vocabulary == 0 ? DefaultVocabulary : spec.Vocabulary;
        var tokenizer = BpeTokenizer.Train(trainPairs.SelectMany(p => new[] { p.Source, p.Target }), vocabulary);
        Pairs train = new(trainPairs, tokenizer, spec),
            validation = new(validationPairs, tokenizer, spec);
        foreach (
            (string part, Pairs kept, int of) in (ReadOnlySpan<(string, Pairs, int)>)
                [("training", train, trainPairs.Count), ("validation", validation, validationPairs.Count)]
        )
            if (kept.Count == 0)
            {
                bool ofTraining = part == "training" || validationText is null;
                string files = ofTraining ? $"{source} and {target}" : $"{spec.ValidationSource} and {spec.ValidationTarget}";
                throw new InputException(
                    $"{files}: all {of} {part} pairs are longer than {kept.SourceLength} source or {spec.Context} target tokens; raise "
                        + $"task.source-context or task.context, or set task.long-sentences to truncate"
                );
            }

        // What is learnt depends on the texts and on how they are cut into tokens; where they lie and how they are packed does not matter.
        byte[] options = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"bpe {vocabulary}"));
        byte[] content = SHA256.HashData([.. text.Hash, .. validationText?.Hash ?? [], .. options]);
        TaskSpec loaded = spec with { Content = Convert.ToHexStringLower(content) };
        PlannedContent.Check(spec, loaded.Content, $"{source} and {target}");
        int empty = text.Empty + (validationText?.Empty ?? 0),
            tooLong = train.TooLong + validation.TooLong;
        string description =
            string.Create(
                CultureInfo.InvariantCulture,
                $"{train.Count:N0} training and {validation.Count:N0} validation pairs, vocabulary {tokenizer.Vocabulary} (bpe)"
            )
            + (
                tooLong > 0
                    ? string.Create(
                        CultureInfo.InvariantCulture,
                        $"; {tooLong:N0} pairs longer than {train.SourceLength} source or {spec.Context} target tokens "
                            + $"{(spec.LongSentences == "drop" ? "left out" : "cut")}"
                    )
                    : ""
            )
            + (empty > 0 ? string.Create(CultureInfo.InvariantCulture, $"; {empty:N0} pairs with a blank side left out") : "");
        return new TranslationTask(loaded, tokenizer, train, validation, description);
    }

    public void CheckBatch(long batch)
    {
        if (batch > _train.Count)
            throw new InputException(
                $"batch {batch} is larger than the training data: there are {_train.Count} sentence pairs; use a smaller batch or more data"
            );
    }

    public void FillBatch(long seed, long firstSample, Span<long> tokens)
    {
        var order = new EpochShuffle(_train.Count, seed);
        for (int b = 0; b * SampleLength < tokens.Length; b++)
            _train.Fill((int)order[firstSample + b], tokens.Slice(b * SampleLength, SampleLength));
    }

    public long ValidationCount(long wanted) => EvenlySpaced.Count(wanted, _validation.Count);

    public long TrainEvaluationCount(long wanted) => EvenlySpaced.Count(wanted, _train.Count);

    public void FillValidation(long wanted, long first, Span<long> tokens) =>
        FillEvenly(_validation, ValidationCount(wanted), first, tokens);

    public void FillTrainEvaluation(long wanted, long first, Span<long> tokens) =>
        FillEvenly(_train, TrainEvaluationCount(wanted), first, tokens);

    /// <summary>The target, as it stands in the file, of validation pair <paramref name="index"/> of an evaluation on
    /// <see cref="ValidationCount"/>(wanted) pairs.</summary>
    public string ValidationReference(long wanted, long index) =>
        Encoding.UTF8.GetString(_validation.Target(Evenly(_validation, ValidationCount(wanted), index)).Span);

    /// <summary>The text of target ids up to their end token; bytes that are no UTF-8 become U+FFFD.</summary>
    public string TextOf(ReadOnlySpan<long> target)
    {
        int end = target.IndexOf(SpecialToken.End);
        return Encoding.UTF8.GetString(Tokenizer.Decode(end < 0 ? target : target[..end]));
    }

    /// <summary>Up to the padding, which is predicted nowhere.</summary>
    public ReadOnlySpan<long> Targets(ReadOnlySpan<long> row) => row.Slice(SourceContext + 1, Context).TrimEnd(SpecialToken.Padding);

    /// <summary>The targets that are no padding.</summary>
    public long Predictions(ReadOnlySpan<long> rows)
    {
        long count = 0;
        for (int row = 0; row < rows.Length; row += SampleLength)
        {
            ReadOnlySpan<long> targets = rows.Slice(row + SourceContext + 1, Context);
            count += targets.Length - targets.Count(SpecialToken.Padding);
        }
        return count;
    }

    public void Dispose()
    {
        // All is in memory.
    }

    private static void FillEvenly(Pairs pairs, long count, long first, Span<long> tokens)
    {
        for (int b = 0; b * pairs.RowLength < tokens.Length; b++)
            pairs.Fill(Evenly(pairs, count, first + b), tokens.Slice(b * pairs.RowLength, pairs.RowLength));
    }

    private static int Evenly(Pairs pairs, long count, long index) =>
        index >= 0 && index < count
            ? (int)EvenlySpaced.Index(index, count, pairs.Count)
            : throw new ArgumentOutOfRangeException(nameof(index), $"pair {index} of {count}");

    private static void Check(TaskSpec spec)
    {
        if (spec.Source is null || spec.Target is null)
            throw new InputException(
                $"task.{(spec.Source is null ? "source" : "target")} is missing; a translation needs two aligned text files, task.source "
                    + $"and task.target"
            );
        if (spec.ValidationSource is null != spec.ValidationTarget is null)
            throw new InputException(
                $"task.validation-{(spec.ValidationSource is null ? "source" : "target")} is missing; expected both validation files "
                    + $"or neither"
            );
        if (spec.Context < 2 || spec.SourceContext is < 0 or 1)
            throw new InputException(
                $"task.context is {spec.Context} and task.source-context {spec.SourceContext}; expected at least 2: a token and the "
                    + $"end token"
            );
        if (!(spec.ValidationFraction is > 0 and < 1))
            throw new InputException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"task.validation-fraction is {spec.ValidationFraction}; expected a fraction between 0 and 1"
                )
            );
        if (spec.LongSentences is not ("drop" or "truncate"))
            throw new InputException($"task.long-sentences is '{spec.LongSentences}'; expected drop or truncate");
        if (spec.Vocabulary != 0 && spec.Vocabulary < BpeTokenizer.Smallest)
            throw new InputException(
                $"task.vocabulary is {spec.Vocabulary}; expected at least {BpeTokenizer.Smallest}: 256 bytes and {SpecialToken.Count} "
                    + $"special tokens"
            );
    }

    /// <summary>Tokenized pairs; those with a sentence that does not fit are left out or cut.</summary>
    private sealed class Pairs
    {
        private readonly List<(int[] Source, int[] Target, ReadOnlyMemory<byte> Text)> _pairs = [];
        private readonly int _target;

        public Pairs(IReadOnlyList<(ReadOnlyMemory<byte> Source, ReadOnlyMemory<byte> Target)> texts, BpeTokenizer tokenizer, TaskSpec spec)
        {
            (SourceLength, _target) = (spec.SourceContext == 0 ? spec.Context : spec.SourceContext, spec.Context);
            foreach ((ReadOnlyMemory<byte> source, ReadOnlyMemory<byte> target) in texts)
            {
                int[] from = tokenizer.EncodeIds(source.Span),
                    to = tokenizer.EncodeIds(target.Span);
                if (from.Length >= SourceLength || to.Length >= _target)
                {
                    TooLong++;
                    if (spec.LongSentences == "drop")
                        continue;
                    from = from[..Math.Min(from.Length, SourceLength - 1)];
                    to = to[..Math.Min(to.Length, _target - 1)];
                }
                _pairs.Add((from, to, target));
            }
        }

        public int Count => _pairs.Count;

        /// <summary>S.</summary>
        public int SourceLength { get; }

        public int RowLength => SourceLength + _target + 1;

        public int TooLong { get; }

        public ReadOnlyMemory<byte> Target(int pair) => _pairs[pair].Text;

        public void Fill(int pair, Span<long> row)
        {
            (int[] from, int[] to, _) = _pairs[pair];
            row.Clear(); // padding is id 0
            for (int i = 0; i < from.Length; i++)
                row[i] = from[i];
            row[from.Length] = SpecialToken.End;
            Span<long> target = row[SourceLength..];
            target[0] = SpecialToken.Begin;
            for (int i = 0; i < to.Length; i++)
                target[i + 1] = to[i];
            target[to.Length + 1] = SpecialToken.End;
        }
    }

    /// <summary>The row of the catalogue.</summary>
    internal static TaskKind Kind { get; } =
        new()
        {
            Name = "translation",
            Says = "two aligned text files, a sentence a line",
            Samples = SampleKind.Pairs,
            Defaults = new TaskSpec { Kind = "translation", Tokenizer = "bpe" },
            Keys =
            [
                SpecKey.Path<TaskSpec>("source", t => t.Source, (t, v) => t with { Source = v }, "a file of sentences to translate") with
                {
                    Required = "a file of sentences to translate, one a line (--set task.source=FILE)",
                },
                SpecKey.Path<TaskSpec>(
                    "target",
                    t => t.Target,
                    (t, v) => t with { Target = v },
                    "the file of their translations, line by line"
                ) with
                {
                    Required = "the file of their translations, line by line (--set task.target=FILE)",
                },
                SpecKey.Path<TaskSpec>(
                    "validation-source",
                    t => t.ValidationSource,
                    (t, v) => t with { ValidationSource = v },
                    "validation sentences; without them and their translations a part is held out"
                ),
                SpecKey.Path<TaskSpec>(
                    "validation-target",
                    t => t.ValidationTarget,
                    (t, v) => t with { ValidationTarget = v },
                    "translations of `validation-source`"
                ),
                TaskKey.Context with
                {
                    Least = 2,
                }, // a token and the end token
                SpecKey.Whole<TaskSpec>(
                    "source-context",
                    2,
                    1 << 20,
                    t => t.SourceContext,
                    (t, v) => t with { SourceContext = v },
                    "S: the longest source, its end token counted"
                ) with
                {
                    DefaultText = "`context`",
                },
                SpecKey.Word<TaskSpec>(
                    "long-sentences",
                    ["drop", "truncate"],
                    t => t.LongSentences,
                    (t, v) => t with { LongSentences = v },
                    "pairs beyond these limits are left out or cut"
                ),
                TaskKey.ValidationFraction,
                TaskKey.Vocabulary with
                {
                    Least = BpeTokenizer.Smallest, // 256 bytes and 3 special tokens
                    DefaultText = "4000",
                },
            ],
            Load = Load,
            Facts = task =>
                [
                    new("source", $"{Path.GetFileName(task.Source)}"),
                    new("target", $"to {Path.GetFileName(task.Target)}"),
                    new("source-context", $"at most {(task.SourceContext == 0 ? task.Context : task.SourceContext)} source tokens"),
                    new("context", $"at most {task.Context} target tokens"),
                    .. TaskFact.Content(task),
                ],
            Objection = (s, task) =>
                task.ValidationSource is null != task.ValidationTarget is null
                    ? s.Missing(
                        task.ValidationSource is null ? "validation-source" : "validation-target",
                        "both validation files or neither"
                    )
                    : null,
            ImpliedBy = ["source", "target"],
            Elsewhere = ["wmt", "wmt14", "multi30k", "iwslt"],
        };
}
