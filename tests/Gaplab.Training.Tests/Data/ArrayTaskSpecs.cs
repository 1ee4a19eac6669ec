// Tasks of arrays: the same numbers are the same data in whatever file, bytes and floats are the same images, and one line for the rest.
using Gaplab.Learning.Data;
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Studies;
using Gaplab.Torch;

namespace Gaplab.Training.Tests.Data;

public sealed class ArrayTaskSpecs : IDisposable
{
    private const int N = 30;
    private static readonly byte[] s_pixels = [.. Enumerable.Range(0, N * 3 * 64).Select(i => (byte)(i * i % 251))];
    private static readonly byte[] s_classes = ArrayBytes.Of([.. Enumerable.Range(0, N).Select(i => i % 3)]);
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_same_numbers_are_the_same_data_in_every_file_order_and_place()
    {
        float[] numbers = [.. Enumerable.Range(0, N * 6).Select(i => (float)Math.Cos(i))];
        byte[] data = ArrayBytes.Of(numbers),
            turned = ArrayBytes.Fortran(data, 4, N, 2, 3);
        _folder.Write("y.npy", ArrayBytes.Npy("<i4", $"({N},)", s_classes));
        _folder.Write("y8.npy", ArrayBytes.Npy("|u1", $"({N}, 1)", [.. Enumerable.Range(0, N).Select(i => (byte)(i % 3))]));
        _folder.Write("c.npy", ArrayBytes.Npy("<f4", $"({N}, 2, 3)", data));
        _folder.Write("f.npy", ArrayBytes.Npy("<f4", $"({N}, 2, 3)", turned, fortran: true));
        _folder.Write(
            "z.npz",
            ArrayBytes.Npz(("x", ArrayBytes.Npy("<f4", $"({N}, 2, 3)", data)), ("other", ArrayBytes.Npy("<f4", "(1,)", data[..4])))
        );
        _folder.Write("t.safetensors", ArrayBytes.Safetensors(("odd", "U8", [1], [9]), ("x", "F32", [N, 2, 3], data)));
        (string? Content, long[] Rows)[] all =
        [
            Loaded("{inputs: c.npy, targets: y.npy}"),
            Loaded("{inputs: f.npy, targets: y.npy}"),
            Loaded("{inputs: c.npy, targets: y8.npy}"),
            Loaded("{inputs: 'z.npz:x', targets: y.npy}"),
            Loaded("{inputs: 't.safetensors:x', targets: y.npy}"),
        ];
        Assert.All(all, one => Assert.Equal(all[0].Content, one.Content));
        Assert.All(all, one => Assert.Equal(all[0].Rows, one.Rows));
        numbers[7] += 1;
        _folder.Write("c.npy", ArrayBytes.Npy("<f4", $"({N}, 2, 3)", ArrayBytes.Of(numbers)));
        Assert.NotEqual(all[0].Content, Loaded("{inputs: c.npy, targets: y.npy}").Content);
        // A row is the floats, two to an integer, and the class.
        Assert.Equal(4, all[0].Rows.Length / 10);
    }

