// docs/reliability.md has a row for every fault that tests cause, and none of another; its figures are those of ./test --all.
namespace Gaplab.Training.Tests.Running;

public sealed class FaultTableSpecs
{
    private const string Page = "docs/reliability.md";

    [Fact]
    public void The_table_of_faults_has_a_row_for_each_and_says_what_each_cost()
    {
        string path = Repository.At(Page);
        string[] lines = File.ReadAllLines(path);
        int head = Array.IndexOf(lines, "|---|---|---|---|---|---|");
        Assert.True(head > 0, $"{Page} has no table of faults");
        string[] rows = [.. lines.Skip(head + 1).TakeWhile(l => l.StartsWith('|'))];
        // Accepted after ./test --all, which leaves a row for each that it caused; others keep theirs.
        if (Environment.GetEnvironmentVariable("GAPLAB_ACCEPT") == "1")
        {
            string[] fresh =
            [
                .. Faults.All.Select(
                    (fault, i) =>
                        Path.Combine(Fault.Folder, $"{i:00}.md") is var file && File.Exists(file)
                            ? File.ReadAllText(file).TrimEnd('\n')
                            : rows.FirstOrDefault(r => Named(r) == fault.Name) ?? fault.Row(new(0, 0, 0, 0))
                ),
            ];
            File.WriteAllLines(path, [.. lines.Take(head + 1), .. fresh, .. lines.Skip(head + 1 + rows.Length)]);
            return;
        }
        Assert.Equal(Faults.All.Select(f => $"{f.Name} by {f.HeldBy}"), rows.Select(r => $"{Named(r)} by {Cells(r)[1].Trim('`')}"));
        foreach (string row in rows)
        {
            int[] counts = [.. Cells(row).Skip(2).Select(c => int.Parse(c, System.Globalization.CultureInfo.InvariantCulture))];
            Assert.True(counts is [> 0, 0, 0, 0], $"{Page}: {row}");
        }
    }

    [Fact]
    public void Every_fault_is_caused_by_the_class_that_its_row_names()
    {
        foreach (Fault fault in Faults.All)
        {
            string file = Assert.Single(Directory.GetFiles(Repository.At("tests"), fault.HeldBy + ".cs", SearchOption.AllDirectories));
            string property = typeof(Faults).GetProperties().Single(p => fault.Equals(p.GetValue(null))).Name;
            Assert.Contains($"Faults.{property}", File.ReadAllText(file), StringComparison.Ordinal);
        }
        Assert.Equal(Faults.All.Count, Faults.All.Select(f => f.Name).Distinct().Count());
    }

    private static string Named(string row) => Cells(row)[0];

    private static string[] Cells(string row) => [.. row.Split('|')[1..^1].Select(c => c.Trim())];
}
