// What is different in a study of a command: sections without meaning, and "args".
using Gaplab.Learning.Models;
using Gaplab.Learning.Optim;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Results.Logs;
using Gaplab.Studies.Commands;

namespace Gaplab.Studies.Yaml;

internal static class CommandSections
{
    /// <summary>Arguments of the user's own, the same for every optimizer.</summary>
    public const string Args = "args";

    /// <summary>Whether the study is of a command.</summary>
    public static bool Is(StudySection root) =>
        root.Has("model") && root.IsMapping("model") && root.Section("model").IsWord("kind", CommandSpec.Kind);

    /// <summary>Refuses what has no meaning for a command.</summary>
    /// <exception cref="Numerics.InputException">A section that is there.</exception>
    public static void Refuse(StudySection root)
    {
        foreach ((string section, string instead) in CommandChecks.NoMeaning)
            if (
                root.Has(section)
                && !(section == "task" && root.IsMapping(section) && root.Section(section).IsWord("kind", CommandSpec.Kind))
            )
                throw root.Error(section, $"'{section}' has no meaning for a model of kind command; {instead}");
        if (root.Has("limits") && root.Section("limits").Has("max-replicas"))
            throw root.Section("limits")
                .Error(
                    "max-replicas",
                    "'limits.max-replicas' has no meaning for a model of kind command, whose runs are processes of their own; use --workers"
                );
    }

    /// <summary>The command with its arguments of <c>args</c> and the folder of the study file where it names none.</summary>
    /// <exception cref="Numerics.InputException">A name that every run has, a list, or a metric that a command cannot have.</exception>
    public static ModelSpec Complete(StudySection root, ModelSpec model, string folder)
    {
        StudySection args = root.Section(Args);
        OwnKeys own = OwnKeys.None;
        foreach (string name in args.Keys)
        {
            if (CommandTemplate.Reserved.Contains(name))
                throw args.Error(name, $"'{args.Path(name)}' is a name that every run has; expected another");
            if (args.IsList(name) || args.IsMapping(name))
                throw args.Error(
                    name,
                    $"'{args.Path(name)}' holds several values; expected one: what is varied is a factor, factors: "
                        + $"{{{args.Path(name)}: […]}}"
                );
            if (args.Scalars(name) is [var value])
                own = own.With(name, value);
        }
        args.Finish();
        if (
            root.Has("metric")
            && root.Text("metric") is { } metric
            && !CommandMetrics.OfStudies.Contains(metric)
            && StudySpec.Metrics.Contains(metric)
        )
            throw root.Error(
                "metric",
                $"'metric' is '{metric}', which Gaplab makes of every step's loss; expected one of "
                    + $"{string.Join(", ", CommandMetrics.OfStudies)} for a command"
            );
        CommandSpec command = CommandModel.Command(model);
        return model with { Command = command with { Args = own, Folder = command.Folder.Length > 0 ? command.Folder : folder } };
    }

    /// <summary>Refuses a command that cannot be run as the study says.</summary>
    /// <exception cref="Numerics.InputException">As <see cref="CommandChecks.Objection"/>.</exception>
    public static void Check(StudySection root, StudySpec study)
    {
        if (study.Budget.Unit == "tokens")
            throw root.Error("budget", "'budget.tokens' has no meaning for a model of kind command; expected samples or steps");
        if (study.Grid.Betas.Count + study.Grid.HalfLives.Count > 0)
            foreach (OptimizerChoice optimizer in study.Optimizers)
            {
                string shared = study.Grid.Betas.Count > 0 ? "beta" : "half-life";
                OptimizerKind kind = study.Catalogues.Optimizers.Of(optimizer.Template);
                if (kind.Averages.Count == 0)
                    throw root.Section("grid")
                        .Error(
                            shared,
                            $"'grid.{shared}' sets momentum or β of known rules, and optimizer '{optimizer.Name}' "
                                + $"({kind.Name}) has none that "
                                + "Gaplab knows; expected lists of its own keys instead"
                        );
                if (kind.Averages.FirstOrDefault(k => Has(optimizer, k.Name)) is { } twice)
                    throw root.Section("grid")
                        .Error(
                            shared,
                            $"'grid.{shared}' and 'optimizers.{optimizer.Name}.{twice.Name}' are both given; expected one of them"
                        );
            }
        foreach (OptimizerChoice optimizer in study.Optimizers)
        foreach (string name in study.Model.Command!.Args.Values.Keys)
            if (Has(optimizer, name))
                throw root.Error(Args, $"'{Args}.{name}' and 'optimizers.{optimizer.Name}.{name}' are both given; expected one of them");
        try
        {
            MetricSource.CheckFrom(study.Model.Command!.MetricsFrom);
        }
        catch (InputException e)
        {
            throw root.Section("model").Error("metrics", $"'model.metrics': {e.Message}");
        }
        IReadOnlyList<string> metrics = CommandMetrics.Nameable;
        foreach (string name in study.Model.Command!.Metrics.Values.Keys.Where(n => !metrics.Contains(n)))
            throw root.Section("model")
                .Error(
                    "metrics",
                    $"'model.metrics' names '{name}'; expected from or {string.Join(", ", metrics)}, each with the script's name for it"
                        + NearestName.Hint(name, metrics)
                );
        if (CommandChecks.Objection(study) is { } objection)
            throw root.Section("model").Error(objection.Key, objection.Why);
    }

    private static bool Has(OptimizerChoice optimizer, string key) =>
        optimizer.Template.Own.Values.ContainsKey(key) || optimizer.Variants.Any(v => v.Values.ContainsKey(key));
}
