// What the runs of a study were computed with, and what follows for who compares them.
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gaplab.Results.Analysis;
using Gaplab.Studies.Planning;

namespace Gaplab.Studies.Reporting;

/// <summary>Findings about the arithmetic that <c>env.json</c> of each run names.</summary>
internal static class RunArithmetic
{
    // What a finished run is too if it was begun elsewhere.
    private const string BegunWith = "begunWith";

    /// <summary>That runs were made on a slow BLAS, and that more than one libtorch, numerics or set of kernels made them.</summary>
    /// <param name="environments">Each run's env.json; one that is absent, damaged or of a command says nothing.</param>
    public static IReadOnlyList<Finding> Findings(IEnumerable<string?> environments)
    {
        var made = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var devices = new SortedDictionary<string, int>(StringComparer.Ordinal);
        bool slow = false;
        foreach (JsonObject environment in environments.Select(Parsed).OfType<JsonObject>().Where(e => e["libtorch"] is not null))
        {
            slow |= Word(environment, "blas") == "reference";
            string words = Words(environment);
            if (environment[BegunWith] is JsonObject before && Words(before) is { } begun && begun != words)
                words = $"{begun} and then {words}";
            string device = Word(environment, "device") ?? "cpu";
            devices[device] = devices.GetValueOrDefault(device) + 1;
            made[words] = made.GetValueOrDefault(words) + 1;
        }
        var findings = new List<Finding>();
        if (slow)
            findings.Add(
                new Finding(
                    StudyFindingKinds.SlowBlas,
                    Severity.Hint,
                    "runs were made on the reference BLAS, which is many times slower than OpenBLAS; install libopenblas0-pthread"
                )
            );
        if (made.Count > 1)
            findings.Add(
                new Finding(
                    StudyFindingKinds.MixedArithmetic,
                    Severity.Hint,
                    $"runs were made with different arithmetic ({string.Join("; ", made.Select(m => Counted(m.Value, m.Key)))}): "
                        + "one run has not the same bits on both, and training amplifies the difference as it does a seed's"
                )
            );
        if (devices.Count > 1)
            findings.Add(
                new Finding(
                    StudyFindingKinds.MixedDevices,
                    Severity.Warning,
                    "runs that are compared were made on different kinds of device ("
                        + string.Join("; ", devices.Select(d => Counted(d.Value, d.Key)))
                        + "): "
                        + "a difference between optimizers may be one between devices; make all of them on one"
                )
            );
        return findings;
    }

    private static JsonObject? Parsed(string? environment)
    {
        try
        {
            return environment is null ? null : JsonNode.Parse(environment) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // Versions before numerics were numbered had the first, and no kernels but the BLAS's.
    private static string Words(JsonObject environment) =>
        $"libtorch {Word(environment, "libtorch")}, numerics {Word(environment, "numerics") ?? "1"}, kernels "
        + (Word(environment, "kernels") ?? "blas");

    private static string? Word(JsonObject environment, string key) =>
        environment[key] switch
        {
            null => null,
            JsonValue value when value.TryGetValue(out string? text) => text,
            JsonNode other => other.ToJsonString(),
        };

    private static string Counted(int runs, string words) =>
        string.Create(CultureInfo.InvariantCulture, $"{runs} {(runs == 1 ? "run" : "runs")}: {words}");
}
