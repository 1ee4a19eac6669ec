// Folders as libraries lay them: found, or one line that says which files to take.
using Gaplab.Learning.Data.Images;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;

namespace Gaplab.Training.Tests.Data;

public sealed class LibraryFolderSpecs : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [
        InlineData("", ""),
        InlineData("raw", ""),
        InlineData("MNIST/raw", ""),
        InlineData("MNIST/raw", "MNIST"),
        InlineData("MNIST/raw", "MNIST/raw"),
        InlineData("FashionMNIST/raw", "")
    ]
    public void Idx_files_are_found_where_torchvision_lays_them(string lies, string named)
    {
        Idx(lies);
        using ImageTask task = ImageTask.Load(new TaskSpec { Kind = "idx", Path = _folder.File(named) });
        Assert.Equal((8L, 4L), (task.TrainEvaluationCount(0), task.ValidationCount(0)));
    }

    [Fact]
    public void A_root_with_two_sets_of_idx_files_and_an_old_pickle_are_one_line_each()
    {
        _folder.Write("MNIST/processed/training.pt", [0x80, 2]);
        Refused(
            "idx",
            "",
            "holds training.pt of an old torchvision, a pickle, which can run code and is never read; expected the IDX files"
        );
        Idx("MNIST/raw");
        Idx("FashionMNIST/raw");
        Refused(
            "idx",
            "",
            $"holds 2 data sets ({Path.Combine("FashionMNIST", "raw")}, {Path.Combine("MNIST", "raw")}); name one in task.path"
        );
        using ImageTask one = ImageTask.Load(new TaskSpec { Kind = "idx", Path = _folder.File("MNIST") });
        Assert.Equal(8, one.TrainEvaluationCount(0));
    }

    [Theory]
    [
        InlineData("cifar-10-batches-bin", "", 10),
        InlineData("cifar-10-batches-bin", "cifar-10-batches-bin", 10),
        InlineData("cifar-100-binary", "", 100)
    ]
    public void Cifar_is_found_below_the_root(string lies, string named, int classes)
    {
        Cifar(lies, classes);
        // The version for Python beside it is no matter.
        _folder.Write("cifar-10-batches-py/batches.meta", [0x80, 2]);
        _folder.Write("cifar-10-batches-py/data_batch_1", [0x80, 2]);
        using ImageTask task = ImageTask.Load(new TaskSpec { Kind = "cifar", Path = _folder.File(named) });
        Assert.Equal((classes, 6L, 3L), (task.Vocabulary, task.TrainEvaluationCount(0), task.ValidationCount(0)));
    }

    [Fact]
    public void Of_two_cifars_the_number_of_classes_chooses()
    {
        Cifar("cifar-10-batches-bin", 10);
        Cifar("cifar-100-binary", 100);
        Refused("cifar", "", "holds 2 data sets (cifar-10-batches-bin, cifar-100-binary); task.classes: 10 or 100 chooses");
        using ImageTask hundred = ImageTask.Load(
            new TaskSpec
            {
                Kind = "cifar",
                Path = _folder.Path,
                Classes = 100,
            }
        );
        Assert.Equal(100, hundred.Vocabulary);
    }

    [Theory]
    [InlineData("cifar-10-batches-py", "data_batch_1", "batches.meta", "cifar10")]
    [InlineData("cifar-100-python", "train", "meta", "cifar100")]
    public void Pickles_are_never_read_and_the_line_says_what_to_take(string below, string batch, string meta, string name)
    {
        _folder.Write(Path.Combine(below, batch), [0x80, 2, (byte)'}', (byte)'.']);
        _folder.Write(Path.Combine(below, meta), [0x80, 2]);
        string says =
            $"holds CIFAR as Python pickles, which can run code and are never read; expected the binary version of the same images: "
            + $"./gaplab data prepare {name}";
        Refused("cifar", "", says);
        Refused("cifar", below, says);
        Refused("cifar", Path.Combine(below, batch), "looks like a Python pickle, which can run code and is never read");
        _folder.Write("cifar-10-binary.tar.gz", [0x1F, 0x8B]);
        Refused("cifar", "cifar-10-binary.tar.gz", "is an archive; unpack it");
    }

    private void Refused(string kind, string path, string says)
    {
        string message = Assert
            .Throws<InputException>(() => ImageTask.Load(new TaskSpec { Kind = kind, Path = _folder.File(path) }))
            .Message;
        Assert.Contains(says, message, StringComparison.Ordinal);
        Assert.StartsWith(_folder.Path, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    private void Idx(string below)
    {
        foreach ((string part, int count) in new[] { ("train", 8), ("t10k", 4) })
        {
            _folder.Write(
                Path.Combine(below, $"{part}-images-idx3-ubyte"),
                [0, 0, 8, 3, 0, 0, 0, (byte)count, 0, 0, 0, 4, 0, 0, 0, 4, .. Enumerable.Range(0, 16 * count).Select(i => (byte)i)]
            );
            _folder.Write(
                Path.Combine(below, $"{part}-labels-idx1-ubyte"),
                [0, 0, 8, 1, 0, 0, 0, (byte)count, .. Enumerable.Range(0, count).Select(i => (byte)(i % 2))]
            );
        }
    }

    private void Cifar(string below, int classes)
    {
        byte[] Records(int count) =>
            [
                .. Enumerable
                    .Range(0, count)
                    .SelectMany(i =>
                        (byte[])
                            [
                                .. classes == 100 ? [(byte)3] : Array.Empty<byte>(),
                                (byte)i,
                                .. Enumerable.Range(0, 3072).Select(p => (byte)(p + i)),
                            ]
                    ),
            ];
        _folder.Write(Path.Combine(below, classes == 10 ? "data_batch_1.bin" : "train.bin"), Records(6));
        _folder.Write(Path.Combine(below, classes == 10 ? "test_batch.bin" : "test.bin"), Records(3));
    }
}
