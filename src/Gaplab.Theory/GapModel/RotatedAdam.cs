// Adam on a quadratic whose eigenvectors are not along the axes: full second moments of each block.
namespace Gaplab.Theory.GapModel;

/// <summary>The closure of <see cref="AdamClosure"/> with matrices: E xxᵀ, E xmᵀ and E mmᵀ per block, v from the diagonal of E ggᵀ
/// (theory.md C2).</summary>
internal static class RotatedAdam
{
    /// <summary>Expected loss after the last step; entries in no block go by the plain recursion.</summary>
    public static double Loss(
        AdamClosure adam,
        Quadratic quadratic,
        Rotation rotation,
        double batch,
        double[] factors,
        double rate,
        double bound = double.PositiveInfinity,
        double[]? curve = null
    )
    {
        ArgumentNullException.ThrowIfNull(adam);
        ArgumentNullException.ThrowIfNull(quadratic);
        ArgumentNullException.ThrowIfNull(rotation);
        (double[] size, double[] correction) = adam.Corrections(factors, rate);
        int[] alone = [.. Enumerable.Range(0, quadratic.Count).Except(rotation.Blocks.SelectMany(b => b.Indices))];
        double total = 0;
        if (alone.Length > 0)
        {
            var rest = new Quadratic(
                [.. alone.Select(i => quadratic.Curvature[i])],
                [.. alone.Select(i => quadratic.NoiseVariance[i])],
                [.. alone.Select(i => quadratic.StartSquared[i])]
            );
            total = adam.Run(CoordinateLanes.Of(rest), batch, factors, rate, bound, curve);
        }
        foreach (RotationBlock block in rotation.Blocks)
        {
            if (total > bound && curve is null)
                break;
            total += new Block(quadratic, block, batch).Run(adam, size, correction, curve);
        }
        return total < ModelledOptimizer.Diverged ? total : ModelledOptimizer.Diverged;
    }

    /// <summary>One block's matrices, all [n, n] in row-major order.</summary>
    private sealed class Block
    {
        private readonly int _n;
        private readonly double[] _h,
            _c,
            _v,
            _a;
        private double[] _x,
            _p,
            _m,
            _hx,
            _hp,
            _g,
            _t;

        public Block(Quadratic quadratic, RotationBlock block, double batch)
        {
            int n = _n = block.Indices.Length;
            (_h, _c, _v, _a) = (new double[n * n], new double[n * n], new double[n], new double[n]);
            (_x, _p, _m, _hx, _hp, _g, _t) = (
                new double[n * n],
                new double[n * n],
                new double[n * n],
                new double[n * n],
                new double[n * n],
                new double[n * n],
                new double[n * n]
            );
            double[] start = new double[n];
            for (int i = 0; i < n; i++)
            for (int k = 0; k < n; k++)
            {
                int at = block.Indices[k];
                start[i] += block.Matrix[i, k] * Math.Sqrt(quadratic.StartSquared[at]);
                for (int j = 0; j < n; j++)
                {
                    double rr = block.Matrix[i, k] * block.Matrix[j, k];
                    _h[i * n + j] += rr * quadratic.Curvature[at];
                    _c[i * n + j] += rr * quadratic.NoiseVariance[at] / batch;
                }
            }
            for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++)
                _x[i * n + j] = start[i] * start[j];
        }

        public double Run(AdamClosure adam, double[] size, double[] correction, double[]? curve)
        {
            int n = _n;
            double b1 = adam.Beta1,
                c1 = 1 - b1,
                b2 = adam.Beta2;
            if (curve is not null)
                curve[0] += Value();
            for (int k = 0; k < size.Length; k++)
            {
                Multiply(_h, _x, _hx);
                Multiply(_h, _p, _hp);
                // E ggᵀ = HXH + C.
                Multiply(_hx, _h, _g);
                for (int i = 0; i < n * n; i++)
                    _g[i] += _c[i];
                for (int i = 0; i < n; i++)
                {
                    _v[i] = b2 * _v[i] + (1 - b2) * _g[i * n + i];
                    _a[i] = size[k] / (Math.Sqrt(_v[i] * correction[k]) + adam.Epsilon);
                }
                for (int i = 0; i < n; i++)
                for (int j = 0; j < n; j++)
                {
                    _m[i * n + j] = b1 * b1 * _m[i * n + j] + b1 * c1 * (_hp[i * n + j] + _hp[j * n + i]) + c1 * c1 * _g[i * n + j];
                    _t[i * n + j] = b1 * _p[i * n + j] + c1 * _hx[j * n + i];
                }
                double largest = 0;
                for (int i = 0; i < n; i++)
                for (int j = 0; j < n; j++)
                {
                    _x[i * n + j] += -_t[i * n + j] * _a[j] - _a[i] * _t[j * n + i] + _a[i] * _m[i * n + j] * _a[j];
                    _p[i * n + j] = _t[i * n + j] - _a[i] * _m[i * n + j];
                    if (i == j)
                        largest = Math.Max(largest, _x[i * n + j]);
                }
                if (curve is not null)
                    curve[k + 1] += Value();
                else if (!(largest < ModelledOptimizer.Diverged))
                    return ModelledOptimizer.Diverged;
            }
            return Value();
        }

        /// <summary>½ tr HX.</summary>
        private double Value()
        {
            double sum = 0;
            for (int i = 0; i < _x.Length; i++)
                sum += _h[i] * _x[i];
            return 0.5 * sum;
        }

        private void Multiply(double[] a, double[] b, double[] to)
        {
            int n = _n;
            if (n == 2)
            {
                (double b0, double b1, double b2, double b3) = (b[0], b[1], b[2], b[3]);
                (to[0], to[1], to[2], to[3]) = (a[0] * b0 + a[1] * b2, a[0] * b1 + a[1] * b3, a[2] * b0 + a[3] * b2, a[2] * b1 + a[3] * b3);
                return;
            }
            Array.Clear(to);
            for (int i = 0; i < n; i++)
            for (int k = 0; k < n; k++)
                System.Numerics.Tensors.TensorPrimitives.MultiplyAdd(
                    b.AsSpan(k * n, n),
                    a[i * n + k],
                    to.AsSpan(i * n, n),
                    to.AsSpan(i * n, n)
                );
        }
    }
}
