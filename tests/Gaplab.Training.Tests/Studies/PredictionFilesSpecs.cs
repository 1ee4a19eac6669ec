// Where predictions of comparisons lie: names that are names as they are, others made safe and told apart.
using Gaplab.Results.Analysis;
using Gaplab.Results.Store;
using Gaplab.Studies.Prediction;

namespace Gaplab.Training.Tests.Studies;

public sealed class PredictionFilesSpecs
{
    [Fact]
    public void Keys_become_folders_inside_the_store_and_no_two_the_same()
    {
        using var folder = new TestFolder();
        RunStore store = RunStore.Open(folder.File("store"), create: true);
        string Of(params (string Key, string Value)[] pairs) =>
            Path.GetRelativePath(
                store.Root,
                PredictionFiles.Of(store, new ComparisonKey([.. pairs.Select(p => KeyValuePair.Create(p.Key, p.Value))])).Folder
            );
        Assert.Equal(".", Of());
        Assert.Equal(Path.Combine("probes", "gpt_text-1.5"), Of(("setting", "gpt_text-1.5")));
        Assert.Equal(Path.Combine("probes", "a+attention=linear"), Of(("setting", "a"), ("attention", "linear")));
        string[] odd =
        [
            Of(("x", "../../etc")),
            Of(("x", "..\\..\\etc")),
            Of(("x", "é")),
            Of(("x", "è")),
            Of(("setting", "..")),
            Of(("x", new string('a', 300))),
        ];
        Assert.Equal(odd.Length, odd.Distinct().Count());
        Assert.All(
            odd,
            name =>
            {
                Assert.StartsWith("probes" + Path.DirectorySeparatorChar, name, StringComparison.Ordinal);
                Assert.DoesNotContain(Path.DirectorySeparatorChar, name["probes/".Length..]);
                Assert.InRange(name.Length, 1, 120);
                Assert.NotEqual('.', name["probes/".Length]);
            }
        );
    }
}
