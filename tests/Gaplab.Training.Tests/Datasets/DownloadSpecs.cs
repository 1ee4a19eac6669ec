// Servers that send too much, something else, or lead elsewhere; and what of it is kept, shown and stored.
using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Gaplab.Numerics;
using Gaplab.Studies.Datasets;

namespace Gaplab.Training.Tests.Datasets;

public sealed class DownloadSpecs : IDisposable
{
    private static readonly byte[] s_file = [.. Enumerable.Range(0, 5000).Select(i => (byte)(i * 7))];
    private readonly TestFolder _folder = new();
    private readonly List<string> _said = [];

    public void Dispose() => _folder.Dispose();

    private DatasetFolder Folder => new(_folder.File("data"));

    private string Part => Path.Combine(_folder.File("data"), "set", "file.bin.part");

    private static Dataset Set(string url, long? size = null, string? checksum = null) =>
        new("set", "", "", "", [new DatasetFile("file.bin", url + "file.bin", size, checksum)]);

    private string Refused(string url, long? size = null, string? mirror = null)
    {
        string message = Assert
            .Throws<InputException>(() =>
                new DatasetFetcher(Folder, mirror, _said.Add).Fetch(Set(url, size), TestContext.Current.CancellationToken)
            )
            .Message;
        Faults.HostileServer.Caused(1);
        return message;
    }

    private void AssertNothingKept() =>
        Assert.Empty(Directory.Exists(Path.GetDirectoryName(Part)) ? Directory.GetFileSystemEntries(Path.GetDirectoryName(Part)!) : []);

    [Theory, InlineData(true), InlineData(false)]
    public void A_server_that_never_ends_is_left_at_the_size_that_is_known(bool tellsLength)
    {
        long sent = 0;
        using var server = new LocalServer(context =>
        {
            if (tellsLength)
                context.Response.ContentLength64 = 1L << 40;
            else
                context.Response.SendChunked = true;
            byte[] block = new byte[1 << 16];
            while (true)
            {
                context.Response.OutputStream.Write(block);
                Interlocked.Add(ref sent, block.Length);
            }
        });
        string line = Refused(server.Url, size: 100_000);
        Assert.Contains("expected 100000", line, StringComparison.Ordinal);
        Assert.Contains("nothing of it was kept", line, StringComparison.Ordinal);
        Assert.True(Interlocked.Read(ref sent) < 32 << 20, $"{sent} bytes were taken");
        Assert.Equal(1, server.Requests);
        AssertNothingKept();
    }

    [Fact]
    public void A_stated_length_above_the_most_is_refused_before_a_byte_is_written()
    {
        using var server = new LocalServer(context => context.Response.ContentLength64 = (1L << 30) + 1);
        Assert.Contains($"has {(1L << 30) + 1} bytes, expected at most {1L << 30}", Refused(server.Url), StringComparison.Ordinal);
        AssertNothingKept();
    }

    [Theory]
    [InlineData("bytes 999999-1000000/1000001")]
    [InlineData("bytes 0-1/2")]
    [InlineData("bytes 100-101/5000")]
    [InlineData("bytes */5000")]
    [InlineData("")]
    public void A_part_that_was_not_asked_for_is_no_file(string range)
    {
        using var server = new LocalServer(context =>
        {
            context.Response.StatusCode = 206;
            if (range.Length > 0)
                context.Response.Headers["Content-Range"] = range;
            context.Response.ContentLength64 = 2;
            context.Response.OutputStream.Write([1, 2]);
        });
        // Asked for the whole, and asked from the 10th byte on.
        Assert.Contains("answers with a part of the file", Refused(server.Url), StringComparison.Ordinal);
        AssertNothingKept();
        File.WriteAllBytes(Part, s_file[..10]);
        Assert.Contains("where bytes from 10 on were asked for", Refused(server.Url), StringComparison.Ordinal);
        Assert.Equal(s_file[..10], File.ReadAllBytes(Part));
        Assert.Empty(Folder.Read(Set(server.Url)));
    }

