// What pages say that several kinds of task have.
using Gaplab.Learning.Specs;

namespace Gaplab.Learning.Data;

/// <summary>Facts for the rows of tasks.</summary>
public static class TaskFact
{
    public static SpecFact File(TaskSpec task) => new("path", $"{Path.GetFileName(task.Path)} ({task.Kind})");

    public static SpecFact Context(TaskSpec task) => new("context", $"context {task.Context}");

    public static SpecFact[] Content(TaskSpec task) =>
        task.Content is { Length: >= 12 } content ? [new("", $"SHA-256 {content[..12]}…")] : [];
}
