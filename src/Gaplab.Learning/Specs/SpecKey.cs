// One key of a study file, stated once: its name, its sentence in the documents, its values, and how a record takes and gives it.
using System.Globalization;

namespace Gaplab.Learning.Specs;

/// <summary>What the value of a key is.</summary>
public enum KeyForm
{
    /// <summary>A number from <see cref="SpecKey{T}.Least"/> to <see cref="SpecKey{T}.Most"/>.</summary>
    Number,

    /// <summary>A whole number in that range.</summary>
    Integer,

    /// <summary>One of <see cref="SpecKey{T}.Words"/>.</summary>
    Word,

    /// <summary>true or false.</summary>
    Flag,

    /// <summary>Any text.</summary>
    Text,

    /// <summary>A file or folder, relative to the study file.</summary>
    Path,

    /// <summary>A program and its arguments: a list of texts, or of lists of texts.</summary>
    Arguments,

    /// <summary>Names with values.</summary>
    Mapping,
}

/// <summary>A key that a kind of model, task, probe or optimizer has. Everything that documents and a schema say of it is data;
/// <see cref="SpecKey"/> makes the usual ones.</summary>
/// <typeparam name="T">The hashed record that the key sets a property of.</typeparam>
public sealed record SpecKey<T>
{
    /// <summary>As study files write it: "mlp-ratio".</summary>
    public required string Name { get; init; }

    /// <summary>Its sentence in the documents, without name, values and default.</summary>
    public required string Says { get; init; }

    public required KeyForm Form { get; init; }

    /// <summary>Of a number: the least and the largest value, both excluded where <see cref="Open"/>.</summary>
    public double Least { get; init; } = double.NegativeInfinity;

    /// <inheritdoc cref="Least"/>
    public double Most { get; init; } = double.PositiveInfinity;

    /// <inheritdoc cref="Least"/>
    public bool Open { get; init; }

    /// <summary>Of a number: the largest value alone is excluded.</summary>
    public bool OpenAbove { get; init; }

    /// <summary>Of a word: the valid ones. Of a number: words that may stand in its place, such as "none" or "all".</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>Of a word: what other programs call the valid ones, in plain letters; "" is what there is not.</summary>
    public IReadOnlyDictionary<string, string>? Elsewhere { get; init; }

    /// <summary>Of a text: the regular expression of a whole one; null where any is valid.</summary>
    public string? Pattern { get; init; }

    /// <summary>One value or a list of them.</summary>
    public bool IsList { get; init; }

    /// <summary>Of a list: the least and the largest of its values, where a single value has another meaning and another range.</summary>
    public (double Least, double Most)? InList { get; init; }

    /// <summary>Of a list: the most values.</summary>
    public int? MostValues { get; init; }

    /// <summary>What the documents say of the default where the record's own value does not say it: "as many as the encoder's". Null
    /// prints the value.</summary>
    public string? DefaultText { get; init; }

    /// <summary>What is expected, in words, where a study cannot do without the key; null where it can.</summary>
    public string? Required { get; init; }

    /// <summary>Reads the key, with the range and words that it is given here, into a record; absent, it leaves the record as it
    /// is.</summary>
    public required Func<IKeys, SpecKey<T>, T, T> Reads { get; init; }

    /// <summary>What a record holds of it: a double, long, bool, string, a list of these, or null.</summary>
    public required Func<T, object?> Value { get; init; }

    /// <summary>The record with the key's value in it.</summary>
    /// <exception cref="Numerics.InputException">A value of another form or outside the range.</exception>
    public T Read(IKeys keys, T spec) => Reads(keys, this, spec);

    /// <summary>Whether a record has it at other than its default.</summary>
    public bool Differs(T spec, T byDefault) => Shown(Value(spec)) != Shown(Value(byDefault));

    /// <summary>The default as documents print it; "" is none.</summary>
    public string Default(T byDefault) => DefaultText ?? Shown(Value(byDefault));

    private static string Shown(object? value) =>
        value switch
        {
            null => "",
            bool flag => flag ? "true" : "false",
            string text => text,
            System.Collections.IEnumerable items => string.Join(", ", items.Cast<object?>().Select(Shown)),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };
}

/// <summary>The usual keys.</summary>
public static class SpecKey
{
    /// <summary>A number in a range, both ends excluded where <paramref name="open"/>.</summary>
    public static SpecKey<T> Number<T>(
        string name,
        double least,
        double most,
        Func<T, double> get,
        Func<T, double, T> set,
        string says,
        bool open = false
    ) =>
        new()
        {
            Name = name,
            Says = says,
            Form = KeyForm.Number,
            Least = least,
            Most = most,
            Open = open,
            Reads = (s, key, spec) => set(spec, s.Number(key.Name, get(spec), key.Least, key.Most, key.Open)),
            Value = spec => get(spec),
        };

