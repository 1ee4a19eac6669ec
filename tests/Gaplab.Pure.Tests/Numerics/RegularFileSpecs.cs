// The door through which files are read: what is no file waits for nobody, and what is too large is not read.
using System.Diagnostics;
using System.Net.Sockets;
using Gaplab.Numerics;
using Gaplab.Numerics.Arrays;
using Gaplab.Numerics.Files;
using Gaplab.Reference;
using Gaplab.Results.Folders;
using Gaplab.Results.Prediction;
using Gaplab.Theory.GapModel;

namespace Gaplab.Pure.Tests.Numerics;

public sealed class RegularFileSpecs : IDisposable
{
    private static readonly FileLimit s_ten = new("note", 10, "write less");
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Every reader of files in the pure projects, by the ending of the files it reads.</summary>
    private static readonly Dictionary<string, Action<string>> s_readers = new()
    {
        [".npy"] = path => ArrayFile.Open(path),
        [".npz"] = path => ArrayFile.Open(path),
        [".safetensors"] = path => ArrayFile.Open(path),
        [".txt"] = path => ArrayFile.Open(path),
        [".tensors"] = path => Safetensors.Open(path),
        [".csv"] = path => SweepImport.Read(path),
        ["probe.json"] = path => ProbeJson.Read(path),
        ["prediction.json"] = path => GapPrediction.Read(path),
        ["reference.json"] = path => new ReferenceCheck().Run(path, false),
        [".bytes"] = path => RegularFile.ReadBytes(path, s_ten),
        [".handle"] = path => RegularFile.OpenHandle(path).Dispose(),
        [".stream"] = path => RegularFile.Open(path).Dispose(),
    };

    public static TheoryData<string> Readers => [.. s_readers.Keys];

    [Theory]
    [MemberData(nameof(Readers))]
    public async Task A_pipe_a_device_and_a_socket_are_one_line_for_every_reader(string ending)
    {
        string pipe = _folder.File("pipe" + ending),
            device = _folder.File("device" + ending),
            random = _folder.File("random" + ending),
            socket = _folder.File("s" + ending);
        using (Process mkfifo = Process.Start("mkfifo", [pipe]))
            mkfifo.WaitForExit();
        File.CreateSymbolicLink(device, "/dev/zero");
        File.CreateSymbolicLink(random, "/dev/urandom");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(socket));
        foreach (
            (string path, string kind) in ((string, string)[])
                [(pipe, "a pipe"), (device, "a device"), (random, "a device"), (socket, "a socket")]
        )
        {
            Task<string> read = Task.Run(() => Assert.Throws<InputException>(() => s_readers[ending](path)).Message);
            Assert.StartsWith(
                $"{path}: is {kind}; expected a regular file",
                await read.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken),
                StringComparison.Ordinal
            );
        }
    }

    [Fact]
    public void As_many_bytes_as_a_kind_may_have_are_read_and_no_more()
    {
        File.WriteAllText(_folder.File("ten"), "0123456789");
        File.WriteAllText(_folder.File("eleven"), "0123456789a");
        Assert.Equal("0123456789", RegularFile.ReadText(_folder.File("ten"), s_ten));
        Assert.Equal($"{_folder.File("eleven")}: has more than 10 bytes; a note has at most that many: write less", Refused("eleven"));
        using (FileStream hole = File.Create(_folder.File("hole")))
            hole.SetLength(1L << 42);
        Assert.Contains("has more than 10 bytes", Refused("hole"), StringComparison.Ordinal);
    }

    [Fact]
    public void Files_without_a_length_are_read_to_their_end_and_bounded_likewise()
    {
        if (!File.Exists("/proc/cpuinfo"))
            Assert.Skip("there is no /proc");
        Assert.Equal(0, new FileInfo("/proc/cpuinfo").Length);
        Assert.True(RegularFile.ReadBytes("/proc/cpuinfo", FileLimit.Document).Length > 10);
        Assert.Contains(
            "has more than 10 bytes",
            Assert.Throws<InputException>(() => RegularFile.ReadBytes("/proc/cpuinfo", s_ten)).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<InputException>(() => RegularFile.ReadBytes("/proc/self/mem", FileLimit.Document));
    }

    [Fact]
    public void Absent_files_folders_and_loops_are_one_line()
    {
        Assert.Equal($"{_folder.File("none")}: no such note", Refused("none"));
        Assert.Equal($"{_folder.File("none/at/all")}: no such note", Refused("none/at/all"));
        Directory.CreateDirectory(_folder.File("folder"));
        Assert.Equal($"{_folder.File("folder")}: is a folder; expected a note", Refused("folder"));
        File.CreateSymbolicLink(_folder.File("loop"), _folder.File("loop"));
        Assert.StartsWith($"{_folder.File("loop")}: ", Refused("loop"), StringComparison.Ordinal);
    }

    [Fact]
    public void Links_to_files_are_followed()
    {
        File.WriteAllText(_folder.File("ten"), "0123456789");
        File.CreateSymbolicLink(_folder.File("link"), _folder.File("ten"));
        Assert.Equal("0123456789", RegularFile.ReadText(_folder.File("link"), s_ten));
    }

    [Theory]
    [InlineData(new byte[] { 0xEF, 0xBB, 0xBF, 65 }, "A")]
    [InlineData(new byte[] { 65, 0xC3, 0xA9 }, "Aé")]
    [InlineData(new byte[0], "")]
    public void Text_is_UTF_8_with_or_without_its_mark(byte[] bytes, string text)
    {
        File.WriteAllBytes(_folder.File("text"), bytes);
        Assert.Equal(text, RegularFile.ReadText(_folder.File("text"), s_ten));
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFE, 65, 0 }, "UTF-16 byte-order mark")]
    [InlineData(new byte[] { 65, 0, 66 }, "NUL byte at byte 1")]
    [InlineData(new byte[] { 65, 0xE9, 66 }, "byte 1 (0xE9) is not valid UTF-8")]
    public void What_is_no_text_is_refused_with_its_place(byte[] bytes, string expected)
    {
        File.WriteAllBytes(_folder.File("text"), bytes);
        Assert.Contains(
            expected,
            Assert.Throws<InputException>(() => RegularFile.ReadText(_folder.File("text"), s_ten)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Lines_are_those_of_the_text()
    {
        File.WriteAllText(_folder.File("lines"), "a\nb\r\n\nc");
        Assert.Equal(["a", "b", "", "c"], RegularFile.ReadLines(_folder.File("lines"), s_ten));
    }

    [Fact]
    public void A_pipe_or_a_device_is_not_written_over()
    {
        string pipe = _folder.File("pipe");
        using (Process mkfifo = Process.Start("mkfifo", [pipe]))
            mkfifo.WaitForExit();
        Assert.Contains(
            "is a pipe",
            Assert.Throws<InputException>(() => AtomicFile.WriteText(pipe, "x")).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "is a pipe",
            Assert.Throws<InputException>(() => AtomicFile.Write(pipe, s => s.WriteByte(1))).Message,
            StringComparison.Ordinal
        );
        Assert.Equal([pipe], Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(pipe)!));
    }

    private string Refused(string name) => Assert.Throws<InputException>(() => RegularFile.ReadBytes(_folder.File(name), s_ten)).Message;
}
