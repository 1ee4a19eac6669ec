// The study file's "task", for every kind that there is.
using Gaplab.Learning.Data;
using Gaplab.Learning.Specs;

namespace Gaplab.Studies.Yaml;

/// <summary>Reads "task" by the rows of the catalogue.</summary>
internal static class TaskSection
{
    /// <exception cref="Numerics.InputException">An unknown kind, keys of another, values out of range or that do not go
    /// together.</exception>
    public static TaskSpec Read(StudySection s)
    {
        TaskCatalogue tasks = s.Catalogues.Tasks;
        // Of kinds that a key implies the one with the most such keys decides: a path may lie beside sentence pairs, to be refused there.
        TaskKind implied = tasks.All.Where(k => k.ImpliedBy.Any(s.Has)).MaxBy(k => k.ImpliedBy.Count) ?? tasks.Of(new TaskSpec().Kind);
        TaskKind kind = tasks.Of(s.Choice("kind", implied.Name, tasks.Kinds, tasks.Elsewhere));
        foreach (
            (string key, string owners) in ForeignKeys.In(s, kind.Keys, tasks.All.Select(k => (k.Name, k.Samples == kind.Samples, k.Keys)))
        )
        {
            // An override that points a study at another kind of task (--text) leaves the file's other keys idle; otherwise one is a
            // mistake.
            if (s.IsOverride("kind") && !s.IsOverride(key))
                s.Drop(key);
            else
                throw s.Error(key, $"'task.{key}' has no meaning for a task of kind {kind.Name}; it belongs to {owners}");
        }
        TaskSpec task = ForeignKeys.Read(s, kind.Keys, kind.Defaults);
        if (kind.Objection(s, task) is { } error)
            throw error;
        s.Finish();
        return task;
    }
}
