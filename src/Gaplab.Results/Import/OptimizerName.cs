// An optimizer's name out of what a script logged: a name, a class, an object's repr, a configuration.
using System.Text.RegularExpressions;

namespace Gaplab.Results.Import;

/// <summary>Names of optimizers as the columns of sweep tables hold them.</summary>
internal static partial class OptimizerName
{
    private static readonly string[] s_known =
    [
        "sgd",
        "adam",
        "adamw",
        "momentum",
        "nesterov",
        "rmsprop",
        "lion",
        "muon",
        "signsgd",
        "adagrad",
        "adadelta",
        "adamax",
        "nadam",
        "radam",
        "adafactor",
        "shampoo",
        "soap",
        "lamb",
        "lars",
        "sophia",
        "adan",
        "lbfgs",
        "nsgd",
    ];

    private static readonly string[] s_packages =
    [
        "torch",
        "keras",
        "tensorflow",
        "tf",
        "optax",
        "flax",
        "jax",
        "paddle",
        "mxnet",
        "timm",
        "apex",
        "bitsandbytes",
        "transformers",
    ];

    /// <summary>No name, object or configuration is longer than this.</summary>
    private const int LongestText = 4000;

    /// <summary>Rules that keep no running mean of squared gradients, by how their names begin.</summary>
    private static readonly string[] s_withoutSquares =
    [
        "sgd",
        "momentum",
        "nesterov",
        "nag",
        "nsgd",
        "normali",
        "heavyball",
        "gd",
        "sign",
        "lion",
        "lars",
        "adagrad",
        "lbfgs",
    ];

    /// <summary>Whether a β₂ beside this optimizer is the decay of a running mean of squared gradients; true of names that are not
    /// known.</summary>
    public static bool KeepsSquares(string name) =>
        ColumnNames.Simplify(name) is var simple && !Array.Exists(s_withoutSquares, n => simple.StartsWith(n, StringComparison.Ordinal));

    /// <summary>Lion's second β is the decay of its momentum.</summary>
    public static bool AveragesTwice(string name) => ColumnNames.Simplify(name).StartsWith("lion", StringComparison.Ordinal);

    public static bool IsKnown(string name) => s_known.Contains(ColumnNames.Simplify(name));

    /// <summary>The names of a column's texts. Calls such as "SGD(lr=0.1)" lose their arguments only where that leaves different texts
    /// different.</summary>
    public static IReadOnlyDictionary<string, string> Of(IEnumerable<string> texts)
    {
        Dictionary<string, string> names = texts.Distinct(StringComparer.Ordinal).ToDictionary(t => t, One, StringComparer.Ordinal);
        var calls = names
            .Values.Distinct(StringComparer.Ordinal)
            .ToLookup(
                n => n.Length <= LongestText && Call().Match(n) is { Success: true } call ? call.Groups[1].Value : n,
                StringComparer.Ordinal
            );
        foreach (var (text, name) in names.ToList())
            if (name.Length <= LongestText && Call().Match(name) is { Success: true } call && calls[call.Groups[1].Value].Count() == 1)
                names[text] = call.Groups[1].Value;
        return names;
    }

    private static string One(string text)
    {
        string name = text.Trim();
        if (name.Length > LongestText)
            return name;
        if (Configured().Match(name) is { Success: true } configuration)
            name = configuration.Groups[1].Value;
        if (Wrapped().Match(name) is { Success: true } wrapped)
            name = wrapped.Groups[1].Value;
        else if (PrintedByTorch().Match(name) is { Success: true } printed)
            name = printed.Groups[1].Value;
        if (
            Dotted().Match(name) is { Success: true } dotted
            && (
                s_packages.Contains(dotted.Groups[1].Value.ToLowerInvariant())
                || char.IsUpper(dotted.Groups[2].Value[0])
                || IsKnown(dotted.Groups[2].Value)
            )
        )
            name = dotted.Groups[2].Value;
        name = name.ToLowerInvariant();
        foreach (string suffix in (string[])["optimizer", "_optimizer", "-optimizer", " optimizer"])
            if (name.EndsWith(suffix, StringComparison.Ordinal) && IsKnown(name[..^suffix.Length]))
                return name[..^suffix.Length];
        return name;
    }

    /// <summary>{'_target_': 'torch.optim.SGD', …}, {"class_name": "Adam", …}.</summary>
    [GeneratedRegex(
        """^\{.{0,4000}?["'](?:_target_|class_name|class_path|name|type)["']\s*:\s*["']([^"']{1,200})["']""",
        RegexOptions.Singleline
    )]
    private static partial Regex Configured();

    /// <summary>A class, a function, an object, a partial of one of them.</summary>
    [GeneratedRegex("""^(?:functools\.partial\()?<(?:class |type |function |bound method )?'?([\w.]+)(?:'>| object at | at |>)""")]
    private static partial Regex Wrapped();

    [GeneratedRegex("""^([\w.]+) ?\(\s*Parameter Group""")]
    private static partial Regex PrintedByTorch();

    [GeneratedRegex("""^([A-Za-z_]\w*)(?:[.:][A-Za-z_]\w*)*[.:]([A-Za-z_]\w*)(?=$|\()""")]
    private static partial Regex Dotted();

    [GeneratedRegex("""^(\w+)\(.*\)$""", RegexOptions.Singleline)]
    private static partial Regex Call();
}
