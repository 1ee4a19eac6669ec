// The tables of kinds, keys and findings in the documents are printed from the rows of their catalogues.
using Gaplab.Learning.Data;
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Models;
using Gaplab.Learning.Optim;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Studies;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Yaml;

namespace Gaplab.Training.Tests.Cli;

public sealed class CatalogueTableSpecs
{
    private static readonly OptimizerSpec Plain = new()
    {
        Name = "",
        Kind = "",
        LearningRate = 0,
    };

    [Fact]
    public void The_table_of_findings_is_printed_from_its_rows()
    {
        Printed(
            "docs/statistics.md",
            "## Findings",
            [
                "| id | topic | says |",
                "|---|---|---|",
                .. StudyFindingKinds.All.Select(k => $"| `{k.Id}` | {k.Topic.ToString().ToLowerInvariant()} | {k.Meaning} |"),
            ]
        );
        Assert.Equal(StudyFindingKinds.All.Select(k => k.Id).Distinct(), StudyFindingKinds.All.Select(k => k.Id));
    }

    [Fact]
    public void The_tables_of_models_and_their_keys_are_printed_from_their_rows()
    {
        Printed(
            "docs/models.md",
            "## Kinds",
            [
                "| kind | reads | what it is |",
                "|---|---|---|",
                .. ModelCatalogue.All.Select(k => $"| `{k.Name}` | {string.Join(", ", k.Reads)} | {k.Says} |"),
            ]
        );
        Printed("docs/models.md", "## Keys", KeyTable.Markdown(ModelCatalogue.All.Select(k => (k.Name, k.Keys, k.Defaults))));
    }

    [Fact]
    public void The_tables_of_tasks_and_their_keys_are_printed_from_their_rows()
    {
        Printed(
            "docs/data.md",
            "## Kinds",
            [
                "| kind | samples | what it is |",
                "|---|---|---|",
                .. TaskCatalogue.All.Select(k => $"| `{k.Name}` | {k.Samples} | {k.Says} |"),
            ]
        );
        Printed("docs/data.md", "## Keys", KeyTable.Markdown(TaskCatalogue.All.Select(k => (k.Name, k.Keys, k.Defaults))));
    }

    [Fact]
    public void The_table_of_rules_is_printed_from_the_optimizers_rows() =>
        Printed(
            "docs/optimizers.md",
            "## Rules",
            [
                "| kind | update | keys and defaults |",
                "|---|---|---|",
                .. OptimizerCatalogue.Kinds.Select(k =>
                    $"| `{k.Name}` | {k.Says} | "
                    + string.Join(
                        ", ",
                        k.Keys.Concat(OptimizerKey.Shared.Where(s => s.Key.Differs(Defaults(k), Plain)))
                            .Select(key => $"`{key.Name}` {KeyTable.Default(key.Key, Defaults(k))}")
                    )
                    + " |"
                ),
            ]
        );

    [Fact]
    public void The_table_of_an_optimizers_keys_is_printed_from_the_keys() =>
        Printed(
            "docs/study.md",
            "## `optimizers`",
            [
                "| key | default | meaning |",
                "|---|---|---|",
                "| `kind` | the entry's name, if that is a kind | "
                    + $"{string.Join(", ", OptimizerCatalogue.Kinds.Select(k => $"`{k.Name}`"))}; "
                    + "[optimizers.md](optimizers.md) has their formulas and sources |",
                .. OptimizerCatalogue.Keys.Select(key => $"| `{key.Name}` | {Default(key)} | {Owners(key)}{key.Key.Says} |"),
            ]
        );

    [Fact]
    public void The_tables_of_probes_and_their_keys_are_printed_from_the_rows() =>
        Printed(
            "docs/study.md",
            "## `probes`",
            [
                "| probe | measures | at | measured by |",
                "|---|---|---|---|",
                .. ProbeCatalogue.All.Select(k =>
                    $"| `{k.Name}` | {k.Says} | {Times(k.Times)} | {(k.Command.Length > 0 ? $"`gaplab {k.Command}`" : "`study run`")} |"
                ),
                "| key | default | meaning |",
                "|---|---|---|",
                .. ProbeCatalogue.Options.SelectMany(section =>
                    section.Keys.Select(key =>
                        $"| {(section.Section.Length > 0 ? $"`{section.Section}`: " : "")}`{key.Name}` | "
                        + $"{KeyTable.Default(key, new ProbesSpec { Names = ProbeCatalogue.ByDefault })} | {key.Says} |"
                    )
                ),
                "| `shadows` | none; for `gaplab sharpness` 8 optimizers, plain and clipped | a mapping of names to optimizers |",
            ]
        );

    [Fact]
    public void The_tables_of_sections_are_printed_from_their_keys()
    {
        Printed("docs/study.md", "## Top level", [.. Head, .. Rows("", StudyKeys.All, Bare), .. Sections]);
        Printed("docs/study.md", "## `grid`", [.. Head, .. Rows("", GridSection.Section)]);
        Printed(
            "docs/study.md",
            "## `budget`",
            [
                .. Head,
                .. Rows("budget", BudgetSection.Section),
                .. Rows("schedule", ScheduleSection.Section),
                .. Rows("evaluation", EvaluationSection.Section),
            ]
        );
        Printed("docs/study.md", "## `sentinel`", [.. Head, .. Rows("", SentinelSection.Section)]);
        Printed(
            "docs/study.md",
            "## `checkpoint`",
            [.. Head, .. Rows("checkpoint", CheckpointSection.Section), .. Rows("limits", LimitsSection.Section)]
        );
        Printed("docs/factors.md", "## `design`", [.. Head, .. Rows("", DesignSection.Section)]);
    }

