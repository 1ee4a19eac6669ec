// A section of a study file as a row: its keys, its defaults, and what its keys may not say together.
using Gaplab.Learning.Specs;
using Gaplab.Numerics;

namespace Gaplab.Studies.Yaml;

/// <summary>A mapping of a study file that sets one record. Reading, the tables of the documents and the schema go by it.</summary>
/// <typeparam name="T">The record.</typeparam>
/// <param name="Name">As study files write it.</param>
/// <param name="Says">What it is for, in a few words.</param>
/// <param name="Defaults">The record of an empty section.</param>
/// <param name="Keys">In the order in which they are read and printed.</param>
internal sealed record KeySection<T>(string Name, string Says, T Defaults, params IReadOnlyList<SpecKey<T>> Keys)
{
    /// <summary>The error of keys that do not go together; null where they do.</summary>
    public Func<StudySection, T, InputException?> Objection { get; init; } = (_, _) => null;

    /// <exception cref="InputException">A value that is not valid, a required key that is not there, an unknown key, or keys that do not go
    /// together.</exception>
    public T Read(StudySection parent) => Read(parent.Section(Name), Defaults);

    /// <param name="s">The section itself.</param>
    /// <param name="byDefault">The record of an empty section, where it depends on others.</param>
    /// <exception cref="InputException">As <see cref="Read(StudySection)"/>.</exception>
    public T Read(StudySection s, T byDefault)
    {
        T spec = ForeignKeys.Read(s, Keys, byDefault);
        if (Objection(s, spec) is { } error)
            throw error;
        s.Finish();
        return spec;
    }
}
