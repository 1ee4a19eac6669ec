// Whether two results of one run are the same result.
using System.Globalization;
using System.Text.Json;
using Gaplab.Numerics.Files;

namespace Gaplab.Results.Store;

/// <summary>Compares what two makings of one run found.</summary>
/// <remarks>Where both were made with the same numerics (<c>env.json</c> names the same libtorch, BLAS, kernels, processor, architecture,
/// threads, device and GPU), a run is a pure function of its spec, and every number must be the same bit for bit. Elsewhere rounding
/// differs and training amplifies it: numbers may differ by <see cref="Relative"/> of the larger and <see cref="Absolute"/>
/// besides.</remarks>
public static class ResultAgreement
{
    public const double Relative = 0.02,
        Absolute = 1e-3;

    /// <summary>The keys of env.json that tell how a machine rounds.</summary>
    public static IReadOnlyList<string> Numerics { get; } =
    ["libtorch", "blas", "kernels", "numerics", "processor", "architecture", "threads", "device", "gpu"];

    // Runs of versions that did not write these were made with one arithmetic too.
    private static readonly string[] s_unwrittenOnce = ["kernels", "numerics", "gpu"];

    /// <summary>What differs, one entry a number; empty where they agree.</summary>
    /// <param name="first">The one that was there.</param>
    /// <param name="second">The one that came.</param>
    /// <param name="sameNumerics">Whether every bit is expected to be the same.</param>
    public static IReadOnlyList<string> Differences(RunResult first, RunResult second, bool sameNumerics)
    {
        var found = new List<string>();
        if (first.Outcome != second.Outcome)
            found.Add($"outcome: {first.Outcome.Word()} and {second.Outcome.Word()}");
        if (sameNumerics && first.Step != second.Step)
            found.Add(string.Create(CultureInfo.InvariantCulture, $"step: {first.Step} and {second.Step}"));
        foreach (string name in first.Metrics.Keys.Union(second.Metrics.Keys).Order(StringComparer.Ordinal))
        {
            double? one = first.Metrics.TryGetValue(name, out double a) ? a : null,
                two = second.Metrics.TryGetValue(name, out double b) ? b : null;
            if (one is { } x && two is { } y && (sameNumerics ? x.Equals(y) : AreClose(x, y)))
                continue;
            found.Add($"{name}: {Text(one)} and {Text(two)}");
        }
        return found;
    }

    /// <summary>Whether two environments compute the same bits; false where one does not say.</summary>
    public static bool IsSameNumerics(string? first, string? second)
    {
        if (first is null || second is null)
            return false;
        try
        {
            using JsonDocument one = JsonSeal.Parse(first),
                two = JsonSeal.Parse(second);
            return Numerics.All(key =>
                !one.RootElement.TryGetProperty("begunWith", out _)
                && !two.RootElement.TryGetProperty("begunWith", out _)
                && (one.RootElement.TryGetProperty(key, out JsonElement a), two.RootElement.TryGetProperty(key, out JsonElement b)) switch
                {
                    (true, true) => JsonElement.DeepEquals(a, b),
                    (false, false) => s_unwrittenOnce.Contains(key),
                    _ => false,
                }
            );
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Whether two numbers agree within the tolerance; of numbers that are not finite, whether both are not.</summary>
    public static bool AreClose(double x, double y) =>
        double.IsFinite(x) && double.IsFinite(y)
            ? Math.Abs(x - y) <= Relative * Math.Max(Math.Abs(x), Math.Abs(y)) + Absolute
            : double.IsFinite(x) == double.IsFinite(y);

    private static string Text(double? value) => value?.ToString("r", CultureInfo.InvariantCulture) ?? "none";
}
