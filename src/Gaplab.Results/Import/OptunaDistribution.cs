// What a number that Optuna keeps of a parameter stands for.
using System.Globalization;
using System.Text.Json;

namespace Gaplab.Results.Import;

/// <summary>The distribution of a parameter. A storage keeps numbers alone: of a choice among several it is the index, so that without
/// the distribution "sgd" and "adam" are 0 and 1, and so are the batch sizes 16 and 64.</summary>
internal sealed class OptunaDistribution
{
    private readonly string[]? _choices;
    private readonly bool _isWhole;

    private OptunaDistribution(string[]? choices, bool isWhole) => (_choices, _isWhole) = (choices, isWhole);

    /// <param name="json">As Optuna writes it: {"name": …, "attributes": {…}}.</param>
    /// <returns>Null where it is of no kind that is known.</returns>
    public static OptunaDistribution? Parse(string json)
    {
        using JsonDocument? document = OptunaTable.Json(json);
        if (
            document?.RootElement is not { ValueKind: JsonValueKind.Object } root
            || !root.TryGetProperty("name", out JsonElement name)
            || name.ValueKind != JsonValueKind.String
        )
            return null;
        switch (name.GetString())
        {
            case "CategoricalDistribution":
                return
                    root.TryGetProperty("attributes", out JsonElement attributes)
                    && attributes.ValueKind == JsonValueKind.Object
                    && attributes.TryGetProperty("choices", out JsonElement choices)
                    && choices.ValueKind == JsonValueKind.Array
                    ? new([.. choices.EnumerateArray().Select(OptunaTable.Text)], false)
                    : null;
            case "IntDistribution" or "IntUniformDistribution" or "IntLogUniformDistribution":
                return new(null, true);
            case "FloatDistribution" or "UniformDistribution" or "LogUniformDistribution" or "DiscreteUniformDistribution":
                return new(null, false);
            default:
                return null;
        }
    }

    /// <summary>The parameter's own value; null where the number is none of the distribution's.</summary>
    public string? Value(double kept) =>
        _choices is { } choices
            ? kept == Math.Floor(kept) && kept >= 0 && kept < choices.Length
                ? choices[(int)kept]
                : null
            : _isWhole && kept == Math.Floor(kept) && Math.Abs(kept) < 1L << 53
                ? ((long)kept).ToString(CultureInfo.InvariantCulture)
                : OptunaTable.Text(kept);
}
