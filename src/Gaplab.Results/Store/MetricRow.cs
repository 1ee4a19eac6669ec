// One line of metrics.jsonl: a named number at a step of a run.
using System.Text;
using System.Text.Json;
using Gaplab.Numerics;

namespace Gaplab.Results.Store;

/// <summary>A measured number: after how many optimizer steps and training samples, its name, its value (which may be NaN or
/// infinite).</summary>
public readonly record struct MetricRow(long Step, long Samples, string Name, double Value)
{
    /// <summary>Appends <c>{"step":…,"samples":…,"name":"…","value":…}</c> and a line feed. Values are written so that they read back bit
    /// for bit.</summary>
    internal void AppendTo(StringBuilder lines)
    {
        var invariant = System.Globalization.CultureInfo.InvariantCulture;
        lines.Append(invariant, $"{{\"step\":{Step},\"samples\":{Samples},\"name\":\"{JsonEncodedText.Encode(Name)}\",\"value\":");
        lines.Append(JsonNumber.Text(Value)).Append("}\n");
    }

    /// <summary>Reads one whole line.</summary>
    /// <exception cref="InputException">The line is no metric; <paramref name="where"/> names it.</exception>
    public static MetricRow Parse(ReadOnlySpan<byte> line, string where)
    {
        long? step = null,
            samples = null;
        string? name = null;
        double? value = null;
        try
        {
            var reader = new Utf8JsonReader(line);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
                throw new JsonException("expected '{'");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("step"u8))
                {
                    reader.Read();
                    step = reader.GetInt64();
                }
                else if (reader.ValueTextEquals("samples"u8))
                {
                    reader.Read();
                    samples = reader.GetInt64();
                }
                else if (reader.ValueTextEquals("name"u8))
                {
                    reader.Read();
                    name = reader.GetString();
                }
                else if (reader.ValueTextEquals("value"u8))
                {
                    reader.Read();
                    value = JsonNumber.Read(ref reader);
                }
                else
                {
                    reader.Read();
                    reader.Skip();
                }
            }
            reader.Read();
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            throw new InputException(
                $"{where} is no metric line ({error.Message.ReplaceLineEndings(" ")}); expected "
                    + $"{{\"step\",\"samples\",\"name\",\"value\"}}",
                error
            );
        }
        return step is long s && samples is long n && name is not null && value is double v
            ? new MetricRow(s, n, name, v)
            : throw new InputException($"{where} lacks step, samples, name or value");
    }
}
