// Downloads: resumed where they stopped, checked before they get their name, from the source or from a mirror.
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Gaplab.Numerics;

namespace Gaplab.Studies.Datasets;

/// <summary>Fetches data sets into a folder.</summary>
/// <param name="folder">Where they go.</param>
/// <param name="mirror">A folder, or the URL of one, that holds NAME/FILE; null is the source of each file.</param>
/// <param name="say">Told what happens, a line at a time.</param>
/// <param name="handler">Of the connection; null is the system's.</param>
public sealed class DatasetFetcher(DatasetFolder folder, string? mirror, Action<string> say, HttpMessageHandler? handler = null)
{
    private const int Attempts = 4;
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(60);

    /// <summary>Fetches the files that are absent or incomplete; a file that is there and good is left alone.</summary>
    /// <exception cref="InputException">No connection, a wrong checksum (nothing of it is kept), or a file there that is not the data set's.</exception>
    public void Fetch(Dataset set, CancellationToken stop = default)
    {
        Directory.CreateDirectory(folder.Of(set));
        foreach (DatasetFile file in set.Files)
        {
            string path = folder.Of(set, file);
            if (File.Exists(path))
            {
                if (folder.Objection(set, file, path) is { } wrong) throw new InputException($"{path} {wrong}; remove it and fetch the data again");
                say($"{file.Name}: there already");
                if (!folder.Read(set).ContainsKey(file.Name)) Keep(set, file, path, "found in the folder");
                continue;
            }
            FetchOne(set, file, stop);
        }
    }

    private void FetchOne(Dataset set, DatasetFile file, CancellationToken stop)
    {
        string part = folder.PartOf(set, file), source = SourceOf(set, file);
        if (!source.Contains("://", StringComparison.Ordinal))
        {
            if (!File.Exists(source)) throw new InputException($"the mirror has no {source}; expected NAME/FILE below it");
            RegularFile.RefuseSpecial(source);
            File.Copy(source, part, overwrite: true);
        }
        else
        {
            Download(source, part, file.Size, stop);
        }
        if (folder.Objection(set, file, part) is { } wrong)
        {
            File.Delete(part);
            throw new InputException($"{source} {wrong}; nothing of it was kept. Try again, or another --mirror");
        }
        string path = folder.Of(set, file);
        Keep(set, file, part, source);
        File.Move(part, path);
        say(file.Checksum is null
            ? $"{file.Name}: fetched; no checksum is known for it, so what came now is recorded and trusted from here on (sha256 {folder.Read(set)[file.Name].Sha256})"
            : $"{file.Name}: fetched, checksum right");
    }

    private void Keep(Dataset set, DatasetFile file, string path, string source) =>
        folder.Write(set, file.Name, new FetchedFile(new FileInfo(path).Length, DatasetFolder.Hash(path, "sha256"), file.Checksum is null ? "first-fetch" : "catalogue", source));

    private string SourceOf(Dataset set, DatasetFile file)
    {
        if (mirror is null) return file.Url;
        if (!mirror.Contains("://", StringComparison.Ordinal)) return Path.GetFullPath(Path.Combine(mirror, set.Name, file.Name));
        return Uri.TryCreate($"{mirror.TrimEnd('/')}/{set.Name}/{file.Name}", UriKind.Absolute, out Uri? uri) && uri.Scheme is "https" or "http" ? uri.ToString()
            : throw new InputException($"--mirror got '{mirror}'; expected a folder or a URL that begins with https:// or http://");
    }

    private void Download(string source, string part, long? size, CancellationToken stop)
    {
        using var client = new HttpClient(handler ?? new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(20) }, disposeHandler: handler is null) { Timeout = Timeout.InfiniteTimeSpan };
        for (int attempt = 1; ; attempt++)
        {
            long before = Length(part);
            try
            {
                Continue(client, source, part, stop);
                return;
            }
            catch (HttpRequestException e) when (e.StatusCode is { } status)
            {
                throw new InputException($"{source} answers {(int)status} ({status}); is the address still right? Another source can be given with --mirror", e);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException && !stop.IsCancellationRequested)
            {
                // A connection that brought something is worth another attempt without end in sight of the file.
                if (Length(part) > before) attempt = 1;
                else if (attempt >= Attempts) throw new InputException($"{source} cannot be fetched: {e.Message.ReplaceLineEndings(" ")}; what has come is kept ({Length(part)}{(size is { } s ? $" of {s}" : "")} bytes) and the same command goes on", e);
            }
        }
    }

    /// <summary>One connection: from where the part ends, or from the start where the server will not go on.</summary>
    private void Continue(HttpClient client, string source, string part, CancellationToken stop)
    {
        long at = Length(part);
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(stop);
        silence.CancelAfter(s_silence);
        using var request = new HttpRequestMessage(HttpMethod.Get, source);
        if (at > 0) request.Headers.Range = new RangeHeaderValue(at, null);
        using HttpResponseMessage response = client.Send(request, HttpCompletionOption.ResponseHeadersRead, silence.Token);
        bool goesOn = response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From == at;
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            // All of it is here already, or it is a part of something else.
            if (response.Content.Headers.ContentRange?.Length == at) return;
            File.Delete(part);
            throw new IOException("the part that was here does not fit the file; starting again");
        }
        response.EnsureSuccessStatusCode();
        if (at > 0) say(string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(part)[..^5]}: {(goesOn ? $"goes on after {at} bytes" : "the server cannot go on, starting again")}"));
        long? expected = response.Content.Headers.ContentLength;
        using Stream stream = response.Content.ReadAsStream(silence.Token);
#pragma warning disable RS0030 // Writes.
        using var file = new FileStream(part, goesOn ? FileMode.Append : FileMode.Create, FileAccess.Write);
#pragma warning restore RS0030
        var buffer = new byte[1 << 16];
        long came = 0;
        while (true)
        {
            silence.CancelAfter(s_silence);
            int read = stream.ReadAsync(buffer, silence.Token).AsTask().GetAwaiter().GetResult();
            if (read == 0) break;
            file.Write(buffer, 0, read);
            came += read;
        }
        if (expected is { } all && came < all) throw new IOException($"the connection ended after {came} of {all} bytes");
    }

    private static long Length(string path) => File.Exists(path) ? new FileInfo(path).Length : 0;
}
