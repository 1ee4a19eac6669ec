// The mirror: tensors that only tensor operations see, as those of a GPU; and that nothing else of the binding changes there.
using Gaplab.Torch;

namespace Gaplab.Training.Tests.Devices;

public sealed class MirrorSpecs
{
    [Fact]
    public void A_device_is_what_its_word_says()
    {
        foreach (string word in (string[])["cpu", "mirror", "cuda:0", "cuda:7"])
            Assert.Equal(word, Device.TryParse(word)!.Value.ToString());
        Assert.Equal(Device.Cuda(0), Device.TryParse("cuda"));
        Assert.Equal(Device.Cpu, default);
        foreach (string word in (string[])["", "gpu", "cuda:", "cuda:-1", "cuda:x", "CPU"])
            Assert.Null(Device.TryParse(word));
    }

    [Fact]
    public void Tensors_are_made_where_the_thread_is_and_come_back_whole()
    {
        using var scope = new TensorScope();
        using (Device.Mirror.Use())
        {
            Tensor t = Tensor.From<double>([1, 2, 3, 4, 5, 6], 2, 3);
            Assert.All(
                (Tensor[])[t, Tensor.Zeros([2]), Tensor.Empty([2]), Tensor.Full([2], 1)],
                x => Assert.Equal(Device.Mirror, x.Device)
            );
            Assert.Equal([1, 2, 3, 4, 5, 6], t.ToDoubles());
            Assert.Equal([1, 4, 2, 5, 3, 6], t.Transpose(0, 1).ToArray<double>());
            Assert.Equal(Device.Cpu, t.ToDevice(Device.Cpu).Device);
            Assert.Equal(21, t.Sum().Item());
        }
        Assert.Equal(Device.Cpu, Tensor.Zeros([2]).Device);
    }

    [Fact]
    public void No_span_sees_them_and_nothing_mixes_them_with_the_CPUs()
    {
        using var scope = new TensorScope();
        Tensor near = Tensor.From<double>([1, 2], 2),
            far = near.ToDevice(Device.Mirror);
        Assert.Throws<InvalidOperationException>(() => far.Span<double>().Length);
        Assert.Throws<InvalidOperationException>(() => far.Row<double>(0).Length);
        Assert.Contains("same device", Assert.Throws<TorchException>(() => near + far).Message, StringComparison.Ordinal);
        Assert.Contains(
            "same device",
            Assert.Throws<TorchException>(() => far.IndexSelect(0, Tensor.From<long>([1], 1))).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Views_share_their_memory_and_writing_through_one_is_seen()
    {
        using var scope = new TensorScope();
        using DeviceScope _ = Device.Mirror.Use();
        Tensor t = Tensor.From<double>([1, 2, 3, 4, 5, 6], 2, 3);
        t.Select(0, 1).CopyFrom(Tensor.From<double>([7, 8, 9], 3));
        t.Narrow(1, 0, 1).MultiplyInPlace(10);
        t.Reshape(6).AddInPlace(1);
        Assert.Equal([11, 3, 4, 71, 9, 10], t.ToDoubles());
    }

    [Fact]
    public void Derivatives_of_any_order_are_those_of_the_CPU()
    {
        using var scope = new TensorScope();
        (double[] First, double[] Second) At(Device device)
        {
            using DeviceScope _ = device.Use();
            Tensor x = Tensor.From<double>([0.3, -1.2, 2], 1, 3);
            x.RequiresGrad = true;
            Tensor loss = (x.Tanh() * x.Square().Exp()).Sum(),
                gradient = Autograd.Gradient(loss, x, createGraph: true);
            return (gradient.ToDoubles(), Autograd.Gradient((gradient * gradient).Sum(), x).ToDoubles());
        }
        Assert.Equal(At(Device.Cpu).First, At(Device.Mirror).First);
        Assert.Equal(At(Device.Cpu).Second, At(Device.Mirror).Second);
    }

    [Fact]
    public void Rows_of_an_optimizer_are_changed_in_place()
    {
        foreach (Device device in (Device[])[Device.Cpu, Device.Mirror])
        {
            using var scope = new TensorScope();
            using DeviceScope _ = device.Use();
            Tensor t = Tensor.From<double>([3, -4, 0, double.NaN, 2, -1], 2, 3);
            Assert.Equal([5, double.NaN], t.RowNorms().ToArray<double>());
            Assert.Equal([4, double.NaN], t.RowMagnitudes(0).ToDoubles());
            Assert.Equal([3, 2], t.RowMagnitudes(1).ToDoubles());
            Tensor limit = Tensor.From<double>([3, 1], 2, 1);
            Assert.Equal([1, 1], t.RowCounts(limit).ToArray<long>());
            t.ClipInPlace(limit);
            Assert.Equal([3, -3, 0, double.NaN, 1, -1], t.ToDoubles());
            t.SignInPlace();
            Assert.Equal([1, -1, 0, double.NaN, 1, -1], t.ToDoubles());
        }
    }
}
