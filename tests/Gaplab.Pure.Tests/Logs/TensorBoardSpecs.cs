// Event files of TensorBoard: those of a real run, those of a writer of others, and files made byte by byte.
using System.Text;
using Gaplab.Numerics;
using Gaplab.Results.Logs;
using Gaplab.Results.Wire;

namespace Gaplab.Pure.Tests.Logs;

public sealed class TensorBoardSpecs : IDisposable
{
    private const string First = "events.out.tfevents.1700000000.host.1.0",
        Second = "events.out.tfevents.1700000100.host.2.0";

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    // RFC 3720, B.4: 32 bytes of zeros, of ones, rising and falling; and the digits that every table of checksums has.
    [InlineData(0x8A9136AAu, "zeros")]
    [InlineData(0x62A8AB43u, "ones")]
    [InlineData(0x46DD794Eu, "rising")]
    [InlineData(0x113FDB5Cu, "falling")]
    [InlineData(0xE3069283u, "digits")]
    public void The_checksum_is_that_of_published_vectors(uint published, string of)
    {
        byte[] rising = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        byte[] bytes = of switch
        {
            "zeros" => new byte[32],
            "ones" => [.. Enumerable.Repeat((byte)0xFF, 32)],
            "rising" => rising,
            "falling" => [.. rising.Reverse()],
            _ => Encoding.ASCII.GetBytes("123456789"),
        };
        uint masked = unchecked(((published >> 15) | (published << 17)) + 0xA282EAD8);
        Assert.Equal(masked, RecordFile.MaskedChecksum(bytes));
        Assert.Equal(masked, EventFile.Checksum(bytes));
    }

    /// <summary>tests/golden/event-files, whose maker says what was put in.</summary>
    [Fact]
    public void Scalars_of_the_messages_of_PyTorch_are_read_to_the_bit()
    {
        RunMetrics metrics = OfGolden("scalars.tfevents");
        Assert.Equal(["Loss/train", "Loss/validation"], metrics.All.Select(s => s.Name));
        IReadOnlyList<MetricPoint> train = metrics.All[0].Points,
            validation = metrics.Get("validation-loss").Points;
        Assert.Equal([4.5, 2.25, double.NaN, 0], train.Select(p => p.Value));
        Assert.Equal([4.75, 2.5, double.PositiveInfinity, -1e-30f], validation.Select(p => p.Value));
        Assert.Equal([0L, 100, 200, 300], validation.Select(p => p.Position.Step!.Value));
        Assert.Equal(
            [1_700_000_000.25, 1_700_000_001.25, 1_700_000_002.25, 1_700_000_003.25],
            validation.Select(p => p.Position.WallTime!.Value)
        );
        Assert.Empty(metrics.Problems);
    }

    [Fact]
    public void Tensors_of_every_type_of_number_are_read_from_their_lists_and_their_bytes()
    {
        RunMetrics metrics = OfGolden("tensors.tfevents");
        Assert.Empty(metrics.Problems);
        Assert.Equal(
            [
                ("float", 1.5),
                ("double", 1e-300),
                ("int32", -7),
                ("int64", 1L << 40),
                ("uint32", uint.MaxValue),
                ("uint64", 1UL << 41),
                ("int16", -300),
                ("uint16", 60_000),
                ("int8", -1),
                ("uint8", 255),
                ("half", 1.5),
                ("bfloat16", 1.5),
            ],
            metrics.All.Select(s => (s.Name, s.Points[0].Value))
        );
        Assert.All(metrics.All, s => Assert.Equal([(0L, s.Points[0].Value), (100L, s.Points[0].Value)], s.Points.Select(Shown)));
    }

