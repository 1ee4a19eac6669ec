// The shape of the tree as tests: who may use whom, how files are named and begin, and what no file may mention.
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Gaplab.Pure.Tests;

public sealed partial class LayeringSpecs(ITestOutputHelper output)
{
    /// <summary>Folders of Gaplab.Learning and the folders each may use.</summary>
    private static readonly Dictionary<string, string[]> MayUse = new()
    {
        ["Specs"] = [],
        ["Params"] = ["Specs"],
        ["Optim"] = ["Specs", "Params"],
        ["Models"] = ["Specs", "Params", "Optim"],
        ["Data"] = ["Specs"],
        ["Training"] = ["Specs", "Params", "Optim", "Models", "Data"],
        ["Diagnostics"] = ["Specs", "Params", "Optim", "Models", "Data", "Training"],
    };

    private static readonly string Root = Repository.Root;
    private static readonly string[] NotOurs = [".git", "artifacts", "node_modules", "dist", "bin", "obj", "stores", ".vs", "__pycache__"];

    public static TheoryData<string, string[]> Brackets =>
        new()
        {
            { "Numerics", [] },
            { "Theory", ["Numerics"] },
            { "Results", ["Numerics"] },
            { "Reference", ["Theory", "Results", "Numerics"] },
            { "Torch", [] },
            { "Learning", ["Torch", "Numerics"] },
            { "Studies", ["Learning", "Theory", "Results", "Torch", "Numerics"] },
            { "Pictures", ["Results", "Numerics"] },
            { "Serving", ["Studies", "Results", "Learning", "Numerics"] },
            { "Cli", ["Serving", "Pictures", "Studies", "Learning", "Reference", "Theory", "Results", "Torch", "Numerics"] },
        };

    [Theory, MemberData(nameof(Brackets))]
    public void A_project_references_only_the_projects_below_it(string project, string[] allowed)
    {
        var references = XDocument
            .Load(Path.Combine(Root, "src", $"Gaplab.{project}", $"Gaplab.{project}.csproj"))
            .Descendants("ProjectReference")
            .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/'))["Gaplab.".Length..]);
        Assert.Empty(references.Except(allowed));
    }

    [Fact]
    public void Every_project_under_src_is_in_the_table_of_brackets() =>
        Assert.Equal(
            Brackets.Select(row => row.Data.Item1).Order(),
            Directory
                .GetDirectories(Path.Combine(Root, "src"))
                .Where(f => Directory.GetFiles(f, "*.csproj").Length > 0)
                .Select(f => Path.GetFileName(f)["Gaplab.".Length..])
                .Order()
        );

    [Fact]
    public void No_project_has_a_cycle_among_its_folders()
    {
        var cycles = new List<string>();
        foreach (string project in Directory.GetDirectories(Path.Combine(Root, "src")).Order(StringComparer.Ordinal))
        {
            string name = Path.GetFileName(project);
            Dictionary<string, HashSet<string>> uses = FolderUses(
                name,
                [.. Sources(project).Select(path => (Path.GetRelativePath(project, path), Code(path)))]
            );
            foreach ((string folder, HashSet<string> below) in uses.OrderBy(u => u.Key, StringComparer.Ordinal))
                output.WriteLine(
                    $"{name}/{folder} uses "
                        + $"{(below.Count == 0 ? "none of its own" : string.Join(", ", below.Order(StringComparer.Ordinal)))}"
                );
            // What is left after taking away, again and again, every folder that uses none that is left, stands in a cycle or above one.
            HashSet<string> left = [.. uses.Keys];
            while (left.RemoveWhere(f => !uses[f].Overlaps(left)) > 0) { }
            if (left.Count > 0)
                cycles.Add($"{name}: {string.Join(", ", left.Order(StringComparer.Ordinal))}");
        }
        Assert.Empty(cycles);
    }

