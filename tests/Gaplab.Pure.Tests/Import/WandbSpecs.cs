// Folders of Weights & Biases: those that a script of ours writes, real ones where they are, and damaged ones.
using System.Globalization;
using CsCheck;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Import;
using Gaplab.Results.Import.Wandb;

namespace Gaplab.Pure.Tests.Import;

/// <summary>tests/golden/make_wandb_files.py says what lies in the golden folder.</summary>
public sealed class WandbSpecs : IDisposable
{
    private static readonly string s_golden = Repository.At("tests/golden/wandb");

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_finished_run_has_its_settings_its_curves_and_what_its_summary_adds()
    {
        (SourceTable table, ImportNotes notes) = Read(s_golden);
        SourceRow[] rows = Of(table, "aaaa0001");
        Assert.Equal(51, rows.Length);
        Assert.All(
            rows,
            r =>
                Assert.Equal(
                    ("finished", "name-of-aaaa0001", "golden", "sgd", "0.1", "32", "1", "64", "[1, 2]"),
                    (
                        Field(table, r, "state"),
                        Field(table, r, "run_name"),
                        Field(table, r, "project"),
                        Field(table, r, "config.optimizer"),
                        Field(table, r, "config.lr"),
                        Field(table, r, "config.batch_size"),
                        Field(table, r, "config.seed"),
                        Field(table, r, "config.model.width"),
                        Field(table, r, "config.model.layers")
                    )
                )
        );
        Assert.Equal(Enumerable.Range(0, 51).Select(s => (long)s), Curve(table, rows, "train/loss").Select(p => p.Step));
        Assert.Equal(Enumerable.Range(0, 51).Select(s => Loss(s, 4)), Curve(table, rows, "train/loss").Select(p => p.Value));
        Assert.Equal(Enumerable.Range(0, 6).Select(s => (10L * s, Loss(10 * s, 5))), Curve(table, rows, "val/loss"));
        Assert.Equal([(50L, 0.55)], Curve(table, rows, "best_val_loss"));
        Assert.DoesNotContain(
            table.Header,
            h => h.Contains("_wandb", StringComparison.Ordinal) || h.Contains("picture", StringComparison.Ordinal)
        );
        Assert.All(rows, r => Assert.Equal("run-20260101_000000-aaaa0001", r.Place));
        Assert.DoesNotContain(notes.SetAside, s => s.Where.Contains("aaaa0001", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("aaaa0001", "finished", 51)]
    [InlineData("aaaa0002", "failed", 1)]
    [InlineData("aaaa0003", "diverged", 1)] // an empty log beside a summary with NaN
    [InlineData("aaaa0004", "finished", 13)] // in two folders
    [InlineData("aaaa0005", "finished", 6)]
    [InlineData("aaaa0006", "", 3)] // cut off, and the summary was written all the same
    [InlineData("aaaa0007", "finished", 2)] // a wrong checksum in the middle
    [InlineData("aaaa0009", "killed", 1)]
    [InlineData("aaaa0011", "diverged", 1)] // no log at all
    public void Every_run_has_a_state_and_as_many_rows_as_steps(string id, string state, int rows)
    {
        (SourceTable table, _) = Read(s_golden);
        SourceRow[] of = Of(table, id);
        Assert.Equal(rows, of.Length);
        Assert.All(of, r => Assert.Equal(state, Field(table, r, "state")));
    }

    [Fact]
    public void What_cannot_be_read_is_set_aside_with_its_place_and_the_reason()
    {
        (SourceTable table, ImportNotes notes) = Read(s_golden);
        Assert.Equal(
            [
                ("run-20260101_000200-aaaa0003/run-aaaa0003.wandb", "is empty"),
                ("run-20260101_000500-aaaa0006/run-aaaa0006.wandb", "byte 442: cut off at the end of the file"),
                (
                    "run-20260101_000600-aaaa0007/run-aaaa0007.wandb",
                    "byte 32768: the checksum is wrong; what follows in its block is not read"
                ),
                ("run-20260101_000800-aaaa0010", "a run without settings and values (exit code 1)"),
            ],
            notes.SetAside
        );
        Assert.Equal(9, table.Rows.Select(r => r.Place).Distinct().Count());
        Assert.Empty(notes.Findings);
        Assert.Equal(["1 of 9 runs known by their summary alone"], notes.Caveats);
    }

    [Fact]
    public void A_run_that_was_resumed_is_one_and_the_later_writer_counts_from_its_first_step()
    {
        (SourceTable table, _) = Read(s_golden);
        SourceRow[] rows = Of(table, "aaaa0004");
        Assert.Equal(
            [.. Enumerable.Range(0, 6).Select(k => (5L * k, 9.0 + 5 * k)), .. Enumerable.Range(6, 7).Select(k => (5L * k, Loss(5 * k, 6)))],
            Curve(table, rows, "train/loss")
        );
        // Validation at step 35 and 40 of the first attempt is gone, though the second measured at other steps.
        Assert.Equal(
            [
                .. Enumerable.Range(0, 6).Select(k => (5L * k, 90.0 + 5 * k)),
                .. Enumerable.Range(3, 4).Select(k => (10L * k, Loss(10 * k, 7))),
            ],
            Curve(table, rows, "val/loss")
        );
        Assert.All(rows, r => Assert.Equal("30", Field(table, r, "config.resumed_from")));
    }

    [Fact]
    public void Whole_keys_objects_and_steps_that_are_counted_are_read_as_old_versions_wrote_them()
    {
        (SourceTable table, _) = Read(s_golden);
        SourceRow[] rows = Of(table, "aaaa0005");
        Assert.Equal(Enumerable.Range(0, 6).Select(s => ((long)s, Loss(s, 2))), Curve(table, rows, "train.loss"));
        Assert.Equal(Enumerable.Range(0, 6).Select(s => ((long)s, s == 2 ? double.NaN : Loss(s, 3))), Curve(table, rows, "val/loss"));
        Assert.Equal("0.001", Field(table, rows[0], "config.lr"));
    }

    [Fact]
    public void Where_the_log_breaks_off_the_summary_goes_on()
    {
        (SourceTable table, _) = Read(s_golden);
        Assert.Equal([(0L, 8.5), (10L, Loss(10, 8)), (50L, 0.625)], Curve(table, Of(table, "aaaa0006"), "val/loss"));
        Assert.Equal([(0L, 9.0), (2L, 7.0)], Curve(table, Of(table, "aaaa0007"), "val/loss"));
        SourceRow diverged = Of(table, "aaaa0003").Single();
        Assert.Equal(
            ("NaN", "33", "sgd", "10", "64", "[1, 2]"),
            (
                Field(table, diverged, "val/loss"),
                Field(table, diverged, "_step"),
                Field(table, diverged, "config.optimizer"),
                Field(table, diverged, "config.lr"),
                Field(table, diverged, "config.model.width"),
                Field(table, diverged, "config.model.layers")
            )
        );
    }

    [Fact]
    public void Settings_that_the_log_lacks_come_from_the_sweep_and_the_command_line()
    {
        (SourceTable table, _) = Read(s_golden);
        SourceRow swept = Of(table, "aaaa0009").Single();
        Assert.Equal(
            ("abcd", "64", "0.25", "sgd", "true", "x"),
            (
                Field(table, swept, "sweep"),
                Field(table, swept, "config.batch_size"),
                Field(table, swept, "config.lr"),
                Field(table, swept, "config.optim.name"),
                Field(table, swept, "config.amp"),
                Field(table, swept, "config.o")
            )
        );
        SourceRow without = Of(table, "aaaa0011").Single();
        Assert.Equal(
            ("abcd", "128", "Infinity"),
            (Field(table, without, "sweep"), Field(table, without, "config.batch_size"), Field(table, without, "val/loss"))
        );
    }

    [Fact]
    public void The_link_to_the_latest_run_is_not_another_run_and_neither_is_a_copy_of_one()
    {
        string copy = _folder.CopyOf(s_golden, "project/wandb");
        SourceTable before = Read(copy).Table;
        Directory.CreateSymbolicLink(Path.Combine(copy, "latest-run"), "run-20260101_000000-aaaa0001");
        _folder.CopyOf(Path.Combine(s_golden, "run-20260101_000000-aaaa0001"), "project/wandb/run-20260101_000000-aaaa0001 (copy)");
        SourceTable after = Read(_folder.File("project")).Table;
        Assert.Equal(before.Header, after.Header);
        Assert.Equal(before.Rows.Select(r => string.Join('|', r.Fields)), after.Rows.Select(r => string.Join('|', r.Fields)));
    }

    [Fact]
    public void A_log_the_folder_of_a_run_and_a_folder_of_runs_are_all_recognised()
    {
        string run = Path.Combine(s_golden, "run-20260101_000000-aaaa0001");
        foreach (string path in (string[])[run, Path.Combine(run, "run-aaaa0001.wandb"), s_golden])
            Assert.Equal("wandb", SweepFormats.Of(SweepSource.At(path), SweepFormats.All).Name);
        Assert.Equal(51, Read(run).Table.Rows.Count);
        Assert.Equal(51, Read(Path.Combine(run, "run-aaaa0001.wandb")).Table.Rows.Count);
        string torn = Path.Combine(s_golden, "run-20260101_000500-aaaa0006", "run-aaaa0006.wandb");
        Assert.Equal("0.625", Field(Read(torn).Table, Read(torn).Table.Rows[^1], "val/loss"));
        Assert.Equal(Recognition.No, Sure(_folder.Path));
        _folder.CopyOf(run, "a/b/c/wandb/run-20260101_000000-aaaa0001");
        Assert.Equal(Recognition.Possible, Sure(_folder.Path));
        Assert.Equal(Recognition.Certain, Sure(_folder.File("a/b/c")));
        Assert.Equal(Recognition.Certain, Sure(_folder.File("a/b/c/wandb")));

        static Recognition Sure(string path) => WandbRuns.Format.Recognise(SweepSource.At(path));
    }

    [Fact]
    public void A_folder_in_which_no_run_can_be_read_is_one_line()
    {
        _folder.CopyOf(Path.Combine(s_golden, "run-20260101_000800-aaaa0010"), "runs/run-20260101_000800-aaaa0010");
        string message = Assert.Throws<InputException>(() => SweepImport.Read(_folder.File("runs"))).Message;
        Assert.Equal(
            $"{_folder.File("runs")}: no run of Weights & Biases can be read: run-20260101_000800-aaaa0010: a run without settings and "
                + "values (exit code 1)",
            message
        );
    }

    [Fact]
    public void Of_long_histories_every_second_value_is_kept_and_the_last_the_lowest_and_the_highest()
    {
        var series = new ThinnedSeries(16);
        for (int i = 0; i <= 1000; i++)
            series.Add(
                i,
                i == 333 ? -5
                    : i == 334 ? 2000
                    : i == 335 ? double.NaN
                    : i
            );
        (long Step, double Value)[] points = [.. series.Points()];
        Assert.True(series.IsThinned);
        Assert.Equal(
            [.. Enumerable.Range(0, 16).Select(k => 64L * k).Append(333).Append(334).Append(1000).Order()],
            points.Select(p => p.Step)
        );
        Assert.Equal(
            (-5.0, 2000.0, 1000.0),
            (points.Single(p => p.Step == 333).Value, points.Single(p => p.Step == 334).Value, points[^1].Value)
        );
        // Resumed at 300: what came later is gone, and what is kept goes on at the same places.
        series.Add(300, 7);
        series.Add(301, 8);
        Assert.Equal([0L, 64, 128, 192, 256, 300, 301], series.Points().Select(p => p.Step));
    }

    [Fact]
    public void Settings_of_a_command_line_are_read_in_every_form() =>
        Assert.Equal(
            [("lr", "1e-3"), ("batch_size", "32"), ("b", "-4"), ("amp", "true"), ("optim.lr", "0.1"), ("new", "1"), ("last", "true")],
            CommandLine.Settings([
                "train",
                "--lr",
                "1e-3",
                "--batch-size=32",
                "-b",
                "-4",
                "--amp",
                "--",
                "optim.lr=0.1",
                "+new=1",
                "--last",
            ])
        );

    [Fact]
    public void Checksums_are_those_of_zlib() =>
        // The check value of CRC-32/ISO-HDLC.
        Assert.Equal(0xCBF43926u, WandbPeer.Checksum("123456789"u8.ToArray()));

    [Fact]
    public void A_damaged_folder_is_a_table_or_one_line()
    {
        string[] files = [.. Directory.EnumerateFiles(s_golden, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        string copy = _folder.CopyOf(s_golden, "wandb");
        FixedSeeds.Check(
            Gen.Select(Gen.Int[0, files.Length - 1], ByteDamage.Any.Array[1, 4]),
            300,
            damage =>
            {
                string file = Path.Combine(copy, Path.GetRelativePath(s_golden, files[damage.Item1]));
                byte[] whole = File.ReadAllBytes(files[damage.Item1]);
                File.WriteAllBytes(file, ByteDamage.All(damage.Item2, whole));
                try
                {
                    Assert.NotEmpty(Read(copy).Table.Rows);
                    GapAnalysis.Analyse(SweepImport.Read(copy));
                }
                catch (InputException e)
                {
                    Assert.DoesNotContain('\n', e.Message);
                    Assert.InRange(e.Message.Length, 10, 600);
                }
                finally
                {
                    File.WriteAllBytes(file, whole);
                }
            }
        );
    }

    /// <summary>Messages that nobody wrote, in frames that are right.</summary>
    [Fact]
    public void Hostile_messages_in_whole_frames_are_a_run_or_set_aside()
    {
        Gen<string> json = Gen.OneOf(
            Gen.String[Gen.Char[' ', '~'], 0, 12],
            FixedSeeds.OneOf("{\"a\":{\"b\":[1,NaN]}}", "1e999", "[", "\"\\ud800\"", "NaN")
        );
        Gen<byte[]> message = Gen.Select(
            FixedSeeds.OneOf(2, 3, 5, 17, 18),
            FixedSeeds.OneOf("_step", "lr", "val/loss", "", "_wandb", "a.b"),
            json,
            ByteDamage.Any.Array[0, 2],
            (number, key, value, damages) => ByteDamage.All(damages, WandbStore.Record(number, o => WandbStore.Item(o, 1, key, value)))
        );
        FixedSeeds.Check(
            message.Array[1, 6],
            1000,
            messages =>
            {
                var run = new WandbRun("run", 16);
                var aside = new List<string>();
                WandbLog.Read(_folder.Write("run-x.wandb", WandbStore.Log(messages)), run, aside.Add);
                Assert.DoesNotContain(aside, a => a.Contains("byte", StringComparison.Ordinal));
                Assert.InRange(run.History.Series.Count + run.Config.Count + run.Summary.Count, 0, 60);
                Assert.All(run.Config.Keys, k => Assert.InRange(k.Length, 1, 1000));
            }
        );
    }

    [Fact]
    public void Every_real_run_is_read_or_set_aside()
    {
        string folder = Path.GetDirectoryName(TestFolder.RealData("trackers/wandb/run-3107ye6v.wandb"))!;
        string[] files = [.. Directory.EnumerateFiles(folder, "*.wandb").Select(f => Path.GetFileName(f)!)];
        (SourceTable table, ImportNotes notes) = Read(folder);
        string[] read = [.. table.Rows.Select(r => r.Place!).Distinct()],
            aside = [.. notes.SetAside.Select(s => s.Where)];
        Assert.Equal(files.Order(StringComparer.Ordinal), read.Concat(aside.Distinct()).Order(StringComparer.Ordinal));
        Assert.Equal((32, 4), (read.Length, files.Count(f => new FileInfo(Path.Combine(folder, f)).Length == 0)));
        Assert.Equal(
            notes.SetAside.Where(s => s.Why == "is empty").Select(s => s.Where),
            files.Where(f => new FileInfo(Path.Combine(folder, f)).Length == 0).Order(StringComparer.Ordinal)
        );
        foreach (string file in read)
        {
            var peer = new WandbPeer(Path.Combine(folder, file));
            SourceRow row = table.Rows.First(r => r.Place == file);
            Assert.Equal(
                peer.ExitCode switch
                {
                    0 => "finished",
                    255 => "killed",
                    null => "unfinished",
                    _ => "failed",
                },
                Field(table, row, "state")
            );
            Assert.All(peer.Config, c => Assert.Equal(c.Value.Trim('"'), Field(table, row, "config." + c.Key)));
        }
    }

    [Theory]
    [InlineData("run-3107ye6v", 250)] // one rate of a sweep
    [InlineData("run-u4q1biof", 150)] // all settings
    [InlineData("run-a5sov16l", 8)] // interrupted
    public void Learning_curves_of_real_runs_are_those_of_an_independent_reader(string run, int steps)
    {
        string path = TestFolder.RealData($"trackers/wandb/{run}.wandb");
        var peer = new WandbPeer(path);
        SourceTable table = Read(path).Table;
        Assert.Equal(
            ["grad_norm", "lr", "train/loss", "val/loss", "val/perplexity", "weight_norm"],
            peer.Curves.Keys.Order(StringComparer.Ordinal)
        );
        Assert.Equal(steps, peer.Curves["train/loss"].Count);
        foreach ((string name, SortedDictionary<long, double> curve) in peer.Curves)
            Assert.Equal(curve.Select(p => (p.Key, p.Value)), Curve(table, table.Rows, name));
    }

    private static (SourceTable Table, ImportNotes Notes) Read(string path)
    {
        var notes = new ImportNotes();
        return (WandbRuns.Format.Read(SweepSource.At(path), notes), notes);
    }

    private static SourceRow[] Of(SourceTable table, string id) => [.. table.Rows.Where(r => Field(table, r, "run_id") == id)];

    private static string Field(SourceTable table, SourceRow row, string column) => row.Fields[Array.IndexOf(table.Header, column)];

    private static IEnumerable<(long Step, double Value)> Curve(SourceTable table, IEnumerable<SourceRow> rows, string metric) =>
        rows.Where(r => Field(table, r, metric).Length > 0)
            .Select(r =>
                (
                    long.Parse(Field(table, r, "_step"), CultureInfo.InvariantCulture),
                    double.Parse(Field(table, r, metric), CultureInfo.InvariantCulture)
                )
            );

    /// <summary>As the script has it: to six digits behind the point.</summary>
    private static double Loss(int step, double scale) => Math.Round(0.5 + scale / (1 + step), 6);
}
