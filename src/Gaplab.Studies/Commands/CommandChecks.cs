// What a study of a command is refused for before anything starts: placeholders that mean nothing, and knobs that turn nothing.
using Gaplab.Learning.Models;
using Gaplab.Learning.Optim;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;

namespace Gaplab.Studies.Commands;

internal static class CommandChecks
{
    /// <summary>The sections of a study that a command leaves without meaning, each with what to do instead.</summary>
    public static IReadOnlyList<(string Section, string Instead)> NoMeaning { get; } =
    [
        ("task", "the command's data are its own: watch them with model.data"),
        ("schedule", "the command's schedule is its own: pass what it takes under 'args'"),
        ("evaluation", "the command evaluates itself: say with model.metrics what it calls its numbers"),
        ("precision", "the command's precision is its own: pass it under 'args'"),
        ("checkpoint", "the command's checkpoints are its own, below {out}"),
        ("probes", "Gaplab cannot look into a command: measure with gaplab_probe.py ('gaplab python-helper') in the script"),
    ];

    /// <summary>Why a study of a command cannot be run as it is written; null where it can.</summary>
    /// <param name="study">One comparison.</param>
    public static (string Key, string Why)? Objection(StudySpec study)
    {
        CommandSpec command = CommandModel.Command(study.Model);
        IReadOnlyList<string> used = CommandTemplate.Names(command);
        Dictionary<string, IReadOnlyList<string>> keys = study.Optimizers.ToDictionary(
            o => o.Name,
            o =>
                CommandTemplate.Keys(
                    study.Catalogues.Optimizers.Of(o.Template),
                    o.Template.Own.Values.Keys.Concat(o.Variants.SelectMany(v => v.Values.Keys))
                )
        );
        string[] every = [.. CommandTemplate.Known, .. command.Args.Values.Keys];
        foreach (string name in used.Where(n => !every.Contains(n) && !keys.Values.Any(k => k.Contains(n))))
            return (
                "run",
                $"'model.run' holds the placeholder '{{{name}}}', which nothing gives a value"
                    + $"{NearestName.Hint(name, [.. every, .. keys.Values.SelectMany(k => k).Distinct()])}; expected "
                    + $"{string.Join(", ", CommandTemplate.Known.Select(n => $"{{{n}}}"))}, a key of an optimizer or of 'args'; "
                    + $"braces that are none are doubled, {{{{{name}}}}}"
            );
        string[] always =
        [
            .. command
                .Run.Index()
                .Where(g => !command.Optional.Contains(g.Index))
                .SelectMany(g => g.Item)
                .SelectMany(CommandTemplate.Names),
        ];
        foreach (string name in always.Concat(CommandTemplate.EnvTexts(command).SelectMany(CommandTemplate.Names)))
        {
            if (every.Contains(name) || keys.FirstOrDefault(k => !k.Value.Contains(name)) is not { Key: { } lacking })
                continue;
            return always.Contains(name)
                ? (
                    "run",
                    $"'model.run' needs '{{{name}}}', which optimizer '{lacking}' does not have; expected a value of "
                        + $"it there, or the option "
                        + $"and its value as a list of its own, [--{name}, \"{{{name}}}\"], which is left out where there is none"
                )
                : ("env", $"'model.env' needs '{{{name}}}', which optimizer '{lacking}' does not have; expected a value of it there");
        }
        foreach (string text in CommandTemplate.EnvTexts(command))
            if (CommandTemplate.Names(text).FirstOrDefault(n => n is "args" or "args:hydra") is { } several)
                return (
                    "env",
                    $"'model.env' holds '{{{several}}}', which is several arguments; expected {{args:json}}, or names one by one"
                );
        foreach (string word in command.Run.SelectMany(g => g))
            if (CommandTemplate.Names(word).FirstOrDefault(n => n is "args" or "args:hydra") is { } whole && word != $"{{{whole}}}")
                return ("run", $"'model.run' holds '{Shown.Of(word)}'; expected {{{whole}}} alone: it becomes several arguments");
        foreach ((OptimizerChoice a, OptimizerChoice b) in Pairs(study.Optimizers))
            if (
                (a.Template.Kind == b.Template.Kind || !(used.Contains(CommandTemplate.Optimizer) || CommandTemplate.CarriesAll(command)))
                && Told(a, used, command).SetEquals(Told(b, used, command))
            )
                return (
                    "run",
                    $"optimizers '{a.Name}' and '{b.Name}' are compared, but no argument of 'model.run' tells one "
                        + $"from the other: their runs "
                        + $"would be the same; expected '{{{CommandTemplate.Optimizer}}}' there, or other values of a key that it carries"
                );
        if (CommandTemplate.CarriesAll(command))
            return null;
        return Dead(study, used);
    }

