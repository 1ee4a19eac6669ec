// Opens an array of a .npy, .npz, .safetensors or .csv file for the tail panel.
using System.IO.Compression;
using Gaplab.Numerics.Files;

namespace Gaplab.Numerics.Arrays;

/// <summary>Which array of a file, and how it lies.</summary>
/// <param name="Name">Of an array in a .npz or .safetensors file; null when it holds one array of numbers.</param>
/// <param name="Columns">Names or numbers (from 1) of columns of a .csv file; null for all.</param>
/// <param name="Transposed">The array is [coordinates, iterations].</param>
public sealed record ArrayChoice(string? Name = null, IReadOnlyList<string>? Columns = null, bool Transposed = false);

/// <summary>Opens arrays; nothing is allocated for what a header only claims.</summary>
public static class ArrayFile
{
    /// <summary>Deflate cannot pack more tightly than this.</summary>
    private const long MostPacking = 1100;

    /// <returns>The source, to be disposed of, and the array's name.</returns>
    /// <exception cref="InputException">No such file or array, a damaged or hostile file, or one of another format.</exception>
    public static (ITailSource Source, string Name) Open(string path, ArrayChoice? choice = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        choice ??= new ArrayChoice();
        if (Directory.Exists(path))
            throw new InputException($"{path} is a folder; expected a .npy, .npz, .safetensors or .csv file");
        if (!File.Exists(path))
            throw new InputException($"no such file: {path}");
        try
        {
            string extension = Path.GetExtension(path).ToLowerInvariant();
            if (choice.Columns is not null && extension is not (".csv" or ".tsv" or ".txt"))
                throw new InputException("--column is for .csv files; --name chooses an array of a .npz or .safetensors file");
            if (choice.Name is not null && extension is not (".npz" or ".safetensors"))
                throw new InputException("--name is for .npz and .safetensors files");
            return extension switch
            {
                ".npy" => (Npy(path, choice.Transposed), Path.GetFileName(path)),
                ".npz" => Npz(path, choice),
                ".safetensors" => Tensors(path, choice),
                ".csv" or ".tsv" or ".txt" => choice.Transposed
                    ? throw new InputException("a .csv file has a row for each iteration; --transpose is for arrays")
                    : (new CsvArray(path, choice.Columns), Path.GetFileName(path)),
                _ => throw new InputException("the name must end in .npy, .npz, .safetensors or .csv"),
            };
        }
        catch (InputException e)
        {
            throw e.Message.Contains(path, StringComparison.Ordinal) ? e : new InputException($"{path}: {e.Message}", e);
        }
        catch (InvalidDataException e)
        {
            throw new InputException($"{path} is no usable archive: {e.Message.ReplaceLineEndings(" ")}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"cannot read {path}: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    private static FileArray Npy(string path, bool transposed)
    {
        (ArrayHeader header, int start) = Header(path);
        long length = new FileInfo(path).Length - start;
        if (header.ByteLength != length)
            throw new InputException(
                $"its header claims {header.ByteLength} bytes of data (shape {Shape(header)}) but {length} follow: the file is "
                    + $"{(header.ByteLength > length ? "cut short" : "too long")}"
            );
        Microsoft.Win32.SafeHandles.SafeFileHandle handle = RegularFile.OpenHandle(path);
        try
        {
            return new FileArray(handle, start, header, transposed);
        }
        catch
        {
            handle.Dispose();
            throw;
        }

        static (ArrayHeader, int) Header(string path)
        {
            using FileStream stream = RegularFile.Open(path);
            return NpyHeader.Read(stream);
        }
    }

    private static (ITailSource, string) Npz(string path, ArrayChoice choice)
    {
        var archive = new ZipArchive(RegularFile.Open(path), ZipArchiveMode.Read);
        try
        {
            ZipArchiveEntry[] entries = [.. archive.Entries.Where(e => e.FullName.EndsWith(".npy", StringComparison.Ordinal))];
            string[] names = [.. entries.Select(e => e.FullName[..^4])];
            int at = Chosen(names, choice.Name, "array");
            ZipArchiveEntry entry = entries[at];
            if (entry.Length > MostPacking * Math.Max(1, entry.CompressedLength))
                throw new InputException(
                    $"array '{names[at]}' claims {entry.Length} bytes from {entry.CompressedLength} packed ones, which no packing can do"
                );
            ArrayHeader header;
            int start;
            using (Stream stream = entry.Open())
                (header, start) = NpyHeader.Read(stream);
            if (header.ByteLength != entry.Length - start)
                throw new InputException(
                    $"array '{names[at]}': its header claims {header.ByteLength} bytes of data (shape {Shape(header)}), its entry "
                        + $"{entry.Length - start}"
                );
            Stream Open()
            {
                Stream stream = entry.Open();
                stream.ReadExactly(new byte[start]);
                return stream;
            }
            string title = $"{Path.GetFileName(path)}, {names[at]}";
            if (new ArrayLines(header, choice.Transposed).Forward)
                return (new ForwardArray(Open, archive, header, choice.Transposed), title);
            Microsoft.Win32.SafeHandles.SafeFileHandle unpacked = Unpacked(Open, header.ByteLength);
            archive.Dispose();
            return (new FileArray(unpacked, 0, header, choice.Transposed), title);
        }
        catch
        {
            archive.Dispose();
            throw;
        }
    }

    /// <summary>A file that has no name any more: an array that does not lie in the order of its indexes is read here and there, which a
    /// packed entry cannot be.</summary>
    private static Microsoft.Win32.SafeHandles.SafeFileHandle Unpacked(Func<Stream> open, long length)
    {
        string path = Path.GetTempFileName();
        Microsoft.Win32.SafeHandles.SafeFileHandle handle;
#pragma warning disable RS0030 // A file of ours, made the line before.
        try
        {
            handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        }
#pragma warning restore RS0030
        finally
        {
            File.Delete(path);
        }
        try
        {
            using Stream packed = open();
            byte[] piece = new byte[1 << 20];
            for (long at = 0; at < length; )
            {
                int read = packed.Read(piece, 0, (int)Math.Min(piece.Length, length - at));
                if (read == 0)
                    throw new InputException("its packed data end early");
                RandomAccess.Write(handle, piece.AsSpan(0, read), at);
                at += read;
            }
            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static (ITailSource, string) Tensors(string path, ArrayChoice choice)
    {
        long offset;
        TensorEntry entry;
        using (SafetensorsReader reader = Safetensors.Open(path))
        {
            string[] names = [.. reader.Entries.Select(e => e.Name)];
            entry = reader.Entries[Chosen(names, choice.Name, "tensor")];
            offset = reader.Offset(entry.Name);
        }
        Microsoft.Win32.SafeHandles.SafeFileHandle handle = RegularFile.OpenHandle(path);
        try
        {
            return (
                new FileArray(
                    handle,
                    offset,
                    new ArrayHeader(Enum.Parse<ElementType>(entry.Type.ToString(), ignoreCase: true), false, entry.Shape, false),
                    choice.Transposed
                ),
                $"{Path.GetFileName(path)}, {entry.Name}"
            );
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static int Chosen(string[] names, string? wanted, string what)
    {
        string held = names.Length == 0 ? "none" : Shown.List(names);
        if (wanted is null)
            return names.Length == 1 ? 0 : throw new InputException($"it holds {names.Length} {what}s ({held}); choose one with --name");
        int at = Array.IndexOf(names, wanted);
        return at >= 0 ? at : throw new InputException($"no {what} '{wanted}'; it holds {held}");
    }

    private static string Shape(ArrayHeader header) => $"({string.Join(", ", header.Shape)})";
}
