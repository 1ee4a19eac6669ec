// How a parameter starts: constant, normal or Xavier-uniform, from the stream named by the seed and the parameter.
using Gaplab.Numerics.Streams;

namespace Gaplab.Learning.Params;

/// <summary>An initial distribution. Its numbers depend on (seed, parameter name) only, so adding a layer shifts no other.</summary>
public abstract record Initialisation
{
    public static Initialisation Zero { get; } = new Constant(0);

    public static Initialisation One { get; } = new Constant(1);

    /// <summary>N(0, <paramref name="std"/>²).</summary>
    public static Initialisation Normal(double std) => new Gaussian(std);

    /// <summary>Uniform on ±gain·√(6/(in + out)) for a weight [in, out] (Glorot and Bengio 2010, equation 16).</summary>
    public static Initialisation XavierUniform(double gain = 1) => new Xavier(gain);

    /// <summary>Uniform on ±<paramref name="bound"/>.</summary>
    public static Initialisation Uniform(double bound) => new Flat(bound);

    /// <summary>Uniform on <paramref name="least"/> … <paramref name="most"/>.</summary>
    public static Initialisation Between(double least, double most) => new Range(least, most);

    /// <summary>Equal parts of one value each, in order.</summary>
    public static Initialisation Parts(params double[] values) => new ByPart(values);

    internal abstract void Fill(long seed, ParamSlice slice, Span<double> values);

    private sealed record Constant(double Value) : Initialisation
    {
        internal override void Fill(long seed, ParamSlice slice, Span<double> values) => values.Fill(Value);
    }

    private sealed record ByPart(double[] Values) : Initialisation
    {
        internal override void Fill(long seed, ParamSlice slice, Span<double> values)
        {
            int size = values.Length / Values.Length;
            for (int p = 0; p < Values.Length; p++)
                values.Slice(p * size, size).Fill(Values[p]);
        }
    }

    private sealed record Gaussian(double Std) : Initialisation
    {
        internal override void Fill(long seed, ParamSlice slice, Span<double> values)
        {
            RandomStream stream = RandomStream.For(seed, "model/init/" + slice.Name);
            for (int i = 0; i < values.Length; i++)
                values[i] = Std * stream.NextGaussian();
        }
    }

    private sealed record Flat(double Bound) : Initialisation
    {
        internal override void Fill(long seed, ParamSlice slice, Span<double> values)
        {
            RandomStream stream = RandomStream.For(seed, "model/init/" + slice.Name);
            for (int i = 0; i < values.Length; i++)
                values[i] = Bound * (2 * stream.NextDouble() - 1);
        }
    }

    private sealed record Range(double Least, double Most) : Initialisation
    {
        internal override void Fill(long seed, ParamSlice slice, Span<double> values)
        {
            RandomStream stream = RandomStream.For(seed, "model/init/" + slice.Name);
            for (int i = 0; i < values.Length; i++)
                values[i] = Least + (Most - Least) * stream.NextDouble();
        }
    }

    private sealed record Xavier(double Gain) : Initialisation
    {
        internal override void Fill(long seed, ParamSlice slice, Span<double> values)
        {
            RandomStream stream = RandomStream.For(seed, "model/init/" + slice.Name);
            double bound = Gain * Math.Sqrt(6.0 / (slice.Shape[^2] + slice.Shape[^1]));
            for (int i = 0; i < values.Length; i++)
                values[i] = bound * (2 * stream.NextDouble() - 1);
        }
    }
}
