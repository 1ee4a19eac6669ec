// PNG and JPEG files, a folder a class, brought to one size.
using Gaplab.Learning.Data.Text;
using Gaplab.Numerics;

namespace Gaplab.Learning.Data.Images;

/// <summary>Reads CLASS/FILE.png (.jpg, .jpeg) below a folder; classes are the folders in ordinal order of their names.</summary>
/// <remarks>
/// A folder with train and val (or validation, or test) below it holds both parts. Names that start with a dot, files of other endings and
/// links to folders do not count; nothing below a class's folder is entered. An image's shorter side is scaled to the size, each new pixel
/// the mean of the area that it covers, and the middle of the longer one kept.
/// </remarks>
internal static class ImageFolder
{
    private static readonly string[] s_endings = [".png", ".jpg", ".jpeg"],
        s_validation = ["val", "validation", "test"];

    /// <exception cref="InputException">Missing folders, none of images, one that does not decode, or more than fits into
    /// memory.</exception>
    public static (ImageSet Train, ImageSet? Validation, int Classes) Read(string path, string? validationPath, int side)
    {
        if (!Directory.Exists(path))
            throw new InputException(
                File.Exists(path)
                    ? $"{path}: is a file; expected a folder with a folder of images for each class"
                    : $"{path}: no such folder; check the path (now in {Directory.GetCurrentDirectory()})"
            );
        if (
            validationPath is null
            && Directory.Exists(Path.Combine(path, "train"))
            && s_validation.Select(v => Path.Combine(path, v)).FirstOrDefault(Directory.Exists) is { } other
        )
            (path, validationPath) = (Path.Combine(path, "train"), other);
        string[] classes = Classes(path);
        if (classes.Length < 2)
            throw new InputException(
                $"{path}: holds {classes.Length} folders (links and names that start with a dot do not count); expected at least two, one "
                    + $"a class, with PNG or JPEG files in them"
            );
        ImageSet train = ReadPart(path, classes, side);
        if (validationPath is null)
            return (train, null, classes.Length);
        if (!Directory.Exists(validationPath))
            throw new InputException($"{validationPath}: no such folder; expected validation images, a folder a class");
        if (Classes(validationPath).Except(classes, StringComparer.Ordinal).FirstOrDefault() is { } unknown)
            throw new InputException($"{validationPath}: has a class '{unknown}', which {path} has not; expected the same classes");
        return (train, ReadPart(validationPath, classes, side), classes.Length);
    }

    private static string[] Classes(string folder) =>
        [
            .. new DirectoryInfo(folder)
                .EnumerateDirectories()
                .Where(d => !d.Name.StartsWith('.') && d.LinkTarget is null)
                .Select(d => d.Name)
                .Order(StringComparer.Ordinal),
        ];

    private static ImageSet ReadPart(string folder, string[] classes, int side)
    {
        var files = new List<(string Path, int Label)>();
        for (int c = 0; c < classes.Length; c++)
        {
            string own = Path.Combine(folder, classes[c]);
            if (!Directory.Exists(own))
                continue;
            files.AddRange(
                Directory
                    .EnumerateFiles(own)
                    .Where(f =>
                        !Path.GetFileName(f).StartsWith('.') && s_endings.Contains(Path.GetExtension(f), StringComparer.OrdinalIgnoreCase)
                    )
                    .Order(StringComparer.Ordinal)
                    .Select(f => (f, c))
            );
        }
        if (files.Count == 0)
            throw new InputException($"{folder}: the folders of its classes hold no file that ends in {string.Join(", ", s_endings)}");
        long size = 3L * side * side;
        if (files.Count * size > Array.MaxLength)
            throw new InputException(
                $"{folder}: {files.Count} images of 3x{side}x{side} are {files.Count * size} bytes; expected at most {Array.MaxLength}: "
                    + $"use a smaller task.side"
            );
        byte[] pixels = new byte[files.Count * size];
        var errors = new InputException?[files.Count];
        Parallel.For(
            0,
            files.Count,
            (i, state) =>
            {
                try
                {
                    FillImage(files[i].Path, side, pixels.AsSpan((int)(i * size), (int)size));
                }
                catch (InputException e)
                {
                    errors[i] = e;
                    state.Break(); // those before it are still read, so the first one is named
                }
            }
        );
        if (errors.FirstOrDefault(e => e is not null) is { } error)
            throw error;
        return new ImageSet(3, side, side, pixels, [.. files.Select(f => f.Label)]);
    }

    private static void FillImage(string path, int side, Span<byte> image)
    {
        byte[] bytes = TextFiles.ReadBytes(path, "image");
        if (bytes.Length == 0)
            throw new InputException($"{path}: is empty; expected a PNG or JPEG image");
        try
        {
            (byte[] pixels, int height, int width) = ImageDecoder.Decode(bytes);
            ImageResize.Fill(pixels, height, width, side, image);
        }
        catch (ImageDecoderException e)
        {
            throw new InputException($"{path}: {e.Message}", e);
        }
    }
}