    [Fact]
    public void A_cycle_among_folders_is_seen_by_names_of_types_and_a_folder_below_is_the_same_room()
    {
        (string, string)[] files =
        [
            ("Analysis/Gap.cs", "using Demo.Report;\nnamespace Demo.Analysis;\npublic sealed record Gap(Page page);"),
            ("Analysis/Factors/Effect.cs", "namespace Demo.Analysis.Factors;\npublic sealed record Effect(Gap gap);"),
            ("Report/Page.cs", "using Demo.Analysis.Factors;\nnamespace Demo.Report;\npublic sealed record Page(Effect effect);"),
            ("Store/Run.cs", "namespace Demo.Store;\npublic sealed record Run(Gap gap);"),
        ];
        Dictionary<string, HashSet<string>> uses = FolderUses("Demo", files);
        Assert.Equal(["Report"], uses["Analysis"]);
        Assert.Equal(["Analysis"], uses["Report"]);
        // Without the namespace in the file, the name is another's.
        Assert.Empty(uses["Store"]);
    }

    [Fact]
    public void Inside_Learning_no_file_uses_a_folder_above_its_own()
    {
        string learning = Path.Combine(Root, "src", "Gaplab.Learning");
        var files = Sources(learning).Select(path => (Path: Path.GetRelativePath(learning, path), Text: Code(path))).ToList();
        var faults = UpwardUses(files);
        Assert.True(faults.Count == 0, string.Join("\n", faults));
    }

    [Fact]
    public void An_upward_use_is_found_by_import_and_by_full_name_and_the_same_name_at_home_is_not()
    {
        (string, string)[] files =
        [
            ("Training/Trainer.cs", "namespace Gaplab.Learning.Training;\npublic sealed class Trainer { }"),
            ("Specs/RunSpec.cs", "namespace Gaplab.Learning.Specs;\npublic sealed record TaskSpec { }"),
            ("Data/Good.cs", "using Gaplab.Learning.Specs;\nnamespace Gaplab.Learning.Data;\ninternal sealed class Good(TaskSpec task);"),
            (
                "Data/Import.cs",
                "using Gaplab.Learning.Training;\nnamespace Gaplab.Learning.Data;\ninternal sealed class Import(Trainer trainer);"
            ),
            (
                "Data/FullName.cs",
                "namespace Gaplab.Learning.Data;\ninternal sealed class FullName(Gaplab.Learning.Training.Trainer trainer);"
            ),
            ("Optim/Own.cs", "namespace Gaplab.Learning.Optim;\ninternal sealed class Trainer;"),
        ];
        Assert.Equal(["Data/Import.cs uses Training's Trainer", "Data/FullName.cs uses Training's Trainer"], UpwardUses(files));
    }

    [Fact]
    public void A_file_is_named_after_one_concept()
    {
        string[] vague = ["Utils", "Util", "Helpers", "Helper", "Common", "Manager", "Base", "Misc"];
        var faults = OurFiles()
            .Where(f => vague.Any(v => Path.GetFileNameWithoutExtension(f).EndsWith(v, StringComparison.OrdinalIgnoreCase)))
            .Select(Shown);
        Assert.Empty(faults);
    }

    [Fact]
    public void Every_source_file_begins_with_a_comment_that_says_what_it_is()
    {
        var faults = Sources(Path.Combine(Root, "src"))
            .Where(f => !FirstComment().IsMatch(File.ReadLines(f).FirstOrDefault() ?? ""))
            .Select(Shown);
        Assert.Empty(faults);
    }

    [Fact]
    public void No_file_names_the_place_where_it_was_written_or_a_package_host()
    {
        // Joined from halves, so that this file does not hold what it looks for. The script of continuous integration alone may know where
        // data lie.
        string[] forbidden =
        [
            "/wo" + "rk/",
            "shared/" + "data",
            "shared/" + "design",
            "api.nuget" + ".org",
            "registry.npmjs" + ".org",
            "deb.debian" + ".org",
            "pypi" + ".org",
            "pythonhosted" + ".org",
        ];
        string script = Path.Combine(Root, ".ci", "run");
        var faults =
            from file in OurFiles().Where(f => f != script && new FileInfo(f).Length < 4_000_000)
            let text = File.ReadAllText(file)
            from word in forbidden
            where text.Contains(word, StringComparison.OrdinalIgnoreCase)
            select $"{Shown(file)} mentions {word}";
        Assert.Empty(faults);
    }

