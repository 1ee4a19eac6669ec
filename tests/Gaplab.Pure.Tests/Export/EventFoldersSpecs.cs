// Event files: what is written for TensorBoard is what its definitions say, and reads back as the same sweep.
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Pure.Tests.Logs;
using Gaplab.Results.Analysis;
using Gaplab.Results.Export;
using Gaplab.Results.Folders;
using Gaplab.Results.Import;
using Gaplab.Results.Store;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Gaplab.Pure.Tests.Export;

public sealed class EventFoldersSpecs : IDisposable
{
    private static readonly DateTimeOffset s_ended = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private sealed record Sample(ExportRow Row, MetricRow[] History);

    /// <summary>Two optimizers, two batch sizes, three rates and three seeds; one run diverged, one was killed.</summary>
    private static List<Sample> Sweep()
    {
        var samples = new List<Sample>();
        foreach (string optimizer in new[] { "sgd", "adam" })
        foreach (long batch in new long[] { 8, 64 })
        foreach (double rate in new[] { 0.1, 0.2, 0.4 })
        foreach (int seed in new[] { 1, 2, 3 })
        {
            bool diverged = samples.Count == 8,
                killed = samples.Count == 20;
            // 32 bits hold these.
            double value = 2 + (optimizer == "sgd" ? 0.25 : 0) + Math.Abs(rate - 0.2) + seed / 64.0;
            value = Math.Round(1024 * value) / 1024;
            SweepRow row = SweepRow.Finished(
                ComparisonKey.Empty,
                optimizer,
                rate,
                batch,
                $"{seed}",
                null,
                diverged ? double.NaN : value,
                $"{samples.Count:x16}"
            );
            if (killed)
                row = row with { Status = RunStatus.Missing, Metric = double.NaN };
            long steps = 1024 / batch;
            MetricRow[] history =
            [
                new(0, 0, "train-loss", 4),
                new(0, 0, "validation-loss", 4.5),
                new(steps / 2, 512, "train-loss", 3),
                new(steps / 2, 512, "validation-loss", 3.5),
                .. killed ? [] : (MetricRow[])[new(steps, 1024, "train-loss", 2.5), new(steps, 1024, "validation-loss", value)],
            ];
            var metrics = new Dictionary<string, double> { ["validation-loss"] = value, ["last-mean"] = value + 1 };
            samples.Add(
                new(
                    new ExportRow(row, killed ? new Dictionary<string, double>() : metrics)
                    {
                        Outcome =
                            killed ? Outcome.Killed
                            : diverged ? Outcome.Diverged
                            : Outcome.Completed,
                        Steps = killed ? null : steps,
                        Ended = s_ended,
                        Took = TimeSpan.FromSeconds(5),
                        Keys =
                        [
                            new("task", "markov"),
                            new("model", "gpt"),
                            new("optimizer.nesterov", optimizer == "sgd" ? "true" : "false"),
                        ],
                    },
                    history
                )
            );
        }
        return samples;
    }

    private int Write(string name, List<Sample> samples) =>
        new OutputFolder(_folder.File(name)).Write(at =>
            EventFolders.Write(
                at,
                "of a test",
                "validation-loss",
                [.. samples.Select(s => s.Row)],
                id => samples.Single(s => s.Row.Row.Provenance == id).History
            )
        );

    [Fact]
    public void The_same_sweep_is_read_back()
    {
        List<Sample> samples = Sweep();
        Assert.Equal(36, Write("events", samples));
        ImportedRuns read = SweepImport.Runs([_folder.File("events")], new ImportOptions { Metric = "validation-loss", Groups = [] });
        Assert.Equal(samples.Select(s => Plain(s.Row.Row)).OrderBy(Key), read.Table.Rows.Select(Plain).OrderBy(Key));
        Assert.Equal(1, read.Runs.Count(r => r.State == "diverged"));
        Assert.Equal("its state is 'failed'", Assert.Single(read.Runs, r => r.State == "missing").Reason);
        // Every number is there, a final one that was never logged too; and no message is taken for one.
        Assert.All(
            read.Runs.Where(r => r.State == "finished"),
            r =>
                Assert.Equal(
                    ["last-mean", "train-loss", "validation-loss"],
                    r.Values.Keys.Where(k =>
                            !k.StartsWith("config.", StringComparison.Ordinal) && k.Contains('-', StringComparison.Ordinal)
                        )
                        .Order(StringComparer.Ordinal)
                )
        );
        static SweepRow Plain(SweepRow row) => row with { Provenance = null };
        static (string, long, double?, string?) Key(SweepRow row) => (row.Optimizer, row.Batch, row.LearningRate, row.Seed);
    }

