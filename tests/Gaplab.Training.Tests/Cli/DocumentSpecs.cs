// What the documents name exists: files, commands, findings, keys, kinds and studies.
using System.CommandLine;
using System.Text.RegularExpressions;
using Gaplab.Cli;
using Gaplab.Learning.Data;
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Studies;
using Gaplab.Studies.Escape;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Prediction;
using Gaplab.Studies.Yaml;

namespace Gaplab.Training.Tests.Cli;

public sealed partial class DocumentSpecs
{
    private static readonly string[] Pages =
    [
        "README.md",
        "CHANGELOG.md",
        .. Directory.GetFiles(Repository.At("docs"), "*.md").Order(StringComparer.Ordinal).Select(f => "docs/" + Path.GetFileName(f)),
    ];

    public static TheoryData<string> All => [.. Pages];

    [Theory, MemberData(nameof(All))]
    public void Every_link_and_path_leads_somewhere(string page)
    {
        string text = Text(page);
        var dead = new List<string>();
        foreach (
            string link in Link().Matches(text).Select(m => m.Groups[1].Value).Where(l => !l.Contains("://", StringComparison.Ordinal))
        )
        {
            string[] parts = link.Split('#');
            string target = parts[0].Length == 0 ? page : Path.Combine(Path.GetDirectoryName(page)!, parts[0]);
            if (!Exists(target))
                dead.Add(link);
            else if (parts.Length > 1 && !Text(target).Split('\n').Any(l => l.StartsWith('#') && Anchor(l) == parts[1]))
                dead.Add(link);
        }
        foreach (
            string path in RepositoryPath()
                .Matches(text)
                .Select(m => m.Value.TrimEnd('.', ',', ':'))
                .Where(p =>
                    !p.StartsWith("web/dist", StringComparison.Ordinal) && !p.StartsWith("web/node_modules", StringComparison.Ordinal)
                )
        )
            if (!Exists(path))
                dead.Add(path);
        foreach (string name in PageName().Matches(text).Select(m => m.Groups[1].Value))
            if (!Exists("docs/" + name) && !Exists(name) && !Exists("benchmarks/" + name))
                dead.Add(name);
        Assert.True(dead.Count == 0, $"{page}: {string.Join(", ", dead.Distinct())}");
    }

    [Theory, MemberData(nameof(All))]
    public void Every_type_and_variable_of_ours_exists(string page)
    {
        string text = Text(page);
        string code = Code.Value;
        string[] dead =
        [
            .. TypeName().Matches(text).Select(m => m.Groups[1].Value).Distinct().Where(n => !Regex.IsMatch(code, $@"\b{n}\b")),
            .. Variable()
                .Matches(text)
                .Select(m => m.Value)
                .Distinct()
                .Where(n => !Scripts.Value.Contains(n, StringComparison.Ordinal) && !code.Contains(n, StringComparison.Ordinal)),
        ];
        Assert.True(dead.Length == 0, $"{page}: {string.Join(", ", dead)}");
    }

    [Theory, MemberData(nameof(All))]
    public void Every_command_line_is_understood(string page)
    {
        RootCommand root = CommandTable.Root();
        var refused = new List<string>();
        foreach (string line in CommandLinesOf(Text(page)))
        {
            ParseResult parsed = root.Parse(Words(line));
            bool help = parsed.Errors.Count > 0 && root.Parse([.. Words(line), "--help"]).Errors.Count == 0;
            // Running text names a command without what it works on.
            string[] errors =
            [
                .. parsed
                    .Errors.Select(e => e.Message)
                    .Where(m =>
                        !(
                            help
                            && (m.StartsWith("Required", StringComparison.Ordinal) || m.Contains("is required", StringComparison.Ordinal))
                        )
                    ),
            ];
            if (errors.Length > 0 || parsed.UnmatchedTokens.Count > 0)
                refused.Add($"{line}  ({string.Join("; ", errors)})");
        }
        Assert.True(refused.Count == 0, $"{page}:\n{string.Join('\n', refused)}");
    }