    [Theory]
    [InlineData("2D0000C03F", 1.5)] // float, by itself
    [InlineData("2A040000C03F", 1.5)] // packed
    [InlineData("", 0.0)] // left out
    [InlineData("22040000C07F", double.NaN)]
    [InlineData("2203000000", null)] // bytes that are too few
    [InlineData("12002A040000C03F", 1.5)] // a shape of rank 0
    [InlineData("12021801" + "2A040000C03F", null)] // an unknown rank
    [InlineData("1204120208012A040000C03F", null)] // a vector of one
    [InlineData("22FF", null)] // a length beyond the end
    [InlineData("13", null)] // the end of a group
    public void A_float_tensor_is_a_value_if_it_is_one_number(string fields, double? expected) =>
        Assert.Equal(expected, TensorProto.Scalar([0x08, 0x01, .. Convert.FromHexString(fields)]));

    /// <summary>Of TensorFlow's own writer; the figures are those of a reader in Python that shares no code.</summary>
    [Fact]
    public void A_real_file_of_TensorFlow_is_read()
    {
        _folder.Write(First, File.ReadAllBytes(TestFolder.RealData("trackers/tensorboard/events.out.tfevents.1585769947.host")));
        RunMetrics metrics = Read(("validation-loss", ""), ("batch", "batch_loss"));
        Assert.Empty(metrics.Problems);
        Assert.Equal(
            ["batch_acc", "batch_loss", "epoch_acc", "epoch_loss", "epoch_val_acc", "epoch_val_loss"],
            metrics.All.Select(s => s.Name).Order(StringComparer.Ordinal)
        );
        Assert.All(
            metrics.All,
            s => Assert.Equal(Enumerable.Range(0, 17).Select(i => (long)i), s.Points.Select(p => p.Position.Step!.Value))
        );
        Assert.Equal(
            ("epoch_val_loss", 2.932505594799295e-05),
            (metrics.Get("validation-loss").Name, metrics.Get("validation-loss").Points[^1].Value)
        );
        Assert.Equal([3.9135773181915283, 2.95634672511369e-05], metrics.Get("batch").Points.Take(2).Select(p => p.Value));
    }

    [Fact]
    public void Files_of_a_folder_continue_each_other_in_the_order_of_their_beginnings_not_of_their_names()
    {
        _folder.Write(Second, [.. EventFile.Version(1), .. Losses(1, (0, 5), (10, 4), (20, 3), (30, 2.75f))]);
        _folder.Write(First, [.. EventFile.Version(9), .. Losses(9, (20, 2.5f), (40, 2))]);
        Assert.Equal([(0, 5.0), (10, 4), (20, 2.5), (40, 2)], Read(("validation-loss", "")).Get("validation-loss").Points.Select(Shown));
    }

    /// <summary>As SummaryWriter names its folders, month first.</summary>
    [Fact]
    public void Attempts_in_folders_named_by_their_time_are_in_the_order_of_their_events()
    {
        _folder.Write($"runs/Jan01_00-30-00_host/{Second}", [.. EventFile.Version(9), .. Losses(9, (20, 2.5f))]);
        _folder.Write($"runs/Dec31_23-30-00_host/{First}", [.. EventFile.Version(1), .. Losses(1, (10, 4), (20, 3))]);
        Assert.Equal([(10, 4.0), (20, 2.5)], Read(("validation-loss", "")).Get("validation-loss").Points.Select(Shown));
    }

    /// <summary>Keras and add_scalars write one folder for each part of the data, with the same tag in both.</summary>
    [Fact]
    public void The_same_tag_in_two_folders_is_two_series()
    {
        _folder.Write($"logs/train/{First}", [.. EventFile.Version(1), .. EventFile.Simple(1, 1, "epoch_loss", 3)]);
        _folder.Write($"logs/validation/{First}", [.. EventFile.Version(1), .. EventFile.Simple(1, 1, "epoch_loss", 4)]);
        RunMetrics metrics = Read(("validation-loss", ""), ("train-loss", ""));
        Assert.Equal(["train/epoch_loss", "validation/epoch_loss"], metrics.All.Select(s => s.Name));
        Assert.Equal((4, 3), (metrics.Get("validation-loss").Points[0].Value, metrics.Get("train-loss").Points[0].Value));
    }