    [Fact]
    public void A_part_of_a_file_of_another_size_is_refused_too()
    {
        using var server = new LocalServer(context =>
        {
            context.Response.StatusCode = 206;
            context.Response.Headers["Content-Range"] = "bytes 10-11/99";
            context.Response.ContentLength64 = 2;
            context.Response.OutputStream.Write([1, 2]);
        });
        Directory.CreateDirectory(Path.GetDirectoryName(Part)!);
        File.WriteAllBytes(Part, s_file[..10]);
        Assert.Contains("has 99 bytes, expected 5000", Refused(server.Url, size: 5000), StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_may_send_a_file_in_several_parts()
    {
        using var server = new LocalServer(context =>
        {
            string? range = context.Request.Headers["Range"];
            int from = range is null ? 0 : int.Parse(range["bytes=".Length..^1], System.Globalization.CultureInfo.InvariantCulture),
                to = Math.Min(from + 2000, s_file.Length);
            if (from == 0)
            {
                // The connection breaks: what came is the beginning.
                context.Response.ContentLength64 = s_file.Length;
                context.Response.OutputStream.Write(s_file, 0, 2000);
                context.Response.OutputStream.Flush();
                throw new IOException();
            }
            context.Response.StatusCode = 206;
            context.Response.Headers["Content-Range"] = $"bytes {from}-{to - 1}/{s_file.Length}";
            context.Response.ContentLength64 = to - from;
            context.Response.OutputStream.Write(s_file, from, to - from);
        });
        new DatasetFetcher(Folder, null, _said.Add).Fetch(
            Set(server.Url, s_file.Length, "sha256:" + Convert.ToHexStringLower(SHA256.HashData(s_file))),
            TestContext.Current.CancellationToken
        );
        Assert.Equal(s_file, File.ReadAllBytes(Part[..^5]));
        Assert.Equal(3, server.Requests);
    }

    [Theory]
    [InlineData("file:///etc/passwd", "redirects to 'file:///etc/passwd'; expected an address that begins with http:// or https://")]
    [InlineData("ftp://127.0.0.1/x", "redirects to 'ftp://127.0.0.1/x'")]
    [InlineData("", "redirects to")]
    [InlineData("http://[", "redirects to 'http://['")]
    [InlineData("/file.bin", "redirects more than 10 times")]
    public void A_redirect_leads_to_the_web_or_is_one_line(string to, string says)
    {
        using var server = new LocalServer(context =>
        {
            context.Response.StatusCode = 302;
            if (to.Length > 0)
                context.Response.Headers["Location"] = to;
        });
        Assert.Contains(says, Refused(server.Url), StringComparison.Ordinal);
        AssertNothingKept();
    }

    [Fact]
    public void A_redirect_within_the_web_is_followed()
    {
        using var server = new LocalServer(context =>
        {
            if (context.Request.Url!.AbsolutePath == "/file.bin")
            {
                context.Response.StatusCode = 307;
                context.Response.Headers["Location"] = "/elsewhere";
                return;
            }
            context.Response.OutputStream.Write(s_file);
        });
        new DatasetFetcher(Folder, null, _said.Add).Fetch(Set(server.Url), TestContext.Current.CancellationToken);
        Assert.Equal(s_file, File.ReadAllBytes(Part[..^5]));
    }

    [Fact]
    public void A_mirrors_password_is_sent_to_it_alone_and_never_shown_or_stored()
    {
        string? first = null,
            second = null;
        using var other = new LocalServer(context =>
        {
            second = context.Request.Headers["Authorization"] ?? "none";
            context.Response.OutputStream.Write(s_file);
        });
        using var server = new LocalServer(context =>
        {
            first = context.Request.Headers["Authorization"];
            context.Response.StatusCode = 302;
            context.Response.Headers["Location"] = other.Url + "x";
        });
        string mirror = server.Url.Replace("//", "//user:p%40ss@", StringComparison.Ordinal);
        new DatasetFetcher(Folder, mirror, _said.Add).Fetch(Set("https://nowhere.invalid/"), TestContext.Current.CancellationToken);
        Assert.Equal(("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("user:p@ss")), "none"), (first, second));
        string record = File.ReadAllText(Path.Combine(Path.GetDirectoryName(Part)!, DatasetFolder.Record));
        Assert.Contains(server.Url, record, StringComparison.Ordinal);
        File.Delete(Part[..^5]);
        using var broken = new LocalServer(context => context.Response.StatusCode = 404);
        string line =
            Refused("https://nowhere.invalid/", mirror: broken.Url.Replace("//", "//user:p%40ss@", StringComparison.Ordinal))
            + Refused("https://nowhere.invalid/", mirror: "ftp://user:p%40ss@host/")
            + Refused("https://nowhere.invalid/", mirror: "http://user:p%40ss@[");
        Assert.DoesNotContain("user", string.Concat(_said) + record + line, StringComparison.Ordinal);
        Assert.DoesNotContain("ss@", string.Concat(_said) + record + line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_in_the_parts_place_is_not_followed()
    {
        using var server = new LocalServer(context => context.Response.OutputStream.Write(s_file));
        string mine = _folder.Write("mine.txt", "mine"),
            mirror = _folder.File("mirror/set/file.bin");
        Directory.CreateDirectory(Path.GetDirectoryName(mirror)!);
        File.WriteAllBytes(mirror, s_file);
        foreach (string? from in (string?[])[null, _folder.File("mirror")])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Part)!);
            File.CreateSymbolicLink(Part, mine);
            new DatasetFetcher(Folder, from, _said.Add).Fetch(Set(server.Url), TestContext.Current.CancellationToken);
            Assert.Equal("mine", File.ReadAllText(mine));
            Assert.Equal(s_file, File.ReadAllBytes(Part[..^5]));
            Assert.Null(new FileInfo(Part[..^5]).LinkTarget);
            Directory.Delete(Path.GetDirectoryName(Part)!, recursive: true);
        }
    }

    [Fact]
    public void A_mirrors_file_is_bounded_as_a_download_is()
    {
        Directory.CreateDirectory(_folder.File("mirror/set"));
        File.WriteAllBytes(_folder.File("mirror/set/file.bin"), s_file);
        Assert.Contains(
            "has more than 100 bytes, expected 100",
            Refused("https://nowhere.invalid/", size: 100, mirror: _folder.File("mirror")),
            StringComparison.Ordinal
        );
        AssertNothingKept();
    }

    [Fact]
    public void Any_record_is_read_or_is_one_line()
    {
        Dataset set = Set("https://nowhere.invalid/");
        Folder.Write(set, "file.bin", new FetchedFile(5000, new string('a', 64), "first-fetch", "https://nowhere.invalid/file.bin"));
        string path = Path.Combine(Folder.Of(set), DatasetFolder.Record),
            whole = File.ReadAllText(path);
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Int[0, 8], Gen.String[Gen.Char["{}[]\":,0-9nulltrue\0é \n"], 0, 4])
            .Sample(
                (at, cut, put) =>
                {
                    File.WriteAllText(path, whole[..at] + put + whole[Math.Min(whole.Length, at + cut)..]);
                    try
                    {
                        return Folder.Read(set).Values.All(f => f.Sha256 is not null && f.Source is not null && f.Trust is not null);
                    }
                    catch (InputException e)
                    {
                        return !e.Message.Contains('\n', StringComparison.Ordinal);
                    }
                },
                seed: "0000KqXJ3Hd1",
                iter: 2_000,
                threads: 1
            );
    }

    [Theory]
    [InlineData("{\"file.bin\": null}")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"file.bin\": {}}")]
    [InlineData("{\"file.bin\": {\"bytes\": 1, \"sha256\": null, \"trust\": \"first-fetch\", \"source\": \"x\"}}")]
    [InlineData("{\"file.bin\": {\"bytes\": 1, \"sha256\": \"a\", \"trust\": \"first-fetch\", \"source\": null}}")]
    [InlineData("{\"file.bin\": 3}")]
    [InlineData("{")]
    [InlineData("")]
    public void A_record_that_is_none_is_one_line(string record)
    {
        using var server = new LocalServer(context => context.Response.OutputStream.Write(s_file));
        Directory.CreateDirectory(Path.GetDirectoryName(Part)!);
        File.WriteAllText(Path.Combine(Path.GetDirectoryName(Part)!, DatasetFolder.Record), record);
        Assert.Contains("checksums.json cannot be read", Refused(server.Url), StringComparison.Ordinal);
        File.WriteAllBytes(Part[..^5], s_file);
        Assert.Contains(
            "checksums.json cannot be read",
            Assert.Throws<InputException>(() => Folder.Verify(Set(server.Url), Set(server.Url).Files[0])).Message,
            StringComparison.Ordinal
        );
    }
}