    /// <summary>Bytes go through the kernel that unpacks the pixels of every other image task; floats and doubles do not.</summary>
    [Theory]
    [InlineData("{kind: mlp, layers: 1, width: 7}", ""), InlineData("{kind: resnet, layers: 1, width: 4}", "")]
    [InlineData("{kind: mlp, layers: 1, width: 7}", ", normalise: true, flip: true, crop: 2, mixup: 0.4, label-noise: 0.3")]
    [InlineData("{kind: resnet, layers: 1, width: 4}", ", normalise: true, flip: true, crop: 2, mixup: 0.4, label-noise: 0.3")]
    [InlineData("{kind: vit, layers: 1, width: 8, heads: 2}", ", flip: true"), InlineData("{kind: lstm, width: 6}", ", crop: 1")]
    public void Fractions_of_255_as_floats_are_the_same_images_as_the_bytes(string model, string keys)
    {
        _folder.Write("y.npy", ArrayBytes.Npy("<i4", $"({N},)", s_classes));
        _folder.Write("u1.npy", ArrayBytes.Npy("|u1", $"({N}, 3, 8, 8)", s_pixels));
        double[] fractions = [.. s_pixels.Select(p => p / 255.0)];
        byte[] floats = ArrayBytes.Of([.. fractions.Select(f => (float)f)]);
        _folder.Write("f4.npy", ArrayBytes.Npy("<f4", $"({N}, 3, 8, 8)", floats));
        _folder.Write("f4f.npy", ArrayBytes.Npy("<f4", $"({N}, 3, 8, 8)", ArrayBytes.Fortran(floats, 4, N, 3, 8, 8), fortran: true));
        _folder.Write("f8.npy", ArrayBytes.Npy("<f8", $"({N}, 3, 8, 8)", ArrayBytes.Of(fractions)));
        double[] bytes = Losses("u1.npy");
        Closeness.Same(bytes, Losses("f4.npy"), 1e-5, 1e-6);
        Closeness.Same(bytes, Losses("f4f.npy"), 1e-5, 1e-6);
        Closeness.Same(bytes, Losses("f8.npy"), 1e-11, 1e-12);

        double[] Losses(string inputs)
        {
            using ITask task = Load($"{{inputs: {inputs}, targets: y.npy{keys}}}");
            ModelSpec spec = StudyOf($"{{inputs: {inputs}, targets: y.npy{keys}}}", model).Model;
            IModel built = ModelCatalogue.BuiltIn.Build(spec, task.Vocabulary, task.Spec);
            using var scope = new TensorScope();
            double[] theta = [.. Start(built, 1), .. Start(built, 2)];
            long[] rows = new long[2 * 5 * task.SampleLength];
            task.FillBatch(3, 11, rows);
            Tensor batch = Tensor.From<long>(rows, 2, 5, task.SampleLength);
            return built.Loss(Tensor.From<double>(theta, 2, built.Layout.Count), batch).ToDoubles();
        }
    }

    [Fact]
    public void Vectors_are_normalised_number_by_number_and_read_by_the_mlp_alone()
    {
        double[] numbers = [.. Enumerable.Range(0, N * 3).Select(i => 1000 * (i % 3) + Math.Sin(i) * (i % 3 + 1))];
        _folder.Write("x.npy", ArrayBytes.Npy("<f8", $"({N}, 3)", ArrayBytes.Of(numbers)));
        _folder.Write("y.npy", ArrayBytes.Npy("<i4", $"({N},)", s_classes));
        using ITask task = Load("{inputs: x.npy, targets: y.npy, normalise: true, train-size: 27}");
        ImageShape shape = task.Spec.Images!;
        Assert.Equal((3, 1, 1, true), (shape.Channels, shape.Height, shape.Width, shape.Flat));
        long[] rows = new long[task.TrainEvaluationCount(0) * task.SampleLength];
        task.FillTrainEvaluation(0, 0, rows);
        for (int d = 0; d < 3; d++)
        {
            double[] column = [.. Enumerable.Range(0, 27).Select(i => BitConverter.Int64BitsToDouble(rows[i * 4 + d]))];
            double mean = column.Average();
            Assert.Equal(mean, shape.Mean[d], 1e-9);
            Assert.Equal(Math.Sqrt(column.Average(v => (v - mean) * (v - mean))), shape.Deviation[d], 1e-9);
        }
        foreach (string kind in (string[])["resnet", "vit", "lstm", "alexnet"])
            Assert.Contains(
                "vectors of 3 numbers",
                Assert
                    .Throws<InputException>(() =>
                        ModelCatalogue.BuiltIn.Build(new ModelSpec { Kind = kind, Norm = "none" }, task.Vocabulary, task.Spec)
                    )
                    .Message,
                StringComparison.Ordinal
            );
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public void Inputs_are_never_held_in_memory(bool fortran)
    {
        const int rows = 1 << 15;
        string path = _folder.Write("x.npy", ArrayBytes.Npy("|u1", $"({rows}, 2, 32, 32)", [], fortran));
        using (FileStream sparse = File.Open(path, FileMode.Open))
            sparse.SetLength(sparse.Length + rows * 2048L);
        _folder.Write("y.npy", ArrayBytes.Npy("|u1", $"({rows},)", [.. Enumerable.Range(0, rows).Select(i => (byte)(i & 1))]));
        TaskSpec spec = SmallTasks.Parse("{inputs: x.npy, targets: y.npy, normalise: true, crop: 1}", _folder);
        long before = GC.GetAllocatedBytesForCurrentThread();
        using ITask task = TaskCatalogue.BuiltIn.Load(spec);
        task.FillBatch(1, 0, new long[task.SampleLength * 8]);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < 8 << 20, $"of {rows * 2048L} bytes of inputs, {allocated} were allocated");
    }

