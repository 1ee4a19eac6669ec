// The contract of sweep formats, over every row of their catalogue: a new format must have a sample here.
using System.Text;
using CsCheck;
using Gaplab.Numerics;
using Gaplab.Pure.Tests.Folders;
using Gaplab.Results.Analysis;
using Gaplab.Results.Export;
using Gaplab.Results.Folders;
using Gaplab.Results.Import;

namespace Gaplab.Pure.Tests.Import;

public sealed class SweepFormatSpecs : IDisposable
{
    /// <summary>The names of the columns and, for each run, what stands in them.</summary>
    private static readonly string[] s_names = ["optimizer", "lr", "batch_size", "seed", "val_loss"];
    private static readonly string[][] s_runs =
    [
        .. SweepText.Runs.Select(r => (string[])[r.Optimizer, r.Rate, $"{r.Batch}", $"{r.Seed}", r.Value]),
    ];

    /// <summary>By the name of the format, the same sweep in it.</summary>
    internal static readonly Dictionary<string, Func<byte[]>> Samples = new()
    {
        ["csv"] = () => Text(s_runs.Prepend(s_names).Select(r => string.Join(',', r))),
        ["json-lines"] = () =>
            Text(
                s_runs.Select(r =>
                    $$$"""{"config": {"optim": {"optimizer": "{{{r[0]}}}", "lr": {{{r[1]}}}}, "batch_size": {{{r[2]}}}}, "seed": """
                    + $$$"""{{{r[3]}}}, "summary": {"val_loss": {{{r[4]}}} }}"""
                )
            ),
        ["json"] = () =>
            Text([
                "[",
                .. s_runs.Select(
                    (r, i) =>
                        $$$"""{"config": {"optim": {"optimizer": "{{{r[0]}}}", "lr": {{{r[1]}}}}, "batch_size": {{{r[2]}}}}, "seed": """
                        + $$$"""{{{r[3]}}}, "summary": {"val_loss": {{{r[4]}}}, "worst": NaN}}"""
                        + (i < s_runs.Length - 1 ? "," : "]")
                ),
            ]),
        ["parquet"] = () =>
        {
            using var stream = new MemoryStream();
            ParquetFile.Write(stream, RunsFile.Typed(s_names, s_runs));
            return stream.ToArray();
        },
        ["optuna-journal"] = () => TrackerStore("optuna.journal"),
        ["optuna-sqlite"] = () => TrackerStore("optuna.db"),
        ["mlflow-sqlite"] = () => TrackerStore("mlflow.db"),
    };

    /// <summary>By the name of the format, what writes the same sweep as a folder of it.</summary>
    internal static readonly Dictionary<string, Action<string>> FolderSamples = new()
    {
        ["wandb"] = folder => WandbStore.Write(folder, SweepText.Runs),
        ["mlflow-folder"] = folder => MlflowStore.Write(folder, SweepText.Runs),
    };

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Of files.</summary>
    public static TheoryData<string> Formats => [.. SweepFormats.All.Where(f => !f.IsOfFolders).Select(f => f.Name)];

    public static TheoryData<string> Folders => [.. FolderSamples.Keys];

