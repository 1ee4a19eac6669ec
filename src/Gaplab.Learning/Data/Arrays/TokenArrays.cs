// Rows of token ids from arrays of other programs as a task for language models: each row a sample of its own.
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Gaplab.Learning.Data.Images;
using Gaplab.Learning.Data.Sampling;
using Gaplab.Learning.Data.Text;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Numerics.Arrays;

namespace Gaplab.Learning.Data.Arrays;

/// <summary>An array [N, T+1] of ids, each predicted from those before it in its row; or [N, T] with an array [N, T] of targets, one a
/// position.</summary>
/// <remarks>The arrays are mapped. Unlike the windows of a text, rows are never cut elsewhere and never joined.</remarks>
internal sealed class TokenArrays : ITask
{
    private const int MostIds = 1 << 20;

    private readonly Part _train,
        _validation;
    private readonly TokenTargets _targets;

    private TokenArrays(TaskSpec spec, int vocabulary, Part train, Part validation)
    {
        (Spec, Vocabulary, _train, _validation) = (spec, vocabulary, train, validation);
        _targets = new TokenTargets(spec, vocabulary, vocabulary);
    }

    /// <summary>Some rows.</summary>
    private sealed record Part(MappedArray Inputs, MappedArray? Targets, int[]? Chosen = null)
    {
        public long Count => Chosen?.Length ?? Inputs.Rows;

        public long Row(long index) => Chosen?[index] ?? index;
    }

    public TaskSpec Spec { get; }

    public int Vocabulary { get; }

    public int Context => Spec.Context;

    public int SampleLength => _targets.RowLength;

    public double? EntropyRate => null;

