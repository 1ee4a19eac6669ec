// Where an array lies in a .npy or .safetensors file: its header, held against the file, and the place of its data.
using Gaplab.Numerics.Files;

namespace Gaplab.Numerics.Arrays;

/// <summary>An array that lies in a file as it is.</summary>
/// <param name="Header">Its description.</param>
/// <param name="Offset">Where its data begin.</param>
/// <param name="Name">Of an array among several; else the file's.</param>
internal sealed record StoredArray(ArrayHeader Header, long Offset, string Name)
{
    /// <exception cref="InputException">No such file: what follows the header is not what it claims.</exception>
    public static StoredArray OfNpy(string path)
    {
        using FileStream stream = RegularFile.Open(path);
        (ArrayHeader header, int start) = NpyHeader.Read(stream);
        long length = stream.Length - start;
        return header.ByteLength == length
            ? new StoredArray(header, start, Path.GetFileName(path))
            : throw new InputException(
                $"its header claims {header.ByteLength} bytes of data (shape {header.ShapeText}) but {length} follow: the file is "
                    + $"{(header.ByteLength > length ? "cut short" : "too long")}"
            );
    }

    /// <param name="path">The file.</param>
    /// <param name="wanted">A tensor's name; null: the only one.</param>
    /// <param name="choose">What to do where there are several: "choose one with …".</param>
    /// <exception cref="InputException">No such file, or no such tensor in it.</exception>
    public static StoredArray OfSafetensors(string path, string? wanted, string choose)
    {
        using SafetensorsReader reader = Safetensors.Open(path);
        string[] names = [.. reader.Entries.Select(e => e.Name)];
        TensorEntry entry = reader.Entries[Choose(names, wanted, "tensor", choose)];
        return new StoredArray(
            new ArrayHeader(Enum.Parse<ElementType>(entry.Type.ToString(), ignoreCase: true), false, entry.Shape, false),
            reader.Offset(entry.Name),
            entry.Name
        );
    }

    /// <summary>Which of the arrays of a file is meant.</summary>
    /// <exception cref="InputException">None of that name, or several and no name.</exception>
    public static int Choose(string[] names, string? wanted, string what, string choose)
    {
        string held = names.Length == 0 ? "none" : Shown.List(names);
        if (wanted is null)
            return names.Length switch
            {
                1 => 0,
                0 => throw new InputException($"it holds no {what}"),
                _ => throw new InputException($"it holds {names.Length} {what}s ({held}); {choose}"),
            };
        int at = Array.IndexOf(names, wanted);
        return at >= 0 ? at : throw new InputException($"no {what} '{wanted}'; it holds {held}");
    }
}
