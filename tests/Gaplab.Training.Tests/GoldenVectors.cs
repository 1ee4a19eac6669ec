// The vectors recorded with plain PyTorch by the scripts in tests/golden.
using System.Text.Json;
using System.Text.Json.Nodes;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;

namespace Gaplab.Training.Tests;

internal static class GoldenVectors
{
    private static readonly JsonSerializerOptions CamelCase = new(JsonSerializerDefaults.Web);

    public static JsonNode Read(string file) => JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "golden", file)))!;

    public static double[] Doubles(JsonNode node) => [.. node.AsArray().Select(v => v!.GetValue<double>())];

    public static ModelSpec Model(JsonNode node) => node.Deserialize<ModelSpec>(CamelCase)!;

    public static OptimizerSpec Optimizer(JsonNode node) => node.Deserialize<OptimizerSpec>(CamelCase)!;

    public static ScheduleSpec Schedule(JsonNode node) => node.Deserialize<ScheduleSpec>(CamelCase)!;

    /// <summary>A row [P] from tensors by name; names and shapes must be the layout's, all of them.</summary>
    public static double[] Row(ParamLayout layout, JsonNode byName)
    {
        Assert.Equal(
            [.. layout.Slices.Select(s => s.Name).Order(StringComparer.Ordinal)],
            byName.AsObject().Select(p => p.Key).Order(StringComparer.Ordinal)
        );
        double[] row = new double[layout.Count];
        foreach (ParamSlice slice in layout.Slices)
        {
            JsonNode entry = byName[slice.Name]!;
            Assert.Equal(slice.Shape, entry["shape"]!.AsArray().Select(s => s!.GetValue<long>()));
            Doubles(entry["values"]!).CopyTo(row, (int)slice.Offset);
        }
        return row;
    }
}