    [Fact]
    public void Every_command_is_in_the_readme_and_every_option_in_some_document()
    {
        string all = string.Concat(Pages.Select(Text));
        string readme = Text("README.md").Replace("\\|", "|", StringComparison.Ordinal);
        var lines = CommandLinesOf(readme).Select(l => string.Join(' ', Words(l))).ToList();
        foreach (Command command in CommandLines.Shown)
        {
            string words = string.Join(' ', CommandLines.Words(command));
            Assert.True(
                lines.Any(l => (l + " ").StartsWith(words + " ", StringComparison.Ordinal)),
                $"README.md does not name 'gaplab {words}'"
            );
            foreach (Option option in command.Options)
                Assert.True(
                    all.Contains($"{option.Name}", StringComparison.Ordinal),
                    $"no document names {option.Name} of 'gaplab {words}'"
                );
        }
    }

    [Fact]
    public void Every_kind_of_finding_is_made_by_some_code()
    {
        string[] unused =
        [
            .. ((Type[])[typeof(FindingKinds), typeof(StudyFindingKinds)])
                .SelectMany(c => c.GetProperties().Where(p => p.PropertyType == typeof(FindingKind)).Select(p => $"{c.Name}.{p.Name}"))
                .Where(row => !Regex.IsMatch(Product.Value, $@"(new(?: Finding)?|OpenReading)\(\s*{Regex.Escape(row)}\b")),
        ];
        Assert.True(unused.Length == 0, $"no code makes {string.Join(", ", unused)}");
        // And no code makes one that is in neither catalogue.
        Assert.Equal(1, Regex.Count(Product.Value, @"\bnew FindingKind\("));
    }

    [Fact]
    public void The_documents_name_every_kind_there_is_and_no_other()
    {
        string study = Text("docs/study.md");
        Kinds(TaskCatalogue.BuiltIn.Kinds, Section(study, "## `task`"), study);
        Kinds(ModelCatalogue.BuiltIn.Kinds, Section(study, "## `model`"), study);
        Kinds([.. OptimizerCatalogue.BuiltIn.All.Select(k => k.Name)], Row(study, "## `optimizers`", "`kind`"), study);
        Kinds(RateSchedule.Kinds, Row(study, "## `budget`", "`schedule`: `kind`"), study);
        Kinds(StudySpec.Metrics, Row(study, "## Top level", "`metric`"), study);
        foreach (string kind in ModelCatalogue.BuiltIn.Kinds)
            Assert.Contains($"`{kind}`", Text("docs/models.md") + study, StringComparison.Ordinal);
        foreach (string kind in ModelCatalogue.BuiltIn.Reading(SampleKind.Images).Select(k => k.Name))
            Assert.Contains($"| `{kind}` |", Text("docs/models.md"), StringComparison.Ordinal);
        foreach (string kind in TaskCatalogue.BuiltIn.Kinds)
            Assert.True(
                Regex.IsMatch(Text("docs/data.md"), $@"kind: {kind}\b|`{kind}`|{{path: FILE}}|{{source: FILE"),
                $"docs/data.md does not tell of {kind}"
            );
    }

