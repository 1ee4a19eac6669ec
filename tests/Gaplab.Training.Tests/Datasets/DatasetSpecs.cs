// Data sets over a local server: whole, resumed, broken off, wrong; from a mirror; unpacked, with archives that try to get out.
using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Gaplab.Numerics;
using Gaplab.Studies.Datasets;

namespace Gaplab.Training.Tests.Datasets;

public sealed class DatasetSpecs : IDisposable
{
    private static readonly byte[] s_bytes = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 31 + i / 7))];
    private readonly TestFolder _folder = new();
    private readonly List<string> _said = [];

    [Fact]
    public void A_file_is_fetched_checked_and_recorded_and_the_second_fetch_asks_nobody()
    {
        using var server = new Server(s_bytes);
        Fetch(Set(server.Url, Sha(s_bytes)));
        Assert.Equal(s_bytes, File.ReadAllBytes(At("file.bin")));
        Assert.Equal(
            ("catalogue", Sha(s_bytes)[7..]),
            (Folder.Read(Set(server.Url))["file.bin"].Trust, Folder.Read(Set(server.Url))["file.bin"].Sha256)
        );
        Fetch(Set(server.Url, Sha(s_bytes)));
        Assert.Single(server.Ranges);
        Assert.Equal(FileState.Good, Folder.Verify(Set(server.Url, Sha(s_bytes)), Set(server.Url, Sha(s_bytes)).Files[0]));
    }

    [Fact]
    public void A_part_is_gone_on_with_and_not_fetched_again()
    {
        using var server = new Server(s_bytes);
        Directory.CreateDirectory(Folder.Of(Set(server.Url)));
        File.WriteAllBytes(At("file.bin.part"), s_bytes[..100_000]);
        Fetch(Set(server.Url, Sha(s_bytes)));
        Assert.Equal(["bytes=100000-"], server.Ranges);
        Assert.Equal(s_bytes, File.ReadAllBytes(At("file.bin")));
        Assert.False(File.Exists(At("file.bin.part")));
    }

    [Fact]
    public void A_connection_that_breaks_off_is_gone_on_with()
    {
        using var server = new Server(s_bytes) { BreakAfter = 120_000 };
        Fetch(Set(server.Url, Sha(s_bytes)));
        Assert.True(server.Ranges.Count >= 3, string.Join(", ", server.Ranges));
        Assert.Equal(s_bytes, File.ReadAllBytes(At("file.bin")));
    }

    [Fact]
    public void A_server_that_knows_no_ranges_is_asked_for_all_of_it()
    {
        using var server = new Server(s_bytes) { KnowsRanges = false };
        Directory.CreateDirectory(Folder.Of(Set(server.Url)));
        File.WriteAllBytes(At("file.bin.part"), s_bytes[..50_000]);
        Fetch(Set(server.Url, Sha(s_bytes)));
        Assert.Equal(s_bytes, File.ReadAllBytes(At("file.bin")));
    }

    [Fact]
    public void A_whole_part_is_taken_and_one_that_is_too_long_is_begun_again()
    {
        using var server = new Server(s_bytes);
        Directory.CreateDirectory(Folder.Of(Set(server.Url)));
        File.WriteAllBytes(At("file.bin.part"), s_bytes);
        Fetch(Set(server.Url, Sha(s_bytes)));
        Assert.Equal(s_bytes, File.ReadAllBytes(At("file.bin")));
        File.Delete(At("file.bin"));
        File.WriteAllBytes(At("file.bin.part"), new byte[400_000]);
        Fetch(Set(server.Url, Sha(s_bytes)));
        Assert.Equal(s_bytes, File.ReadAllBytes(At("file.bin")));
    }

    [Theory]
    [InlineData("sha256:0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("md5:00000000000000000000000000000000")]
    public void A_wrong_checksum_leaves_nothing_that_a_run_could_read(string checksum)
    {
        using var server = new Server(s_bytes);
        InputException error = Assert.Throws<InputException>(() => Fetch(Set(server.Url, checksum)));
        Assert.Contains($"expected {checksum}", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Folder.Of(Set(server.Url))));
    }

    [Fact]
    public void A_wrong_size_is_refused_too()
    {
        using var server = new Server(s_bytes);
        Dataset set = Set(server.Url) with { Files = [new DatasetFile("file.bin", server.Url + "file.bin", 5, null)] };
        Assert.Contains("has 300000 bytes, expected 5", Assert.Throws<InputException>(() => Fetch(set)).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(At("file.bin")));
    }

    [Fact]
    public void Without_a_known_checksum_the_first_fetch_is_recorded_said_and_binding()
    {
        using var server = new Server(s_bytes);
        Fetch(Set(server.Url));
        Assert.Contains(
            _said,
            s => s.Contains("no checksum is known", StringComparison.Ordinal) && s.Contains(Sha(s_bytes)[7..], StringComparison.Ordinal)
        );
        Assert.Equal("first-fetch", Folder.Read(Set(server.Url))["file.bin"].Trust);
        File.Delete(At("file.bin"));
        using var other = new Server([1, 2, 3]);
        Assert.Contains(
            "as at the first fetch",
            Assert.Throws<InputException>(() => Fetch(Set(other.Url))).Message,
            StringComparison.Ordinal
        );
        Assert.False(File.Exists(At("file.bin")));
    }

    [Fact]
    public void A_file_that_is_there_and_wrong_is_named_and_left()
    {
        using var server = new Server(s_bytes);
        Directory.CreateDirectory(Folder.Of(Set(server.Url)));
        File.WriteAllText(At("file.bin"), "mine");
        Assert.Contains(
            "remove it",
            Assert.Throws<InputException>(() => Fetch(Set(server.Url, Sha(s_bytes)))).Message,
            StringComparison.Ordinal
        );
        Assert.Equal("mine", File.ReadAllText(At("file.bin")));
        Assert.Equal(FileState.Wrong, Folder.Verify(Set(server.Url, Sha(s_bytes)), Set(server.Url, Sha(s_bytes)).Files[0]));
    }

    [Fact]
    public void A_missing_file_is_one_line_and_not_an_attempt_after_the_other()
    {
        using var server = new Server(s_bytes) { Status = 404 };
        Assert.Contains("answers 404", Assert.Throws<InputException>(() => Fetch(Set(server.Url))).Message, StringComparison.Ordinal);
        Assert.Single(server.Ranges);
    }

    [Fact]
    public void A_mirror_may_be_a_folder_or_a_url()
    {
        string mirror = _folder.File("mirror");
        Directory.CreateDirectory(Path.Combine(mirror, "set"));
        File.WriteAllBytes(Path.Combine(mirror, "set", "file.bin"), s_bytes);
        new DatasetFetcher(Folder, mirror, _said.Add).Fetch(
            Set("https://nowhere.invalid/", Sha(s_bytes)),
            TestContext.Current.CancellationToken
        );
        Assert.Equal(s_bytes, File.ReadAllBytes(At("file.bin")));
        File.Delete(At("file.bin"));
        using var server = new Server(s_bytes);
        new DatasetFetcher(Folder, server.Url, _said.Add).Fetch(
            Set("https://nowhere.invalid/", Sha(s_bytes)),
            TestContext.Current.CancellationToken
        );
        Assert.Equal("/set/file.bin", Assert.Single(server.Paths));
    }

    [Fact]
    public void Archives_are_unpacked_whole()
    {
        Directory.CreateDirectory(_folder.File("out"));
        string tar = Tar(("a/one.txt", "1"), ("two.txt", "2")),
            zip = Zip(("b/three.txt", "3"));
        Assert.Equal(["a/one.txt", "two.txt"], ArchiveUnpacker.Unpack(tar, _folder.File("out")));
        Assert.Equal(["b/three.txt"], ArchiveUnpacker.Unpack(zip, _folder.File("out")));
        Assert.Equal(("1", "3"), (File.ReadAllText(_folder.File("out/a/one.txt")), File.ReadAllText(_folder.File("out/b/three.txt"))));
        Assert.Equal(3, Directory.GetFiles(_folder.File("out"), "*", SearchOption.AllDirectories).Length);
    }

    [Theory]
    [InlineData("../evil.txt")]
    [InlineData("a/../../evil.txt")]
    [InlineData("/tmp/gaplab-evil.txt")]
    [InlineData("a\\..\\..\\evil.txt")]
    public void An_entry_that_leads_out_is_refused_before_anything_is_written(string name)
    {
        foreach (string archive in (string[])[Tar(("good.txt", "1"), (name, "2")), Zip(("good.txt", "1"), (name, "2"))])
        {
            Directory.CreateDirectory(_folder.File("out"));
            Assert.Contains(
                "leads out of the folder",
                Assert.Throws<InputException>(() => ArchiveUnpacker.Unpack(archive, _folder.File("out"))).Message,
                StringComparison.Ordinal
            );
            Assert.Empty(Directory.GetFileSystemEntries(_folder.File("out")));
            Assert.False(File.Exists("/tmp/gaplab-evil.txt"));
        }
    }

    [Fact]
    public void Links_broken_archives_and_empty_files_are_refused()
    {
        Directory.CreateDirectory(_folder.File("out"));
        string link = _folder.File("link.tar.gz");
        using (var writer = new TarWriter(new GZipStream(File.Create(link), CompressionLevel.Fastest)))
            writer.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "passwd") { LinkName = "/etc/passwd" });
        Assert.Contains(
            "expected files only",
            Assert.Throws<InputException>(() => ArchiveUnpacker.Unpack(link, _folder.File("out"))).Message,
            StringComparison.Ordinal
        );
        string whole = Tar(("one.txt", new string('x', 100_000))),
            cut = _folder.File("cut.tar.gz");
        File.WriteAllBytes(cut, File.ReadAllBytes(whole)[..60]);
        Assert.Throws<InputException>(() => ArchiveUnpacker.Unpack(cut, _folder.File("out")));
        string zip = _folder.File("bad.zip");
        File.WriteAllText(zip, "no zip");
        Assert.Throws<InputException>(() => ArchiveUnpacker.Unpack(zip, _folder.File("out")));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.File("out")));
    }

    [Fact]
    public void The_catalogue_is_whole()
    {
        Assert.Equal(DatasetCatalogue.All.Count, DatasetCatalogue.All.Select(d => d.Name).Distinct().Count());
        foreach (DatasetFile file in DatasetCatalogue.All.SelectMany(d => d.Files))
        {
            Assert.Equal("https", new Uri(file.Url).Scheme);
            Assert.Equal(Path.GetFileName(file.Name), file.Name);
            if (file.Checksum is { } sum)
                Assert.Matches("^(sha256:[0-9a-f]{64}|md5:[0-9a-f]{32})$", sum);
        }
        Assert.Contains(
            "nearest valid name 'mnist'",
            Assert.Throws<InputException>(() => DatasetCatalogue.Find("mnsit")).Message,
            StringComparison.Ordinal
        );
    }

    public void Dispose() => _folder.Dispose();

    private DatasetFolder Folder => new(_folder.File("data"));

    private string At(string name) => Path.Combine(_folder.File("data"), "set", name);

    private void Fetch(Dataset set) => new DatasetFetcher(Folder, null, _said.Add).Fetch(set, TestContext.Current.CancellationToken);

    private static Dataset Set(string url, string? checksum = null) =>
        new("set", "", "", "", [new DatasetFile("file.bin", url + "file.bin", null, checksum)]);

    private static string Sha(byte[] bytes) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes));

    private string Tar(params (string Name, string Text)[] files)
    {
        string path = _folder.File($"{Guid.NewGuid():N}.tar.gz");
        using var writer = new TarWriter(new GZipStream(File.Create(path), CompressionLevel.Fastest));
        foreach ((string name, string text) in files)
            writer.WriteEntry(
                new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) }
            );
        return path;
    }

    private string Zip(params (string Name, string Text)[] files)
    {
        string path = _folder.File($"{Guid.NewGuid():N}.zip");
        using var zip = new ZipArchive(File.Create(path), ZipArchiveMode.Create);
        foreach ((string name, string text) in files)
        {
            using var writer = new StreamWriter(zip.CreateEntry(name).Open());
            writer.Write(text);
        }
        return path;
    }

    /// <summary>Serves one file on this machine, with the faults asked for.</summary>
    private sealed class Server : IDisposable
    {
        private readonly HttpListener _listener;
        private readonly byte[] _bytes;

        public Server(byte[] bytes)
        {
            _bytes = bytes;
            for (int port = 20000 + Environment.ProcessId % 20000; ; port++)
            {
                Url = $"http://127.0.0.1:{port}/";
                // A listener that could not start is of no more use.
                _listener = new HttpListener();
                _listener.Prefixes.Add(Url);
                try
                {
                    _listener.Start();
                    break;
                }
                catch (HttpListenerException) { }
            }
            new Thread(Serve) { IsBackground = true }.Start();
        }

        public string Url { get; }
        public List<string> Ranges { get; } = [];
        public List<string> Paths { get; } = [];
        public int? BreakAfter { get; init; }
        public bool KnowsRanges { get; init; } = true;
        public int Status { get; init; } = 200;

        public void Dispose() => _listener.Close();

        private void Serve()
        {
            while (_listener.IsListening)
            {
                try
                {
                    Answer(_listener.GetContext());
                }
                catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException or IOException)
                { }
            }
        }

        private void Answer(HttpListenerContext context)
        {
            string range = context.Request.Headers["Range"] ?? "";
            Ranges.Add(range);
            Paths.Add(context.Request.Url!.AbsolutePath);
            int from =
                KnowsRanges && range.Length > 0
                    ? int.Parse(range["bytes=".Length..^1], System.Globalization.CultureInfo.InvariantCulture)
                    : 0;
            HttpListenerResponse response = context.Response;
            response.StatusCode =
                Status != 200 ? Status
                : from >= _bytes.Length ? 416
                : from > 0 ? 206
                : 200;
            if (response.StatusCode == 416)
                response.Headers["Content-Range"] = $"bytes */{_bytes.Length}";
            if (response.StatusCode == 206)
                response.Headers["Content-Range"] = $"bytes {from}-{_bytes.Length - 1}/{_bytes.Length}";
            if (response.StatusCode >= 400)
            {
                response.Close();
                return;
            }
            response.ContentLength64 = _bytes.Length - from;
            int length = Math.Min(_bytes.Length - from, BreakAfter ?? int.MaxValue);
            response.OutputStream.Write(_bytes, from, length);
            response.OutputStream.Flush();
            if (length < _bytes.Length - from)
                response.Abort();
            else
                response.Close();
        }
    }
}
