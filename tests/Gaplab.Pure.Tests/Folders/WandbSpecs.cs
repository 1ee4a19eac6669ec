// Folders of Weights & Biases: those that a script of ours writes, real ones where they are, and damaged ones.
using CsCheck;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Folders;
using Gaplab.Results.Folders.Wandb;
using Gaplab.Results.Import;

namespace Gaplab.Pure.Tests.Folders;

/// <summary>tests/golden/make_wandb_files.py says what lies in the golden folder.</summary>
public sealed class WandbSpecs : IDisposable
{
    private static readonly string s_golden = Repository.At("tests/golden/wandb");

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_finished_run_has_its_settings_its_curves_and_what_its_summary_adds()
    {
        WandbRun run = Golden("aaaa0001");
        Assert.Equal(
            ("finished", "name-of-aaaa0001", "golden", "run-20260101_000000-aaaa0001"),
            (run.State, run.Name, run.Project, run.Place)
        );
        Assert.Equal(
            [("optimizer", "sgd"), ("lr", "0.1"), ("batch_size", "32"), ("seed", "1"), ("model.width", "64"), ("model.layers", "[1, 2]")],
            run.Config.Select(c => (c.Key, c.Value))
        );
        Assert.Equal(Enumerable.Range(0, 51).Select(s => ((long)s, Loss(s, 4))), Curve(run, "train/loss"));
        Assert.Equal(Enumerable.Range(0, 6).Select(s => (10L * s, Loss(10 * s, 5))), Curve(run, "val/loss"));
        Assert.Equal(["train/loss", "val/loss"], run.History.Series.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(0.55, run.Summary["best_val_loss"]);
        Assert.DoesNotContain("picture", run.Summary.Keys);
    }

    [Theory]
    [InlineData("aaaa0001", "finished", "0.598039")]
    [InlineData("aaaa0002", "failed", "5.5")]
    [InlineData("aaaa0003", "diverged", "NaN")] // an empty log beside a summary with NaN
    [InlineData("aaaa0004", "finished", "0.614754")] // in two folders
    [InlineData("aaaa0005", "finished", "1")]
    [InlineData("aaaa0006", "", "0.625")] // cut off, and the summary was written all the same
    [InlineData("aaaa0007", "finished", "7")] // a wrong checksum in the middle
    [InlineData("aaaa0009", "killed", "3")]
    [InlineData("aaaa0011", "diverged", "Infinity")] // no log at all
    public void Every_run_is_a_row_with_its_state_and_its_last_value(string id, string state, string loss)
    {
        (SourceTable table, _) = Read(s_golden);
        SourceRow row = Assert.Single(table.Rows, r => r.Place!.EndsWith(id, StringComparison.Ordinal));
        Assert.Equal((state, loss), (Field(table, row, "state"), Field(table, row, "val/loss")));
    }

    [Fact]
    public void What_cannot_be_read_is_set_aside_with_its_place_and_the_reason()
    {
        (SourceTable table, ImportNotes notes) = Read(s_golden);
        Assert.Equal(
            [
                ("run-20260101_000200-aaaa0003", "run-aaaa0003.wandb is empty"),
                ("run-20260101_000500-aaaa0006", "run-aaaa0006.wandb byte 442: cut off at the end of the file"),
                (
                    "run-20260101_000600-aaaa0007",
                    "run-aaaa0007.wandb byte 32768: the checksum is wrong; what follows in its block is not read"
                ),
            ],
            table.Rows.Where(r => r.Why is not null).Select(r => (r.Place!, r.Why!))
        );
        Assert.Equal([("run-20260101_000800-aaaa0010", "a run without settings and values that ended with exit code 1")], notes.SetAside);
        Assert.Equal(9, table.Rows.Count);
        Assert.StartsWith("Files of 3 of 9 runs could be read in part: ", Assert.Single(notes.Findings).Message, StringComparison.Ordinal);
        Assert.Equal(["1 of 10 runs known by their summary alone"], notes.Caveats);
    }

    [Fact]
    public void A_run_that_was_resumed_is_one_and_the_later_writer_counts_from_its_first_step()
    {
        WandbRun run = Golden("aaaa0004");
        Assert.Equal(
            [.. Enumerable.Range(0, 6).Select(k => (5L * k, 9.0 + 5 * k)), .. Enumerable.Range(6, 7).Select(k => (5L * k, Loss(5 * k, 6)))],
            Curve(run, "train/loss")
        );
        // Validation at steps 30 to 40 of the first attempt is gone, though the second measured at other steps.
        Assert.Equal(
            [
                .. Enumerable.Range(0, 6).Select(k => (5L * k, 90.0 + 5 * k)),
                .. Enumerable.Range(3, 4).Select(k => (10L * k, Loss(10 * k, 7))),
            ],
            Curve(run, "val/loss")
        );
        Assert.Equal("30", run.Config["resumed_from"]);
    }

    [Fact]
    public void Whole_keys_objects_and_steps_that_are_counted_are_read_as_old_versions_wrote_them()
    {
        WandbRun run = Golden("aaaa0005");
        Assert.Equal(Enumerable.Range(0, 6).Select(s => ((long)s, Loss(s, 2))), Curve(run, "train.loss"));
        Assert.Equal(Enumerable.Range(0, 6).Select(s => ((long)s, s == 2 ? double.NaN : Loss(s, 3))), Curve(run, "val/loss"));
        Assert.Equal("0.001", run.Config["lr"]);
    }

    [Fact]
    public void Where_the_log_breaks_off_the_files_beside_it_go_on()
    {
        Assert.Equal([(0L, 8.5), (10L, Loss(10, 8))], Curve(Golden("aaaa0006"), "val/loss"));
        Assert.Equal((50.0, 0.625), (Golden("aaaa0006").Summary["_step"], Golden("aaaa0006").Summary["val/loss"]));
        Assert.Equal([(0L, 9.0), (2L, 7.0)], Curve(Golden("aaaa0007"), "val/loss"));
        WandbRun diverged = Golden("aaaa0003");
        Assert.Equal(
            [("optimizer", "sgd"), ("lr", "10"), ("batch_size", "32"), ("seed", "1"), ("model.width", "64"), ("model.layers", "[1, 2]")],
            diverged.Config.Select(c => (c.Key, c.Value))
        );
        Assert.Equal((33.0, double.NaN), (diverged.Summary["_step"], diverged.Summary["val/loss"]));
    }

    [Fact]
    public void Settings_that_the_log_lacks_come_from_the_sweep_and_the_command_line()
    {
        WandbRun swept = Golden("aaaa0009");
        Assert.Equal("abcd", swept.Sweep);
        Assert.Equal(
            [("batch_size", "64"), ("lr", "0.25"), ("o", "x"), ("optim.name", "sgd"), ("amp", "true")],
            swept.Config.Select(c => (c.Key, c.Value))
        );
        WandbRun without = Golden("aaaa0011");
        Assert.Equal(("abcd", "128"), (without.Sweep, without.Config["batch_size"]));
    }

    /// <summary>Of the run that goes to step 50 with a batch of 32, at 640 samples.</summary>
    [Fact]
    public void At_equal_samples_a_run_has_the_value_that_it_had_by_then_and_a_shorter_one_does_not_count()
    {
        RunReading reading = WandbReading.Of(Golden("aaaa0001"), 25 * 32);
        Assert.Equal(
            [("train/loss", Loss(25, 4), 25.0 * 32), ("val/loss", Loss(20, 5), 20.0 * 32)],
            reading.Values.OrderBy(v => v.Name, StringComparer.Ordinal).Select(v => (v.Name, v.Value, v.Samples!.Value))
        );
        Assert.Null(reading.Short);
        Assert.Equal("ended at 1600 of 3200 samples", WandbReading.Of(Golden("aaaa0001"), 100 * 32).Short);
        // The end of the one that breaks off is known by its summary.
        Assert.Null(WandbReading.Of(Golden("aaaa0006"), 50 * 32).Short);
        Assert.Equal(
            (0.625, 1600.0),
            WandbReading.Of(Golden("aaaa0006"), 50 * 32).Values.Select(v => (v.Value, v.Samples!.Value)).Single()
        );
        Assert.Equal(
            (Loss(10, 8), 320.0),
            WandbReading.Of(Golden("aaaa0006"), 49 * 32).Values.Select(v => (v.Value, v.Samples!.Value)).Single()
        );
    }

    [Fact]
    public void A_step_of_the_script_s_own_and_samples_count_before_the_tracker_s_step()
    {
        var run = new WandbRun("run");
        run.Default("batch_size", "8");
        for (int i = 0; i < 4; i++)
        {
            run.History.Add("trainer/global_step", i, 100 * i);
            run.History.Add("epoch", i, 0.5 * i);
            run.History.Add("val/loss", i, 3 - i);
        }
        Assert.Equal(new RunValue("val/loss", 0, 2400, 1.5), Assert.Single(WandbReading.Of(run, null).Values));
        Assert.Equal(new RunValue("val/loss", 1, 1600, 1), Assert.Single(WandbReading.Of(run, 2000).Values));
        run.History.Add("samples_seen", 3, 5000);
        Assert.Equal(new RunValue("val/loss", 0, 5000, 1.5), Assert.Single(WandbReading.Of(run, null).Values));
    }

    [Fact]
    public void Runs_of_one_id_with_other_settings_are_runs_of_their_own_and_so_are_those_of_another_folder()
    {
        (string Folder, int Batch)[] attempts = [("a", 8), ("a", 8), ("a", 16), ("b", 8)];
        foreach ((int i, (string folder, int batch)) in attempts.Index())
        {
            string run = $"{folder}/wandb/{(i == 1 ? "offline-" : "")}run-20260101_00000{i}-seed0/files/";
            _folder.Write(run + "config.yaml", $"lr:\n  value: 0.1\nbatch_size:\n  value: {batch}\nattempt:\n  value: {i}\n");
            _folder.Write(run + "wandb-summary.json", $$$"""{"val_loss": {{{i}}}, "_step": {{{i}}}, "_wandb": {"runtime": 1}}""");
        }
        (SourceTable table, ImportNotes notes) = Read(_folder.Path);
        Assert.Equal(
            [
                ("a/wandb/run-20260101_000000-seed0", "8", "1", "1"),
                ("a/wandb/run-20260101_000002-seed0", "16", "2", "2"),
                ("b/wandb/run-20260101_000003-seed0", "8", "3", "3"),
            ],
            table.Rows.Select(r => (r.Place!, Field(table, r, "batch"), Field(table, r, "config.attempt"), Field(table, r, "val_loss")))
        );
        Assert.StartsWith(
            "Runs of one id that differ in their settings are runs of their own: 2 (",
            Assert.Single(notes.Findings).Message,
            StringComparison.Ordinal
        );
        Assert.Empty(notes.SetAside);
    }

    /// <summary>A process that was killed before the tracker wrote anything leaves what it printed.</summary>
    [Fact]
    public void Of_a_run_that_logged_nothing_the_last_values_that_it_printed_count()
    {
        const string Run = "wandb/run-20260101_000000-aaaa0001/";
        _folder.Write(Run + "run-aaaa0001.wandb", "");
        _folder.Write(Run + "files/config.yaml", "lr:\n  value: 0.1\n");
        _folder.Write(Run + "files/output.log", "step 10 | train/loss 2.5 | val/loss 3.5\nstep 20 | train/loss nan | val/loss 3.25\n");
        (SourceTable table, _) = Read(_folder.Path);
        SourceRow row = Assert.Single(table.Rows);
        Assert.Equal(("NaN", "3.25"), (Field(table, row, "train/loss"), Field(table, row, "val/loss")));
        Assert.Contains("nothing was logged: its values are the last that output.log holds", row.Why!, StringComparison.Ordinal);
        Assert.Equal("diverged", Field(table, row, "state"));
    }

    [Fact]
    public void The_link_to_the_latest_run_is_not_another_run_and_neither_is_a_copy_of_one()
    {
        string copy = _folder.CopyOf(s_golden, "project/wandb");
        SourceTable before = Read(copy).Table;
        Directory.CreateSymbolicLink(Path.Combine(copy, "latest-run"), "run-20260101_000000-aaaa0001");
        _folder.CopyOf(Path.Combine(s_golden, "run-20260101_000000-aaaa0001"), "project/wandb/run-20260101_000000-aaaa0001 (copy)");
        SourceTable after = Read(copy).Table;
        Assert.Equal(before.Header, after.Header);
        Assert.Equal(before.Rows.Select(r => string.Join('|', r.Fields)), after.Rows.Select(r => string.Join('|', r.Fields)));
    }

    [Fact]
    public void A_log_the_folder_of_a_run_and_a_folder_of_runs_are_all_recognised()
    {
        string run = Path.Combine(s_golden, "run-20260101_000000-aaaa0001");
        foreach (string path in (string[])[run, Path.Combine(run, "run-aaaa0001.wandb"), s_golden])
            Assert.Equal("wandb", SweepFormats.Of(SweepSource.At(path), SweepFormats.All).Name);
        Assert.Equal("0.598039", Field(Read(run).Table, Assert.Single(Read(run).Table.Rows), "val/loss"));
        Assert.Single(Read(Path.Combine(run, "run-aaaa0001.wandb")).Table.Rows);
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
            "runs: no run can be read of 1; the first: run-20260101_000800-aaaa0010: a run without settings and values that ended "
                + "with exit code 1",
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
                    Assert.InRange(Read(copy).Table.Rows.Count, 7, 10);
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
                var run = new WandbRun("run");
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
        WandbRun[] runs = [.. WandbRuns.All(SweepSource.At(folder), new ImportNotes(), r => r).Where(r => !r.IsEmpty)];
        string[] read = [.. table.Rows.Select(r => r.Place!).Distinct()],
            aside = [.. notes.SetAside.Select(s => s.Where)];
        Assert.Equal(files.Order(StringComparer.Ordinal), read.Concat(aside.Distinct()).Order(StringComparer.Ordinal));
        Assert.Equal((32, 4), (read.Length, files.Count(f => new FileInfo(Path.Combine(folder, f)).Length == 0)));
        Assert.Equal(
            notes.SetAside.Where(s => s.Why.EndsWith(" is empty", StringComparison.Ordinal)).Select(s => s.Where),
            files.Where(f => new FileInfo(Path.Combine(folder, f)).Length == 0).Order(StringComparer.Ordinal)
        );
        Assert.Equal(read, runs.Select(r => r.Place));
        foreach (WandbRun run in runs)
        {
            var peer = new WandbPeer(Path.Combine(folder, run.Place));
            Assert.Equal(
                peer.ExitCode switch
                {
                    0 => "finished",
                    255 => "killed",
                    null => "unfinished",
                    _ => "failed",
                },
                run.State
            );
            Assert.Equal(peer.Config.Select(c => (c.Key, c.Value.Trim('"'))).Order(), run.Config.Select(c => (c.Key, c.Value)).Order());
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
        WandbRun read = Assert.Single(WandbRuns.All(SweepSource.At(path), new ImportNotes(), r => r));
        Assert.Equal(
            ["grad_norm", "lr", "train/loss", "val/loss", "val/perplexity", "weight_norm"],
            peer.Curves.Keys.Order(StringComparer.Ordinal)
        );
        Assert.Equal(steps, peer.Curves["train/loss"].Count);
        foreach ((string name, SortedDictionary<long, double> curve) in peer.Curves)
            Assert.Equal(curve.Select(p => (p.Key, p.Value)), Curve(read, name));
    }

    private static (SourceTable Table, ImportNotes Notes) Read(string path)
    {
        var notes = new ImportNotes();
        return (WandbRuns.Format.Read(SweepSource.At(path), notes), notes);
    }

    private static WandbRun Golden(string id) =>
        Assert.Single(
            WandbRuns.All(SweepSource.At(s_golden), new ImportNotes(), r => r),
            r => r.Place.EndsWith(id, StringComparison.Ordinal)
        );

    private static string Field(SourceTable table, SourceRow row, string column) => row.Fields[Array.IndexOf(table.Header, column)];

    private static IEnumerable<(long Step, double Value)> Curve(WandbRun run, string metric) => run.History.Series[metric].Points();

    /// <summary>As the script has it: to six digits behind the point.</summary>
    private static double Loss(int step, double scale) => Math.Round(0.5 + scale / (1 + step), 6);
}
