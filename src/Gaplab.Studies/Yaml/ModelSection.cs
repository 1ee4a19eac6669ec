// The study file's "model", for every kind that there is.
using Gaplab.Learning.Data;
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;

namespace Gaplab.Studies.Yaml;

/// <summary>Reads "model" by the rows of the catalogue.</summary>
internal static class ModelSection
{
    /// <exception cref="Numerics.InputException">An unknown kind or one that does not read the task, keys of another, values out of range
    /// or that do not go together.</exception>
    public static ModelSpec Read(StudySection s, TaskSpec task)
    {
        (ModelCatalogue models, TaskCatalogue tasks) = (s.Catalogues.Models, s.Catalogues.Tasks);
        SampleKind samples = tasks.Of(task.Kind).Samples;
        ModelKind kind = KindOf(s, task, samples);
        foreach (
            (string key, string owners) in ForeignKeys.In(s, kind.Keys, models.All.Select(k => (k.Name, k.Reads.Contains(samples), k.Keys)))
        )
            throw s.Error(
                key,
                models.All.Any(k => k.Name == kind.Name && k.Keys.Any(o => o.Name == key))
                    ? $"'model.{key}' has no meaning for a task of {samples}"
                    : $"'model.{key}' has no meaning for a model of kind {kind.Name}; it belongs to {owners}"
            );
        ModelSpec model = ForeignKeys.Read(s, kind.Keys, kind.Defaults);
        if (model.Weights is not null && ModelKey.Drawing.FirstOrDefault(s.Has) is { } drawn)
            throw s.Error(drawn, $"'model.{drawn}' has no effect: 'model.weights' gives every weight; leave one of them out");
        if (kind.Objection(s, model, task) is { } error)
            throw error;
        s.Finish();
        return model;
    }

    private static ModelKind KindOf(StudySection s, TaskSpec task, SampleKind samples)
    {
        (ModelCatalogue models, TaskCatalogue tasks) = (s.Catalogues.Models, s.Catalogues.Tasks);
        IReadOnlyList<ModelKind> readers = models.Reading(samples);
        string[] names = [.. readers.Select(k => k.Name)];
        if (s.Text("kind") is { } other && !names.Contains(other) && models.Kinds.Contains(other))
        {
            string[] fitting =
            [
                .. tasks.All.Where(t => models.All.Any(k => k.Name == other && k.Reads.Contains(t.Samples))).Select(t => t.Name),
            ];
            throw s.Error(
                "kind",
                $"'model.kind' is '{other}', but 'task.kind' is '{task.Kind}'; expected {ForeignKeys.Listed(names, "or")}: {other} is for "
                    + $"tasks of kind {ForeignKeys.Listed(fitting, "and")}"
            );
        }
        ModelKind kind = readers.First(k => k.Name == s.Choice("kind", names[0], names));
        if (task.Objective == "masked" && !kind.SeesBothSides)
            throw s.Error(
                "kind",
                $"'model.kind' is '{kind.Name}', which predicts from what came before, but 'task.objective' is masked; expected model.kind "
                    + $"{ForeignKeys.Listed([.. readers.Where(k => k.SeesBothSides).Select(k => k.Name)], "or")}, which then sees both "
                    + $"sides, or task.objective: next"
            );
        return kind;
    }
}
