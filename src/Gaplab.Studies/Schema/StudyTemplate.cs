// A study to begin from: short, with the sentences of the rows as comments.
using System.Globalization;
using System.Text;
using Gaplab.Learning.Data;
using Gaplab.Learning.Models;
using Gaplab.Learning.Optim;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Studies.Yaml;

namespace Gaplab.Studies.Schema;

/// <summary>SGD with momentum against Adam on a task and a model, with the grid of the ready studies: it is read as it stands, but for the
/// paths of a task that is read from files.</summary>
public static class StudyTemplate
{
    // Where a study cannot do without a value that only its author has.
    private static readonly Dictionary<string, string> s_placeholders = new()
    {
        ["path"] = "FILE-OR-FOLDER",
        ["source"] = "FILE",
        ["target"] = "FILE",
        ["target-column"] = "COLUMN",
        ["inputs"] = "FILE",
        ["targets"] = "FILE",
    };

    /// <param name="file">The file that it is for: its name names the study.</param>
    /// <param name="catalogues">What it can name.</param>
    /// <param name="task">A kind of task; null is the one that the model reads, generated if there is one.</param>
    /// <param name="model">A kind of model; null is the task's default.</param>
    /// <exception cref="InputException">A kind that there is not, or a model that does not read the task.</exception>
    public static string Text(string file, Catalogues catalogues, string? task = null, string? model = null)
    {
        ModelCatalogue models = catalogues.Models;
        TaskCatalogue tasks = catalogues.Tasks;
        if (model is not null && !models.Kinds.Contains(model))
            throw new InputException($"there is no model '{Shown.Of(model)}'{NearestName.Hint(model, models.Kinds)}");
        if (task is not null && !tasks.Kinds.Contains(task))
            throw new InputException($"there is no task '{Shown.Of(task)}'{NearestName.Hint(task, tasks.Kinds, tasks.Elsewhere)}");
        TaskKind taskKind = task is null ? TaskFor(model, models, tasks) : tasks.Of(task);
        IReadOnlyList<ModelKind> readers = models.Reading(taskKind.Samples);
        ModelKind modelKind =
            readers.FirstOrDefault(k => model is null || k.Name == model)
            ?? throw new InputException(
                $"the model '{model}' does not read {taskKind.Samples}, which a task of kind {taskKind.Name} has; expected "
                    + ForeignKeys.Listed([.. readers.Select(k => k.Name)], "or")
            );
        return Text(file, taskKind, modelKind);
    }

    private static TaskKind TaskFor(string? model, ModelCatalogue models, TaskCatalogue tasks) =>
        model is null
            ? tasks.Of(new TaskSpec().Kind)
            : tasks.All.Where(t => models.Reading(t.Samples).Any(m => m.Name == model)).OrderBy(t => t.Generated ? 0 : 1).First();

    private static string Text(string file, TaskKind task, ModelKind model)
    {
        if (model.Name == CommandSpec.Kind)
            return OfCommand(file);
        var lines = new StringBuilder();
        void Line(string text) => lines.Append(text).Append('\n');
        // Where models of sequences and models of the others have their best rates; the sentinel goes on from there.
        bool sequences = task.Samples != SampleKind.Images && task.Samples != SampleKind.Graphs;
        string name = Shown.Of(Path.GetFileName(file));
        Line($"# yaml-language-server: $schema={StudySchema.FileName}");
        Line($"# What it costs: gaplab study plan {name}. To run it: gaplab study run {name}. Your editor completes every key.");
        Line($"study: {NameOf(file)}");
        Line($"question: At which batch size does SGD with momentum stop beating Adam, for model {model.Name} on task {task.Name}?");
        Line("");
        Line("task:");
        Line(Commented("  kind: " + task.Name, task.Says));
        foreach (string line in Keys(task.Keys, task.Defaults, KeysOf(task)))
            Line(line);
        Line("");
        Line("model:");
        Line(Commented("  kind: " + model.Name, model.Says));
        foreach (string line in Keys(model.Keys, model.Defaults, [.. model.Facts(model.Defaults).Select(f => f.Key)]))
            Line(line);
        Line("");
        Line("# Names of your choice; a name that is a kind of optimizer is of that kind.");
        Line("optimizers:");
        Line("  sgd:");
        Line(Commented("    momentum: 0.9", OptimizerKey.Momentum.Key.Says));
        Line($"    lr: {{from: {(sequences ? "0.03, to: 3" : "0.01, to: 1")}, points: 5}}");
        Line("  adam:");
        Line("    lr: {from: 0.001, to: 0.1, points: 5}");
        Line("");
        Line("grid:");
        Line(Commented("  batch: [4, 16, 64, 256]", GridSection.Batch.Says));
        Line(Commented("  seeds: 4", GridSection.Seeds.Says));
        Line("");
        Line(Commented("budget: {samples: 8192}", BudgetSection.Section.Says));
        Line("");
        Line("# The defaults of what else runs depend on, to be changed:");
        Line(Defaults(ScheduleSection.Section));
        Line(Defaults(EvaluationSection.Section, task.Samples == SampleKind.Pairs ? [] : EvaluationSection.OfTranslation));
        Line(Defaults(SentinelSection.Section));
        return lines.ToString();
    }