    private static readonly StudySpec Bare = new()
    {
        Name = "",
        Optimizers = [],
        Grid = GridSection.Section.Defaults,
        Budget = BudgetSection.Section.Defaults,
    };

    private static readonly string[] Head = ["| key | values | default | meaning |", "|---|---|---|---|"];

    private static readonly string[] Sections =
    [
        "| `task`, `model`, `optimizers`, `grid`, `budget`, `schedule`, `evaluation`, `sentinel`, `checkpoint`, `limits`, `probes` "
            + "| | | sections, below |",
        "| `settings`, `factors`, `design` | | | several tasks with their models, and switched keys, in one study: "
            + "[factors.md](factors.md) |",
    ];

    private static IEnumerable<string> Rows<T>(string section, KeySection<T> of) => Rows(section, of.Keys, of.Defaults);

    private static IEnumerable<string> Rows<T>(string section, IReadOnlyList<SpecKey<T>> keys, T defaults) =>
        keys.Select(key =>
            $"| {(section.Length > 0 ? $"`{section}`: " : "")}`{key.Name}` | {KeyTable.Values(key)} "
            + $"| {KeyTable.Default(key, defaults)} | {key.Says} |"
        );

    [Fact]
    public void Names_of_probes_and_of_keys_differ_and_every_property_has_its_key()
    {
        Assert.Equal(ProbeCatalogue.Names.Distinct(), ProbeCatalogue.Names);
        Assert.All(
            ProbeCatalogue.Options.GroupBy(o => o.Section),
            section =>
                Assert.Equal(
                    section.SelectMany(o => o.Keys).Select(k => k.Name).Distinct(),
                    section.SelectMany(o => o.Keys).Select(k => k.Name)
                )
        );
        Assert.Equal(OptimizerCatalogue.Keys.Select(k => k.Name).Distinct(), OptimizerCatalogue.Keys.Select(k => k.Name));
    }

    private static OptimizerSpec Defaults(OptimizerKind kind) => kind.Defaults(Plain) with { Decay = kind.Decay };

    // Most kinds have the spec's own; those that do not are named.
    private static string Default(OptimizerKey key)
    {
        OptimizerKind[] owners = [.. OptimizerCatalogue.Kinds.Where(k => k.Uses(key))];
        var values = owners.GroupBy(k => KeyTable.Default(key.Key, Defaults(k)), k => k.Name).ToList();
        string usual = values.Any(v => v.Key == KeyTable.Default(key.Key, Plain)) ? KeyTable.Default(key.Key, Plain) : values[0].Key;
        string others = string.Join("; ", values.Where(v => v.Key != usual).Select(v => $"{string.Join(", ", v)}: {v.Key}"));
        return others.Length > 0 ? $"{usual} ({others})" : usual;
    }

    private static string Owners(OptimizerKey key) =>
        OptimizerKey.Shared.Contains(key)
            ? ""
            : string.Join(", ", OptimizerCatalogue.Kinds.Where(k => k.Uses(key)).Select(k => k.Name)) + ": ";

    private static string Times(ProbeTimes times) =>
        times switch
        {
            ProbeTimes.Along => "21 points of the run",
            ProbeTimes.End => "the end",
            _ => "`at`",
        };

    // The whole table is printed where it differs; GAPLAB_ACCEPT=1 writes it into the page, whose difference is to be read.
    private static void Printed(string page, string heading, IReadOnlyList<string> rows)
    {
        string path = Repository.At(page),
            text = "\n" + File.ReadAllText(path).ReplaceLineEndings("\n");
        int from = text.IndexOf("\n" + heading, StringComparison.Ordinal);
        Assert.True(from >= 0, $"{page} has no section {heading}");
        int to = text.IndexOf("\n## ", from + 4, StringComparison.Ordinal) is > 0 and var next ? next : text.Length;
        List<string> lines = [.. text[from..to].Split('\n')];
        if (rows.SequenceEqual(lines.Where(l => l.StartsWith('|'))))
            return;
        int[] theirs = Heads(lines);
        if (Environment.GetEnvironmentVariable("GAPLAB_ACCEPT") is "1" && Heads(rows) is var ours && ours.Length == theirs.Length)
        {
            for (int t = theirs.Length - 1; t >= 0; t--)
            {
                lines.RemoveRange(theirs[t], lines.Skip(theirs[t]).TakeWhile(l => l.StartsWith('|')).Count());
                lines.InsertRange(theirs[t], rows.Take(ours[t]..(t + 1 < ours.Length ? ours[t + 1] : rows.Count)));
            }
            File.WriteAllText(path, (text[..from] + string.Join('\n', lines) + text[to..])[1..]);
            return;
        }
        Assert.Fail($"the tables of {page}, {heading} must be\n{string.Join('\n', rows)}");
    }

    // Where tables begin: above their lines of dashes.
    private static int[] Heads(IReadOnlyList<string> lines) =>
        [.. Enumerable.Range(0, lines.Count).Where(i => i + 1 < lines.Count && lines[i + 1].StartsWith("|---", StringComparison.Ordinal))];
}
