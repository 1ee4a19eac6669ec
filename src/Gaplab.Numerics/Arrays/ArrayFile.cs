// Opens an array of a .npy, .npz, .safetensors or .csv file for the tail panel.
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
    private const string ChooseByOption = "choose one with --name";

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
        StoredArray stored = StoredArray.OfNpy(path);
        Microsoft.Win32.SafeHandles.SafeFileHandle handle = RegularFile.OpenHandle(path);
        try
        {
            return new FileArray(handle, stored.Offset, stored.Header, transposed);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static (ITailSource, string) Npz(string path, ArrayChoice choice)
    {
        PackedArray packed = PackedArray.Open(path, choice.Name, ChooseByOption);
        try
        {
            string title = $"{Path.GetFileName(path)}, {packed.Name}";
            if (new ArrayLines(packed.Header, choice.Transposed).Forward)
                return (new ForwardArray(packed.Data, packed, packed.Header, choice.Transposed), title);
            Microsoft.Win32.SafeHandles.SafeFileHandle unpacked = packed.Unpack();
            packed.Dispose();
            return (new FileArray(unpacked, 0, packed.Header, choice.Transposed), title);
        }
        catch
        {
            packed.Dispose();
            throw;
        }
    }

    private static (ITailSource, string) Tensors(string path, ArrayChoice choice)
    {
        StoredArray stored = StoredArray.OfSafetensors(path, choice.Name, ChooseByOption);
        Microsoft.Win32.SafeHandles.SafeFileHandle handle = RegularFile.OpenHandle(path);
        try
        {
            return (new FileArray(handle, stored.Offset, stored.Header, choice.Transposed), $"{Path.GetFileName(path)}, {stored.Name}");
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }
}