    /// <summary>The keys of a section as the program lists them when one is mistyped.</summary>
    [Theory]
    [InlineData("## Top level", "", "study")]
    [InlineData("## `grid`", "grid", "batch")]
    [InlineData("## `budget`", "schedule", "kind")]
    [InlineData("## `budget`", "evaluation", "points")]
    [InlineData("## `sentinel`", "sentinel", "factor")]
    [InlineData("## `checkpoint`", "checkpoint", "keep")]
    [InlineData("## `checkpoint`", "limits", "memory")]
    [InlineData("## `probes`", "probes", "names")]
    [InlineData("## `optimizers`", "optimizers.sgd", "lr")]
    [InlineData("## `task`", "task", "kind")]
    [InlineData("## `model`", "model", "kind")]
    public void Every_key_of_a_study_is_in_its_table(string heading, string section, string known)
    {
        string text = Section(Text("docs/study.md"), heading);
        text += section switch
        {
            "model" => Text("docs/models.md"),
            "task" => Text("docs/data.md"),
            _ => "",
        };
        string[] named = [.. Quoted().Matches(text).Select(m => m.Groups[1].Value)];
        string[] keys = [.. Variants(section).SelectMany(v => KeysOf(section, v)).Distinct()];
        Assert.Contains(known, keys);
        string[] missing = [.. keys.Except(named)];
        Assert.True(missing.Length == 0, $"docs/study.md, {heading} lacks {string.Join(", ", missing)}");
        // And the first cells of its tables hold no key that there is not.
        if (section is "task" or "model" or "grid" or "sentinel" or "optimizers.sgd")
        {
            string[] rows =
            [
                .. Section(Text("docs/study.md"), heading)
                    .Split('\n')
                    .Where(l => l.StartsWith("| `", StringComparison.Ordinal))
                    .SelectMany(l => Quoted().Matches(l.Split('|')[1]).Select(m => m.Groups[1].Value))
                    .Distinct(),
            ];
            Assert.True(
                rows.Except(keys).Except(["kind"]).ToArray() is { Length: 0 } none,
                $"docs/study.md, {heading} names {string.Join(", ", rows.Except(keys))}"
            );
        }
    }

    [Theory, MemberData(nameof(All))]
    public void Every_whole_study_parses(string page)
    {
        foreach (string block in Fence().Matches(Text(page)).Select(m => m.Groups[1].Value))
        {
            bool whole =
                block.Contains("optimizers:", StringComparison.Ordinal)
                && block.Contains("grid:", StringComparison.Ordinal)
                && block.Contains("budget:", StringComparison.Ordinal);
            const string Rest =
                "optimizers: {sgd: {lr: {from: 0.01, to: 1, points: 3}}, adam: {lr: 0.01}}\ngrid: {batch: [4, 8]}\nbudget: {samples: 64}\n";
            // A part of a study is laid into the least of one, where it does not say the same keys itself.
            if (!whole)
                _ = StudyFile.Parse(
                    "/s/x.yaml",
                    block
                        + "\n"
                        + string.Concat(
                            Rest.Split('\n')
                                .Where(l =>
                                    l.Length > 0
                                    && !block.Split('\n').Any(b => b.StartsWith(l.Split(':')[0] + ":", StringComparison.Ordinal))
                                )
                                .Select(l => l + "\n")
                        )
                );
            else
                Assert.NotEmpty(StudyFile.Parse("/s/x.yaml", block).Optimizers);
        }
    }

    [Fact]
    public void The_ready_studies_parse()
    {
        foreach (string file in Directory.GetFiles(Repository.At("studies"), "*.yaml"))
        {
            string text = File.ReadAllText(file);
            try
            {
                if (QuadraticFile.Is(file))
                    _ = QuadraticFile.Read(file);
                else if (text.Contains("minima:", StringComparison.Ordinal))
                    _ = EscapeFile.Load(file, []);
                else
                    _ = StudyFile.Load(file);
            }
            catch (InputException e) when (e.Message.Contains("'task.source' is missing", StringComparison.Ordinal))
            {
                _ = StudyFile.Load(file, "task.source=a", "task.target=b");
            }
            catch (InputException e) when (e.Message.Contains("'task.path' is missing", StringComparison.Ordinal))
            {
                _ = StudyFile.Load(file, "task.path=a");
            }
        }
    }

    // Kinds in whose presence a section has other keys.
    private static IEnumerable<string> Variants(string section) =>
        section switch
        {
            "task" => TaskCatalogue.BuiltIn.Kinds.Select(k => $"task.kind={k}"),
            "model" => ModelCatalogue.BuiltIn.Kinds.Select(k => $"model.kind={k}"),
            "optimizers.sgd" => OptimizerCatalogue.BuiltIn.All.Select(k => $"optimizers.sgd.kind={k.Name}"),
            _ => ["study=x"],
        };

