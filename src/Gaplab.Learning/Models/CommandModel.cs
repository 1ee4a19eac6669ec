// The row of commands: how a study file says what is run in place of a model of Gaplab's.
using Gaplab.Learning.Specs;
using Gaplab.Numerics;

namespace Gaplab.Learning.Models;

/// <summary>A training of the user's own as a kind of model. It is run, not built.</summary>
public static class CommandModel
{
    private static readonly string[] s_signals = ["TERM", "INT", "USR1", "USR2", "HUP", "QUIT"];

    /// <summary>The row of the catalogue.</summary>
    internal static ModelKind Kind { get; } =
        new()
        {
            Name = CommandSpec.Kind,
            Says = "your own training script, started once for every run (docs/your-training.md)",
            Reads = [SampleKind.Own],
            Defaults = new ModelSpec { Kind = CommandSpec.Kind, Command = new() },
            Keys =
            [
                new()
                {
                    Name = "run",
                    Says =
                        "the program and its arguments, never a shell: `{lr}`, `{batch}`, `{optimizer}`, `{seed}`, `{steps}`, `{samples}`, "
                        + "`{out}`, any key of the optimizer or of `args`, or `{args}`, `{args:hydra}`, `{args:json}` "
                        + "for all of them; a list "
                        + "within the list is left out where one of its placeholders has no value",
                    Form = KeyForm.Arguments,
                    Required = "the program and its arguments: [python, train.py, --lr, \"{lr}\"]",
                    Reads = (s, key, m) =>
                        s.Groups(key.Name) is { Count: > 0 } groups
                            ? With(
                                m,
                                c =>
                                    c with
                                    {
                                        Run = [.. groups.Select(g => g.Words)],
                                        Optional = [.. groups.Index().Where(g => g.Item.IsList).Select(g => g.Index)],
                                    }
                            )
                            : m,
                    Value = m => Command(m).Run is { Count: > 0 } run ? run.SelectMany(g => g).ToArray() : null,
                },
                new()
                {
                    Name = "folder",
                    Says = "the working folder",
                    Form = KeyForm.Path,
                    DefaultText = "the study file's",
                    Reads = (s, key, m) => With(m, c => c with { Folder = s.File(key.Name) ?? c.Folder }),
                    Value = m => Command(m).Folder,
                },
                Globs("code", "globs of the source files that a run depends on: an edited script is another run", c => c.Code, Code),
                new()
                {
                    Name = "data",
                    Says = "a list of globs of the data files, watched by content, or a single text: a version of your own",
                    Form = KeyForm.Text,
                    IsList = true,
                    DefaultText = "not watched",
                    Reads = (s, key, m) =>
                        s.IsList(key.Name) ? With(m, c => c with { Data = s.Texts(key.Name)! })
                        : s.Text(key.Name) is { } version
                            ? version.AsSpan().IndexOfAny("*?/") >= 0 || System.IO.File.Exists(s.File(key.Name))
                                    ? throw s.Error(
                                        key.Name,
                                        $"'{s.Path(key.Name)}' is '{version}'; expected [{version}] to watch the "
                                            + $"content of files, or a version of "
                                            + "your own: a word or two"
                                    )
                                : With(m, c => c with { DataContent = "version " + version })
                        : m,
                    Value = m => Command(m).Data,
                },
                new()
                {
                    Name = "environment",
                    Says =
                        "a command whose output says with which versions the training runs: `[python3, -m, pip, "
                        + "freeze]`; another output is another run",
                    Form = KeyForm.Arguments,
                    DefaultText = "not watched",
                    Reads = (s, key, m) =>
                        s.Groups(key.Name) is { } groups ? With(m, c => c with { Environment = [.. groups.SelectMany(g => g.Words)] }) : m,
                    Value = m => Command(m).Environment,
                },
                new()
                {
                    Name = "env",
                    Says = "variables of the environment, by name",
                    Form = KeyForm.Mapping,
                    DefaultText = "those of the study",
                    Reads = (s, key, m) => With(m, c => c with { Env = Texts(s.Section(key.Name)) }),
                    Value = _ => null,
                },
                new()
                {
                    Name = "metrics",
                    Says =
                        "`from`: `auto`, a format of logs or a file below `{out}`; beside it which of the script's names is which metric: "
                        + "`validation-loss: val/loss`",
                    Form = KeyForm.Mapping,
                    DefaultText = "found by their usual names",
                    Reads = (s, key, m) =>
                    {
                        IKeys all = s.Section(key.Name);
                        string from = all.Text("from") ?? Command(m).MetricsFrom;
                        OwnKeys names = Texts(all, "from");
                        return With(m, c => c with { MetricsFrom = from, Metrics = names });
                    },
                    Value = _ => null,
                },
                new()
                {
                    Name = "gpus",
                    Says =
                        "GPUs of one run, out of those of this machine (or of `CUDA_VISIBLE_DEVICES`); 0 shows it none; 0.5 lets two runs "
                        + "share one",
                    Form = KeyForm.Number,
                    Least = 0,
                    Most = 1024,
                    Reads = (s, key, m) =>
                    {
                        double gpus = s.Number(key.Name, Command(m).Gpus, key.Least, key.Most);
                        bool whole = gpus == Math.Floor(gpus),
                            share = gpus < 1 && Math.Abs(1 / gpus - Math.Round(1 / gpus)) < 1e-6;
                        return whole || share
                            ? With(m, c => c with { Gpus = gpus })
                            : throw s.Error(
                                key.Name,
                                $"'{s.Path(key.Name)}' is {gpus}; expected a whole number, or 1/n for n runs on one GPU"
                            );
                    },
                    Value = m => Command(m).Gpus,
                },
                new()
                {
                    Name = "stop",
                    Says =
                        $"how a run is asked to end: `{{signal: TERM, grace: 30}}`, one of "
                        + $"{string.Join(", ", s_signals)} and the seconds until "
                        + "its whole process group is killed",
                    Form = KeyForm.Mapping,
                    DefaultText = "`{signal: TERM, grace: 30}`",
                    Reads = (s, key, m) =>
                    {
                        IKeys stop = s.Section(key.Name);
                        string signal = stop.Choice("signal", Command(m).StopSignal, s_signals);
                        double grace = stop.Number("grace", Command(m).StopGrace, 0, 86400);
                        stop.Finish();
                        return With(m, c => c with { StopSignal = signal, StopGrace = grace });
                    },
                    Value = _ => null,
                },
            ],
            Build = (_, _) =>
                throw new InputException(
                    "Gaplab cannot look into a command: it has no parameters here. In the script itself "
                        + "gaplab_probe.py measures curvature and noise "
                        + "(gaplab python-helper, docs/python.md)"
                ),
            Numbers = (_, _) => 0,
            Objection = (s, m, _) =>
                m.Weights is not null
                    ? s.Error("weights", "'model.weights' has no meaning for a model of kind command; pass the file under 'args'")
                    : null,
            Facts = m => [new("run", Command(m).Run is [[var program, ..], ..] ? Program(m) ?? program : "")],
        };