    [Fact]
    public void A_second_reader_finds_the_messages_of_the_definitions()
    {
        List<Sample> samples = Sweep();
        Write("events", samples);
        string folder = Directory.GetDirectories(_folder.File("events"), "*0000000000000008").Single();
        Assert.Equal("sgd-B8-lr0.4-seed3-0000000000000008", Path.GetFileName(folder));
        string file = Directory.GetFiles(folder).Single();
        // TensorBoard orders files by their names, in which the start stands in seconds.
        Assert.Equal($"events.out.tfevents.{s_ended.AddSeconds(-5).ToUnixTimeSeconds()}.gaplab", Path.GetFileName(file));
        Message[] events = [.. EventFile.Records(File.ReadAllBytes(file)).Select(Message.Of)];
        Assert.Equal("brain.Event:2", events[0].Text(3));
        Assert.All(events.Skip(4).SkipLast(1), e => Assert.Equal(s_ended.ToUnixTimeSeconds(), e.Double(1)));

        (string Tag, Message Data)[] hyper =
        [
            .. events
                .Select(e => e.In(5)?.In(1))
                .OfType<Message>()
                .Where(v => v.Text(1).StartsWith("_hparams_", StringComparison.Ordinal))
                .Select(v =>
                {
                    Message plugin = v.In(9)!.In(1)!;
                    Assert.Equal("hparams", plugin.Text(1));
                    // The value is a tensor of type float, with a shape of rank 0.
                    Assert.Equal((1UL, 0), (v.In(8)!.Whole(1), v.In(8)!.In(2)!.Fields.Count));
                    return (v.Text(1), plugin.In(2)!);
                }),
        ];
        Assert.Equal(["_hparams_/experiment", "_hparams_/session_start_info", "_hparams_/session_end_info"], hyper.Select(h => h.Tag));
        Message experiment = hyper[0].Data.In(2)!,
            start = hyper[1].Data.In(3)!,
            end = hyper[2].Data.In(4)!;
        Assert.Equal("of a test", experiment.Text(6));
        // DATA_TYPE_STRING 1, BOOL 2, FLOAT64 3.
        Assert.Equal(
            [("optimizer", 1UL), ("lr", 3UL), ("batch", 3UL), ("seed", 3UL), ("task", 1UL), ("model", 1UL), ("optimizer.nesterov", 2UL)],
            experiment.All(4).Select(h => (h.Text(1), h.Whole(4)))
        );
        Assert.Equal(["sgd", "adam"], ListValue.Parser.ParseFrom(experiment.All(4).First().Bytes(5)).Values.Select(v => v.StringValue));
        Assert.Equal(["validation-loss", "last-mean"], experiment.All(5).Select(m => m.In(1)!.Text(2)));
        Dictionary<string, Value> settings = start.All(1).ToDictionary(m => m.Text(1), m => Value.Parser.ParseFrom(m.Bytes(2)));
        Assert.Equal(
            (0.4, 8.0, 3.0, "sgd", "markov", true),
            (
                settings["lr"].NumberValue,
                settings["batch"].NumberValue,
                settings["seed"].NumberValue,
                settings["optimizer"].StringValue,
                settings["task"].StringValue,
                settings["optimizer.nesterov"].BoolValue
            )
        );
        Assert.Equal(s_ended.AddSeconds(-5).ToUnixTimeSeconds(), start.Double(5));
        Assert.Equal((1UL, (double)s_ended.ToUnixTimeSeconds()), (end.Whole(1), end.Double(2))); // STATUS_SUCCESS

        (ulong Step, string Tag, float Value)[] scalars =
        [
            .. events
                .Where(e => e.In(5)?.In(1) is { } v && v.In(9) is null)
                .Select(e => (e.Whole(2), e.In(5)!.In(1)!.Text(1), e.In(5)!.In(1)!.Single(2))),
        ];
        // What was logged; then the final number that was not, and of a run that diverged no number under the study's metric.
        Assert.Equal(samples[8].History.Select(m => ((ulong)m.Step, m.Name, (float)m.Value)), scalars.SkipLast(2));
        Assert.Equal([(128UL, "last-mean"), (128UL, "validation-loss")], scalars.TakeLast(2).Select(s => (s.Step, s.Tag)));
        Assert.True(float.IsNaN(scalars[^1].Value));
    }

