// One file over HTTP: bounded by what is known of it, resumed where it stopped, and never more or other than was asked for.
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;

namespace Gaplab.Studies.Datasets;

/// <summary>Downloads into a ".part" file.</summary>
/// <param name="handler">Of the connection; null is the system's.</param>
/// <param name="say">Told what happens, a line at a time.</param>
internal sealed partial class Download(HttpMessageHandler? handler, Action<string> say)
{
    /// <summary>The most that a file of unknown size may be; the largest of the catalogue has 0.2 GiB.</summary>
    public const long Most = 1L << 30;

    private const int Attempts = 4,
        Redirects = 10;

    // What a disk is left with at least.
    private const long Spare = 64L << 20;
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(60);

    /// <summary>An address as it may be shown and stored: without a user's name and password.</summary>
    public static string Shown(string address) => Credentials().Replace(address, "");

    /// <summary>Fetches the rest of a file, attempt after attempt.</summary>
    /// <param name="source">http or https; a user's name and password in it are sent to its host alone.</param>
    /// <param name="part">What is here of it already, and where it goes.</param>
    /// <param name="size">Bytes, where known.</param>
    /// <param name="stop">Ends it between two reads.</param>
    /// <exception cref="InputException">No connection, or an answer that is not the file asked for.</exception>
    public void Fetch(string source, string part, long? size, CancellationToken stop)
    {
        using var client = new HttpClient(
            handler ?? new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(20), AllowAutoRedirect = false },
            disposeHandler: handler is null
        )
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        string shown = Shown(source);
        Begin(part, size ?? Most);
        for (int attempt = 1; ; attempt++)
        {
            long before = Length(part);
            try
            {
                Continue(client, source, part, size, stop);
                return;
            }
            catch (HttpRequestException e) when (e.StatusCode is { } status)
            {
                throw new InputException(
                    $"{shown} answers {(int)status} ({status}); is the address still right? Another source can be given with --mirror",
                    e
                );
            }
            catch (Exception e)
                when (!AtomicFile.IsDiskFull(e)
                    && e is HttpRequestException or IOException or OperationCanceledException
                    && !stop.IsCancellationRequested
                )
            {
                // A connection that brought something is worth another attempt without end in sight of the file.
                if (Length(part) > before)
                    attempt = 1;
                else if (attempt >= Attempts)
                    throw new InputException(
                        $"{shown} cannot be fetched: {e.Message.ReplaceLineEndings(" ")}; what has come is kept "
                            + $"({Length(part)}{(size is { } s ? $" of {s}" : "")} bytes) and the same command goes on",
                        e
                    );
            }
        }
    }

    /// <summary>Copies a file of a mirror that is a folder, no more than <see cref="Fetch"/> would take.</summary>
    /// <exception cref="InputException">It is not there, or too large.</exception>
    public static void Copy(string source, string part, long? size)
    {
        if (!File.Exists(source))
            throw new InputException($"the mirror has no {source}; expected NAME/FILE below it");
        File.Delete(part);
        using FileStream from = RegularFile.Open(source);
#pragma warning disable RS0030 // Writes.
        using var to = new FileStream(part, FileMode.CreateNew, FileAccess.Write);
#pragma warning restore RS0030
        Bounded(from.Read, to, 0, size, source, part);
    }

    /// <summary>Refuses a folder in its place; removes a link, which would lead the bytes elsewhere, and what cannot be the beginning of
    /// the file.</summary>
    private static void Begin(string part, long most)
    {
        if (Directory.Exists(part))
            throw new InputException($"{part} is a folder; remove it and fetch the data again");
        if (new FileInfo(part).LinkTarget is not null || Length(part) > most)
            File.Delete(part);
    }

    /// <summary>One connection: from where the part ends, or from the start where the server will not go on.</summary>
    private void Continue(HttpClient client, string source, string part, long? size, CancellationToken stop)
    {
        long at = Length(part);
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(stop);
        silence.CancelAfter(s_silence);
        using HttpResponseMessage response = Ask(client, new Uri(source), at, silence.Token);
        string shown = Shown(source);
        ContentRangeHeaderValue? range = response.Content.Headers.ContentRange;
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            // All of it is here already, or it is a part of something else.
            if (range?.Length == at)
                return;
            File.Delete(part);
            throw new IOException("the part that was here does not fit the file; starting again");
        }
        response.EnsureSuccessStatusCode();
        bool goesOn = response.StatusCode == HttpStatusCode.PartialContent;
        long? length = response.Content.Headers.ContentLength;
        if (
            goesOn
            && !(
                at > 0
                && range is { Unit: "bytes", From: { } from, To: { } to }
                && from == at
                && (length is null || length == to - from + 1)
            )
        )
            throw new InputException(
                $"{shown} answers with a part of the file, '{range?.ToString() ?? "no range"}', where "
                    + $"{(at > 0 ? $"bytes from {at} on were" : "the whole was")} asked for; nothing of it was kept. Another source can "
                    + $"be given with --mirror"
            );
        if (!goesOn && response.StatusCode != HttpStatusCode.OK)
            throw new HttpRequestException(null, null, response.StatusCode);
        if (at > 0)
            say(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Path.GetFileName(part)[..^5]}: {(goesOn ? $"goes on after {at} bytes" : "the server cannot go on, starting again")}"
                )
            );
        if (!goesOn)
            at = 0;
        long? whole = goesOn ? range!.Length : length;
        if (whole is { } all && (size is { } known ? all != known : all > Most))
            throw TooLarge(shown, all, size, part);
        Room(part, (whole ?? size ?? 0) - at);
        if (!goesOn)
            File.Delete(part);
        using (Stream stream = response.Content.ReadAsStream(silence.Token))
