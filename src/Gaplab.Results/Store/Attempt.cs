// A failed attempt at a pack of runs: a missing outcome with its cause and time, kept as a line of JSON.
using System.Text.Json;
using System.Text.Json.Nodes;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;

namespace Gaplab.Results.Store;

/// <summary>An attempt that gave no result. Attempts are evidence for the retry rule and the report; they never enter the
/// statistics.</summary>
/// <param name="Time">When it ended (the caller's clock).</param>
/// <param name="Outcome">Killed, out of memory, timed out or failed.</param>
/// <param name="Cause">One line: the signal, the error message, the limit.</param>
/// <param name="Runs">The ids of the pack's runs.</param>
/// <param name="Step">The last step known, when one is.</param>
/// <param name="Call">The number of the <c>study run</c> or other call that asked for it; 0 of older stores. Workers of one call count
/// their attempts together.</param>
public sealed record Attempt(
    DateTimeOffset Time,
    Outcome Outcome,
    string Cause,
    IReadOnlyList<string> Runs,
    long? Step = null,
    long Call = 0
)
{
    internal string ToLine()
    {
        var node = new JsonObject
        {
            ["time"] = Time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
            ["outcome"] = Outcome.Word(),
            ["step"] = Step,
            ["cause"] = Cause,
            ["runs"] = new JsonArray([.. Runs.Select(r => (JsonNode?)JsonValue.Create(r))]),
            ["call"] = Call,
        };
        return JsonSeal.Close(node).ToJsonString(StoreJson.Line) + "\n";
    }

    internal static Attempt Parse(string line, string where)
    {
        try
        {
            using JsonDocument document = JsonSeal.Parse(line);
            JsonElement root = document.RootElement;
            if (JsonSeal.Check(root) == SealState.Broken)
                throw new FormatException("it does not match its digest");
            return new Attempt(
                root.GetProperty("time").GetDateTimeOffset(),
                OutcomeWords.Parse(root.GetProperty("outcome").GetString()),
                root.GetProperty("cause").GetString() ?? "",
                [.. root.GetProperty("runs").EnumerateArray().Select(r => r.GetString() ?? "")],
                root.TryGetProperty("step", out JsonElement step) && step.ValueKind == JsonValueKind.Number ? step.GetInt64() : null,
                root.TryGetProperty("call", out JsonElement call) ? call.GetInt64() : 0
            );
        }
        catch (Exception error)
            when (error
                    is JsonException
                        or InvalidOperationException
                        or KeyNotFoundException
                        or FormatException
                        or ArgumentException
                        or InputException
            )
        {
            throw new InputException($"{where} is no attempt ({error.Message.ReplaceLineEndings(" ")})", error);
        }
    }
}
