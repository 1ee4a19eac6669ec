// Keys of a kind that is not the section's: refused with the kinds that have them.
using Gaplab.Learning.Specs;

namespace Gaplab.Studies.Yaml;

/// <summary>A kind's keys among those of all kinds.</summary>
internal static class ForeignKeys
{
    /// <summary>The keys that are written here and that only other kinds have, each with those kinds: the ones that would fit in this one's
    /// place, and where none does, all.</summary>
    /// <param name="s">The section.</param>
    /// <param name="own">Keys of the kind.</param>
    /// <param name="others">Other kinds, whether each would fit in its place, and their keys.</param>
    public static IEnumerable<(string Key, string Owners)> In<T>(
        StudySection s,
        IReadOnlyList<SpecKey<T>> own,
        IEnumerable<(string Kind, bool Fits, IReadOnlyList<SpecKey<T>> Keys)> others
    )
    {
        (string Kind, bool Fits, IReadOnlyList<SpecKey<T>> Keys)[] kinds = [.. others];
        foreach (string key in s.Keys.Where(k => own.All(o => o.Name != k)).ToArray())
        {
            var owners = kinds.Where(k => k.Keys.Any(o => o.Name == key)).ToArray();
            if (owners.Length == 0 || !s.Has(key))
                continue;
            string[] names = [.. (owners.Any(o => o.Fits) ? owners.Where(o => o.Fits) : owners).Select(o => o.Kind).Distinct()];
            yield return (key, Listed(names, "and"));
        }
    }

    /// <summary>"a, b and c".</summary>
    public static string Listed(IReadOnlyList<string> names, string last) =>
        names.Count < 2 ? string.Concat(names) : $"{string.Join(", ", names.SkipLast(1))} {last} {names[^1]}";

    /// <summary>Reads a kind's keys over its defaults; one that it cannot do without is asked for.</summary>
    /// <exception cref="Numerics.InputException">A value outside its key's range, or a required key that is not there.</exception>
    public static T Read<T>(StudySection s, IReadOnlyList<SpecKey<T>> keys, T byDefault)
    {
        T spec = keys.ReadAll(s, byDefault);
        foreach (SpecKey<T> key in keys)
            if (key.Required is { } expected && key.Value(spec) is null)
                throw s.Missing(key.Name, expected);
        return spec;
    }
}
