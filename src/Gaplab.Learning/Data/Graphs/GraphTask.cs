// Graph regression and classification as the trainer sees them: rows of nodes and edges by (seed, sample).
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Gaplab.Learning.Data.Sampling;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Numerics.Streams;

namespace Gaplab.Learning.Data.Graphs;

/// <summary>Training and validation graphs of a <see cref="TaskSpec"/>; rows as <see cref="GraphShape"/> says.</summary>
/// <remarks>Validation is a random part named by the source seed (files are often sorted). Sample k of a run visits the training graphs in
/// an order permuted by (seed, epoch).</remarks>
internal sealed class GraphTask : IClassificationTask
{
    private readonly long[][] _train,
        _validation;
    private readonly GraphShape _shape;

    private GraphTask(TaskSpec spec, GraphShape shape, long[][] train, long[][] validation, double baseline, bool exact, int leftOut)
    {
        (_train, _validation, _shape, BaselineLoss) = (train, validation, shape, baseline);
        Spec = spec with { Graphs = shape, Context = 1 };
        EntropyRate = exact ? 0 : null;
        string target =
            shape.Classes > 0
                ? $"{shape.Classes} classes; always guessing by class frequency has loss"
                : $"{(shape.Targets > 1 ? $"{shape.Targets} targets in units of their mean absolute deviations" : "target a number")}; "
                    + $"always predicting the training "
                    + $"{(spec.Error == "mae" ? "median has mean absolute error" : "mean has mean squared error")}";
        Description =
            string.Create(
                CultureInfo.InvariantCulture,
                $"{train.Length:N0} training and {validation.Length:N0} validation graphs, {shape.NodeTypes} node types, "
                    + $"{shape.EdgeTypes} edge types, {target} {baseline:0.####}"
            ) + (leftOut > 0 ? string.Create(CultureInfo.InvariantCulture, $"; {leftOut:N0} rows without a label left out") : "");
    }

    public TaskSpec Spec { get; }

    /// <summary>Classes, or how many numbers are predicted.</summary>
    public int Vocabulary => _shape.Outputs;

    /// <summary>1: a sample holds one prediction.</summary>
    public int Context => 1;

    public int SampleLength => _shape.RowLength;

    /// <summary>0 for generated graphs, whose target is a function of the graph.</summary>
    public double? EntropyRate { get; }

    /// <summary>The validation loss of the best constant prediction on the training part: the median (mae), the mean (mse) or the class
    /// frequencies.</summary>
    public double BaselineLoss { get; }

    public string Description { get; }

    public IReadOnlyList<string> GroupNames => [];

    /// <exception cref="InputException">Missing or broken files, or data other than those named by
    /// <see cref="TaskSpec.Content"/>.</exception>
    public static GraphTask Load(TaskSpec spec) => (GraphTask)TaskCatalogue.BuiltIn.Load(spec);

