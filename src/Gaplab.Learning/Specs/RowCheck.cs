// What a row must hold before a catalogue takes it.
namespace Gaplab.Learning.Specs;

/// <summary>Refuses rows that no study file could name, or that would stand in another's place: mistakes of a program, not of a
/// user.</summary>
internal static class RowCheck
{
    /// <param name="what">Of which catalogue: "model".</param>
    /// <param name="name">The row's.</param>
    /// <param name="taken">Names of rows whose place it would take.</param>
    /// <param name="keys">Its keys.</param>
    /// <param name="defaultKind">The kind that its defaults name; null where they name none.</param>
    /// <exception cref="ArgumentException">One of them is not as it must be.</exception>
    public static void Check(string what, string name, IEnumerable<string> taken, IEnumerable<string> keys, string? defaultKind = null)
    {
        if (!IsName(name))
            throw Refused(
                $"a kind of {what} is named '{name}'; expected lower-case letters, digits and '-', beginning with a letter",
                nameof(name)
            );
        if (taken.Contains(name))
            throw Refused($"there is a kind of {what} named '{name}' already; expected another name", nameof(name));
        if (defaultKind is not null && defaultKind != name)
            throw Refused(
                $"the defaults of the {what} '{name}' are of kind '{defaultKind}'; expected Kind = \"{name}\"",
                nameof(defaultKind)
            );
        string[] all = [.. keys];
        if (all.FirstOrDefault(key => !IsName(key) || key == "kind") is { } odd)
            throw Refused(
                $"the {what} '{name}' has a key '{odd}'; expected lower-case letters, digits and '-', and not 'kind'",
                nameof(keys)
            );
        if (all.GroupBy(key => key).FirstOrDefault(g => g.Count() > 1) is { Key: var twice })
            throw Refused($"the {what} '{name}' has the key '{twice}' twice; expected each once", nameof(keys));
    }

    private static ArgumentException Refused(string message, string parameter) => new(message, parameter);

    private static bool IsName(string name) =>
        name.Length > 0
        && char.IsAsciiLetterLower(name[0])
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}