    /// <summary>What a spec of this kind runs.</summary>
    public static CommandSpec Command(ModelSpec model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Command ?? throw new InvalidOperationException("the model is no command");
    }

    // "python train.py": what a page calls it.
    private static string? Program(ModelSpec model) =>
        string.Join(
            ' ',
            Command(model)
                .Run.SelectMany(g => g)
                .TakeWhile(a => !a.StartsWith('-') && !a.Contains('{', StringComparison.Ordinal))
                .Select(Path.GetFileName)
        )
            is { Length: > 0 } text
            ? text
            : null;

    private static ModelSpec With(ModelSpec model, Func<CommandSpec, CommandSpec> change) =>
        model with
        {
            Command = change(Command(model)),
        };

    private static CommandSpec Code(CommandSpec command, IReadOnlyList<string> globs) => command with { Code = globs };

    private static SpecKey<ModelSpec> Globs(
        string name,
        string says,
        Func<CommandSpec, IReadOnlyList<string>> get,
        Func<CommandSpec, IReadOnlyList<string>, CommandSpec> set
    ) =>
        new()
        {
            Name = name,
            Says = says,
            Form = KeyForm.Text,
            IsList = true,
            DefaultText = "not watched",
            Reads = (s, key, m) => s.Texts(key.Name) is { } globs ? With(m, c => set(c, globs)) : m,
            Value = m => get(Command(m)),
        };

    private static OwnKeys Texts(IKeys s, params IReadOnlyList<string> without) =>
        s.Keys.Except(without).Aggregate(OwnKeys.None, (own, name) => own.With(name, s.Text(name) ?? ""));
}
