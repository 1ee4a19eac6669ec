// The two optimizers of a comparison, by name: how a user names them, and which are meant when none are named.
using Gaplab.Numerics;

namespace Gaplab.Results.Analysis;

/// <summary>A gap is <paramref name="First"/> minus <paramref name="Second"/>: positive means the second is ahead.</summary>
public readonly record struct OptimizerPair(string First, string Second)
{
    /// <summary>sgd and adam where both are there, else the first two. Of one optimizer alone: it against adam, or sgd against
    /// it.</summary>
    /// <param name="names">Lower-case, in the order of the study or table.</param>
    public static OptimizerPair Default(IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        if (names.Count == 0 || names.Contains("sgd") && names.Contains("adam") || names is ["adam"])
            return new("sgd", "adam");
        return names.Count > 1 ? new(names[0], names[1]) : new(names[0], "adam");
    }

    /// <summary>"FIRST,SECOND", capitals and blanks no matter.</summary>
    /// <param name="text">As it was typed after --pair.</param>
    /// <param name="names">What there is to compare; null where it is not known yet.</param>
    /// <exception cref="InputException">Not two names, one name twice, or a name of no optimizer.</exception>
    public static OptimizerPair Parse(string text, IReadOnlyList<string>? names = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        string expected = names is { Count: > 1 } ? $"two of {string.Join(", ", names)}" : "two optimizers, for example --pair sgd,adam";
        string[] two = [.. text.Split(',').Select(n => n.Trim().ToLowerInvariant())];
        if (two.Length != 2 || two.Any(n => n.Length == 0))
            throw new InputException(
                $"--pair got '{text}'; expected two optimizers{(names is { Count: > 1 } ? $" of {string.Join(", ", names)}" : "")}, for "
                    + $"example --pair sgd,adam"
            );
        if (two[0] == two[1])
            throw new InputException($"--pair got '{text}', one optimizer twice; expected {expected}");
        foreach (string name in two)
            if (names is not null && !names.Contains(name))
                throw new InputException(
                    $"--pair got '{text}', but there is no optimizer '{name}'; expected "
                        + $"{(names.Count == 1 ? $"{names[0]}, the only one" : expected)}; nearest valid name "
                        + $"'{NearestName.Of(name, names)}'"
                );
        return new(two[0], two[1]);
    }
}