    /// <summary>Which folders of a project each of its folders uses, by the names of types; files beside the project file are the folder
    /// ".".</summary>
    private static Dictionary<string, HashSet<string>> FolderUses(string project, IReadOnlyList<(string Path, string Text)> files)
    {
        static string Room(string path) => path.Replace('\\', '/').Split('/') is [var folder, _, ..] ? folder : ".";
        var declared = files
            .GroupBy(f => Room(f.Path))
            .ToDictionary(
                g => g.Key,
                g => g.SelectMany(f => Declaration().Matches(f.Text)).Select(m => m.Groups[1].Value).ToHashSet(StringComparer.Ordinal)
            );
        var uses = declared.Keys.ToDictionary(f => f, _ => new HashSet<string>(StringComparer.Ordinal));
        foreach ((string path, string text) in files)
        {
            string room = Room(path);
            HashSet<string> words = [.. Word().Matches(text).Select(m => m.Value)];
            foreach (string other in declared.Keys.Where(o => o != room))
            {
                // Names of the root are visible everywhere below it.
                bool visible = other == "." || Regex.IsMatch(text, $@"\b{Regex.Escape(project)}\.{other}\b");
                if (visible && declared[other].Except(declared[room]).Any(words.Contains))
                    uses[room].Add(other);
            }
        }
        return uses;
    }

    private static List<string> UpwardUses(IEnumerable<(string Path, string Text)> files)
    {
        var all = files.Select(f => (f.Path, f.Text, Folder: f.Path.Replace('\\', '/').Split('/')[0])).ToList();
        var declared = all.GroupBy(f => f.Folder)
            .ToDictionary(
                g => g.Key,
                g => g.SelectMany(f => Declaration().Matches(f.Text)).Select(m => m.Groups[1].Value).Distinct().ToList()
            );
        var faults = new List<string>();
        foreach (var file in all.Where(f => f.Folder.EndsWith(".cs", StringComparison.Ordinal) is false))
        {
            if (!MayUse.TryGetValue(file.Folder, out string[]? below))
            {
                faults.Add($"{file.Path}: folder {file.Folder} is not in the order of Learning");
                continue;
            }
            foreach (string folder in MayUse.Keys.Where(f => f != file.Folder && !below.Contains(f)))
            {
                // Without the namespace in the file no type of it can be named; with it, each of its names counts.
                if (
                    !Regex.IsMatch(file.Text, $@"\bGaplab\.Learning\.{folder}\b")
                    && !Regex.IsMatch(file.Text, $@"(?<![\w.]){folder}\.[A-Z]")
                )
                    continue;
                faults.AddRange(
                    declared
                        .GetValueOrDefault(folder, [])
                        .Where(t => Regex.IsMatch(file.Text, $@"\b{t}\b"))
                        .Select(t => $"{file.Path} uses {folder}'s {t}")
                );
            }
        }
        return faults;
    }

    private static IEnumerable<string> Sources(string folder) =>
        Directory
            .EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(f => !NotOurs.Intersect(Path.GetRelativePath(folder, f).Split(Path.DirectorySeparatorChar)).Any());

    /// <summary>The text without comments: a cref may point anywhere.</summary>
    private static string Code(string path) => Regex.Replace(File.ReadAllText(path), "//.*", "");

    private static IEnumerable<string> OurFiles() => Walk(Root);

    private static IEnumerable<string> Walk(string folder)
    {
        foreach (string file in Directory.EnumerateFiles(folder).Where(f => Path.GetFileName(f) != ".git"))
            yield return file;
        foreach (string inner in Directory.EnumerateDirectories(folder))
        {
            if (NotOurs.Contains(Path.GetFileName(inner)) || inner.EndsWith(".gaplab-store", StringComparison.Ordinal))
                continue;
            foreach (string file in Walk(inner))
                yield return file;
        }
    }

    private static string Shown(string file) => Path.GetRelativePath(Root, file);

    [GeneratedRegex(@"\b[A-Z]\w*\b")]
    private static partial Regex Word();

    [GeneratedRegex(@"^// \S.{10,}")]
    private static partial Regex FirstComment();

    [GeneratedRegex(@"\b(?:class|record(?: struct| class)?|struct|interface|enum)\s+([A-Z]\w*)")]
    private static partial Regex Declaration();
}
