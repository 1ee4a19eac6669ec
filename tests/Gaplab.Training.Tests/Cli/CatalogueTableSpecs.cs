// The tables of kinds, keys and findings in the documents are printed from the rows of their catalogues.
using System.Text.RegularExpressions;
using Gaplab.Cli;
using Gaplab.Learning.Data;
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Models;
using Gaplab.Learning.Optim;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Results.Folders;
using Gaplab.Results.Logs;
using Gaplab.Results.Report;
using Gaplab.Studies;
using Gaplab.Studies.Commands;
using Gaplab.Studies.Kinds;
using Gaplab.Studies.Measuring;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Yaml;

namespace Gaplab.Training.Tests.Cli;

public sealed partial class CatalogueTableSpecs
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
    public void The_table_of_sweep_formats_is_printed_from_its_rows() =>
        Printed(
            "docs/crossover.md",
            "## Formats",
            [
                "| format | what it is | known by |",
                "|---|---|---|",
                .. SweepFormats.All.Select(f => $"| `{f.Name}` | {f.Says} | {f.KnownBy} |"),
            ]
        );

    [Fact]
    public void The_table_of_log_formats_is_printed_from_its_rows() =>
        Printed(
            "docs/logs.md",
            "## Formats",
            [
                "| format | what it is | files | known by |",
                "|---|---|---|---|",
                .. LogFormats.All.Select(f =>
                    $"| `{f.Name}` | {f.Says} | {string.Join(", ", f.Patterns.Select(p => $"`{p}`"))} | {f.KnownBy} |"
                ),
            ]
        );

    [Fact]
    public void The_table_of_pages_is_printed_from_its_rows() =>
        Printed(
            "docs/report.md",
            "## Pages",
            [
                "| page | shows | written by | to |",
                "|---|---|---|---|",
                .. PageCatalogue.All.Select(p =>
                    $"| {p.Name} | {p.Says} | {string.Join(", ", p.Commands.Select(c => $"`gaplab {c}`"))} | "
                    + $"{(p.File.Length > 0 ? $"`{p.File}` in the store, or `--html`" : "`--html`")} |"
                ),
            ]
        );

    [Fact]
    public void The_table_of_what_probes_add_to_a_page_is_printed_from_its_rows() =>
        Printed(
            "docs/report.md",
            "## What probes add to it",
            [
                "| section | shows | probes |",
                "|---|---|---|",
                .. ProbeSections.OfPage.Select(s => $"| {s.Title} | {s.Says} | {string.Join(", ", s.Probes.Select(p => $"`{p}`"))} |"),
            ]
        );

    /// <summary>What a study measures by itself, without a command that shows it, its own page must show.</summary>
    [Fact]
    public void Every_probe_that_no_command_measures_has_a_section_on_the_studys_page()
    {
        string[] shown = [.. ProbeSections.All.SelectMany(s => s.Probes)];
        Assert.Equal(shown.Distinct(), shown);
        Assert.Empty(shown.Except(ProbeCatalogue.BuiltIn.Names));
        Assert.Empty(
            ProbeCatalogue
                .BuiltIn.All.Where(k => k.Command.Length == 0)
                .Select(k => k.Name)
                .Except(ProbeSections.OfPage.SelectMany(s => s.Probes))
        );
        // On the live page every probe has a view.
        Assert.Empty(ProbeCatalogue.BuiltIn.Names.Except(shown));
        Assert.Equal(MeasuredView.All.Select(v => v.Name).ToHashSet(), ProbeSections.All.Select(s => s.View).ToHashSet());
    }

    [Fact]
    public void Every_answer_with_a_page_has_its_row_and_every_command_that_writes_one_is_named_there()
    {
        Type[] answers =
        [
            .. ((Type[])[typeof(IPagedAnswer), typeof(PageCatalogue), typeof(CommandTable)])
                .SelectMany(t => PageContract.AnswersOf(t.Assembly))
                .Where(t => t.IsAssignableTo(typeof(IPagedAnswer))),
        ];
        Assert.Equal(answers.ToHashSet(), PageCatalogue.All.Select(p => p.Answer).ToHashSet());
        Assert.Equal(PageCatalogue.All.Select(p => p.Name).Distinct(), PageCatalogue.All.Select(p => p.Name));
        Dictionary<string, bool> commands = CommandLines.Shown.ToDictionary(
            c => string.Join(' ', CommandLines.Words(c)),
            c => c.Options.Any(o => o.Name == "--html")
        );
        Assert.Empty(commands.Where(c => c.Value).Select(c => c.Key).Except(PageCatalogue.All.SelectMany(p => p.Commands)));
        Assert.All(
            PageCatalogue.All.SelectMany(p => p.Commands.Select(c => (Page: p, Command: c))),
            row => Assert.True(commands[row.Command] || row.Page.File.Length > 0, $"{row.Command} cannot write {row.Page.Name}")
        );
        string[] files = [.. PageCatalogue.All.Select(p => p.File).Where(f => f.Length > 0)];
        Assert.Equal(files.Distinct(), files);
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
                .. ModelCatalogue.BuiltIn.All.Select(k => $"| `{k.Name}` | {string.Join(", ", k.Reads)} | {k.Says} |"),
            ]
        );
        Printed("docs/models.md", "## Keys", KeyTable.Markdown(ModelCatalogue.BuiltIn.All.Select(k => (k.Name, k.Keys, k.Defaults))));
    }

    [Fact]
    public void The_table_of_the_names_of_weights_is_printed_from_the_models_with_their_defaults()
    {
        var pictures = new ImageShape
        {
            Channels = 3,
            Height = 16,
            Width = 16,
            Classes = 3,
        };
        var graphs = new GraphShape
        {
            NodeTypes = 3,
            EdgeTypes = 2,
            Classes = 2,
            RowLength = 64,
            MostNodes = 4,
        };
        Printed(
            "docs/models.md",
            "## Names of weights",
            [
                "| kind | tensors |",
                "|---|---|",
                .. ModelCatalogue
                    .BuiltIn.All.Where(k => !k.Reads.Contains(SampleKind.Own))
                    .Select(k => $"| `{k.Name}`{(Twice(k) ? $" of {k.Reads[0]}" : "")} | {Names(k)} |"),
            ]
        );

        bool Twice(ModelKind kind) => ModelCatalogue.BuiltIn.All.Count(k => k.Name == kind.Name) > 1;

        string Names(ModelKind kind)
        {
            TaskSpec task =
                kind.Reads.Contains(SampleKind.Images) ? new TaskSpec { Images = pictures }
                : kind.Reads.Contains(SampleKind.Graphs) ? new TaskSpec { Graphs = graphs }
                : new TaskSpec { Context = 8, SourceContext = 8 };
            IModel model = kind.Build(kind.Defaults, ModelInput.Of(task, 3));
            using var _ = model as IDisposable;
            IEnumerable<string> names =
            [
                .. model.Layout.Slices.Select(s => s.Name),
                .. ((model as IRunningStatistics)?.StatisticNames ?? []).Select(s => s.Name),
            ];
            return string.Join(", ", names.Select(n => $"`{Number().Replace(n, "l")}`").Distinct());
        }
    }

    // A part of a name that counts layers.
    [GeneratedRegex(@"(?<=\.)\d+(?=\.|$)")]
    private static partial Regex Number();

    [Fact]
    public void The_tables_of_tasks_and_their_keys_are_printed_from_their_rows()
    {
        Printed(
            "docs/data.md",
            "## Kinds",
            [
                "| kind | samples | what it is |",
                "|---|---|---|",
                .. TaskCatalogue.BuiltIn.All.Select(k => $"| `{k.Name}` | {k.Samples} | {k.Says} |"),
            ]
        );
        Printed("docs/data.md", "## Keys", KeyTable.Markdown(TaskCatalogue.BuiltIn.All.Select(k => (k.Name, k.Keys, k.Defaults))));
    }

    [Fact]
    public void The_table_of_rules_is_printed_from_the_optimizers_rows() =>
        Printed(
            "docs/optimizers.md",
            "## Rules",
            [
                "| kind | update | keys and defaults |",
                "|---|---|---|",
                .. OptimizerCatalogue.BuiltIn.All.Select(k =>
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
                    + $"{string.Join(", ", OptimizerCatalogue.BuiltIn.All.Select(k => $"`{k.Name}`"))}; "
                    + "[optimizers.md](optimizers.md) has their formulas and sources |",
                .. OptimizerCatalogue.BuiltIn.Keys.Select(key => $"| `{key.Name}` | {Default(key)} | {Owners(key)}{key.Key.Says} |"),
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
                .. ProbeCatalogue.BuiltIn.All.Select(k =>
                    $"| `{k.Name}` | {k.Says} | {Times(k.Times)} | {(k.Command.Length > 0 ? $"`gaplab {k.Command}`" : "`study run`")} |"
                ),
                "| key | default | meaning |",
                "|---|---|---|",
                .. ProbeCatalogue.BuiltIn.Options.SelectMany(section =>
                    section.Keys.Select(key =>
                        $"| {(section.Section.Length > 0 ? $"`{section.Section}`: " : "")}`{key.Name}` | "
                        + $"{KeyTable.Default(key, new ProbesSpec { Names = ProbeCatalogue.BuiltIn.ByDefault })} | {key.Says} |"
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
        Assert.Equal(ProbeCatalogue.BuiltIn.Names.Distinct(), ProbeCatalogue.BuiltIn.Names);
        Assert.All(
            ProbeCatalogue.BuiltIn.Options.GroupBy(o => o.Section),
            section =>
                Assert.Equal(
                    section.SelectMany(o => o.Keys).Select(k => k.Name).Distinct(),
                    section.SelectMany(o => o.Keys).Select(k => k.Name)
                )
        );
        Assert.Equal(OptimizerCatalogue.BuiltIn.Keys.Select(k => k.Name).Distinct(), OptimizerCatalogue.BuiltIn.Keys.Select(k => k.Name));
    }

    private static OptimizerSpec Defaults(OptimizerKind kind) => kind.Defaults(Plain) with { Decay = kind.Decay };

    // Most kinds have the spec's own; those that do not are named.
    private static string Default(OptimizerKey key)
    {
        OptimizerKind[] owners = [.. OptimizerCatalogue.BuiltIn.All.Where(k => k.Uses(key))];
        var values = owners.GroupBy(k => KeyTable.Default(key.Key, Defaults(k)), k => k.Name).ToList();
        string usual = values.Any(v => v.Key == KeyTable.Default(key.Key, Plain)) ? KeyTable.Default(key.Key, Plain) : values[0].Key;
        string others = string.Join("; ", values.Where(v => v.Key != usual).Select(v => $"{string.Join(", ", v)}: {v.Key}"));
        return others.Length > 0 ? $"{usual} ({others})" : usual;
    }

    private static string Owners(OptimizerKey key) =>
        OptimizerKey.Shared.Contains(key)
            ? ""
            : string.Join(", ", OptimizerCatalogue.BuiltIn.All.Where(k => k.Uses(key)).Select(k => k.Name)) + ": ";

    private static string Times(ProbeTimes times) =>
        times switch
        {
            ProbeTimes.Along => "21 points of the run",
            ProbeTimes.End => "the end",
            _ => "`at`",
        };

    [Fact]
    public void The_table_of_what_a_command_has_not_is_what_the_program_refuses() =>
        Printed(
            "docs/your-training.md",
            "## What a command study lacks",
            ["| section | instead |", "|---|---|", .. CommandChecks.NoMeaning.Select(n => $"| `{n.Section}` | {n.Instead} |")]
        );

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
