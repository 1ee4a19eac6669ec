// The contract of log formats, over every row of their catalogue: a new format must have a sample here.
using System.Text;
using CsCheck;
using Gaplab.Numerics;
using Gaplab.Results.Logs;

namespace Gaplab.Pure.Tests.Logs;

public sealed class LogFormatSpecs : IDisposable
{
    /// <summary>The validation loss of one run by step; one value is none, and one run in three diverges.</summary>
    private static readonly (long Step, double Loss)[] s_run = [(0, 4.25), (100, 2.5), (200, 2.125), (300, double.NaN)];

    /// <summary>By the name of the format, the same run in it, and what a script calls the file.</summary>
    internal static readonly Dictionary<string, (string Name, Func<byte[]> Bytes)> Samples = new()
    {
        ["stdout"] = ("out.txt", () => Lines(s_run.Select(r => $"step {r.Step}/300 | val loss {Python(r.Loss)} | 12.5 it/s"))),
        ["jsonl"] = ("metrics.jsonl", () => Lines(s_run.Select(r => $$"""{"step": {{r.Step}}, "val": {"loss": {{Python(r.Loss)}} } }"""))),
        ["json"] = (
            "history.json",
            () =>
                Lines([
                    $$"""{"step": [{{string.Join(", ", s_run.Select(r => r.Step))}}],""",
                    $$""" "val_loss": [{{string.Join(", ", s_run.Select(r => Python(r.Loss)))}}]}""",
                ])
        ),
        ["csv"] = ("metrics.csv", () => Lines(s_run.Select(r => $"{r.Step},{Python(r.Loss)},").Prepend("step,val_loss,train_loss"))),
        ["tensorboard"] = (
            "events.out.tfevents.1700000000.host.1.0",
            () => [.. EventFile.Version(1), .. s_run.SelectMany((r, i) => EventFile.Simple(2 + i, r.Step, "val/loss", (float)r.Loss))]
        ),
        ["trainer-state"] = (
            "trainer_state.json",
            () =>
                Lines([
                    "{\"global_step\": 300, \"log_history\": [",
                    string.Join(",\n", s_run.Select(r => $$"""{"epoch": 1.0, "eval_loss": {{Python(r.Loss)}}, "step": {{r.Step}}}""")),
                    "]}",
                ])
        ),
    };

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Formats => [.. LogFormats.All.Select(f => f.Name)];

    private static LogFormat Row(string format) => LogFormats.All.Single(f => f.Name == format);

    [Theory]
    [MemberData(nameof(Formats))]
    public void The_same_run_is_found_and_read_in_every_format(string format)
    {
        string path = WriteSample(format);
        foreach (string from in (string[])[MetricSource.Auto, format])
            IsThisRun(Read(from, format == "stdout" ? path : null));
        // By its path, the content decides.
        IsThisRun(Read(format == "stdout" ? "out*" : Path.GetRelativePath(_folder.Path, path), null));
        if (format == "stdout")
            return;
        Assert.Equal(format, LogFormats.Of(LogFile.At(path)).Name);
        Assert.True(Row(format).Has(Path.GetFileName(path)));
    }