    [Fact]
    public void Targets_one_further_are_what_rows_without_targets_predict()
    {
        ushort[] ids = [.. Enumerable.Range(0, 40 * 9).Select(i => (ushort)(i * i % 13))];
        ushort[] Part(int from) => [.. Enumerable.Range(0, 40).SelectMany(r => ids.Skip(9 * r + from).Take(8))];
        _folder.Write("x.npy", ArrayBytes.Npy("<u2", "(40, 9)", ArrayBytes.Of(ids)));
        _folder.Write("in.npy", ArrayBytes.Npy("<u2", "(40, 8)", ArrayBytes.Of(Part(0))));
        _folder.Write("out.npy", ArrayBytes.Npy("<i8", "(40, 8)", ArrayBytes.Of([.. Part(1).Select(id => (long)id)])));
        using ITask next = Load("{kind: token-arrays, inputs: x.npy}"),
            given = Load("{kind: token-arrays, inputs: in.npy, targets: out.npy}");
        Assert.Equal((8, 8, 13, 13), (next.Context, given.Context, next.Vocabulary, given.Vocabulary));
        Assert.Equal((9, 16), (next.SampleLength, given.SampleLength));
        Assert.NotEqual(next.Spec.Content, given.Spec.Content);
        var spec = new ModelSpec
        {
            Width = 8,
            Layers = 1,
            HeadInit = "xavier-uniform",
        };
        Closeness.Same(Losses(next), Losses(given), 1e-12);
        // Rows are never cut elsewhere: every one of an epoch is a row of the file.
        long[] epoch = new long[36 * 9];
        next.FillBatch(1, 0, epoch);
        HashSet<string> rows = [.. Enumerable.Range(0, 40).Select(r => string.Join(' ', ids.Skip(9 * r).Take(9)))];
        Assert.All(Enumerable.Range(0, 36), r => Assert.Contains(string.Join(' ', epoch[(9 * r)..(9 * r + 9)]), rows));

        double[] Losses(ITask task)
        {
            IModel model = ModelCatalogue.BuiltIn.Build(spec, task.Vocabulary, task.Spec);
            using var scope = new TensorScope();
            long[] batch = new long[6 * task.SampleLength];
            task.FillBatch(2, 3, batch);
            return model
                .Loss(Tensor.From<double>(Start(model, 5), 1, model.Layout.Count), Tensor.From<long>(batch, 1, 6, task.SampleLength))
                .ToDoubles();
        }
    }

