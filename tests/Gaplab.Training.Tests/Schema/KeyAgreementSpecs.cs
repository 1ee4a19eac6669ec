// For every row of every key: the reader and the schema take the same values, and refuse the same.
using Gaplab.Numerics;
using Gaplab.Studies.Yaml;

namespace Gaplab.Training.Tests.Schema;

public sealed class KeyAgreementSpecs
{
    public static TheoryData<string> Places => [.. KeyPlace.All.Select(p => p.Path)];

    [Theory, MemberData(nameof(Places))]
    public void Reader_and_schema_agree_inside_and_outside_a_keys_range(string path)
    {
        KeyPlace place = KeyPlace.All.Single(p => p.Path == path);
        foreach (string value in place.Inside())
        {
            string yaml = place.Study(value);
            Assert.True(Refusal(yaml) is null, $"{path}: {value}: the reader refuses: {Refusal(yaml)}");
            Assert.True(EditorCheck.Objections(yaml).Length == 0, $"{path}: {value}: the schema refuses: {EditorCheck.Objections(yaml)}");
        }
        foreach (string value in place.Outside())
        {
            string yaml = place.Study(value);
            Assert.True(Refusal(yaml) is not null, $"{path}: {value}: the reader takes it");
            Assert.True(EditorCheck.Objections(yaml).Length > 0, $"{path}: {value}: the schema takes it");
        }
    }

    private static string? Refusal(string yaml)
    {
        try
        {
            _ = StudyFile.Parse("/s/x.yaml", yaml);
            return null;
        }
        catch (InputException e)
        {
            return e.Message;
        }
    }
}
