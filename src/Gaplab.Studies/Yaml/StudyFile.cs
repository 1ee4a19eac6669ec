// Reads a study from YAML: docs/study.md describes every key; what is unknown or impossible is refused with its place.
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;

namespace Gaplab.Studies.Yaml;

/// <summary>Study files.</summary>
public static class StudyFile
{
    /// <summary>Characters of the name of a study, a setting, an optimizer, a factor or a level: they stand in names of files and in every
    /// line of a report.</summary>
    internal const int MostName = 100;

    /// <summary>Batch sizes of a grid, and optimizers: each has a row or a column of its own in every report.</summary>
    internal const int MostNames = 1000;

    /// <summary>Reads a study file and lays overrides over it.</summary>
    /// <param name="path">The YAML file.</param>
    /// <param name="overrides">Each <c>key.key=value</c> with a YAML value, checked as the file's own; a relative path in one is relative
    /// to the current folder.</param>
    /// <exception cref="InputException">One line: file:line (or the override), the key, what was got and what was expected.</exception>
    public static StudySpec Load(string path, params IReadOnlyList<string> overrides) => Load(path, Catalogues.BuiltIn, overrides);

    /// <summary>Reads a study file that may name other kinds.</summary>
    /// <inheritdoc cref="Load(string, IReadOnlyList{string})"/>
    /// <param name="catalogues">What it can name.</param>
    public static StudySpec Load(string path, Catalogues catalogues, params IReadOnlyList<string> overrides) =>
        Parse(path, RegularFile.ReadText(path, FileLimit.Study), catalogues, overrides);

    /// <summary>Reads a study from text; <paramref name="path"/> names it in errors and anchors its relative paths.</summary>
    /// <exception cref="InputException">As <see cref="Load(string, IReadOnlyList{string})"/>.</exception>
    public static StudySpec Parse(string path, string text, params IReadOnlyList<string> overrides) =>
        Parse(path, text, Catalogues.BuiltIn, overrides);

    /// <summary>Reads a study from text that may name other kinds.</summary>
    /// <inheritdoc cref="Parse(string, string, IReadOnlyList{string})"/>
    /// <param name="catalogues">What it can name.</param>
    public static StudySpec Parse(string path, string text, Catalogues catalogues, params IReadOnlyList<string> overrides)
    {
        StudySource source = StudySource.Parse(path, text, catalogues, overrides);
        StudySpec study = ComparisonSections.Any(source) ? ComparisonSections.Read(path, text, catalogues, overrides) : Read(path, source);
        // Comparisons may name kinds that the first does not.
        if (study.Listed.Any(c => c.Study.IsOfCommand))
            study = study.Among(catalogues.Naming(study));
        PlannedRuns.Check(path, study);
        return study;
    }

    /// <summary>Reads a source without settings and factors.</summary>
    internal static StudySpec Read(string path, StudySource source)
    {
        var root = new StudySection(source, source.Root, "");
        foreach (string key in ComparisonSections.Keys)
            root.Has(key);
        bool ofCommand = CommandSections.Is(root);
        if (ofCommand)
            CommandSections.Refuse(root);
        StudySpec given = StudyKeys.Read(root, Path.GetFileNameWithoutExtension(path));
        TaskSpec task = ofCommand ? new TaskSpec { Kind = CommandSpec.Kind } : TaskSection.Read(root.Section("task"));
        ModelSpec model = ModelSection.Read(root.Section("model"), task);
        StudySpec study = given with
        {
            Catalogues = source.Catalogues,
            Task = task,
            Model = ofCommand ? CommandSections.Complete(root, model, source.Folder) : model,
            Grid = GridSection.Section.Read(root),
            Optimizers = OptimizerSection.ReadAll(root),
            Budget = BudgetSection.Read(root),
            Schedule = ScheduleSection.Section.Read(root),
            Evaluation = EvaluationSection.Read(root, task),
            Sentinel = SentinelSection.Section.Read(root),
            Checkpoint = CheckpointSection.Section.Read(root),
            Limits = LimitsSection.Section.Read(root),
            Probes = root.Has("probes") ? ProbesSection.Read(root.Section("probes")) : null,
        };
        root.Finish();
        if (ofCommand)
        {
            study = study with { Catalogues = source.Catalogues.Naming(study) };
            CommandSections.Check(root, study);
            return study;
        }
        if (study.Evaluation.Train < 0 && study.Metric == "train-loss")
            throw root.Error("metric", "'metric' is 'train-loss', but 'evaluation.train' is none; give a number of sequences or all");
        if (study.Evaluation.Bleu < 0 && study.Metric == "validation-bleu")
            throw root.Error(
                "metric",
                "'metric' is 'validation-bleu', but no sentences are translated; it needs a task of kind translation, with a number of "
                    + "sentences or all in 'evaluation.bleu'"
            );
        if (study.Metric == "validation-accuracy" && !source.Catalogues.Tasks.Of(task.Kind).Classifies)
            throw root.Error(
                "metric",
                $"'metric' is 'validation-accuracy', which a task of kind {task.Kind} has not; it belongs to tasks of images and of "
                    + $"graphs with classes"
            );
        return study;
    }
}
