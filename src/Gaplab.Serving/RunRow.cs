// One run as the table of runs lists it.
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Results.Answers;

namespace Gaplab.Serving;

/// <summary>Where a run stands.</summary>
internal enum RunState
{
    Completed,
    Diverged,

    /// <summary>It is being made now.</summary>
    Running,

    /// <summary>It has no result, and nobody makes it.</summary>
    Missing,
}

/// <param name="Id">The run's id.</param>
/// <param name="Arm">Key of its arm.</param>
/// <param name="Value">The study's metric; NaN without one.</param>
/// <param name="Seconds">Its share of the time that its pack took; NaN where it is not known.</param>
/// <param name="Reason">Why it has no result; "" where it has one.</param>
/// <param name="IsTuned">It is of its arm's best learning rate so far.</param>
internal sealed record RunRow(
    string Id,
    string Arm,
    string Comparison,
    string Optimizer,
    int Batch,
    double LearningRate,
    string Variant,
    long Seed,
    RunState State,
    double Value,
    double ClipFraction,
    double Seconds,
    string Reason,
    bool IsTuned
)
{
    /// <summary>The <see cref="Reason"/> of a run that nobody has tried yet.</summary>
    public const string NotBegun = "not begun";

    /// <summary>What can be filtered, sorted and exported, by name; numbers are compared as numbers.</summary>
    public static IReadOnlyList<(string Name, Func<RunRow, object?> Of)> Columns { get; } =
    [
        ("id", r => r.Id),
        ("comparison", r => r.Comparison),
        ("optimizer", r => r.Optimizer),
        ("batch", r => (double)r.Batch),
        ("lr", r => r.LearningRate),
        ("variant", r => r.Variant),
        ("seed", r => (double)r.Seed),
        ("state", r => Word(r.State)),
        ("value", r => r.Value),
        ("clip", r => r.ClipFraction),
        ("seconds", r => r.Seconds),
        ("tuned", r => r.IsTuned ? "yes" : "no"),
        ("reason", r => r.Reason),
    ];

    public static string Word(RunState state) => state.ToString().ToLowerInvariant();

    public JsonObject Json() =>
        new()
        {
            ["id"] = Id,
            ["comparison"] = Comparison,
            ["optimizer"] = Optimizer,
            ["batch"] = Batch,
            ["lr"] = LearningRate,
            ["variant"] = Variant,
            ["seed"] = Seed,
            ["state"] = Word(State),
            ["value"] = AnswerJson.Number(Value),
            ["clip"] = AnswerJson.Number(ClipFraction),
            ["seconds"] = AnswerJson.Number(Seconds),
            ["tuned"] = IsTuned,
            ["reason"] = Reason,
        };

    /// <summary>A column's value as text, as a table of other programs has it; "" where it has none.</summary>
    public static string Text(object? value) =>
        value switch
        {
            double number when double.IsNaN(number) => "",
            double number => number.ToString("R", CultureInfo.InvariantCulture),
            _ => value?.ToString() ?? "",
        };
}
