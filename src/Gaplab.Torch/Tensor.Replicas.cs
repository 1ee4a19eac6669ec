// The operations of the replica axis: leading dimension R, each replica with its own weights. Fused for the CPU, twice differentiable.
namespace Gaplab.Torch;

public sealed partial class Tensor
{
    /// <summary>this [R, N, I] times weight [R, I, O], a matrix product a replica: [R, N, O].</summary>
    public Tensor Linear(Tensor weight) => New(Native.gl_linear(Handle, weight.Handle, out TensorHandle h), h);

    /// <summary>Three such products of this: one node of the graph, whose gradient of this is added up in one matrix.</summary>
    public (Tensor First, Tensor Second, Tensor Third) Linear(Tensor first, Tensor second, Tensor third)
    {
        nint[] pointers = new nint[3];
        TorchError.Check(Native.gl_linear_three(Handle, first.Handle, second.Handle, third.Handle, pointers));
        Tensor[] found = Own(pointers);
        return (found[0], found[1], found[2]);
    }

    /// <summary>Rows of table [R, V, D] at ids (this, int64 [R, N]): [R, N, D].</summary>
    public Tensor Embedding(Tensor table) => New(Native.gl_embedding(Handle, table.Handle, out TensorHandle h), h);

    /// <summary>x / √(mean x² + ε) over the last dimension of this [R, N, D], times gain [R, D] when given (Zhang and Sennrich
    /// 2019).</summary>
    public Tensor RmsNorm(Tensor? gain, double epsilon)
    {
        int status = Native.gl_rms_norm(Handle, gain?.Handle.DangerousGetHandle() ?? 0, epsilon, out TensorHandle h);
        GC.KeepAlive(gain);
        return New(status, h);
    }

    /// <summary>Per head of this [R, B·T, H·E]: RMS norm without gain (ε &gt; 0), then rotation by position with tables [T, E/2] (an empty
    /// table rotates nothing).</summary>
    public Tensor Rotary(Tensor cosine, Tensor sine, long time, long heads, double normEpsilon) =>
        New(Native.gl_rotary(Handle, cosine.Handle, sine.Handle, time, heads, normEpsilon, out TensorHandle h), h);

    /// <summary>Softmax attention of queries (this) on keys and values, all [R, B·T, H·E]; scale 1/√E.</summary>
    public Tensor Attention(Tensor keys, Tensor values, long time, long heads, bool causal) =>
        New(Native.gl_attention(Handle, keys.Handle, values.Handle, time, heads, causal ? 1 : 0, out TensorHandle h), h);

    /// <summary>max(x, 0)².</summary>
    public Tensor ReluSquared() => New(Native.gl_relu_squared(Handle, out TensorHandle h), h);

    /// <summary>Mean cross-entropy in nats of each replica: logits (this) [R, N, V], targets int64 [R, N] -> [R].</summary>
    public Tensor CrossEntropy(Tensor targets) => New(Native.gl_cross_entropy(Handle, targets.Handle, out TensorHandle h), h);
}