#pragma warning disable RS0030 // Writes.
        using (var file = new FileStream(part, goesOn ? FileMode.Append : FileMode.CreateNew, FileAccess.Write))
#pragma warning restore RS0030
        {
            Bounded(
                (buffer, offset, count) =>
                {
                    silence.CancelAfter(s_silence);
                    return stream.ReadAsync(buffer, offset, count, silence.Token).GetAwaiter().GetResult();
                },
                file,
                at,
                size,
                shown,
                part
            );
        }
        if (whole is { } expected && Length(part) < expected)
            throw new IOException($"the connection ended after {Length(part)} of {expected} bytes");
    }

    /// <summary>The answer to a request, by way of the redirects that lead to another address of the web.</summary>
    private static HttpResponseMessage Ask(HttpClient client, Uri source, long at, CancellationToken stop)
    {
        Uri asked = source;
        for (int hop = 0; hop <= Redirects; hop++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new UriBuilder(asked) { UserName = "", Password = "" }.Uri);
            if (at > 0)
                request.Headers.Range = new RangeHeaderValue(at, null);
            if (source.UserInfo.Length > 0 && asked.Authority == source.Authority && asked.Scheme == source.Scheme)
                request.Headers.Authorization = new AuthenticationHeaderValue(
                    "Basic",
                    Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(source.UserInfo)))
                );
            HttpResponseMessage response = client.Send(request, HttpCompletionOption.ResponseHeadersRead, stop);
            if (
                response.StatusCode
                is not (
                    HttpStatusCode.MovedPermanently
                    or HttpStatusCode.Found
                    or HttpStatusCode.SeeOther
                    or HttpStatusCode.TemporaryRedirect
                    or HttpStatusCode.PermanentRedirect
                )
            )
                return response;
            string to = response.Headers.TryGetValues("Location", out IEnumerable<string>? places) ? places.First() : "";
            response.Dispose();
            if (
                to.Length == 0
                || !Uri.TryCreate(asked, to, out Uri? next)
                || next.Scheme is not ("http" or "https")
                || asked.Scheme == "https" && next.Scheme == "http"
            )
                throw new InputException(
                    $"{Shown(source.ToString())} redirects to '{Shown(to)}'; expected an address that begins with "
                        + $"{(asked.Scheme == "https" ? "https://" : "http:// or https://")}. Another source can be given with --mirror"
                );
            asked = next;
        }
        throw new InputException(
            $"{Shown(source.ToString())} redirects more than {Redirects} times; is the address still right? Another source can be given "
                + $"with --mirror"
        );
    }

    private static void Bounded(Func<byte[], int, int, int> read, FileStream file, long at, long? size, string shown, string part)
    {
        var buffer = new byte[1 << 16];
        long total = at;
        while (read(buffer, 0, buffer.Length) is > 0 and var count)
        {
            if ((total += count) > (size ?? Most))
            {
                file.Dispose();
                throw TooLarge(shown, null, size, part);
            }
            file.Write(buffer, 0, count);
        }
    }

    // What is of another size is another file: what came of it is of no use.
    private static InputException TooLarge(string shown, long? bytes, long? size, string part)
    {
        File.Delete(part);
        return new InputException(
            $"{shown} has {(bytes is { } stated ? $"{stated}" : $"more than {size ?? Most}")} bytes, expected "
                + $"{(size is { } known ? $"{known}" : $"at most {Most}")}; nothing of it was kept. Another source can be given "
                + $"with --mirror"
        );
    }

    private static void Room(string part, long needed)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(part))!;
        if (FreeSpace.Of(folder) is { } free && needed > 0 && free < needed + Spare)
            throw new InputException(
                $"{folder} has {ByteSize.Format(free)} free, and the download needs {ByteSize.Format(needed)}; free some space, or choose "
                    + $"another folder with --to"
            );
    }

    private static long Length(string path) => File.Exists(path) ? new FileInfo(path).Length : 0;

    [GeneratedRegex("(?<=//)[^/?#]*@")]
    private static partial Regex Credentials();
}
