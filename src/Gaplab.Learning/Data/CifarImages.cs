// CIFAR-10's and CIFAR-100's binary batches, plain or packed by gzip.
using Gaplab.Numerics;

namespace Gaplab.Learning.Data;

/// <summary>Reads records of 1 (CIFAR-10) or 2 (CIFAR-100: coarse, fine) label bytes and 3 × 32 × 32 bytes, red, green, blue (Krizhevsky 2009).</summary>
internal static class CifarImages
{
    private const int Side = 32, Pixels = 3 * Side * Side;

    /// <summary>Of a folder: data_batch_1.bin … and test_batch.bin, or train.bin and test.bin. Of a file: itself, with <paramref name="validationPath"/> for validation, or null where there is none.</summary>
    /// <exception cref="InputException">A file is missing or broken.</exception>
    public static (ImageSet Train, ImageSet? Validation, int Classes) Read(string path, string? validationPath, int classes)
    {
        string[] train = [path];
        if (Directory.Exists(path))
        {
            train = Named(path, n => n.StartsWith("data_batch_", StringComparison.Ordinal));
            if (train.Length == 0) train = Named(path, n => n == "train");
            if (train.Length == 0) throw new InputException($"{path}: holds neither data_batch_1.bin … nor train.bin (.gz or not); expected CIFAR's binary files");
            string[] test = Named(path, n => n is "test_batch" or "test");
            if (validationPath is null && test.Length == 0) throw new InputException($"{path}: holds no test_batch.bin and no test.bin (.gz or not); name the validation file in task.validation-path");
            validationPath ??= test[0];
        }
        ImageSet? all = null;
        foreach (string file in train)
        {
            ImageSet batch = ReadFile(file, ref classes);
            all = all is null ? batch : ImageSet.Join(train[0], all, file, batch);
        }
        ImageSet? validation = validationPath is null ? null : ReadFile(validationPath, ref classes);
        return (all!, validation, classes);
    }

    private static ImageSet ReadFile(string path, ref int classes)
    {
        byte[] bytes = TextFiles.ReadBinary(path, "CIFAR binary file");
        bool ten = bytes.Length % (Pixels + 1) == 0, hundred = bytes.Length % (Pixels + 2) == 0;
        if (classes == 0) classes = (ten, hundred) switch
        {
            (true, false) => 10,
            (false, true) => 100,
            (true, true) => throw new InputException($"{path}: {bytes.Length} bytes may be CIFAR-10 or CIFAR-100; say which: task.classes 10 or 100"),
            _ => throw new InputException($"{path}: {bytes.Length} bytes are no whole number of records of {Pixels + 1} (CIFAR-10) or {Pixels + 2} (CIFAR-100); the file is cut off or of another format"),
        };
        int labels = classes == 100 ? 2 : 1, record = Pixels + labels;
        if (bytes.Length % record != 0) throw new InputException($"{path}: {bytes.Length} bytes are no whole number of records of {record} (CIFAR-{classes}); the file is cut off or of another format");
        int count = bytes.Length / record;
        byte[] pixels = new byte[count * Pixels];
        int[] classOf = new int[count];
        for (int i = 0; i < count; i++)
        {
            classOf[i] = bytes[i * record + labels - 1];
            if (classOf[i] >= classes) throw new InputException($"{path}: record {i} has label {classOf[i]}; expected 0 to {classes - 1} (CIFAR-{classes})");
            bytes.AsSpan(i * record + labels, Pixels).CopyTo(pixels.AsSpan(i * Pixels));
        }
        return new ImageSet(3, Side, Side, pixels, classOf);
    }

    private static string[] Named(string folder, Func<string, bool> wanted) =>
    [
        .. Directory.EnumerateFiles(folder).Where(f => Path.GetFileName(f) is var n
            && (n.EndsWith(".bin", StringComparison.Ordinal) && wanted(n[..^4]) || n.EndsWith(".bin.gz", StringComparison.Ordinal) && wanted(n[..^7]))).Order(StringComparer.Ordinal),
    ];
}