    [Theory]
    [MemberData(nameof(Formats))]
    public void The_same_sweep_is_recognised_and_read_whatever_it_is_called(string format)
    {
        byte[] sample = Sample(format);
        foreach (string ending in SweepFormats.All.SelectMany(f => f.Endings).Append("").Append(".CSV").Append(".data"))
        {
            string path = _folder.Write("sweep" + ending, sample);
            Assert.Equal(format, SweepFormats.Of(SweepSource.At(path), SweepFormats.All).Name);
            SweepText.IsThisSweep(SweepImport.Read(path));
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_damaged_sample_is_a_table_or_one_line(string format)
    {
        byte[] sample = Sample(format);
        FixedSeeds.Check(
            ByteDamage.Any.Array[1, 4],
            300,
            damages =>
            {
                try
                {
                    GapAnalysis.Analyse(SweepImport.Read(_folder.Write("damaged", ByteDamage.All(damages, sample))));
                }
                catch (InputException e)
                {
                    Assert.DoesNotContain('\n', e.Message);
                    Assert.InRange(e.Message.Length, 10, 600);
                }
            }
        );
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void An_empty_file_of_its_ending_is_one_line_that_says_what_was_expected(string format)
    {
        foreach (string ending in SweepFormats.All.Single(f => f.Name == format).Endings)
        foreach (string nothing in (string[])["", " \n\n\t", "\uFEFF"])
        {
            string message = Assert.Throws<InputException>(() => SweepImport.Read(_folder.Write("empty" + ending, nothing))).Message;
            Assert.StartsWith($"empty{ending} is empty; expected ", message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void The_same_sweep_is_recognised_and_read_as_a_folder(string format)
    {
        string folder = _folder.File("runs.csv");
        FolderSamples[format](folder);
        Assert.Equal(format, SweepFormats.Of(SweepSource.At(folder), SweepFormats.All).Name);
        SweepText.IsThisSweep(SweepImport.Read(folder));
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_folder_with_damaged_files_is_a_table_or_one_line(string format)
    {
        string whole = _folder.File("whole");
        FolderSamples[format](whole);
        string[] files = [.. Directory.EnumerateFiles(whole, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        FixedSeeds.Check(
            Gen.Select(Gen.Int[0, files.Length - 1], ByteDamage.Any).Array[1, 6],
            100,
            damages =>
            {
                byte[][] before = [.. damages.Select(d => File.ReadAllBytes(files[d.Item1]))];
                foreach ((int file, ByteDamage damage) in damages)
                    File.WriteAllBytes(files[file], damage.To(File.ReadAllBytes(files[file])));
                try
                {
                    GapAnalysis.Analyse(SweepImport.Read(whole));
                }
                catch (InputException e)
                {
                    Assert.DoesNotContain('\n', e.Message);
                    Assert.InRange(e.Message.Length, 10, 600);
                }
                finally
                {
                    for (int i = 0; i < damages.Length; i++)
                        File.WriteAllBytes(files[damages[i].Item1], before[i]);
                }
            }
        );
    }

    [Fact]
    public void Names_differ_and_no_ending_is_that_of_two_formats()
    {
        Assert.Equal(SweepFormats.All.Select(f => f.Name).Distinct(), SweepFormats.All.Select(f => f.Name));
        string[] endings = [.. SweepFormats.All.SelectMany(f => f.Endings)];
        Assert.Equal(endings.Distinct(StringComparer.OrdinalIgnoreCase), endings);
        Assert.All(endings, e => Assert.StartsWith(".", e, StringComparison.Ordinal));
        Assert.All(SweepFormats.All, f => Assert.True(f.Says.Length > 10 && f.KnownBy.Length > 10));
    }

    [Fact]
    public void The_content_is_asked_before_the_name_and_the_name_before_the_order()
    {
        static SweepFormat Row(string name, Recognition sure, params string[] endings) =>
            new(_ => sure, (_, _) => new(name, s_names, []))
            {
                Name = name,
                Says = "",
                KnownBy = "",
                Endings = endings,
            };
        SweepSource source = new("runs.Two", []);
        SweepFormat one = Row("one", Recognition.Possible, ".one"),
            two = Row("two", Recognition.Possible, ".two"),
            sure = Row("sure", Recognition.Certain, ".three"),
            none = Row("none", Recognition.No, ".two");
        Assert.Equal("sure", SweepFormats.Of(source, [none, two, sure, one]).Name);
        Assert.Equal("two", SweepFormats.Of(source, [none, one, two]).Name);
        Assert.Equal("one", SweepFormats.Of(source with { Path = "runs.csv" }, [none, one, two]).Name);
        Assert.Equal(
            "runs.Two: is of an unknown format; expected a table of runs (none)",
            Assert.Throws<InputException>(() => SweepFormats.Of(source, [none])).Message
        );
    }

    /// <summary>What the formats of trackers will need: a folder with a binary file per run, one of which is broken.</summary>
    [Fact]
    public void A_format_may_be_a_folder_of_runs_and_set_aside_the_broken_ones()
    {
        string folder = _folder.File("tracked");
        Directory.CreateDirectory(folder);
        for (int i = 0; i < s_runs.Length; i++)
            File.WriteAllBytes(Path.Combine(folder, $"{i:000}.run"), [0, 1, .. Text(s_runs[i])]);
        File.WriteAllBytes(Path.Combine(folder, "zz.run"), [0, 2]);
        SweepFormat tracked = new(
            s => s.IsFolder && Directory.EnumerateFiles(s.Path, "*.run").Any() ? Recognition.Certain : Recognition.No,
            (source, notes) =>
            {
                var rows = new List<SourceRow>();
                foreach (string file in Directory.EnumerateFiles(source.Path, "*.run").Order(StringComparer.Ordinal))
                {
                    byte[] bytes = File.ReadAllBytes(file);
                    string place = "run " + Path.GetFileNameWithoutExtension(file);
                    if (bytes[1] == 1)
                        rows.Add(new(rows.Count, Encoding.UTF8.GetString(bytes[2..]).TrimEnd('\n').Split('\n'), place));
                    else
                        notes.SetAside.Add((place, "not finished"));
                }
                return new(source.Name, s_names, rows);
            }
        )
        {
            Name = "tracked",
            Says = "",
            KnownBy = "",
        };
        SweepTable table = SweepImport.Read(folder + "/", null, [.. SweepFormats.All, tracked]);
        SweepText.IsThisSweep(table);
        Assert.Equal("run 000", table.Rows[0].Provenance);
        Assert.Equal(["1 unreadable entry set aside"], table.Caveats);
        Finding finding = Assert.Single(table.Findings!, f => f.Id == "set-aside");
        Assert.Equal(
            (Severity.Warning, "Entries that cannot be read are set aside: 1 (run zz: not finished)."),
            (finding.Severity, finding.Message)
        );

        File.WriteAllBytes(Path.Combine(folder, "000.run"), [0, 1, .. Text(["sgd", "fast", "16", "1", "2"])]);
        Assert.Equal(
            "tracked, run 000, column 'lr': got 'fast', expected a number",
            Assert.Throws<InputException>(() => SweepImport.Read(folder, null, [tracked])).Message
        );
    }

    [Fact]
    public void A_folder_of_no_format_is_refused_and_recognised_as_none()
    {
        string folder = _folder.File("folder");
        Directory.CreateDirectory(folder);
        Assert.StartsWith(
            $"{folder}: is a folder without runs; expected a table of runs (",
            Assert.Throws<InputException>(() => SweepImport.Read(folder)).Message,
            StringComparison.Ordinal
        );
        Assert.False(SweepImport.Recognises(folder));
        Assert.False(SweepImport.Recognises(_folder.File("absent")));
    }

    private static byte[] Sample(string format)
    {
        Assert.True(Samples.TryGetValue(format, out Func<byte[]>? sample), $"{format} has no sample here");
        return sample();
    }

    private static byte[] TrackerStore(string name) => File.ReadAllBytes(Repository.At("tests/golden/tracker-stores/" + name));

    private static byte[] Text(IEnumerable<string> lines) => Encoding.UTF8.GetBytes(string.Concat(lines.Select(l => l + "\n")));
}