    // A knob that is turned and that no argument carries would make runs that differ in name alone.
    private static (string, string)? Dead(StudySpec study, IReadOnlyList<string> used)
    {
        (string, string) NotPassed(string knob, string what) =>
            (
                "run",
                $"{what}, but no argument of 'model.run' carries '{{{knob}}}': every run would be the same; expected it there, such as "
                    + $"--{knob}, \"{{{knob}}}\""
            );
        if (!used.Contains(CommandTemplate.Rate))
            return NotPassed(CommandTemplate.Rate, "learning rates are tuned");
        if (study.Grid.Batches.Count > 1 && !used.Contains(CommandTemplate.Batch))
            return NotPassed(CommandTemplate.Batch, $"the study has {study.Grid.Batches.Count} batch sizes");
        if (study.Grid.Seeds.Count > 1 && !used.Contains(CommandTemplate.Seed))
            return NotPassed(CommandTemplate.Seed, $"the study has {study.Grid.Seeds.Count} seeds");
        if (!used.Contains(CommandTemplate.Steps) && !used.Contains(CommandTemplate.Samples) && study.Budget.Unit != "steps")
            return (
                "run",
                "the budget is in samples, but no argument of 'model.run' carries '{steps}' or '{samples}': the script could not know it; "
                    + "expected one of them"
            );
        foreach (OptimizerChoice optimizer in study.Optimizers)
        {
            foreach (string key in optimizer.Template.Own.Values.Keys.Concat(optimizer.Variants.SelectMany(v => v.Values.Keys)).Distinct())
                if (!used.Contains(key))
                    return NotPassed(key, $"'optimizers.{optimizer.Name}.{key}' is given");
            if (study.Grid.Betas.Count + study.Grid.HalfLives.Count > 0)
                foreach (OptimizerKey key in study.Catalogues.Optimizers.Of(optimizer.Template).Averages)
                    if (!used.Contains(key.Name))
                        return NotPassed(key.Name, $"the grid sets {key.Name} of optimizer '{optimizer.Name}'");
        }
        foreach (string name in study.Model.Command!.Args.Values.Keys.Where(n => !used.Contains(n)))
            return NotPassed(name, $"'args.{name}' is given");
        return null;
    }

    // What the arguments say of an optimizer's keys: one text for each combination of its values.
    private static HashSet<string> Told(OptimizerChoice optimizer, IReadOnlyList<string> used, CommandSpec command)
    {
        bool all = CommandTemplate.CarriesAll(command);
        string Text(OwnKeys own) =>
            string.Join(
                ',',
                optimizer
                    .Template.Own.Values.Concat(own.Values)
                    .Where(v => all || used.Contains(v.Key))
                    .OrderBy(v => v.Key, StringComparer.Ordinal)
                    .Select(v => $"{v.Key}={CommandTemplate.Text(v.Value)}")
            );
        return [.. (optimizer.Variants.Count > 0 ? optimizer.Variants : [OwnKeys.None]).Select(Text)];
    }

    private static IEnumerable<(OptimizerChoice, OptimizerChoice)> Pairs(IReadOnlyList<OptimizerChoice> all) =>
        all.SelectMany((a, i) => all.Skip(i + 1).Select(b => (a, b)));
}
