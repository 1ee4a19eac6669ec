// How tests are named: a file of tests is a class of the same name that ends in Specs, and no file repeats its folder's name.
using System.Text.RegularExpressions;

namespace Gaplab.Pure.Tests;

public sealed partial class TestNameSpecs
{
    private static readonly (string Path, string Name, string Text)[] Files =
    [
        .. Directory
            .EnumerateFiles(Repository.At("tests"), "*.cs", SearchOption.AllDirectories)
            .Select(f => (Path.GetRelativePath(Repository.Root, f), Path.GetFileNameWithoutExtension(f), File.ReadAllText(f))),
    ];

    [Fact]
    public void A_file_of_tests_is_one_class_of_its_name_that_ends_in_Specs()
    {
        var tests = Files.Where(f => TestMethod().IsMatch(f.Text)).ToList();
        Assert.True(tests.Count > 100, $"found {tests.Count} files of tests");
        Assert.Empty(
            tests
                .Where(f =>
                    !f.Name.EndsWith("Specs", StringComparison.Ordinal)
                    || !Regex.IsMatch(f.Text, $@"^public (?:sealed )?(?:partial )?class {f.Name}\b", RegexOptions.Multiline)
                )
                .Select(f => f.Path)
        );
        Assert.Empty(Files.Where(f => OldName().IsMatch(f.Text)).Select(f => f.Path));
    }

    [Fact]
    public void A_file_does_not_repeat_the_name_of_its_folder() =>
        Assert.DoesNotContain(Files, f => Repeated().IsMatch(f.Path.Replace('\\', '/')));

    [GeneratedRegex(@"/([A-Z]\w*)/\1(?=[A-Z])\w*\.cs$")]
    private static partial Regex Repeated();

    [GeneratedRegex(@"^\s*\[(Fact|Theory)\b", RegexOptions.Multiline)]
    private static partial Regex TestMethod();

    [GeneratedRegex(@"\bclass \w+Tests\b")]
    private static partial Regex OldName();
}