    private static IEnumerable<string> KeysOf(string section, string variant)
    {
        string kind = variant.Split('=')[1];
        string task =
            section == "task"
                ? kind
                : kind switch
                {
                    "t5" => "translation",
                    "gat" or "grit" => "random-molecules",
                    "mlp" or "alexnet" or "resnet" or "vit" => "shapes",
                    _ => "markov",
                };
        string files = task switch
        {
            "translation" => ", source: a, target: b",
            "text" or "tokens" or "idx" or "cifar" or "image-folder" or "fasta" or "tu" => ", path: a",
            "molecules" => ", path: a, target-column: y",
            "arrays" => ", inputs: a, targets: b",
            "token-arrays" => ", inputs: a",
            _ => "",
        };
        string model = $"model: {{kind: {kind}{(kind == CommandSpec.Kind ? ", run: a" : "")}}}\n";
        string what = kind == CommandSpec.Kind && section == "model" ? "" : $"task: {{kind: {task}{files}}}\n";
        string study =
            $"{what}{(section == "model" ? model : "")}optimizers: {{sgd: "
            + $"{{{(section == "optimizers.sgd" ? $"kind: {kind}, " : "")}lr: 0.1}}}}\ngrid: {{batch: 4}}\nbudget: {{steps: 8}}\n";
        InputException error = Assert.Throws<InputException>(() =>
            StudyFile.Parse("/s/x.yaml", study, (section.Length > 0 ? section + "." : "") + "zzzzzzzzzz=1")
        );
        Match valid = ValidHere().Match(error.Message);
        Assert.True(valid.Success, error.Message);
        return valid.Groups[1].Value.Split(", ");
    }

    // Words in backticks that look like kinds and are none are what the section says of other things; those after "kind" or in a list of
    // kinds must be kinds.
    private static void Kinds(IReadOnlyList<string> kinds, string part, string page)
    {
        foreach (string kind in kinds)
            Assert.True(part.Contains($"`{kind}`", StringComparison.Ordinal), $"docs/study.md does not list {kind} beside the others");
        foreach (Match list in KindList().Matches(part))
        foreach (string name in Quoted().Matches(list.Value).Select(m => m.Groups[1].Value))
            Assert.True(
                kinds.Contains(name) || page.Contains($"`{name}` |", StringComparison.Ordinal),
                $"docs/study.md names the kind {name}, which there is not"
            );
    }

    private static string Section(string page, string heading)
    {
        int from = page.IndexOf("\n" + heading, StringComparison.Ordinal);
        Assert.True(from >= 0, $"no section '{heading}'");
        int to = page.IndexOf("\n## ", from + 4, StringComparison.Ordinal);
        return page[from..(to < 0 ? page.Length : to)];
    }

    private static string Row(string page, string heading, string first) =>
        Section(page, heading).Split('\n').First(l => l.StartsWith($"| {first}", StringComparison.Ordinal));

    private static string Text(string page) => File.ReadAllText(Repository.At(page)).ReplaceLineEndings("\n");

    private static bool Exists(string path)
    {
        string full = Path.GetFullPath(Repository.At(path));
        return File.Exists(full) || Directory.Exists(full);
    }

    private static string Anchor(string heading) =>
        Regex.Replace(heading.TrimStart('#').Trim().ToLowerInvariant(), "[^a-z0-9 -]", "").Replace(' ', '-');