    /// <param name="spec">The task.</param>
    /// <param name="read">Reads or makes its graphs.</param>
    /// <exception cref="InputException">As <see cref="Load(TaskSpec)"/>.</exception>
    internal static GraphTask Load(TaskSpec spec, Func<TaskSpec, LoadedGraphs> read)
    {
        ArgumentNullException.ThrowIfNull(spec);
        (string path, List<(MolecularGraph Graph, double[] Targets)> graphs, int classes, int leftOut, bool generated) = read(spec);
        int held = (int)Math.Round(graphs.Count * spec.ValidationFraction);
        if (held < 1 || held >= graphs.Count)
            throw new InputException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{path}: {graphs.Count} graphs leave none for {(held < 1 ? "validation" : "training")} at task.validation-fraction "
                        + $"{spec.ValidationFraction}; use more graphs or another fraction"
                )
            );
        var order = new Permutation(graphs.Count, RandomStream.For(spec.SourceSeed, "data/validation"));
        int[] validation = [.. Enumerable.Range(0, held).Select(i => (int)order[i])],
            train = [.. Enumerable.Range(held, graphs.Count - held).Select(i => (int)order[i])];

        string[] nodeTypes = Names(graphs.SelectMany(g => g.Graph.Nodes)),
            edgeTypes = Names(graphs.SelectMany(g => g.Graph.Edges).Select(e => e.Type));
        int numbers = graphs[0].Targets.Length;
        // A model predicts one target in its own units of these; several are brought to them here, so that the mean over targets is over
        // like numbers.
        (double Centre, double Scale)[] units =
        [
            .. Enumerable.Range(0, numbers).Select(t => Unit([.. train.Select(i => graphs[i].Targets[t])], spec.Error)),
        ];
        (double centre, double scale) = numbers == 1 ? units[0] : (0, 1);
        if (numbers > 1)
            graphs = [.. graphs.Select(g => (g.Graph, g.Targets.Select((y, t) => (y - units[t].Centre) / units[t].Scale).ToArray()))];
        (double[] mean, double[] deviation) = AttributeScales(train.Select(i => graphs[i].Graph));
        var shape = new GraphShape
        {
            NodeTypes = nodeTypes.Length,
            EdgeTypes = Math.Max(1, edgeTypes.Length),
            Attributes = mean.Length,
            Classes = classes,
            Targets = numbers,
            RowLength = graphs.Max(g => GraphShape.Head + g.Graph.Nodes.Count * (1 + mean.Length) + 6 * g.Graph.Edges.Count + numbers - 1),
            MostNodes = graphs.Max(g => g.Graph.Nodes.Count),
            TargetCentre = centre,
            TargetScale = scale,
            Error = spec.Error,
        };
        long[][] rows = [.. graphs.Select(g => Row(g.Graph, g.Targets))];
        string? content = generated ? null : Hash(rows, nodeTypes, edgeTypes);
        PlannedContent.Check(spec, content, path);
        double[] labels = [.. train.Select(i => graphs[i].Targets[0])];
        double baseline =
            classes > 0
                ? -validation.Average(i => Math.Log(labels.Count(u => u == graphs[i].Targets[0]) / (double)labels.Length))
                : validation
                    .SelectMany(i => graphs[i].Targets)
                    .Average(t => spec.Error == "mae" ? Math.Abs(t - centre) : (t - centre) * (t - centre));
        return new GraphTask(
            spec with
            {
                Content = content,
            },
            shape,
            [.. train.Select(i => rows[i])],
            [.. validation.Select(i => rows[i])],
            baseline,
            generated,
            leftOut
        );

        long[] Row(MolecularGraph graph, double[] targets)
        {
            long[] row = new long[GraphShape.Head + graph.Nodes.Count * (1 + mean.Length) + 6 * graph.Edges.Count + targets.Length - 1];
            (row[0], row[1], row[2]) = (
                graph.Nodes.Count,
                2 * graph.Edges.Count,
                classes > 0 ? (long)targets[0] : BitConverter.DoubleToInt64Bits(targets[0])
            );
            int at = GraphShape.Head;
            foreach (string node in graph.Nodes)
                row[at++] = Array.BinarySearch(nodeTypes, node, StringComparer.Ordinal);
            foreach ((int from, int to, string type) in graph.Edges)
            {
                int kind = Array.BinarySearch(edgeTypes, type, StringComparer.Ordinal);
                (row[at], row[at + 1], row[at + 2], row[at + 3], row[at + 4], row[at + 5]) = (from, to, kind, to, from, kind);
                at += 6;
            }
            foreach (double[] of in graph.Attributes)
                for (int f = 0; f < of.Length; f++)
                    row[at++] = BitConverter.DoubleToInt64Bits((of[f] - mean[f]) / deviation[f]);
            foreach (double target in targets.Skip(1))
                row[at++] = BitConverter.DoubleToInt64Bits(target);
            return row;
        }
    }

    public void CheckBatch(long batch)
    {
        if (batch > _train.Length)
            throw new InputException(
                $"batch {batch} is larger than the training data: there are {_train.Length} graphs; use a smaller batch or more data"
            );
    }

    public void FillBatch(long seed, long firstSample, Span<long> tokens)
    {
        var order = new EpochShuffle(_train.Length, seed);
        for (int b = 0; b * SampleLength < tokens.Length; b++)
            Copy(_train[order[firstSample + b]], tokens.Slice(b * SampleLength, SampleLength));
    }

    public long ValidationCount(long wanted) => EvenlySpaced.Count(wanted, _validation.Length);

    public long TrainEvaluationCount(long wanted) => EvenlySpaced.Count(wanted, _train.Length);

    public void FillValidation(long wanted, long first, Span<long> tokens) =>
        FillEvenly(_validation, ValidationCount(wanted), first, tokens);

    public void FillTrainEvaluation(long wanted, long first, Span<long> tokens) =>
        FillEvenly(_train, TrainEvaluationCount(wanted), first, tokens);

    public long Predictions(ReadOnlySpan<long> rows) => rows.Length / SampleLength;

    public int GroupOf(int label) => 0;

    /// <summary>The class; none where the target is a number.</summary>
    public ReadOnlySpan<long> Targets(ReadOnlySpan<long> row) => _shape.Classes > 0 ? row.Slice(2, 1) : [];

    public int LabelOf(ReadOnlySpan<long> row) => (int)row[2];

    public void Dispose()
    {
        // All is in memory.
    }

    private void FillEvenly(long[][] graphs, long count, long first, Span<long> tokens)
    {
        for (int b = 0; b * SampleLength < tokens.Length; b++)
        {
            long wanted = first + b;
            if (wanted < 0 || wanted >= count)
                throw new ArgumentOutOfRangeException(nameof(first), $"graph {wanted} of {count}");
            Copy(graphs[EvenlySpaced.Index(wanted, count, graphs.Length)], tokens.Slice(b * SampleLength, SampleLength));
        }
    }

    private static void Copy(long[] graph, Span<long> row)
    {
        graph.CopyTo(row);
        row[graph.Length..].Clear();
    }

    private static string[] Names(IEnumerable<string> names) => [.. names.Distinct().Order(StringComparer.Ordinal)];

    /// <summary>The median (of "mse" the mean) and the mean absolute deviation from it, 1 where all are equal.</summary>
    private static (double Centre, double Scale) Unit(double[] targets, string error)
    {
        double centre = error == "mse" ? targets.Average() : Median(targets),
            scale = targets.Average(t => Math.Abs(t - centre));
        return (centre, scale > 0 ? scale : 1);
    }

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static (double[] Mean, double[] Deviation) AttributeScales(IEnumerable<MolecularGraph> graphs)
    {
        double[][] rows = [.. graphs.SelectMany(g => g.Attributes)];
        if (rows.Length == 0)
            return ([], []);
        double[] mean = [.. Enumerable.Range(0, rows[0].Length).Select(f => rows.Average(r => r[f]))];
        return (mean, [.. mean.Select((m, f) => Math.Sqrt(rows.Average(r => (r[f] - m) * (r[f] - m))) is > 0 and var s ? s : 1)]);
    }

    private static string Hash(long[][] rows, string[] nodeTypes, string[] edgeTypes)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"graphs 1\n{string.Join('\n', nodeTypes)}\n\n{string.Join('\n', edgeTypes)}\n"));
        foreach (long[] row in rows)
            hash.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes<long>(row));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

/// <summary>The graphs of a task, before any is held out.</summary>
/// <param name="Name">Of the data, for errors.</param>
/// <param name="Graphs">Each with its targets.</param>
/// <param name="Classes">K; 0 where targets are numbers.</param>
/// <param name="LeftOut">Rows without a label.</param>
/// <param name="Generated">Then a target is a function of the graph, and there is no content to hash.</param>
internal sealed record LoadedGraphs(
    string Name,
    List<(MolecularGraph Graph, double[] Targets)> Graphs,
    int Classes = 0,
    int LeftOut = 0,
    bool Generated = false
);