    /// <summary>Deep in the run's folder, beside files that are none of it.</summary>
    [Theory]
    [MemberData(nameof(Formats))]
    public void It_is_found_below_the_folder_among_other_files(string format)
    {
        _folder.Write("config.json", "{\"lr\": 0.1}");
        _folder.Write("model.safetensors", [0, 1, 2, 3]);
        _folder.Write("vocab.json", "{\"the\": 1}");
        _folder.Write("notes.csv", "a note\n");
        _folder.Write("events.out.tfevents.1.empty", "");
        string path = WriteSample(format, format == "stdout" ? "" : "logs/version_0/");
        IsThisRun(Read(MetricSource.Auto, format == "stdout" ? path : null));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_damaged_file_gives_values_problems_or_one_line(string format)
    {
        (string name, Func<byte[]> bytes) = Samples[format];
        byte[] sample = bytes();
        FixedSeeds.Check(
            ByteDamage.Any.Array[1, 4],
            300,
            damages =>
            {
                string path = _folder.Write(name, ByteDamage.All(damages, sample));
                foreach (string from in (string[])[MetricSource.Auto, format, name])
                    try
                    {
                        RunMetrics metrics = Read(from, format == "stdout" ? path : null);
                        Assert.All(metrics.Problems, p => Assert.DoesNotContain('\n', p.ToString()));
                        if (metrics.Fault("validation-loss") is { } fault)
                            IsOneLine(fault);
                    }
                    catch (InputException e)
                    {
                        IsOneLine(e.Message);
                    }
            }
        );
    }

    /// <summary>A run that is killed leaves a file that ends anywhere: what came before is read.</summary>
    [Theory]
    [InlineData("stdout")]
    [InlineData("jsonl")]
    [InlineData("csv")]
    [InlineData("tensorboard")]
    public void A_file_that_ends_in_the_middle_is_read_up_to_there(string format)
    {
        byte[] sample = Samples[format].Bytes();
        for (int cut = sample.Length - 2; cut > sample.Length - 7; cut--)
        {
            string path = _folder.Write(Samples[format].Name, sample[..cut]);
            RunMetrics metrics = Read(MetricSource.Auto, format == "stdout" ? path : null);
            IsThese(s_run[..3], metrics.Get("validation-loss").Points.Take(3));
            if (format is not ("stdout" or "csv"))
                Assert.Contains("cut off at the end of the file", Assert.Single(metrics.Problems).ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Names_differ_and_every_row_says_what_it_is()
    {
        Assert.Equal(LogFormats.All.Select(f => f.Name).Distinct(), LogFormats.All.Select(f => f.Name));
        Assert.All(LogFormats.All, f => Assert.True(f.Says.Length > 10 && f.KnownBy.Length > 10 && f.Name != MetricSource.Auto));
        Assert.Equal("stdout", LogFormats.All[^1].Name);
    }

    [Fact]
    public void Long_lines_and_too_many_names_or_values_are_bounded()
    {
        string long_ = new('x', StandardOutputLine.Longest);
        string path = _folder.Write("out.txt", $"loss 1 {long_}\nloss 2\n{long_}{long_}loss 3\n");
        RunMetrics metrics = Read(MetricSource.Auto, path, "loss");
        Assert.Equal([1, 2], metrics.Get("metric").Points.Select(p => p.Value));
        Assert.Equal(["line 1", "line 3"], metrics.Problems.Select(p => p.Where));
        _folder.Write(
            "wide.csv",
            string.Join(',', Enumerable.Range(0, 10_001).Select(i => $"c{i}"))
                + "\n1"
                + string.Concat(Enumerable.Repeat(",1", 10_000))
                + "\n"
        );
        Assert.Contains(
            "10001 columns; expected at most 10000",
            Assert.Throws<InputException>(() => Read("wide.csv", null)).Message,
            StringComparison.Ordinal
        );
        _folder.Write("many.jsonl", string.Concat(Enumerable.Range(0, 10_001).Select(i => $"{{\"c{i}\": 1}}\n")));
        Assert.Equal(
            "many.jsonl: more than 10000 different names; expected a log of metrics",
            Assert.Throws<InputException>(() => Read("many.jsonl", null)).Message
        );
        // In the folder at large it is passed over, with a problem.
        Assert.Contains(Read(MetricSource.Auto, path, "nothing").Problems, p => p.File == "many.jsonl");
    }

    private string WriteSample(string format, string folder = "")
    {
        Assert.True(Samples.TryGetValue(format, out var sample), $"{format} has no sample here");
        return _folder.Write(folder + sample.Name, sample.Bytes());
    }

    private RunMetrics Read(string from, string? output, string name = "") =>
        RunMetrics.Read(
            new()
            {
                Folder = _folder.Path,
                From = from,
                StandardOutput = output,
                Names = new Dictionary<string, string> { [name.Length > 0 ? "metric" : "validation-loss"] = name },
            }
        );

    private static void IsThisRun(RunMetrics metrics)
    {
        Assert.Null(metrics.Fault("validation-loss"));
        IsThese(s_run, metrics.Get("validation-loss").Points);
        Assert.Empty(metrics.Problems);
    }

    private static void IsThese(IEnumerable<(long Step, double Loss)> expected, IEnumerable<MetricPoint> points) =>
        Assert.Equal(expected, points.Select(p => (p.Position.Step!.Value, p.Value)));

    private static void IsOneLine(string message)
    {
        Assert.DoesNotContain('\n', message);
        Assert.InRange(message.Length, 10, 900);
    }

    private static string Python(double value) => double.IsNaN(value) ? "NaN" : FormattableString.Invariant($"{value}");

    private static byte[] Lines(IEnumerable<string> lines) => Encoding.UTF8.GetBytes(string.Concat(lines.Select(l => l + "\n")));
}
