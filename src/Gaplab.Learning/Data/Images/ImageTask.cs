// Image classification as the trainer sees it: rows of packed pixels by (seed, sample), classes, and groups of classes by frequency.
using System.Globalization;
using Gaplab.Learning.Data.Sampling;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;

namespace Gaplab.Learning.Data.Images;

/// <summary>Training and validation images of a <see cref="TaskSpec"/>, after subset, imbalance and label noise; rows as
/// <see cref="ImageShape"/> says.</summary>
/// <remarks>Sample k of a run visits the training images in an order permuted by (seed, epoch). Evaluations, on training images too, are
/// without augmentation.</remarks>
internal sealed class ImageTask : IClassificationTask
{
    private readonly ImageSet _train,
        _validation;
    private readonly int[] _trainLabels;
    private readonly int[] _groupOf;
    private readonly ImageShape _shape;
    private readonly ImageAugmentation _augmentation;
    private readonly IReadOnlyList<IDisposable> _files;

    private ImageTask(TaskSpec spec, ImageShape shape, ImageSet train, int[] trainLabels, ImageSet validation, LoadedImages loaded)
    {
        (EntropyRate, _files) = (loaded.LeastLoss, loaded.Files);
        (_train, _trainLabels, _validation, _shape) = (train, trainLabels, validation, shape);
        Spec = spec with { Images = shape, Classes = shape.Classes, Context = 1 };
        _augmentation = new ImageAugmentation(spec, train);
        int[] counts = new int[shape.Classes];
        foreach (int label in train.Labels)
            counts[label]++;
        ClassCounts = counts;
        _groupOf = Groups(counts);
        GroupNames = _groupOf.Max() == 0 ? [] : ["frequent", "medium", "rare"];
        Description =
            string.Create(
                CultureInfo.InvariantCulture,
                $"{train.Count:N0} training and {validation.Count:N0} validation {(shape.Flat ? "vectors" : "images")} of "
                    + $"{shape.Size}, {shape.Classes} classes"
            )
            + (
                spec.Imbalance > 0
                    ? string.Create(CultureInfo.InvariantCulture, $" of {ClassCounts.Max():N0} to {ClassCounts.Min():N0} images")
                    : ""
            );
    }

    public TaskSpec Spec { get; }

    /// <summary>Number of classes.</summary>
    public int Vocabulary => _shape.Classes;

    /// <summary>1: a sample holds one prediction.</summary>
    public int Context => 1;

    public int SampleLength => _shape.RowLength;

    /// <summary>Known of generated images.</summary>
    public double? EntropyRate { get; }

    public string Description { get; }

    /// <summary>Training images of each class, before label noise.</summary>
    public IReadOnlyList<int> ClassCounts { get; }

    public IReadOnlyList<string> GroupNames { get; }

    /// <exception cref="InputException">Missing or broken files, or keys that leave no images.</exception>
    public static ImageTask Load(TaskSpec spec) => (ImageTask)TaskCatalogue.BuiltIn.Load(spec);

    /// <param name="spec">The task.</param>
    /// <param name="read">Reads or makes its images.</param>
    /// <exception cref="InputException">As <see cref="Load(TaskSpec)"/>.</exception>
    internal static ImageTask Load(TaskSpec spec, Func<TaskSpec, LoadedImages> read)
    {
        LoadedImages loaded = read(spec);
        try
        {
            return Load(spec, loaded);
        }
        catch
        {
            loaded.Dispose();
            throw;
        }
    }

    private static ImageTask Load(TaskSpec spec, LoadedImages loaded)
    {
        (ImageSet train, ImageSet validation) = (loaded.Train, loaded.Validation);
        string? content = loaded.Content();
        PlannedContent.Check(spec, content, spec.Origin());
        train = ImageSelection.Subset(train, spec.TrainSize, spec.SourceSeed);
        train = ImageSelection.Unbalance(train, loaded.Classes, spec.Imbalance, spec.SourceSeed);
        int[] labels = ImageSelection.NoisyLabels(train.Labels, loaded.Classes, spec.LabelNoise, spec.SourceSeed);
        (double[] mean, double[] deviation) =
            spec.Normalise ? Statistics(train)
            : train.Numbers is PixelBytes ? ([.. Enumerable.Repeat(0.0, train.Channels)], [.. Enumerable.Repeat(1.0, train.Channels)])
            : ([], []); // vectors have many
        var shape = new ImageShape
        {
            Channels = train.Channels,
            Height = train.Height,
            Width = train.Width,
            Classes = loaded.Classes,
            Mean = mean,
            Deviation = deviation,
            Mixed = spec.Mixup > 0,
            Element = train.Numbers.Element,
            Flat = train.Flat,
        };
        return new ImageTask(spec with { Content = content }, shape, train, labels, validation, loaded);
    }

    public void CheckBatch(long batch)
    {
        if (batch > _train.Count)
            throw new InputException(
                $"batch {batch} is larger than the training data: there are {_train.Count} images; use a smaller batch or more data"
            );
    }

