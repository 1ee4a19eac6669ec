// The arguments of a command: which placeholders they hold, and what a run puts in their places.
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gaplab.Learning.Models;
using Gaplab.Learning.Optim;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;

namespace Gaplab.Studies.Commands;

/// <summary>The arguments of one run of a command.</summary>
/// <param name="Words">The program and its arguments, one string each; no shell reads them.</param>
internal sealed record CommandLine(IReadOnlyList<string> Words)
{
    /// <summary>As a person would type it.</summary>
    public override string ToString() =>
        string.Join(
            ' ',
            Words.Select(w =>
                w.Length > 0 && w.All(c => char.IsLetterOrDigit(c) || "-_./=,:+@%".Contains(c, StringComparison.Ordinal))
                    ? w
                    : "'" + w.Replace("'", "'\\''", StringComparison.Ordinal) + "'"
            )
        );
}

/// <summary>Fills placeholders. <c>{name}</c> is one; <c>{{name}}</c> is that text in braces, and any other
/// text in braces is itself.</summary>
internal static partial class CommandTemplate
{
    public const string Rate = "lr",
        Batch = "batch",
        Optimizer = "optimizer",
        Seed = "seed",
        Steps = "steps",
        Samples = "samples",
        Out = "out";

    private const string All = "args",
        AllHydra = "args:hydra",
        AllJson = "args:json",
        JsonName = "args.json";

    /// <summary>The placeholders that every study has.</summary>
    public static IReadOnlyList<string> Known { get; } = [Rate, Batch, Optimizer, Seed, Steps, Samples, Out, All, AllHydra, AllJson];

    /// <summary>Names that a key of one's own cannot have.</summary>
    public static IReadOnlyList<string> Reserved { get; } = [.. Known, "kind"];

    /// <summary>The placeholders of a text, in their order.</summary>
    public static IEnumerable<string> Names(string text) =>
        Placeholder().Matches(text).Where(m => m.Groups[2].Success).Select(m => m.Groups[2].Value);

    /// <summary>Those of a command, each once.</summary>
    public static IReadOnlyList<string> Names(CommandSpec command) =>
        [.. command.Run.SelectMany(g => g).Concat(EnvTexts(command)).SelectMany(Names).Distinct()];

    // What an argument names by itself: {args} says the rest.
    private static string[] Carried(CommandSpec command) => [.. command.Run.SelectMany(g => g).SelectMany(Names).Distinct()];

    /// <summary>Whether all that a run varies is carried by <c>{args}</c> or a form of it.</summary>
    public static bool CarriesAll(CommandSpec command) => Names(command).Any(n => n is All or AllHydra or AllJson);

    /// <summary>Whether the command is told how long to train.</summary>
    public static bool CarriesLength(CommandSpec command) => CarriesAll(command) || Names(command).Any(n => n is Steps or Samples);

    /// <summary>The names of what an optimizer gives a value, beside those of every study and of <c>args</c>.</summary>
    public static IReadOnlyList<string> Keys(OptimizerKind kind, IEnumerable<string> written) =>
        [.. written.Concat(kind.IsNameOnly ? [] : kind.Keys.Concat(OptimizerKey.Shared).Select(k => k.Name)).Distinct()];

    /// <summary>The command line of a run.</summary>
    /// <param name="run">The run, of a model of kind "command".</param>
    /// <param name="kind">Of its optimizer.</param>
    /// <param name="output">The folder that is its own.</param>
    /// <exception cref="InputException">A placeholder outside a group that has no value.</exception>
    public static CommandLine Fill(RunSpec run, OptimizerKind kind, string output)
    {
        CommandSpec command = CommandModel.Command(run.Model);
        Dictionary<string, object> values = Values(run, kind, output);
        string[] carried = Carried(command);
        var words = new List<string>();
        foreach ((int place, IReadOnlyList<string> group) in command.Run.Index())
        {
            string? missing = group.SelectMany(Names).FirstOrDefault(n => !values.ContainsKey(n) && n is not (All or AllHydra or AllJson));
            if (missing is not null && command.Optional.Contains(place))
                continue;
            if (missing is not null)
                throw new InputException(
                    $"model.run: '{{{missing}}}' has no value for optimizer '{run.Optimizer.Name}'; give it one, or write the argument "
                        + $"with its option as a list of its own, [--{missing}, \"{{{missing}}}\"], which is left out without it"
                );
            foreach (string word in group)
                if (word == $"{{{All}}}")
                    words.AddRange(Rest(run, values, carried).SelectMany(v => (string[])[$"--{v.Key}", Text(v.Value)]));
                else if (word == $"{{{AllHydra}}}")
                    words.AddRange(Rest(run, values, carried).Select(v => $"{v.Key}={Text(v.Value)}"));
                else
                    words.Add(Fill(word, values, output));
        }
        return new CommandLine(words);
    }

