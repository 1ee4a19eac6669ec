// Reading a text from a UTF-8 file or a folder of them, strictly: what is not text is refused with its place.
using System.IO.Compression;
using System.Security.Cryptography;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;

namespace Gaplab.Learning.Data.Text;

/// <summary>The bytes of a text.</summary>
internal static class TextFiles
{
    /// <summary>
    /// The text of a file, or of a folder: every file below it except those whose name, or a folder's name on the way,
    /// starts with a dot; in ordinal order of the path relative to the folder (with '/'), joined without anything between.
    /// Links to folders are not followed. A leading UTF-8 byte-order mark of each file is dropped.
    /// </summary>
    /// <exception cref="InputException">Missing, unreadable, empty, not UTF-8, holding NUL bytes, or above 2 GB in all.</exception>
    public static byte[] Read(string path)
    {
        if (!Directory.Exists(path))
        {
            CheckExists(path, "text");
            byte[] text = ReadFile(path);
            return text.Length > 0 ? text : throw new InputException($"{path}: the text is empty; expected a UTF-8 text");
        }
        string[] files = [.. Files(path).OrderBy(f => f.Relative, StringComparer.Ordinal).Select(f => f.Full)];
        if (files.Length == 0)
            throw new InputException($"{path}: the folder holds no files (names that start with a dot do not count); expected UTF-8 texts");
        var parts = new List<byte[]>();
        long total = 0;
        foreach (string file in files)
        {
            parts.Add(ReadFile(file));
            if ((total += parts[^1].Length) > FileLimit.Text.Most)
                throw RegularFile.TooLarge(path, FileLimit.Text);
        }
        if (total == 0)
            throw new InputException($"{path}: all {files.Length} files of the folder are empty; expected UTF-8 texts");
        var joined = new byte[total];
        int at = 0;
        foreach (byte[] part in parts)
        {
            part.CopyTo(joined, at);
            at += part.Length;
        }
        return joined;
    }

    /// <exception cref="InputException">There is no such file.</exception>
    internal static void CheckExists(string path, string what)
    {
        if (Directory.Exists(path))
            throw new InputException($"{path}: is a folder; expected a {what}");
        if (!File.Exists(path))
            throw new InputException($"{path}: no such {what}; check the path (now in {Directory.GetCurrentDirectory()})");
    }

    internal static byte[] ReadBytes(string path, string what) => RegularFile.ReadBytes(path, FileLimit.Data(what));

    /// <summary>The text of one file, unpacked where it is gzip's; may be empty.</summary>
    /// <exception cref="InputException">As <see cref="Read"/>, or a broken archive.</exception>
    internal static byte[] ReadPacked(string path, string what)
    {
        CheckExists(path, what);
        byte[] bytes = ReadBytes(path, what);
        return Text(path, bytes is [0x1F, 0x8B, ..] ? Unpacked(path, bytes, what) : bytes);
    }

    /// <summary>The bytes of one binary file, unpacked where it is gzip's.</summary>
    /// <exception cref="InputException">Missing, unreadable or empty, or a broken archive.</exception>
    internal static byte[] ReadBinary(string path, string what)
    {
        CheckExists(path, what);
        byte[] bytes = ReadBytes(path, what);
        if (bytes is [0x1F, 0x8B, ..])
            bytes = Unpacked(path, bytes, what);
        return bytes.Length > 0 ? bytes : throw new InputException($"{path}: is empty; expected a {what}");
    }