    private static string OfCommand(string file)
    {
        string name = Shown.Of(Path.GetFileName(file));
        return string.Join(
            '\n',
            $"# yaml-language-server: $schema={StudySchema.FileName}",
            $"# To try the command on small runs: gaplab study plan {name} --try. To run the study: gaplab study run {name}.",
            $"study: {NameOf(file)}",
            "question: At which batch size does SGD with momentum stop beating Adam, for my training?",
            "",
            "model:",
            Commented("  kind: command", "a training script of your own: docs/your-training.md"),
            "  # No shell reads these. A list within the list is left out where an optimizer has no such key.",
            "  run:",
            "    [python3, train.py, --lr, \"{lr}\", --batch-size, \"{batch}\", --optimizer, \"{optimizer}\",",
            "     [--momentum, \"{momentum}\"], --seed, \"{seed}\", --steps, \"{steps}\", --out, \"{out}\"]",
            Commented("  folder: .", "where it runs, relative to this file"),
            Commented("  code: [train.py]", "an edited script is another run; globs, such as src/**/*.py"),
            "  # metrics: {validation-loss: val/loss}   where the usual names do not find them",
            "  # gpus: 1                                of this machine's, for each run",
            "  # Also: data, environment, env, stop.",
            "",
            "# Names that your script knows, with any keys that it takes; a list of values is tuned.",
            "optimizers:",
            "  sgd:",
            "    momentum: 0.9",
            "    lr: {from: 0.01, to: 1, points: 5}",
            "  adam:",
            "    lr: {from: 0.0001, to: 0.01, points: 5}",
            "",
            "grid:",
            Commented("  batch: [4, 16, 64, 256]", GridSection.Batch.Says),
            "  seeds: 4",
            "",
            Commented("budget: {samples: 65536}", BudgetSection.Section.Says),
            "",
            "# limits: {time-per-pack: 7200, silence: 900}",
            ""
        );
    }

    // What a store may be called: other characters of the file's name become hyphens.
    private static string NameOf(string file)
    {
        string name = string.Concat(
            Path.GetFileNameWithoutExtension(file).Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '-')
        );
        name = name.TrimStart('.', '-'); // YAML takes a hyphen for a list's
        return name.Length == 0 ? "study" : name[..Math.Min(name.Length, StudyFile.MostName)];
    }

    // The keys of a task that a page names, and those without which there is none.
    private static IReadOnlyList<string> KeysOf(TaskKind task)
    {
        TaskSpec placed = task.Defaults with { Path = "-", Source = "-", Target = "-", Inputs = "-" };
        return [.. task.Keys.Where(k => NeedsValue(k)).Select(k => k.Name), .. task.Facts(placed).Select(f => f.Key)];
    }

    private static bool NeedsValue<T>(SpecKey<T> key) => key.Required is not null || key.Name == "target-column";

    private static IEnumerable<string> Keys<T>(IReadOnlyList<SpecKey<T>> keys, T defaults, IReadOnlyList<string> shown)
    {
        foreach (SpecKey<T> key in keys.Where(k => shown.Contains(k.Name)))
            if (NeedsValue(key))
                yield return Commented($"  {key.Name}: {s_placeholders[key.Name]}", key.Says);
            else if (Written(key, defaults) is { } value)
                yield return Commented($"  {key.Name}: {value}", key.Says);
        string[] others = [.. keys.Where(k => !shown.Contains(k.Name)).Select(k => k.Name)];
        if (others.Length > 0)
            yield return $"  # Also: {string.Join(", ", others)}.";
    }

    private static string Defaults<T>(KeySection<T> section, params IReadOnlyList<SpecKey<T>> without)
    {
        IEnumerable<string> keys = section
            .Keys.Except(without)
            .Select(key => (key.Name, Value: Written(key, section.Defaults)))
            .Where(k => k.Value is not null)
            .Select(k => $"{k.Name}: {k.Value}");
        return $"# {section.Name}: {{{string.Join(", ", keys)}}}";
    }

    // A default as a study would write it; null where none is written.
    private static string? Written<T>(SpecKey<T> key, T defaults) =>
        KeySchema.Of(key, defaults)["default"] is { } value
            ? key.Form == KeyForm.Number
                ? value.GetValue<double>().ToString(CultureInfo.InvariantCulture)
                : value.ToString()
            : null;

    private static string Commented(string line, string says)
    {
        const int column = 28,
            most = 110;
        string comment = "# " + KeySchema.Plain(says);
        string indent = line[..(line.Length - line.TrimStart().Length)];
        return Math.Max(line.Length + 2, column) + comment.Length > most
            ? $"{indent}{comment}\n{line}"
            : $"{line.PadRight(column - 2)}  {comment}";
    }
}