    /// <summary>One number or a list of them, kept ascending; a range in which <paramref name="openAbove"/> excludes the largest.</summary>
    public static SpecKey<T> Numbers<T>(
        string name,
        double least,
        double most,
        Func<T, IReadOnlyList<double>> get,
        Func<T, IReadOnlyList<double>, T> set,
        string says,
        bool open = false,
        bool openAbove = false
    ) =>
        new()
        {
            Name = name,
            Says = says,
            Form = KeyForm.Number,
            Least = least,
            Most = most,
            Open = open,
            OpenAbove = openAbove,
            IsList = true,
            Reads = (s, key, spec) =>
                s.Numbers(key.Name, key.Least, key.Most, key.Open, key.OpenAbove) is { } values ? set(spec, [.. values.Order()]) : spec,
            Value = get,
        };

    /// <summary>A number above 0.</summary>
    public static SpecKey<T> Positive<T>(string name, Func<T, double> get, Func<T, double, T> set, string says) =>
        Number(name, 0, double.PositiveInfinity, get, set, says, open: true);

    /// <summary>A whole number in a range that fits an <see cref="int"/>.</summary>
    public static SpecKey<T> Whole<T>(string name, int least, int most, Func<T, int> get, Func<T, int, T> set, string says) =>
        Long<T>(name, least, most, spec => get(spec), (spec, value) => set(spec, (int)value), says);

    /// <summary>A whole number in a range; <see cref="long.MaxValue"/> is none.</summary>
    public static SpecKey<T> Long<T>(string name, long least, long most, Func<T, long> get, Func<T, long, T> set, string says) =>
        new()
        {
            Name = name,
            Says = says,
            Form = KeyForm.Integer,
            Least = least,
            Most = most == long.MaxValue ? double.PositiveInfinity : most,
            Reads = (s, key, spec) =>
                set(
                    spec,
                    s.Integer(key.Name, get(spec), (long)key.Least, double.IsPositiveInfinity(key.Most) ? long.MaxValue : (long)key.Most)
                ),
            Value = spec => get(spec),
        };

    /// <summary>A whole number in a range, or one of <paramref name="words"/>, each of which stands for a number outside it.</summary>
    public static SpecKey<T> WholeOr<T>(
        string name,
        int least,
        int most,
        IReadOnlyList<(string Word, int Value)> words,
        Func<T, int> get,
        Func<T, int, T> set,
        string says
    ) =>
        new()
        {
            Name = name,
            Says = says,
            Form = KeyForm.Integer,
            Least = least,
            Most = most,
            Words = [.. words.Select(w => w.Word)],
            Reads = (s, key, spec) =>
            {
                foreach ((string word, int value) in words)
                    if (s.IsWord(key.Name, word))
                        return set(spec, value);
                return set(spec, (int)s.Integer(key.Name, get(spec), (long)key.Least, (long)key.Most));
            },
            Value = spec =>
            {
                int value = get(spec);
                foreach ((string word, int stands) in words)
                    if (stands == value)
                        return word;
                return (long)value;
            },
        };

    /// <summary>One of the words <paramref name="valid"/>.</summary>
    public static SpecKey<T> Word<T>(string name, IReadOnlyList<string> valid, Func<T, string> get, Func<T, string, T> set, string says) =>
        new()
        {
            Name = name,
            Says = says,
            Form = KeyForm.Word,
            Words = valid,
            Reads = (s, key, spec) => set(spec, s.Choice(key.Name, get(spec), key.Words, key.Elsewhere)),
            Value = get,
        };

    /// <summary>true or false.</summary>
    public static SpecKey<T> Flag<T>(string name, Func<T, bool> get, Func<T, bool, T> set, string says) =>
        new()
        {
            Name = name,
            Says = says,
            Form = KeyForm.Flag,
            Reads = (s, key, spec) => set(spec, s.Flag(key.Name, get(spec))),
            Value = spec => get(spec),
        };

    /// <summary>Any text.</summary>
    public static SpecKey<T> Text<T>(string name, Func<T, string?> get, Func<T, string, T> set, string says) =>
        new()
        {
            Name = name,
            Says = says,
            Form = KeyForm.Text,
            Reads = (s, key, spec) => s.Text(key.Name) is { } text ? set(spec, text) : spec,
            Value = get,
        };

    /// <summary>A file or folder.</summary>
    public static SpecKey<T> Path<T>(string name, Func<T, string?> get, Func<T, string, T> set, string says) =>
        new()
        {
            Name = name,
            Says = says,
            Form = KeyForm.Path,
            Reads = (s, key, spec) => s.File(key.Name) is { } path ? set(spec, path) : spec,
            Value = get,
        };

    /// <summary>Every key of a kind, read in their order over its defaults.</summary>
    /// <exception cref="Numerics.InputException">As <see cref="SpecKey{T}.Read"/>.</exception>
    public static T ReadAll<T>(this IEnumerable<SpecKey<T>> keys, IKeys s, T byDefault) =>
        keys.Aggregate(byDefault, (spec, key) => key.Read(s, spec));
}