    public string Description =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{_train.Count:N0} training and {_validation.Count:N0} validation rows of {Context} predictions, vocabulary {Vocabulary}"
        );

    public void CheckBatch(long batch)
    {
        if (batch > _train.Count)
            throw new InputException(
                $"batch {batch} is larger than the training data: there are {_train.Count} rows; use a smaller batch or more data"
            );
    }

    public void FillBatch(long seed, long firstSample, Span<long> tokens)
    {
        var order = new EpochShuffle(_train.Count, seed);
        for (int b = 0; b * SampleLength < tokens.Length; b++)
        {
            Span<long> row = tokens.Slice(b * SampleLength, SampleLength);
            long sample = firstSample + b;
            if (Fill(row, _train, order[sample]))
                _targets.Noise(row[Context..], seed, sample);
            else
                _targets.Training(row, seed, sample);
        }
    }

    public long ValidationCount(long wanted) => EvenlySpaced.Count(wanted, _validation.Count);

    public long TrainEvaluationCount(long wanted) => EvenlySpaced.Count(wanted, _train.Count);

    public void FillValidation(long wanted, long first, Span<long> tokens) =>
        FillEvenly(_validation, ValidationCount(wanted), first, tokens);

    public void FillTrainEvaluation(long wanted, long first, Span<long> tokens) =>
        FillEvenly(_train, TrainEvaluationCount(wanted), first, tokens);

    public ReadOnlySpan<long> Targets(ReadOnlySpan<long> row) => _targets.Of(row);

    public int NoisyClasses => Vocabulary;

    public long Predictions(ReadOnlySpan<long> rows) => rows.Length / SampleLength * Context;

    public void Dispose()
    {
        // Both parts of one array are of the same file.
        foreach (MappedArray? file in ((MappedArray?[])[_train.Inputs, _train.Targets, _validation.Inputs, _validation.Targets]).Distinct())
            file?.Dispose();
    }

    private void FillEvenly(Part part, long count, long first, Span<long> tokens)
    {
        for (int b = 0; b * SampleLength < tokens.Length; b++)
        {
            if (first + b < 0 || first + b >= count)
                throw new ArgumentOutOfRangeException(nameof(first), $"row {first + b} of {count}");
            long index = EvenlySpaced.Index(first + b, count, part.Count);
            Span<long> row = tokens.Slice(b * SampleLength, SampleLength);
            if (!Fill(row, part, index))
                _targets.Evaluation(row, index);
        }
    }

    /// <summary>Writes a row: whole where it has targets of its own, else its ids where <see cref="TokenTargets"/> takes them
    /// up.</summary>
    private bool Fill(Span<long> row, Part part, long index)
    {
        if (part.Targets is not { } targets)
        {
            part.Inputs.Read(part.Row(index), _targets.Window(row));
            return false;
        }
        part.Inputs.Read(part.Row(index), row[..Context]);
        targets.Read(part.Row(index), row[Context..]);
        return true;
    }

    private static TokenArrays Load(TaskSpec spec)
    {
        var files = new List<IDisposable>();
        try
        {
            Part train = Open(spec, spec.Inputs, spec.TargetArray, files),
                validation = spec.ValidationInputs is null ? train : Open(spec, spec.ValidationInputs, spec.ValidationTargetArray, files);
            if (validation.Inputs.RowLength != train.Inputs.RowLength)
                throw new InputException(
                    $"{train.Inputs.Path} has rows of {train.Inputs.RowLength} ids and {validation.Inputs.Path} of "
                        + $"{validation.Inputs.RowLength}; expected one length"
                );
            long largest = -1;
            byte[] hash = Scan(train, ref largest, spec.Vocabulary),
                others = ReferenceEquals(train, validation) ? [] : Scan(validation, ref largest, spec.Vocabulary);
            if (largest == 0)
                throw new InputException($"{spec.Inputs}: every id is 0; a language model needs at least two different tokens");
            string content = Convert.ToHexStringLower(SHA256.HashData([.. hash, .. others]));
            PlannedContent.Check(spec, content, spec.Inputs);
            if (ReferenceEquals(train, validation))
                (train, validation) = Split(train, spec);
            spec = spec with { Content = content, Context = train.Inputs.RowLength - (train.Targets is null ? 1 : 0) };
            return new TokenArrays(spec, spec.Vocabulary > 0 ? spec.Vocabulary : (int)largest + 1, train, validation);
        }
        catch
        {
            files.ForEach(file => file.Dispose());
            throw;
        }
    }

    private static Part Open(TaskSpec spec, string? inputsPath, string? targetsPath, List<IDisposable> files)
    {
        MappedArray inputs = Mapped(
            inputsPath ?? throw new InputException($"task.inputs is missing; a task of kind {spec.Kind} needs an array of token ids")
        );
        if (targetsPath is null)
            return inputs.RowLength > 1
                ? new Part(inputs, null)
                : throw new InputException(
                    $"{inputs.Path}: has the shape {inputs.ShapeText}; without targets each id is predicted from those before it in its "
                        + $"row, so rows need at least 2 ids"
                );
        MappedArray targets = Mapped(targetsPath);
        LabelledArrays.CheckRows(inputs, targets);
        return targets.RowLength == inputs.RowLength
            ? new Part(inputs, targets)
            : throw new InputException(
                $"{inputs.Path} has the shape {inputs.ShapeText}, {targets.Path} {targets.ShapeText}; expected one shape [N, T]: a target "
                    + $"for every id"
            );

        MappedArray Mapped(string path)
        {
            MappedArray array = MappedArray.Open(path);
            files.Add(array);
            if (array.Shape.Count != 2)
                throw new InputException(
                    $"{array.Path}: has the shape {array.ShapeText}; expected [N, T], a row a sample"
                        + (array.Shape.Count == 1 ? " (one long sequence goes as uint16 into a .bin file: task.kind: tokens)" : "")
                );
            if (!array.IsWhole || array.Type == ElementType.Bool)
                throw new InputException($"{array.Path}: holds {array.TypeName} numbers; expected whole ones, the ids of tokens");
            return array;
        }
    }

    /// <summary>Reads all rows once: whether their ids can be, and what they are.</summary>
    private static byte[] Scan(Part part, ref long largest, int vocabulary)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(BitConverter.GetBytes(part.Inputs.RowLength).AsSpan());
        hash.AppendData(BitConverter.GetBytes(part.Targets is not null).AsSpan());
        int most = vocabulary > 0 ? vocabulary : MostIds;
        long[] ids = new long[part.Inputs.RowLength];
        foreach (MappedArray array in ((MappedArray?[])[part.Inputs, part.Targets]).OfType<MappedArray>())
            for (long row = 0; row < array.Rows; row++)
            {
                array.Read(row, ids);
                foreach (long id in ids)
                {
                    if (id < 0 || id >= most)
                        throw new InputException(
                            $"{array.Path}: row {row} holds id {id}; expected 0 to {most - 1}"
                                + (vocabulary > 0 ? $", as task.vocabulary is {vocabulary}: raise it or leave it out" : "")
                        );
                    largest = Math.Max(largest, id);
                }
                hash.AppendData(MemoryMarshal.AsBytes<long>(ids));
            }
        return hash.GetHashAndReset();
    }

    /// <summary>Holds out a random part: rows may be sorted.</summary>
    private static (Part Train, Part Validation) Split(Part all, TaskSpec spec)
    {
        int count = (int)all.Count,
            held = (int)Math.Round(count * spec.ValidationFraction);
        if (held < 1 || held >= count)
            throw new InputException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{spec.Inputs}: {count} rows leave none for {(held < 1 ? "validation" : "training")} at task.validation-fraction "
                        + $"{spec.ValidationFraction}; use more rows or another fraction"
                )
            );
        HashSet<int> validation = [.. ImageSelection.First(count, held, spec.SourceSeed, "data/validation")];
        return (
            all with
            {
                Chosen = [.. Enumerable.Range(0, count).Where(i => !validation.Contains(i))],
            },
            all with
            {
                Chosen = [.. validation.Order()],
            }
        );
    }

    /// <summary>The row of the catalogue.</summary>
    internal static TaskKind Kind { get; } =
        new()
        {
            Name = "token-arrays",
            Says = "rows of token ids, as arrays of NumPy or safetensors files",
            Samples = SampleKind.Tokens,
            Defaults = new TaskSpec { Kind = "token-arrays" },
            Keys =
            [
                ArrayKey.Inputs("an array of token ids, a row a sample: [N, T+1], or [N, T] with `targets`; FILE, or FILE:NAME"),
                ArrayKey.Targets("the array [N, T] of what each position predicts; without it, the next token of its row"),
                ArrayKey.ValidationInputs,
                ArrayKey.ValidationTargets,
                TaskKey.ValidationFraction,
                TaskKey.Vocabulary with
                {
                    Most = MostIds,
                    DefaultText = "the largest id + 1",
                },
                TaskKey.LabelNoise,
                TaskKey.SourceSeed,
            ],
            Load = Load,
            Facts = LabelledArrays.Facts,
            Objection = ArrayKey.Objection,
        };
}
