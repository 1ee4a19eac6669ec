// Archives that take our names, a name twice, somebody's file, or all of the disk.
using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Gaplab.Numerics;
using Gaplab.Studies.Datasets;

namespace Gaplab.Training.Tests.Datasets;

public sealed class ArchiveSpecs : IDisposable
{
    private readonly TestFolder _folder = new();
    private int _count;

    public ArchiveSpecs() => Directory.CreateDirectory(Out);

    private string Out => _folder.File("out");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("checksums.json", "a name of the folder's own")]
    [InlineData("CHECKSUMS.json", "a name of the folder's own")]
    [InlineData(".unpacking/x", "a name of the folder's own")]
    [InlineData("set.part", "a name of the folder's own")]
    [InlineData("other.gz", "a name of the folder's own")]
    [InlineData("good.txt", "twice")]
    [InlineData("GOOD.txt", "twice")]
    [InlineData("./good.txt", "twice")]
    [InlineData("good.txt/inside", "as a file and as a folder")]
    public void A_name_that_is_taken_is_refused_before_anything_is_written(string name, string says)
    {
        foreach (string archive in Both(("good.txt", "1"), (name, "2")))
        {
            Assert.Contains(says, Refused(archive, "other.gz"), StringComparison.Ordinal);
            Assert.Empty(Directory.GetFileSystemEntries(Out));
            Faults.HostileArchive.Caused(1);
        }
    }

    [Fact]
    public void A_bomb_is_refused_before_anything_is_written()
    {
        foreach (string archive in Both(("zeros.bin", new string('\0', 80 << 20))))
        {
            Assert.True(new FileInfo(archive).Length < 1 << 20);
            Assert.Contains("50 times its size", Refused(archive), StringComparison.Ordinal);
            Assert.Empty(Directory.GetFileSystemEntries(Out));
            Faults.HostileArchive.Caused(1);
        }
    }

    [Fact]
    public void An_entry_that_says_too_little_of_itself_is_no_way_round()
    {
        string zip = Both(("zeros.bin", new string('\0', 80 << 20)))[1];
        byte[] bytes = File.ReadAllBytes(zip);
        // The length of the unpacked file in the central directory, which readers believe.
        int central = bytes.AsSpan().LastIndexOf("PK\u0001\u0002"u8);
        BitConverter.GetBytes(1000).CopyTo(bytes, central + 24);
        File.WriteAllBytes(zip, bytes);
        // It is refused, or no more comes of it than it says.
        try
        {
            ArchiveUnpacker.Unpack(zip, Out);
        }
        catch (InputException)
        {
            Assert.Empty(Directory.GetFileSystemEntries(Out));
        }
        Assert.True(Directory.GetFiles(Out).Sum(f => new FileInfo(f).Length) <= 1000);
    }

    [Fact]
    public void Somebodys_file_stays_and_the_same_file_is_none_the_worse()
    {
        foreach (string archive in Both(("one.txt", "1"), ("two.txt", "2")))
        {
            File.WriteAllText(Path.Combine(Out, "two.txt"), "mine");
            Assert.Contains("two.txt is there and differs", Refused(archive), StringComparison.Ordinal);
            Assert.Equal("mine", File.ReadAllText(Path.Combine(Out, "two.txt")));
            Assert.Single(Directory.GetFileSystemEntries(Out));
            File.Delete(Path.Combine(Out, "two.txt"));
            Assert.Equal(2, ArchiveUnpacker.Unpack(archive, Out).Count);
            Assert.Equal(2, ArchiveUnpacker.Unpack(archive, Out).Count);
            foreach (string file in Directory.GetFiles(Out))
                File.Delete(file);
        }
    }

    private string Refused(string archive, params string[] reserved) =>
        Assert.Throws<InputException>(() => ArchiveUnpacker.Unpack(archive, Out, reserved)).Message;

    private string[] Both(params (string Name, string Text)[] files)
    {
        string tar = _folder.File($"{++_count}.tar.gz"),
            zip = _folder.File($"{_count}.zip");
        using (var writer = new TarWriter(new GZipStream(File.Create(tar), CompressionLevel.Fastest)))
            foreach ((string name, string text) in files)
                writer.WriteEntry(
                    new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) }
                );
        using (var archive = new ZipArchive(File.Create(zip), ZipArchiveMode.Create))
            foreach ((string name, string text) in files)
                using (var writer = new StreamWriter(archive.CreateEntry(name).Open()))
                    writer.Write(text);
        return [tar, zip];
    }
}