    /// <summary>Command lines of code blocks (with the lines that continue them) and of running text.</summary>
    private static IEnumerable<string> CommandLinesOf(string page)
    {
        string[] lines = page.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            if (BlockLine().Match(lines[i]) is not { Success: true } start)
                continue;
            string line = start.Groups[1].Value;
            int indent = lines[i].Length - lines[i].TrimStart().Length;
            while (i + 1 < lines.Length && lines[i + 1].Trim().Length > 0 && lines[i + 1].Length - lines[i + 1].TrimStart().Length > indent)
                line = $"{line.TrimEnd('\\')} {lines[++i].Trim()}";
            // Where a shell puts what is printed is no part of the command.
            line = line.Split(" > ")[0];
            foreach (string one in Alternatives(Comment().Replace(line, m => m.Value.StartsWith(' ') ? "" : m.Value[..1])))
                yield return one;
        }
        foreach (Match span in Span().Matches(string.Join('\n', lines.Where(l => !l.StartsWith("    ", StringComparison.Ordinal)))))
        foreach (string one in Alternatives(span.Groups[1].Value.Replace('\n', ' ').Replace("\\|", "|", StringComparison.Ordinal)))
            yield return one;
    }

    /// <summary>"a|b C" is "a C" and "b C".</summary>
    private static IEnumerable<string> Alternatives(string line)
    {
        Match choice = Choice().Match(line);
        return !choice.Success
            ? [line]
            : choice.Value.Split('|').SelectMany(c => Alternatives(line[..choice.Index] + c + line[(choice.Index + choice.Length)..]));
    }

    private static string[] Words(string line) =>
        [
            .. Word()
                .Matches(line.Replace("…", "", StringComparison.Ordinal))
                .Select(m => m.Value.StartsWith('"') || m.Value.StartsWith('\'') ? m.Value[1..^1] : m.Value.Trim('[', ']'))
                .Where(w => w.Length > 0)
                .Skip(1)
                .Select(w => w.Length == 1 && char.IsAsciiLetterUpper(w[0]) ? "1" : w),
        ];

    private static readonly Lazy<string> Product = new(() => SourceOf("src"));

    private static readonly Lazy<string> Code = new(() => Product.Value + SourceOf("tests") + SourceOf("benchmarks"));

    private static string SourceOf(string folder) =>
        string.Concat(
            Directory
                .EnumerateFiles(Repository.At(folder), "*.cs", SearchOption.AllDirectories)
                .Where(f => !f.Contains("/obj/", StringComparison.Ordinal))
                .Select(File.ReadAllText)
        );

    private static readonly Lazy<string> Scripts = new(() =>
        string.Concat(
            ((string[])["gaplab", "test", "eng/prepare.sh", "eng/debian13.sh", "native/CMakeLists.txt"]).Select(f =>
                File.ReadAllText(Repository.At(f))
            )
        )
    );

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"(?<![\w./<-])(src|studies|tests|eng|docs|benchmarks|native|web)/[\w./-]+[\w/]")]
    private static partial Regex RepositoryPath();

    [GeneratedRegex(@"(?<![\w./<-])([\w-]+\.md)\b")]
    private static partial Regex PageName();

    [GeneratedRegex(@"`([A-Z][a-z]+[A-Z][A-Za-z]*)(?:\.[A-Za-z]+)?`")]
    private static partial Regex TypeName();

    [GeneratedRegex(@"\bGAPLAB_[A-Z_]+\b")]
    private static partial Regex Variable();

    [GeneratedRegex("`([a-z0-9-]+)`")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"kinds? (`[a-z0-9-]+`(?:, | and )?)+")]
    private static partial Regex KindList();

    [GeneratedRegex(@"\(valid here: (.+?)\)$")]
    private static partial Regex ValidHere();

    [GeneratedRegex("```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^ {2,}(?:GAPLAB_\w+=\S+ )?((?:\./)?gaplab (?!:)[a-z].*)$")]
    private static partial Regex BlockLine();

    [GeneratedRegex(@"`((?:\./)?gaplab [a-z][^`]*)`")]
    private static partial Regex Span();

    [GeneratedRegex(@"\s+#.*$|\S  .*$")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\w[\w.\\-]*(?:\|[\w.-]+)+")]
    private static partial Regex Choice();

    [GeneratedRegex("\"[^\"]*\"|'[^']*'|\\S+")]
    private static partial Regex Word();
}