    /// <summary>The variables of a run's environment that its study sets.</summary>
    public static IReadOnlyDictionary<string, string> Environment(RunSpec run, OptimizerKind kind, string output)
    {
        Dictionary<string, object> values = Values(run, kind, output);
        return CommandModel.Command(run.Model).Env.Values.ToDictionary(e => e.Key, e => Fill(Text(e.Value), values, output));
    }

    /// <summary>Writes what <c>{args:json}</c> names, where the command has it.</summary>
    public static void WriteJson(RunSpec run, OptimizerKind kind, string output)
    {
        CommandSpec command = CommandModel.Command(run.Model);
        if (!Names(command).Contains(AllJson))
            return;
        var document = new JsonObject();
        foreach ((string name, object value) in Rest(run, Values(run, kind, output), Carried(command)))
            document[name] = JsonSerializer.SerializeToNode(value, value.GetType(), SpecJson.Options);
        Numerics.Files.AtomicFile.WriteText(Path.Combine(output, JsonName), document.ToJsonString(SpecJson.Indented) + "\n");
    }

    /// <summary>A number as every reader of numbers takes it, a flag as true or false, a text as it is.</summary>
    public static string Text(object value) =>
        value switch
        {
            bool flag => flag ? "true" : "false",
            double number => number.ToString(CultureInfo.InvariantCulture).Replace('E', 'e'),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };

    /// <summary>The texts of the variables that a study sets.</summary>
    public static IEnumerable<string> EnvTexts(CommandSpec command) => command.Env.Values.Values.OfType<string>();

    // What {args} says: all that the run varies and no other argument carries. Of steps and samples it is the budget's unit.
    private static IEnumerable<KeyValuePair<string, object>> Rest(
        RunSpec run,
        Dictionary<string, object> values,
        IReadOnlyCollection<string> carried
    )
    {
        string unit = run.Budget.Unit == Steps ? Steps : Samples;
        bool length = carried.Contains(Steps) || carried.Contains(Samples);
        CommandSpec command = CommandModel.Command(run.Model);
        string[] names =
        [
            Optimizer,
            Rate,
            .. run.Optimizer.Own.Values.Keys,
            .. command.Args.Values.Keys,
            Batch,
            Seed,
            .. length ? [] : (string[])[unit],
            Out,
        ];
        return names.Where(n => !carried.Contains(n)).Select(n => KeyValuePair.Create(n, values[n]));
    }

    private static Dictionary<string, object> Values(RunSpec run, OptimizerKind kind, string output)
    {
        var values = new Dictionary<string, object>(StringComparer.Ordinal);
        // What a known rule has at its default; what the study writes goes before it.
        if (!kind.IsNameOnly)
            foreach (OptimizerKey key in kind.Keys.Concat(OptimizerKey.Shared))
                if (key.Key.Value(run.Optimizer) is { } value and (string or bool or double or int or long))
                    values[key.Name] = value;
        foreach ((string name, object value) in CommandModel.Command(run.Model).Args.Values)
            values[name] = value;
        foreach ((string name, object value) in run.Optimizer.Own.Values)
            values[name] = value;
        long steps = run.Budget.Steps(run.Batch, 1);
        values[Rate] = run.Optimizer.LearningRate;
        values[Batch] = run.Batch;
        values[Optimizer] = run.Optimizer.Kind;
        values[Seed] = run.Seed;
        values[Steps] = steps;
        values[Samples] = run.Budget.Unit == Samples ? run.Budget.Amount : steps * run.Batch;
        values[Out] = output;
        return values;
    }

    private static string Fill(string text, Dictionary<string, object> values, string output) =>
        Placeholder()
            .Replace(
                text,
                m =>
                    m.Groups[1].Success ? $"{{{m.Groups[1].Value}}}"
                    : !m.Groups[2].Success ? "{"
                    : m.Groups[2].Value == AllJson ? Path.Combine(output, JsonName)
                    : values.TryGetValue(m.Groups[2].Value, out object? value) ? Text(value)
                    : m.Value
            );

    [GeneratedRegex(@"\{\{([^{}]*)\}\}|\{\{|\{([A-Za-z_][A-Za-z0-9_.-]*(?::[a-z]+)?)\}")]
    private static partial Regex Placeholder();
}
