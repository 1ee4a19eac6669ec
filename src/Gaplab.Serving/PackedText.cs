// A text as it is held and as it travels: compressed once, since most of it is read by a browser that asks for it again.
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gaplab.Serving;

/// <summary>UTF-8, as gzip. Pages and documents of very many runs are megabytes of like lines: a tenth of them is left.</summary>
internal sealed class PackedText
{
    private const int DigestLetters = 16;

    private PackedText(byte[] gzip, string digest) => (Gzip, Digest) = (gzip, digest);

    /// <summary>The bytes.</summary>
    public byte[] Gzip { get; }

    /// <summary>Differs where the text does.</summary>
    public string Digest { get; }

    public static PackedText Of(string text) =>
        Pack(stream =>
        {
            using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true);
            writer.Write(text);
        });

    /// <summary>A document, written into the compression as it is gone through.</summary>
    public static PackedText Of(JsonNode document) =>
        Pack(stream =>
        {
            using var writer = new Utf8JsonWriter(stream);
            document.WriteTo(writer);
        });

    private static PackedText Pack(Action<Stream> write)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            write(gzip);
        byte[] bytes = packed.ToArray();
        return new(bytes, Convert.ToHexStringLower(SHA256.HashData(bytes))[..DigestLetters]);
    }
}
