// What a study and its workers say to each other: one JSON document a line, down standard input and up standard output.
using System.Text.Json;
using System.Text.Json.Serialization;
using Gaplab.Learning.Specs;

namespace Gaplab.Studies.Running;

/// <summary>From the study: train this pack. The line "stop" instead asks for a checkpoint and an end; the end of the input ends the worker
/// at once.</summary>
/// <param name="Store">The store's folder.</param>
/// <param name="Pack">The runs.</param>
/// <param name="CheckpointSeconds">Between checkpoints.</param>
/// <param name="Keep">Checkpoints kept of a finished run.</param>
internal sealed record WorkerOrder(string Store, PackSpec Pack, double CheckpointSeconds, string Keep)
{
    /// <summary>The device to train on.</summary>
    public string Device { get; init; } = "cpu";
}

/// <summary>From the worker. Exactly one of the properties is set, but for the cause, which goes with a failure.</summary>
internal sealed record WorkerReport
{
    /// <summary>[step, steps] of the pack at hand.</summary>
    public long[]? Progress { get; init; }

    /// <summary>The word of a <see cref="PackEndKind"/> that is no failure.</summary>
    public string? Done { get; init; }

    /// <summary>The word of one that is; with its cause.</summary>
    public string? Failed { get; init; }

    public string? Cause { get; init; }

    /// <summary>Something the user should know, in one line: what was found damaged and what is done about it.</summary>
    public string? Notice { get; init; }
}

/// <summary>Lines of the protocol.</summary>
internal static class WorkerProtocol
{
    public const string Stop = "stop";

    private static readonly JsonSerializerOptions Options = new(SpecJson.Options)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public static string Line<T>(T message) => JsonSerializer.Serialize(message, Options);

    public static WorkerOrder ReadOrder(string line) =>
        JsonSerializer.Deserialize<WorkerOrder>(line, Options) ?? throw new JsonException("null is no order");

    public static WorkerReport ReadReport(string line) =>
        JsonSerializer.Deserialize<WorkerReport>(line, Options) ?? throw new JsonException("null is no report");
}
