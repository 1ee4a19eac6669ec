// The vectors that plain PyTorch recorded, whatever a kind reads: a model, its rows and what it must give.
using System.Text.Json.Nodes;
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;
using Gaplab.Torch;

namespace Gaplab.Training.Tests.Models;

/// <summary>One recorded case.</summary>
/// <param name="Name">Of the file and of the case.</param>
/// <param name="Kind">The row of the catalogue that builds it.</param>
/// <param name="Model">Built.</param>
/// <param name="Vector">Parameters, loss, gradient, direction and product.</param>
/// <param name="Samples">A row each.</param>
internal sealed record RecordedModel(string Name, ModelKind Kind, IModel Model, JsonNode Vector, long[][] Samples)
{
    /// <summary>int64 [1, B, row], the samples from <paramref name="first"/> on, in a circle.</summary>
    public Tensor Rows(int first = 0) =>
        Tensor.From<long>(
            Enumerable.Range(first, Samples.Length).SelectMany(i => Samples[i % Samples.Length]).ToArray(),
            1,
            Samples.Length,
            Samples[0].Length
        );

    /// <summary>Whether training descends on another loss than is evaluated (label smoothing).</summary>
    public bool Smoothed => Vector["smoothed"] is not null;
}

/// <summary>All files of tests/golden that hold models: each NAME-vectors.json with cases that have a model.</summary>
internal static class RecordedModels
{
    private static readonly GraphShape Graphs = new()
    {
        NodeTypes = 4,
        EdgeTypes = 2,
        RowLength = 48,
        Error = "mse",
    };

    private static readonly Dictionary<string, JsonNode> Vectors = Directory
        .GetFiles(Path.Combine(AppContext.BaseDirectory, "golden"), "*-vectors.json")
        .Order(StringComparer.Ordinal)
        .SelectMany(file =>
            (JsonNode.Parse(File.ReadAllText(file)) as JsonObject ?? [])
                .Select(part => part.Value)
                .OfType<JsonArray>()
                .SelectMany(cases => cases)
                .OfType<JsonObject>()
                .Where(c => c["model"] is JsonObject && c["parameters"] is not null)
                .Select(c => (Name: $"{Path.GetFileName(file)[..^"-vectors.json".Length]}/{c["name"]}", Case: (JsonNode)c))
        )
        .ToDictionary(c => c.Name, c => c.Case);

    public static IEnumerable<string> Names => Vectors.Keys;

    public static RecordedModel Of(string name)
    {
        JsonNode vector = Vectors[name];
        ModelSpec spec = GoldenVectors.Model(vector["model"]!);
        // The GPT's were recorded before the QK-norm had gains.
        if (spec.Kind == "gpt")
            spec = spec with { QkGain = false };
        (TaskSpec task, int vocabulary, long[][] samples) = vector switch
        {
            _ when vector["graphs"] is JsonArray graphs => (new TaskSpec { Graphs = Graphs }, 1, [.. graphs.Select(g => GraphRow(g!))]),
            _ when vector["pixels"] is not null => Images(vector),
            _ => (
                new TaskSpec { Context = (vector["model"]!["context"] ?? 16)!.GetValue<int>() },
                (vector["vocabulary"] ?? vector["model"]!["vocabulary"])!.GetValue<int>(),
                (long[][])[.. vector["tokens"]!.AsArray().Select(r => r!.AsArray().Select(t => t!.GetValue<long>()).ToArray())]
            ),
        };
        ModelInput input = ModelInput.Of(task, vocabulary);
        ModelKind kind = ModelCatalogue.BuiltIn.Of(spec, input);
        return new RecordedModel(name, kind, kind.Build(spec, input), vector, samples);
    }

    private static (TaskSpec, int, long[][]) Images(JsonNode vector)
    {
        int side = vector["side"]!.GetValue<int>();
        var shape = new ImageShape
        {
            Channels = vector["channels"]!.GetValue<int>(),
            Height = side,
            Width = side,
            Classes = 3,
            Mean = GoldenVectors.Doubles(vector["mean"]!),
            Deviation = GoldenVectors.Doubles(vector["deviation"]!),
        };
        byte[] pixels = [.. vector["pixels"]!.AsArray().Select(x => (byte)x!.GetValue<int>())];
        long[][] rows =
        [
            .. vector["labels"]!
                .AsArray()
                .Select(
                    (label, b) =>
                    {
                        long[] row = new long[shape.RowLength];
                        for (int i = 0; i < shape.Count; i++)
                            row[i / 8] |= (long)pixels[b * shape.Count + i] << (i % 8 * 8);
                        row[shape.LabelAt] = label!.GetValue<long>();
                        return row;
                    }
                ),
        ];
        return (new TaskSpec { Images = shape }, shape.Classes, rows);
    }

    private static long[] GraphRow(JsonNode graph)
    {
        long[] nodes = [.. graph["nodes"]!.AsArray().Select(n => n!.GetValue<long>())],
            row = new long[Graphs.RowLength];
        long[][] edges = [.. graph["edges"]!.AsArray().Select(e => e!.AsArray().Select(v => v!.GetValue<long>()).ToArray())];
        (row[0], row[1], row[2]) = (nodes.Length, 2 * edges.Length, BitConverter.DoubleToInt64Bits(graph["target"]!.GetValue<double>()));
        nodes.CopyTo(row, GraphShape.Head);
        long[] ends = [.. edges.SelectMany(e => (long[])[e[0], e[1], e[2], e[1], e[0], e[2]])];
        ends.CopyTo(row, GraphShape.Head + nodes.Length);
        return row;
    }
}
