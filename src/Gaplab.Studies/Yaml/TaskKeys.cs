// Which keys of "task" belong to which kinds of task.

namespace Gaplab.Studies.Yaml;

/// <summary>Refuses what a task of another kind would read.</summary>
internal static class TaskKeys
{
    /// <param name="s">The section.</param>
    /// <param name="kind">Of the task.</param>
    /// <param name="only">Keys, each with the kinds that have it, apart by blanks.</param>
    /// <exception cref="Numerics.InputException">A key of other kinds.</exception>
    public static void RefuseForeign(StudySection s, string kind, params ReadOnlySpan<(string Key, string Kinds)> only)
    {
        foreach ((string key, string kinds) in only)
        {
            if (kinds.Split(' ').Contains(kind) || !s.Has(key))
                continue;
            // An override that points a study at another kind of task (--text) leaves the file's other keys idle; otherwise one is a
            // mistake.
            if (s.IsOverride("kind") && !s.IsOverride(key))
                s.Drop(key);
            else
                throw s.Error(
                    key,
                    $"'task.{key}' has no meaning for a task of kind {kind}; it belongs to "
                        + $"{kinds.Replace(" ", " and ", StringComparison.Ordinal)}"
                );
        }
    }
}