    [Fact]
    public void A_record_that_is_damaged_is_set_aside_and_a_damaged_length_ends_the_file()
    {
        byte[][] records = [EventFile.Version(1), Losses(1, (0, 5)), Losses(1, (10, 4)), Losses(1, (20, 3))];
        byte[] broken = [.. records[2]];
        broken[20] ^= 1;
        _folder.Write(First, [.. records[0], .. records[1], .. broken, .. records[3]]);
        RunMetrics metrics = Read(("validation-loss", ""));
        Assert.Equal([(0, 5.0), (20, 3)], metrics.Get("validation-loss").Points.Select(Shown));
        Assert.Equal($"{First}, record 3: its checksum is wrong", Assert.Single(metrics.Problems).ToString());

        broken = [.. records[2]];
        broken[3] ^= 1;
        _folder.Write(First, [.. records[0], .. records[1], .. broken, .. records[3]]);
        metrics = Read(("validation-loss", ""));
        Assert.Equal([(0, 5.0)], metrics.Get("validation-loss").Points.Select(Shown));
        Assert.Equal(
            $"{First}, record 3: the checksum of its length is wrong; it and what follows are not read",
            Assert.Single(metrics.Problems).ToString()
        );
    }

    [Fact]
    public void A_record_that_says_it_is_longer_than_the_file_costs_no_memory()
    {
        byte[] length = BitConverter.GetBytes(1UL << 40);
        _folder.Write(
            First,
            [.. EventFile.Version(1), .. Losses(1, (0, 5)), .. length, .. BitConverter.GetBytes(EventFile.Checksum(length)), 1, 2]
        );
        long before = GC.GetAllocatedBytesForCurrentThread();
        RunMetrics metrics = Read(("validation-loss", ""));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
        Assert.Equal($"{First}, record 3: cut off at the end of the file", Assert.Single(metrics.Problems).ToString());
        Assert.Equal(5, metrics.Get("validation-loss").Points[0].Value);
    }

    [Fact]
    public void A_record_with_a_right_checksum_that_is_no_event_is_set_aside()
    {
        _folder.Write(First, [.. EventFile.Version(1), .. EventFile.Record([0x0B, 1, 2]), .. Losses(1, (0, 5))]);
        RunMetrics metrics = Read(("validation-loss", ""));
        Assert.Equal($"{First}, record 2: no event", Assert.Single(metrics.Problems).ToString());
        Assert.Equal(5, metrics.Get("validation-loss").Points[0].Value);
    }

    [Fact]
    public void An_empty_event_file_named_by_its_format_says_so()
    {
        _folder.Write(First, "");
        RunMetrics metrics = RunMetrics.Read(
            new()
            {
                Folder = _folder.Path,
                From = "tensorboard",
                Names = new Dictionary<string, string> { ["validation-loss"] = "" },
            }
        );
        Assert.EndsWith($"; {First}: is empty", metrics.Fault("validation-loss"), StringComparison.Ordinal);
        Assert.Throws<InputException>(() => metrics.Get("validation-loss"));
    }

    private RunMetrics OfGolden(string name)
    {
        _folder.Write(First, File.ReadAllBytes(Repository.At($"tests/golden/event-files/{name}")));
        return Read(("validation-loss", ""));
    }

    private RunMetrics Read(params (string Metric, string Name)[] names) =>
        RunMetrics.Read(new() { Folder = _folder.Path, Names = names.ToDictionary(n => n.Metric, n => n.Name) });

    private static byte[] Losses(double time, params (long Step, float Loss)[] values) =>
        [.. values.SelectMany(v => EventFile.Simple(time, v.Step, "val/loss", v.Loss))];

    private static (long, double) Shown(MetricPoint point) => (point.Position.Step!.Value, point.Value);
}
