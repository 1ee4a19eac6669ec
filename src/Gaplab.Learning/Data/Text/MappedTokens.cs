// nanoGPT's token files (.bin): raw little-endian uint16 ids, memory-mapped so that size is no matter.
using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Security.Cryptography;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;

namespace Gaplab.Learning.Data.Text;

/// <summary>The ids of one <c>.bin</c> file as <c>numpy.array(ids, dtype=numpy.uint16).tofile</c> writes it on a little-endian
/// machine.</summary>
internal sealed class MappedTokens : TokenSequence, IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly unsafe byte* _pointer;

    private unsafe MappedTokens(MemoryMappedFile file, long length)
    {
        _file = file;
        _view = file.CreateViewAccessor(0, length * 2, MemoryMappedFileAccess.Read);
        Length = length;
        byte* pointer = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        _pointer = pointer + _view.PointerOffset;
    }

    public override long Length { get; }

    /// <summary>The largest id in the file.</summary>
    public int LargestId { get; private set; }

    /// <summary>SHA-256 of the file.</summary>
    public byte[] Hash { get; private set; } = [];

    /// <summary>Maps a file and reads it through once for its largest id and its hash.</summary>
    /// <exception cref="InputException">Missing, empty, or of an odd size.</exception>
    public static MappedTokens Open(string path)
    {
        TextFiles.CheckExists(path, "token file");
        RegularFile.RefuseSpecial(path);
        long bytes = new FileInfo(path).Length;
        if (bytes == 0)
            throw new InputException($"{path}: the token file is empty; expected little-endian uint16 ids (nanoGPT's .bin)");
        if (bytes % 2 != 0)
            throw new InputException(
                $"{path}: {bytes} bytes is odd; expected little-endian uint16 ids (nanoGPT's .bin), two bytes each. Is it a text? Then "
                    + $"use task.kind: text"
            );
        MemoryMappedFile file;
        try
        {
            file = MemoryMappedFile.CreateFromFile(
                RegularFile.Open(path, 0),
                null,
                0,
                MemoryMappedFileAccess.Read,
                HandleInheritability.None,
                leaveOpen: false
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: cannot be read: {e.Message}", e);
        }
        var tokens = new MappedTokens(file, bytes / 2);
        tokens.Scan();
        return tokens;
    }

    public override unsafe void Read(long start, Span<long> tokens)
    {
        CheckRange(start, tokens.Length);
        var bytes = new ReadOnlySpan<byte>(_pointer + start * 2, tokens.Length * 2);
        for (int i = 0; i < tokens.Length; i++)
            tokens[i] = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]);
    }

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    private unsafe void Scan()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        const int chunk = 1 << 20;
        int largest = 0;
        for (long start = 0; start < Length * 2; start += chunk)
        {
            var bytes = new ReadOnlySpan<byte>(_pointer + start, (int)Math.Min(chunk, Length * 2 - start));
            hash.AppendData(bytes);
            for (int i = 0; i < bytes.Length; i += 2)
                largest = Math.Max(largest, BinaryPrimitives.ReadUInt16LittleEndian(bytes[i..]));
        }
        LargestId = largest;
        Hash = hash.GetHashAndReset();
    }

    /// <summary>The row of the catalogue.</summary>
    internal static TaskKind Kind { get; } =
        new()
        {
            Name = "tokens",
            Says = "nanoGPT's .bin files of token ids",
            Samples = SampleKind.Tokens,
            Defaults = new TaskSpec { Kind = "tokens" },
            Keys =
            [
                TaskKey.FilePath("a .bin file or a folder with train.bin and val.bin"),
                TaskKey.ValidationPath,
                TaskKey.Context,
                TaskKey.ValidationFraction,
                TaskKey.Vocabulary with
                {
                    DefaultText = "the largest id + 1",
                },
                TaskKey.LabelNoise,
            ],
            Load = spec => LanguageTask.Load(spec, LoadTokens),
            Facts = task => [TaskFact.File(task), TaskFact.Context(task), .. TaskFact.Content(task)],
            Elsewhere = ["openwebtext", "nanogpt", "bin"],
        };

    private static LanguageTask LoadTokens(TaskSpec spec)
    {
        string path =
            spec.Path
            ?? throw new InputException(
                "task.path is missing; a task of kind tokens needs a .bin file or a folder with train.bin and val.bin"
            );
        string? validationPath = spec.ValidationPath;
        if (Directory.Exists(path))
        {
            validationPath ??= Path.Combine(path, "val.bin");
            path = Path.Combine(path, "train.bin");
        }
        MappedTokens train = Open(path);
        MappedTokens? validation = null;
        try
        {
            validation = validationPath is null ? null : Open(validationPath);
            int largest = Math.Max(train.LargestId, validation?.LargestId ?? 0);
            if (spec.Vocabulary > 0 && largest >= spec.Vocabulary)
                throw new InputException(
                    $"{(train.LargestId == largest ? path : validationPath)}: holds id {largest}, but task.vocabulary is "
                        + $"{spec.Vocabulary}; expected ids below it. Raise the vocabulary or leave it out"
                );
            int vocabulary = spec.Vocabulary > 0 ? spec.Vocabulary : largest + 1;
            LanguageTask.CheckVaried(path, train);
            byte[] content = validation is null ? train.Hash : SHA256.HashData([.. train.Hash, .. validation.Hash]);
            spec = spec with { Content = Convert.ToHexStringLower(content) };
            return validation is null
                ? LanguageTask.Split(spec, path, vocabulary, train, files: [train])
                : LanguageTask.OfParts(spec, vocabulary, (path, train), (validationPath!, validation), [train, validation]);
        }
        catch
        {
            train.Dispose();
            validation?.Dispose();
            throw;
        }
    }
}