    [Fact]
    public void A_run_that_was_killed_says_so_and_one_that_goes_on_says_nothing()
    {
        List<Sample> samples = Sweep()[19..22];
        samples[2] = samples[2] with { Row = samples[2].Row with { Outcome = null, Steps = null } };
        Write("events", samples);
        ulong?[] status =
        [
            .. Directory
                .GetFiles(_folder.File("events"), "*", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
                .OrderBy(f => f.Split('-')[^1], StringComparer.Ordinal)
                .Select(f =>
                    EventFile
                        .Records(File.ReadAllBytes(f))
                        .Select(Message.Of)
                        .Select(e => e.In(5)?.In(1))
                        .FirstOrDefault(v => v?.Text(1) == "_hparams_/session_end_info")
                        ?.In(9)!
                        .In(1)!
                        .In(2)!
                        .In(4)!
                        .Whole(1)
                ),
        ];
        Assert.Equal([1, 2, null], status); // success, failure
    }

    /// <summary>32 bits hold no more than 3.4e38: a loss that is finite must not become one that diverged.</summary>
    [Theory]
    [InlineData(1e39)]
    [InlineData(-1e300)]
    public void What_is_finite_stays_finite(double value)
    {
        SweepRow row = SweepRow.Finished(ComparisonKey.Empty, "sgd", 0.1, 8, "1", null, value, "0123456789abcdef");
        Write(
            "events",
            [new(new ExportRow(row, new Dictionary<string, double> { ["loss"] = value }) { Outcome = Outcome.Completed, Steps = 3 }, [])]
        );
        SweepRow read = Assert.Single(SweepImport.Read(_folder.File("events"), new ImportOptions { Metric = "loss" }).Rows);
        Assert.Equal((RunStatus.Usable, value), (read.Status, read.Metric));
    }

    [Fact]
    public void Names_of_comparisons_and_optimizers_are_names_of_folders_and_lead_nowhere_else()
    {
        SweepRow row = SweepRow.Finished(new([new("data", "../../a/b=c")]), "..", 0.1, 8, "1", null, 1, "0123456789abcdef");
        Write(
            "events",
            [new(new ExportRow(row, new Dictionary<string, double> { ["loss"] = 1 }) { Outcome = Outcome.Completed, Steps = 3 }, [])]
        );
        Assert.Equal(
            ["_.._a_b_c-..-B8-lr0.1-seed1-0123456789abcdef"],
            Directory.GetDirectories(_folder.File("events")).Select(Path.GetFileName)
        );
    }

    [Fact]
    public void A_folder_is_there_whole_or_not_at_all_and_what_is_in_one_is_kept()
    {
        string mine = _folder.Write("mine/file.txt", "mine");
        InputException refused = Assert.Throws<InputException>(() => Write("mine", Sweep()));
        Assert.EndsWith(
            "holds other files; it was left as it is: give a new or an empty folder",
            refused.Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "is a file, not a folder",
            Assert.Throws<InputException>(() => Write("mine/file.txt/below", Sweep())).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<InvalidOperationException>(() =>
            new OutputFolder(_folder.File("half")).Write<int>(at =>
            {
                File.WriteAllText(Path.Combine(at, "one"), "");
                throw new InvalidOperationException();
            })
        );
        Assert.Equal(["mine"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
        Assert.Equal("mine", File.ReadAllText(mine));
        Directory.CreateDirectory(_folder.File("empty"));
        Assert.Equal(36, Write("empty/", Sweep()));
        Assert.Equal(36, Directory.GetDirectories(_folder.File("empty")).Length);
    }

    /// <summary>A message as Google's library goes through it, without a schema.</summary>
    private sealed record Message(IReadOnlyList<(int Number, WireFormat.WireType Type, object Value)> Fields)
    {
        public static Message Of(byte[] bytes)
        {
            var fields = new List<(int, WireFormat.WireType, object)>();
            var input = new CodedInputStream(bytes);
            while (input.ReadTag() is > 0 and var tag)
            {
                WireFormat.WireType type = WireFormat.GetTagWireType(tag);
                fields.Add(
                    (
                        WireFormat.GetTagFieldNumber(tag),
                        type,
                        type switch
                        {
                            WireFormat.WireType.Varint => input.ReadUInt64(),
                            WireFormat.WireType.Fixed64 => input.ReadDouble(),
                            WireFormat.WireType.Fixed32 => input.ReadFloat(),
                            _ => input.ReadBytes().ToByteArray(),
                        }
                    )
                );
            }
            return new(fields);
        }

        private IEnumerable<T> Of<T>(int number) => Fields.Where(f => f.Number == number).Select(f => (T)f.Value);

        public byte[] Bytes(int number) => Of<byte[]>(number).Single();

        public string Text(int number) => ByteString.CopyFrom(Bytes(number)).ToStringUtf8();

        public ulong Whole(int number) => Of<ulong>(number).SingleOrDefault();

        public double Double(int number) => Of<double>(number).Single();

        public float Single(int number) => Of<float>(number).Single();

        public IEnumerable<Message> All(int number) => Of<byte[]>(number).Select(Of);

        public Message? In(int number) => All(number).SingleOrDefault();
    }
}
