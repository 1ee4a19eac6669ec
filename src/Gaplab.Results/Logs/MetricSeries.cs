// One metric of a run: its values in the order in which they were logged.
namespace Gaplab.Results.Logs;

/// <summary>A value, which may be NaN or infinite, and where in the run it was logged.</summary>
public readonly record struct MetricPoint(double Value, MetricPosition Position);

/// <summary>The values of one name.</summary>
/// <param name="Name">As the script writes it; where several files have it, with the file's or folder's name before it: "val/loss".</param>
/// <param name="File">The file it was read from, or the first of several that continue each other.</param>
/// <param name="Points">In the order they were logged; where a run was resumed, what it logged again takes the place of what it had
/// logged.</param>
public sealed record MetricSeries(string Name, string File, IReadOnlyList<MetricPoint> Points);
