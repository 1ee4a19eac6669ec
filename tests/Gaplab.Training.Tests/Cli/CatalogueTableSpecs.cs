// The tables of optimizers and probes in the documents are printed from the rows of their catalogues.
using System.Collections;
using System.Globalization;
using System.Text.RegularExpressions;
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Optim;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;

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
                            .Select(key => $"`{key.Name}` {Shown(key.Key, Defaults(k))}")
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
                        + $"{Shown(key, new ProbesSpec { Names = ProbeCatalogue.ByDefault })} | {key.Says} |"
                    )
                ),
                "| `shadows` | none; for `gaplab sharpness` 8 optimizers, plain and clipped | a mapping of names to optimizers |",
            ]
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
        var values = owners.GroupBy(k => Shown(key.Key, Defaults(k)), k => k.Name).ToList();
        string usual = values.Any(v => v.Key == Shown(key.Key, Plain)) ? Shown(key.Key, Plain) : values[0].Key;
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

    private static string Shown<T>(SpecKey<T> key, T spec) =>
        key.DefaultText ?? Shown(key.Value(spec), key.Form is KeyForm.Word or KeyForm.Text);

    private static string Shown(object? value, bool word) =>
        value switch
        {
            string text when word || !double.TryParse(text, out _) => $"`{text}`",
            bool flag => flag ? "true" : "false",
            IEnumerable list and not string => string.Join(", ", list.Cast<object?>().Select(v => Shown(v, word))),
            _ => Exponent().Replace(Convert.ToString(value, CultureInfo.InvariantCulture)!, "e$1$2"),
        };

    // The first line that differs is named, and the whole table to paste is printed.
    private static void Printed(string page, string heading, string[] rows)
    {
        rows = [.. rows.Select(r => r.Replace("|  |", "| |", StringComparison.Ordinal))];
        string text = "\n" + File.ReadAllText(Repository.At(page)).ReplaceLineEndings("\n");
        int from = text.IndexOf("\n" + heading, StringComparison.Ordinal);
        Assert.True(from >= 0, $"{page} has no section {heading}");
        int to = text.IndexOf("\n## ", from + 4, StringComparison.Ordinal);
        string[] table = [.. text[from..(to < 0 ? text.Length : to)].Split('\n').Where(l => l.StartsWith('|'))];
        Assert.True(rows.SequenceEqual(table), $"the tables of {page}, {heading} must be\n{string.Join('\n', rows)}");
    }

    [GeneratedRegex(@"E([+-]?)0*(\d+)")]
    private static partial Regex Exponent();
}
