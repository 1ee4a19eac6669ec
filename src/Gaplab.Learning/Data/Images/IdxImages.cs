// The IDX files of MNIST and Fashion-MNIST: images and labels in two files, plain or packed by gzip.
using System.Buffers.Binary;
using Gaplab.Learning.Data.Text;
using Gaplab.Numerics;

namespace Gaplab.Learning.Data.Images;

/// <summary>Reads IDX (LeCun, Cortes and Burges, "The MNIST database"): two zero bytes, the type (8 = unsigned bytes), the number of
/// dimensions, each as a big-endian int32, then the data.</summary>
internal static class IdxImages
{
    private const string Images = "images-idx3-ubyte",
        Labels = "labels-idx1-ubyte";

    /// <summary>train-images…, train-labels… and t10k-images…, t10k-labels… of a folder, each with .gz or without; or of the one such set
    /// that torchvision laid below it (raw, MNIST/raw, FashionMNIST/raw, …).</summary>
    /// <exception cref="InputException">A file is missing or broken, or several sets lie below the folder.</exception>
    public static (ImageSet Train, ImageSet Validation) ReadFolder(string folder)
    {
        if (!Directory.Exists(folder))
            throw new InputException(
                File.Exists(folder)
                    ? $"{folder}: is a file; expected the folder that holds train-{Images}, train-{Labels}, t10k-{Images} and "
                        + $"t10k-{Labels} (.gz or not)"
                    : $"{folder}: no such folder; check the path (now in {Directory.GetCurrentDirectory()})"
            );
        folder = DataRoot.Find(folder, ["raw", "*/raw"], f => Directory.EnumerateFiles(f, "train-images*idx3-ubyte*").Any()) ?? folder;
        if (
            !Directory.EnumerateFiles(folder, "*-ubyte*").Any()
            && DataRoot.Find(folder, ["processed", "*/processed"], f => File.Exists(Path.Combine(f, "training.pt"))) is { } processed
        )
            throw new InputException(
                $"{processed}: holds training.pt of an old torchvision, a pickle, which can run code and is never read; expected the IDX "
                    + $"files, which lie in the folder raw beside it (./gaplab data fetch mnist fetches them)"
            );
        return (
            Read(Find(folder, "train", Images), Find(folder, "train", Labels)),
            Read(Find(folder, "t10k", Images), Find(folder, "t10k", Labels))
        );
    }

    /// <exception cref="InputException">A file is missing or broken, or the two do not belong together.</exception>
    public static ImageSet Read(string imagesPath, string labelsPath)
    {
        (byte[] pixels, int[] shape) = ReadArray(imagesPath, 3, "IDX file of images");
        (byte[] labels, int[] count) = ReadArray(labelsPath, 1, "IDX file of labels");
        if (shape[0] != count[0])
            throw new InputException($"{imagesPath} holds {shape[0]} images and {labelsPath} {count[0]} labels; expected as many");
        return new ImageSet(1, shape[1], shape[2], pixels, [.. labels.Select(l => (int)l)]);
    }

    /// <summary>K: as given, and then no label may reach it; else the largest training label + 1, and then every class from 1 up to it must
    /// have a training image and none may be new in validation.</summary>
    /// <remarks>Labels from 1 on are common, so class 0 may be empty. A label far above the others is a broken byte much more often than a
    /// class whose neighbours are all missing.</remarks>
    /// <exception cref="InputException">A label that breaks the rule.</exception>
    public static int Classes(string folder, ImageSet train, ImageSet validation, int given)
    {
        int classes = given > 0 ? given : train.Classes;
        Check(train, "training");
        Check(validation, "validation");
        if (given > 0)
            return classes;
        bool[] present = new bool[classes];
        foreach (int label in train.Labels)
            present[label] = true;
        int missing = Array.FindIndex(present, Math.Min(1, classes - 1), p => !p);
        return missing < 0
            ? classes
            : throw new InputException(
                $"{folder}: the largest training label is {classes - 1}, but no image has label {missing}; a broken label? If some "
                    + $"classes are meant to be empty, say how many there are in task.classes"
            );

        void Check(ImageSet images, string part)
        {
            int at = Array.FindIndex(images.Labels, label => label >= classes);
            if (at >= 0)
                throw new InputException(
                    $"{folder}: {part} image {at} has label {images.Labels[at]}; expected 0 to {classes - 1} "
                        + $"({(given > 0 ? "task.classes" : "the training labels; if it is right, give task.classes")})"
                );
        }
    }

    private static (byte[] Data, int[] Shape) ReadArray(string path, int rank, string what)
    {
        byte[] bytes = TextFiles.ReadBinary(path, what);
        int header = 4 + 4 * rank;
        if (bytes.Length < header)
            throw new InputException($"{path}: has {bytes.Length} bytes; an {what} starts with a header of {header}");
        uint magic = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        if (magic != 0x0800u + (uint)rank)
        {
            string other = magic switch
            {
                0x0801 => " (this is a file of labels: are the two exchanged?)",
                0x0803 => " (this is a file of images: are the two exchanged?)",
                _ => "",
            };
            throw new InputException($"{path}: starts with 0x{magic:X8}; an {what} starts with 0x{0x0800 + rank:X8}{other}");
        }
        int[] shape = [.. Enumerable.Range(0, rank).Select(d => BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(4 + 4 * d)))];
        Int128 expected = shape.Aggregate((Int128)1, (product, size) => product * size);
        if (shape.Any(s => s < 1))
            throw new InputException($"{path}: its header says {string.Join("x", shape)}; expected positive sizes");
        if (bytes.Length - header != expected)
            throw new InputException(
                $"{path}: its header says {string.Join("x", shape)} = {expected} bytes and {bytes.Length - header} follow; the file is "
                    + $"{(bytes.Length - header < expected ? "cut off: fetch it again" : "longer than it says")}"
            );
        return (bytes[header..], shape);
    }

    private static string Find(string folder, string part, string kind)
    {
        string[] names =
        [
            $"{part}-{kind}",
            $"{part}-{kind}.gz",
            $"{part}-{kind.Replace("-idx", ".idx", StringComparison.Ordinal)}",
            $"{part}-{kind.Replace("-idx", ".idx", StringComparison.Ordinal)}.gz",
        ];
        return names.Select(n => Path.Combine(folder, n)).FirstOrDefault(File.Exists)
            ?? throw new InputException(
                $"{folder}: holds no {part}-{kind} (.gz or not); expected train-{Images}, train-{Labels}, t10k-{Images} and t10k-{Labels}"
            );
    }
}
