// The keys of one mapping of a study file as a row reads them: typed values, and errors that say file, line and key; without YAML.
using Gaplab.Numerics;

namespace Gaplab.Learning.Specs;

/// <summary>Typed reading of keys. A value that is not of the kind or range asked for is refused where it is read; a key that was never
/// asked for is refused by <see cref="Finish"/>.</summary>
public interface IKeys
{
    /// <summary>Those that are written, with or without a value.</summary>
    IEnumerable<string> Keys { get; }

    /// <summary>Whether the key has a value.</summary>
    bool Has(string key);

    /// <summary>Whether the key's value is this word, written plainly: "none" or "all" in place of a number.</summary>
    bool IsWord(string key, string word);

    /// <summary>Whether the key's value is a list.</summary>
    bool IsList(string key);

    /// <summary>A whole number from <paramref name="least"/> to <paramref name="most"/>.</summary>
    /// <exception cref="InputException">Another value.</exception>
    long Integer(string key, long byDefault, long least, long most = long.MaxValue);

    /// <summary>A number from <paramref name="least"/> to <paramref name="most"/>; both excluded where <paramref name="open"/>, the latter
    /// alone where <paramref name="openAbove"/>.</summary>
    /// <exception cref="InputException">Another value.</exception>
    double Number(string key, double byDefault, double least, double most, bool open = false, bool openAbove = false);

    /// <exception cref="InputException">Neither true nor false.</exception>
    bool Flag(string key, bool byDefault);

    /// <summary>One of the words <paramref name="valid"/>.</summary>
    /// <exception cref="InputException">Another value; the nearest valid word is named.</exception>
    string Choice(string key, string byDefault, params IReadOnlyList<string> valid);

    /// <param name="elsewhere">What other programs' names mean here (<see cref="NearestName.Hint"/>); null: nothing.</param>
    /// <inheritdoc cref="Choice(string, string, IReadOnlyList{string})"/>
    string Choice(string key, string byDefault, IReadOnlyList<string> valid, IReadOnlyDictionary<string, string>? elsewhere);

    /// <exception cref="InputException">A list or a mapping.</exception>
    string? Text(string key);

    /// <summary>A file or folder, made absolute: relative to the study file, or for an override to the current folder.</summary>
    /// <exception cref="InputException">A list or a mapping.</exception>
    string? File(string key);

    /// <summary>One number or a list of them, in the order given, none twice; null when absent.</summary>
    /// <exception cref="InputException">A value outside the range, or the same twice.</exception>
    double[]? Numbers(string key, double least, double most, bool open = false, bool openAbove = false);

    /// <inheritdoc cref="Numbers"/>
    long[]? Integers(string key, long least, long most = long.MaxValue);

    /// <summary>One word or a list of words, none twice; null when absent.</summary>
    /// <exception cref="InputException">A word that is not valid, or the same twice.</exception>
    string[]? Choices(string key, IReadOnlyList<string> valid);

    /// <inheritdoc cref="Numbers"/>
    string[]? Texts(string key);

    /// <summary>A list of texts, or of lists of texts, each a group that knows whether it is a list of its own; a single text is a list of
    /// one. Null when absent.</summary>
    /// <exception cref="InputException">A mapping, or a list within the list within the list.</exception>
    IReadOnlyList<(bool IsList, IReadOnlyList<string> Words)>? Groups(string key);

    /// <summary>One value as YAML writes it, or a list of them, none twice: a double, bool or string each; null when absent.</summary>
    /// <exception cref="InputException">A mapping, or the same value twice.</exception>
    IReadOnlyList<object>? Scalars(string key);

    /// <summary>The mapping under a key; empty where there is none.</summary>
    IKeys Section(string key);

    /// <summary>"model.heads": the key as errors name it.</summary>
    string Path(string key);

    /// <summary>An error at a key's value, at the key where it has none, or at this mapping; the caller throws it.</summary>
    InputException Error(string key, string message);

    /// <inheritdoc cref="Error(string, string)"/>
    InputException Error(string key, InputMessage message);

    /// <summary>The error of an absent key; where a key is there that looks like it, that one is what is wrong.</summary>
    InputException Missing(string key, string expected);

    /// <exception cref="InputException">A key that was never asked for.</exception>
    void Finish();
}