    public void FillBatch(long seed, long firstSample, Span<long> tokens)
    {
        var order = new EpochShuffle(_train.Count, seed);
        for (int b = 0; b * SampleLength < tokens.Length; b++)
            _augmentation.Fill(
                seed,
                firstSample + b,
                (int)order[firstSample + b],
                _trainLabels,
                _shape,
                tokens.Slice(b * SampleLength, SampleLength)
            );
    }

    public long ValidationCount(long wanted) => EvenlySpaced.Count(wanted, _validation.Count);

    public long TrainEvaluationCount(long wanted) => EvenlySpaced.Count(wanted, _train.Count);

    public void FillValidation(long wanted, long first, Span<long> tokens) =>
        FillEvenly(_validation, _validation.Labels, ValidationCount(wanted), first, tokens);

    /// <summary>Training images as they are, with the labels that training sees (noise included).</summary>
    public void FillTrainEvaluation(long wanted, long first, Span<long> tokens) =>
        FillEvenly(_train, _trainLabels, TrainEvaluationCount(wanted), first, tokens);

    public long Predictions(ReadOnlySpan<long> rows) => rows.Length / SampleLength;

    /// <summary>The class.</summary>
    public ReadOnlySpan<long> Targets(ReadOnlySpan<long> row) => row.Slice(_shape.LabelAt, 1);

    public int LabelOf(ReadOnlySpan<long> row) => (int)row[_shape.LabelAt];

    public int GroupOf(int label) => _groupOf[label];

    public void Dispose()
    {
        foreach (IDisposable file in _files)
            file.Dispose();
    }

    private void FillEvenly(ImageSet images, int[] labels, long count, long first, Span<long> tokens)
    {
        tokens.Clear();
        for (int b = 0; b * SampleLength < tokens.Length; b++)
        {
            long wanted = first + b;
            if (wanted < 0 || wanted >= count)
                throw new ArgumentOutOfRangeException(nameof(first), $"image {wanted} of {count}");
            int index = (int)EvenlySpaced.Index(wanted, count, images.Count);
            Span<long> row = tokens.Slice(b * SampleLength, SampleLength);
            ImageAugmentation.Pack(images.Image(index), row[.._shape.Words]);
            row[_shape.LabelAt] = labels[index];
            if (_shape.Mixed)
                (row[_shape.LabelAt + 1], row[_shape.LabelAt + 2]) = (labels[index], BitConverter.DoubleToInt64Bits(1));
        }
    }

    // Thirds of the classes by how many training images they have; one group where the classes are about as frequent.
    private static int[] Groups(int[] counts)
    {
        int[] groups = new int[counts.Length];
        if (counts.Length < 3 || counts.Max() < 2 * Math.Max(1, counts.Min()))
            return groups;
        int rank = 0;
        foreach (int label in Enumerable.Range(0, counts.Length).OrderByDescending(c => counts[c]).ThenBy(c => c))
            groups[label] = rank++ * 3 / counts.Length;
        return groups;
    }

    private static (double[] Mean, double[] Deviation) Statistics(ImageSet images) =>
        images.Numbers.Element == "u1" ? StatisticsOfBytes(images) : StatisticsOfNumbers(images);

    // Welford's update (1962) per channel: sums of squares of numbers of any scale would cancel.
    private static (double[] Mean, double[] Deviation) StatisticsOfNumbers(ImageSet images)
    {
        double[] mean = new double[images.Channels],
            squares = new double[images.Channels],
            numbers = new double[images.Size];
        int plane = images.Height * images.Width;
        for (int i = 0; i < images.Count; i++)
        {
            ImageNumbers.Widen(images.Numbers.Element, images.Image(i), numbers);
            for (int c = 0; c < images.Channels; c++)
            for (int p = 0; p < plane; p++)
            {
                double from = numbers[c * plane + p] - mean[c];
                mean[c] += from / ((double)i * plane + p + 1);
                squares[c] += from * (numbers[c * plane + p] - mean[c]);
            }
        }
        double count = (double)images.Count * plane;
        return (mean, [.. squares.Select(s => s > 0 ? Math.Sqrt(s / count) : 1)]);
    }

    private static (double[] Mean, double[] Deviation) StatisticsOfBytes(ImageSet images)
    {
        double[] mean = new double[images.Channels],
            deviation = new double[images.Channels];
        int plane = images.Height * images.Width;
        for (int c = 0; c < images.Channels; c++)
        {
            long sum = 0,
                squares = 0;
            for (int i = 0; i < images.Count; i++)
                foreach (byte b in images.Image(i).Slice(c * plane, plane))
                    (sum, squares) = (sum + b, squares + b * b);
            double count = (double)images.Count * plane,
                m = sum / count;
            (mean[c], deviation[c]) = (m / 255, Math.Sqrt(Math.Max(0, squares / count - m * m)) / 255);
            if (deviation[c] == 0)
                deviation[c] = 1; // a channel without contrast
        }
        return (mean, deviation);
    }
}
