// gaplab study diff: each key that differs is named once with both its values, and nothing else is.
using Gaplab.Studies;
using Gaplab.Studies.Reading;
using Gaplab.Training.Tests.Running;

namespace Gaplab.Training.Tests.Studies;

public sealed class StudyDifferencesSpecs : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_differs_is_told_and_what_does_not_is_left_out()
    {
        string first = _folder.Write("a.yaml", SmallStudy.Yaml),
            second = _folder.Write(
                "b.yaml",
                SmallStudy
                    .Yaml.Replace("batch: [4, 16]", "batch: [4, 16, 64]", StringComparison.Ordinal)
                    .Replace("samples: 1536", "samples: 3072", StringComparison.Ordinal)
            );
        StudyDifferences same = StudyDifferences.Between(first, first, Catalogues.BuiltIn);
        Assert.Empty(same.Rows);
        Assert.Contains("the same study", Assert.Single(same.Lines()), StringComparison.Ordinal);
        StudyDifferences differences = StudyDifferences.Between(first, second, Catalogues.BuiltIn);
        Assert.Equal(
            [("4, 16", "4, 16, 64"), ("1536", "3072")],
            differences.Rows.OrderBy(r => r.Second!.Length).Reverse().Select(r => (r.First!, r.Second!))
        );
        Assert.Equal(
            ["+", "-"],
            differences.Lines().Where(l => l.StartsWith("  ", StringComparison.Ordinal)).Select(l => l.Trim()[..1]).Distinct().Order()
        );
    }
}