    [Fact]
    public void Arrays_that_do_not_belong_together_are_refused_in_one_line_that_names_them()
    {
        float[] numbers = new float[N * 4];
        _folder.Write("x.npy", ArrayBytes.Npy("<f4", $"({N}, 4)", ArrayBytes.Of(numbers)));
        _folder.Write("i.npy", ArrayBytes.Npy("<f4", $"({N}, 2, 2)", ArrayBytes.Of(numbers)));
        _folder.Write("r1.npy", ArrayBytes.Npy("<f4", $"({N * 4},)", ArrayBytes.Of(numbers)));
        _folder.Write("last.npy", ArrayBytes.Npy("|u1", "(2, 8, 8, 3)", new byte[2 * 8 * 8 * 3]));
        numbers[18] = float.NaN;
        _folder.Write("nan.npy", ArrayBytes.Npy("<f4", $"({N}, 4)", ArrayBytes.Of(numbers)));
        _folder.Write("y.npy", ArrayBytes.Npy("<i4", $"({N},)", s_classes));
        _folder.Write("short.npy", ArrayBytes.Npy("<i4", "(20,)", s_classes[..80]));
        _folder.Write("y2.npy", ArrayBytes.Npy("<i4", "(2,)", s_classes[..8]));
        _folder.Write("real.npy", ArrayBytes.Npy("<f4", $"({N},)", ArrayBytes.Of(new float[N])));
        _folder.Write("hot.npy", ArrayBytes.Npy("|u1", $"({N}, 3)", new byte[3 * N]));
        _folder.Write("minus.npy", ArrayBytes.Npy("|i1", $"({N},)", [.. new byte[4], 0xFF, .. new byte[N - 5]]));
        _folder.Write("ids.npy", ArrayBytes.Npy("<i4", $"({N}, 4)", ArrayBytes.Of([.. Enumerable.Range(0, 4 * N)])));
        _folder.Write("zeros.npy", ArrayBytes.Npy("<i4", $"({N}, 4)", new byte[16 * N]));
        _folder.Write("huge.npy", ArrayBytes.Npy("<u8", "(1, 2)", [.. ArrayBytes.Of(1UL), .. ArrayBytes.Of(ulong.MaxValue)]));
        foreach (
            (string task, string says) in ((string, string)[])
                [
                    ("inputs: x.npy, targets: short.npy", $"x.npy has {N} rows (shape ({N}, 4)), SHORT 20 (shape (20,))"),
                    ("inputs: x.npy, targets: real.npy", "float32 numbers; expected whole ones"),
                    ("inputs: x.npy, targets: hot.npy", "argmax(axis=1)"),
                    ("inputs: x.npy, targets: minus.npy", "row 4 holds class -1"),
                    ("inputs: nan.npy, targets: y.npy", "row 4 holds a number that is NaN"),
                    ("inputs: r1.npy, targets: y.npy", "reshape(-1, 1)"),
                    ("inputs: last.npy, targets: y2.npy", "transpose(0, 3, 1, 2)"),
                    ("inputs: x.npy, targets: y.npy, flip: true", "task.flip cannot act on"),
                    ("inputs: x.npy, targets: y.npy, validation-inputs: i.npy, validation-targets: y.npy", "expected one size"),
                    ("inputs: x.npy, targets: y.npy, classes: 2", "has label 2; expected 0 to 1"),
                    ("kind: token-arrays, inputs: x.npy", "float32 numbers; expected whole ones, the ids"),
                    ("kind: token-arrays, inputs: y.npy", "expected [N, T]"),
                    ("kind: token-arrays, inputs: ids.npy, targets: hot.npy", "expected one shape [N, T]"),
                    ("kind: token-arrays, inputs: ids.npy, vocabulary: 50", "row 12 holds id 50"),
                    ("kind: token-arrays, inputs: zeros.npy", "every id is 0"),
                    ("kind: token-arrays, inputs: huge.npy", "row 0: it holds a number of 2^63 or more"),
                ]
        )
        {
            string message = Assert.Throws<InputException>(() => Load($"{{{task}}}").Dispose()).Message;
            Assert.DoesNotContain('\n', message);
            Assert.Contains(says.Replace("SHORT", _folder.File("short.npy"), StringComparison.Ordinal), message, StringComparison.Ordinal);
        }
    }

    private static double[] Start(IModel model, long seed)
    {
        double[] row = new double[model.Layout.Count];
        model.Layout.Initialise(seed, row);
        return row;
    }

    private (string? Content, long[] Rows) Loaded(string task)
    {
        using ITask loaded = Load(task);
        long[] rows = new long[10 * loaded.SampleLength];
        loaded.FillBatch(1, 5, rows);
        return (loaded.Spec.Content, rows);
    }

    private ITask Load(string task) => TaskCatalogue.BuiltIn.Load(SmallTasks.Parse(task, _folder));

    private StudySpec StudyOf(string task, string model) =>
        Gaplab.Studies.Yaml.StudyFile.Parse(
            _folder.File("study.yaml"),
            $"task: {task}\nmodel: {model}\noptimizers: {{sgd: {{lr: 0.1}}}}\ngrid: {{batch: 4}}\nbudget: {{steps: 2}}\n"
        );
}
