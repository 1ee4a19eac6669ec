// A key that a kind from outside Gaplab has beside the known ones: stated once, with its default, and held in the spec by its name.
namespace Gaplab.Learning.Specs;

/// <summary>A key of a kind's own, which stands in its row wherever a <see cref="SpecKey{T}"/> does.</summary>
/// <typeparam name="T">The spec that holds it.</typeparam>
/// <typeparam name="TValue">double, int, bool or string.</typeparam>
/// <param name="Key">How it is named, read and documented.</param>
/// <param name="Of">Its value in a spec.</param>
/// <param name="With">A spec with another value of it. At its default it is left out, and of the hash too.</param>
public sealed record OwnKey<T, TValue>(SpecKey<T> Key, Func<T, TValue> Of, Func<T, TValue, T> With)
{
    public static implicit operator SpecKey<T>(OwnKey<T, TValue> key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.Key;
    }
}

/// <summary>Makes keys of one's own.</summary>
public static class OwnKey
{
    /// <summary>A number in a range, both ends excluded where <paramref name="open"/>.</summary>
    public static OwnKey<T, double> Number<T>(string name, double byDefault, double least, double most, string says, bool open = false)
        where T : IOwnKeys<T>
    {
        Func<T, double> of = spec => Held(spec, name, byDefault);
        Func<T, double, T> with = (spec, value) => Holding(spec, name, value, byDefault);
        return new(SpecKey.Number(name, least, most, of, with, says, open), of, with);
    }

    /// <summary>A whole number in a range.</summary>
    public static OwnKey<T, int> Whole<T>(string name, int byDefault, int least, int most, string says)
        where T : IOwnKeys<T>
    {
        Func<T, int> of = spec => (int)Held(spec, name, (double)byDefault);
        Func<T, int, T> with = (spec, value) => Holding(spec, name, (double)value, byDefault);
        return new(SpecKey.Whole(name, least, most, of, with, says), of, with);
    }

    /// <summary>true or false.</summary>
    public static OwnKey<T, bool> Flag<T>(string name, bool byDefault, string says)
        where T : IOwnKeys<T>
    {
        Func<T, bool> of = spec => Held(spec, name, byDefault);
        Func<T, bool, T> with = (spec, value) => Holding(spec, name, value, byDefault);
        return new(SpecKey.Flag(name, of, with, says), of, with);
    }

    /// <summary>One of some words, the first by default.</summary>
    public static OwnKey<T, string> Word<T>(string name, IReadOnlyList<string> valid, string says)
        where T : IOwnKeys<T>
    {
        Func<T, string> of = spec => Held(spec, name, valid[0]);
        Func<T, string, T> with = (spec, value) => Holding(spec, name, value, valid[0]);
        return new(SpecKey.Word(name, valid, of, with, says), of, with);
    }

    private static TValue Held<T, TValue>(T spec, string name, TValue byDefault)
        where T : IOwnKeys<T> => spec.Own.Values.TryGetValue(name, out object? value) && value is TValue held ? held : byDefault;

    private static T Holding<T, TValue>(T spec, string name, TValue value, TValue byDefault)
        where T : IOwnKeys<T>
        where TValue : notnull =>
        spec.WithOwn(EqualityComparer<TValue>.Default.Equals(value, byDefault) ? spec.Own.Without(name) : spec.Own.With(name, value));
}