    // An archive that was cut off unpacks without complaint to the beginning of its text. So another one is put behind it, which is
    // found only where the first is whole: archives joined are an archive of the texts joined (RFC 1952, section 2.2).
    private static byte[] Unpacked(string path, byte[] packed, string what)
    {
        ReadOnlySpan<byte> mark = "\0whole\0"u8;
        try
        {
            using var joined = new MemoryStream();
            joined.Write(packed);
            using (var end = new GZipStream(joined, CompressionLevel.Fastest, leaveOpen: true))
                end.Write(mark);
            joined.Position = 0;
            using var input = new GZipStream(joined, CompressionMode.Decompress);
            using var output = new MemoryStream();
            byte[] piece = new byte[1 << 16];
            // A megabyte may unpack to a thousand: what is larger than its kind may be is refused while it comes.
            for (int read; (read = input.Read(piece)) > 0; output.Write(piece, 0, read))
                if (output.Length + read > int.MaxValue - (1 << 16))
                    throw RegularFile.TooLarge(path, FileLimit.Data(what));
            ReadOnlySpan<byte> text = output.GetBuffer().AsSpan(0, (int)output.Length);
            return text.EndsWith(mark)
                ? text[..^mark.Length].ToArray()
                : throw new InputException($"{path}: cannot be unpacked, the .gz is broken or cut off; fetch or pack it again");
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw new InputException($"{path}: cannot be unpacked, the .gz is broken or cut off: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    private static byte[] ReadFile(string path) => Text(path, RegularFile.ReadBytes(path, FileLimit.Text));

    private static byte[] Text(string path, byte[] bytes) => Utf8Text.Start(path, bytes) is > 0 and var start ? bytes[start..] : bytes;

    private static IEnumerable<(string Relative, string Full)> Files(string folder)
    {
        IEnumerable<FileSystemInfo> Below(DirectoryInfo directory)
        {
            foreach (FileSystemInfo entry in directory.EnumerateFileSystemInfos())
            {
                if (entry.Name.StartsWith('.'))
                    continue;
                if (entry is not DirectoryInfo inner)
                    yield return entry;
                else if (inner.LinkTarget is null)
                    foreach (FileSystemInfo file in Below(inner))
                        yield return file;
            }
        }
        return Below(new DirectoryInfo(folder))
            .Select(f => (Path.GetRelativePath(folder, f.FullName).Replace(Path.DirectorySeparatorChar, '/'), f.FullName));
    }

    /// <summary>The row of the catalogue.</summary>
    internal static TaskKind Kind { get; } =
        new()
        {
            Name = "text",
            Says = "a UTF-8 file, or a folder of them",
            Samples = SampleKind.Tokens,
            Defaults = new TaskSpec { Kind = "text" },
            Keys =
            [
                TaskKey.FilePath("a UTF-8 text file or a folder of them"),
                SpecKey.Word<TaskSpec>(
                    "tokenizer",
                    ["bytes", "chars", "gpt2"],
                    t => t.Tokenizer,
                    (t, v) => t with { Tokenizer = v },
                    "how a text is cut into tokens"
                ),
                SpecKey.Path<TaskSpec>(
                    "merges",
                    t => t.Merges,
                    (t, v) => t with { Merges = v },
                    "for `tokenizer: gpt2`, another file in the form of its vocab.bpe; with `encoder` or not at all"
                ),
                SpecKey.Path<TaskSpec>(
                    "encoder",
                    t => t.Encoder,
                    (t, v) => t with { Encoder = v },
                    "for `tokenizer: gpt2`, another file in the form of its encoder.json; with `merges` or not at all"
                ),
                TaskKey.Context,
                TaskKey.ValidationFraction,
                TaskKey.LabelNoise,
            ],
            Load = spec => LanguageTask.Load(spec, LoadText),
            Facts = task =>
                [TaskFact.File(task), new("tokenizer", $"tokens: {task.Tokenizer}"), TaskFact.Context(task), .. TaskFact.Content(task)],
            Objection = (s, task) =>
                task.Merges is null != task.Encoder is null
                    ? s.Missing(task.Merges is null ? "merges" : "encoder", "vocab.bpe and encoder.json both, or neither for GPT-2's own")
                : task.Tokenizer != "gpt2" && (s.Has("merges") || s.Has("encoder"))
                    ? s.Error(s.Has("merges") ? "merges" : "encoder", "'task.merges' and 'task.encoder' belong to 'task.tokenizer: gpt2'")
                : null,
            ImpliedBy = ["path"],
            Elsewhere = ["shakespeare", "tinyshakespeare", "wikitext", "enwik8", "txt", "language", "lm", "ptb"],
        };

    private static LanguageTask LoadText(TaskSpec spec)
    {
        string path = spec.Path ?? throw new InputException("task.path is missing; a task of kind text needs a UTF-8 file or a folder");
        byte[] text = Read(path);
        byte[] content = SHA256.HashData(text);
        ITokenizer tokenizer;
        switch (spec.Tokenizer)
        {
            case "bytes":
                tokenizer = new ByteTokenizer();
                break;
            case "chars":
                tokenizer = CharTokenizer.Of(text);
                break;
            case "gpt2":
                var gpt2 = Gpt2Tokenizer.Open(spec.Merges, spec.Encoder);
                content = SHA256.HashData([.. content, .. gpt2.Hash]);
                tokenizer = gpt2;
                break;
            default:
                throw new InputException($"task.tokenizer is '{spec.Tokenizer}'; expected bytes, chars or gpt2");
        }
        TokenSequence tokens = tokenizer.Encode(text);
        LanguageTask.CheckVaried(path, tokens);
        return LanguageTask.Split(
            spec with
            {
                Content = Convert.ToHexStringLower(content),
            },
            path,
            tokenizer.Vocabulary,
            tokens,
            tokenizer: tokenizer
        );
    }
}
