// CIFAR-10's and CIFAR-100's binary batches, plain or packed by gzip.
using Gaplab.Learning.Data.Text;
using Gaplab.Numerics;

namespace Gaplab.Learning.Data.Images;

/// <summary>Reads records of 1 (CIFAR-10) or 2 (CIFAR-100: coarse, fine) label bytes and 3 × 32 × 32 bytes, red, green, blue (Krizhevsky
/// 2009).</summary>
internal static class CifarImages
{
    private const int Side = 32,
        Pixels = 3 * Side * Side;

    private const string Ten = "cifar-10-batches-bin",
        Hundred = "cifar-100-binary";

    /// <summary>Of a folder: data_batch_1.bin … and test_batch.bin, or train.bin and test.bin, in it or in the folder below it that CIFAR's
    /// archive unpacks to. Of a file: itself, with <paramref name="validationPath"/> for validation, or null where there is none.</summary>
    /// <exception cref="InputException">A file is missing or broken, or the folder holds another version of the files.</exception>
    public static (ImageSet Train, ImageSet? Validation, int Classes) Read(string path, string? validationPath, int classes)
    {
        string[] train = [path];
        if (Directory.Exists(path))
        {
            path =
                DataRoot.Find(
                    path,
                    classes switch
                    {
                        10 => [Ten],
                        100 => [Hundred],
                        _ => [Ten, Hundred],
                    },
                    f => Named(f, IsTraining).Length > 0,
                    "task.classes: 10 or 100 chooses, or name one in task.path"
                ) ?? path;
            if (Named(path, IsTraining).Length == 0)
                RefusePickles(path);
            train = Named(path, n => n.StartsWith("data_batch_", StringComparison.Ordinal));
            if (train.Length == 0)
                train = Named(path, n => n == "train");
            if (train.Length == 0)
                throw new InputException(
                    $"{path}: holds neither data_batch_1.bin … nor train.bin (.gz or not); expected CIFAR's binary files, as in {Ten} "
                        + $"or {Hundred}"
                );
            string[] test = Named(path, n => n is "test_batch" or "test");
            if (validationPath is null && test.Length == 0)
                throw new InputException(
                    $"{path}: holds no test_batch.bin and no test.bin (.gz or not); name the validation file in task.validation-path"
                );
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

    private static bool IsTraining(string name) => name == "train" || name.StartsWith("data_batch_", StringComparison.Ordinal);

    /// <summary>The version "for Python", which torchvision fetches.</summary>
    private static void RefusePickles(string folder)
    {
        (string Below, string First, string Name)[] pickled =
        [
            ("cifar-10-batches-py", "data_batch_1", "cifar10"),
            ("cifar-100-python", "train", "cifar100"),
        ];
        foreach ((string below, string first, string name) in pickled)
            if (
                DataRoot.Find(
                    folder,
                    [below],
                    f => File.Exists(Path.Combine(f, first)) && File.Exists(Path.Combine(f, name == "cifar10" ? "batches.meta" : "meta"))
                ) is
                { } python
            )
                throw new InputException(
                    $"{python}: holds CIFAR as Python pickles, which can run code and are never read; expected the binary version of the "
                        + $"same images: ./gaplab data prepare {name} fetches and unpacks it, then task.path is its folder"
                );
    }

    private static ImageSet ReadFile(string path, ref int classes)
    {
        if (path.EndsWith(".tar.gz", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".tgz", StringComparison.OrdinalIgnoreCase))
            throw new InputException(
                $"{path}: is an archive; unpack it and give the folder with the .bin files (./gaplab data prepare cifar10 or "
                    + $"cifar100 does both)"
            );
        byte[] bytes = TextFiles.ReadBinary(path, "CIFAR binary file");
        // The first byte of a record is a label below 100.
        if (bytes[0] == 0x80)
            throw new InputException(
                $"{path}: looks like a Python pickle, which can run code and is never read; expected the binary version of the same "
                    + $"images: ./gaplab data prepare cifar10 or cifar100 fetches and unpacks it"
            );
        bool ten = bytes.Length % (Pixels + 1) == 0,
            hundred = bytes.Length % (Pixels + 2) == 0;
        if (classes == 0)
            classes = (ten, hundred) switch
            {
                (true, false) => 10,
                (false, true) => 100,
                (true, true) => throw new InputException(
                    $"{path}: {bytes.Length} bytes may be CIFAR-10 or CIFAR-100; say which: task.classes 10 or 100"
                ),
                _ => throw new InputException(
                    $"{path}: {bytes.Length} bytes are no whole number of records of {Pixels + 1} (CIFAR-10) or {Pixels + 2} (CIFAR-100); "
                        + $"the file is cut off or of another format"
                ),
            };
        int labels = classes == 100 ? 2 : 1,
            record = Pixels + labels;
        if (bytes.Length % record != 0)
            throw new InputException(
                $"{path}: {bytes.Length} bytes are no whole number of records of {record} (CIFAR-{classes}); the file is cut off or of "
                    + $"another format"
            );
        int count = bytes.Length / record;
        byte[] pixels = new byte[count * Pixels];
        int[] classOf = new int[count];
        for (int i = 0; i < count; i++)
        {
            classOf[i] = bytes[i * record + labels - 1];
            if (classOf[i] >= classes)
                throw new InputException($"{path}: record {i} has label {classOf[i]}; expected 0 to {classes - 1} (CIFAR-{classes})");
            bytes.AsSpan(i * record + labels, Pixels).CopyTo(pixels.AsSpan(i * Pixels));
        }
        return new ImageSet(3, Side, Side, pixels, classOf);
    }

    private static string[] Named(string folder, Func<string, bool> wanted) =>
        [
            .. Directory
                .EnumerateFiles(folder)
                .Where(f =>
                    Path.GetFileName(f) is var n
                    && (
                        n.EndsWith(".bin", StringComparison.Ordinal) && wanted(n[..^4])
                        || n.EndsWith(".bin.gz", StringComparison.Ordinal) && wanted(n[..^7])
                    )
                )
                .Order(StringComparer.Ordinal),
        ];
}
