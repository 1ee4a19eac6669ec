// The local basin of a trained network: outermost curvatures, the noise's main columns, and how sharp the basin is along them.
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Numerics.Files;
using Gaplab.Numerics.Linear;
using Gaplab.Numerics.Streams;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Gaplab.Learning.Diagnostics;

/// <summary>What escape rates are made of at a point: H and Σ (one sample's gradient covariance) over the subset, and Adam's metric Q =
/// diag(√v̂ + ε) there.</summary>
/// <remarks>
/// "largest" and "smallest" [k]: eigenvalues of H, with "-residual" and "-converged". "adam-largest" [k]: of Q^(−1/2)HQ^(−1/2), where the
/// run or a shadow is Adam.
/// "column-variance" [c]: largest eigenvalues of Σ, their eigenvectors s the columns; "noise-trace" is tr Σ. "column-curvature" sᵀHs.
/// The vectors themselves are "eigenvectors" [k, P] (of "largest"), "columns" [c, P] and "metric" [P].
/// With a = Q⁻¹s: "adam-column-curvature" aᵀHa, "adam-column-length" |a|, "adam-column-peak" max|aᵢ|, and of SGD "column-peak" max|sᵢ|.
/// Σ is of as many samples as 2²⁵ numbers hold, "noise-samples".
/// </remarks>
internal sealed class BasinProbe(TrainingSubset subset, NoiseSpec spec) : IPointProbe
{
    private const int Block = 64,
        MostProducts = 80;
    private const double Tolerance = 1e-3;
    private const long MostNumbers = 1L << 25;

    internal const string Largest = "largest",
        Smallest = "smallest",
        AdamLargest = "adam-largest",
        Eigenvectors = "eigenvectors",
        NoiseColumns = "columns",
        ColumnVariance = "column-variance",
        ColumnLayers = "column-layers",
        Metric = "metric",
        NoiseTrace = "noise-trace",
        GradientNorm = "gradient-norm",
        Finite = "finite";

    public static ProbeKind Kind { get; } =
        new()
        {
            Name = "basin",
            Says = "the basin at the end of a run: outermost curvatures, the noise's main columns, and how sharp it is along them",
            Command = "noise",
            Times = ProbeTimes.End,
            Options = [NoiseKey.All],
            Build = material => new BasinProbe(material.Subset, material.Noise),
        };

    public string Name => Kind.Name;

    public ProbeTimes Times => Kind.Times;

    public ProbeResult Measure(ProbePoint point)
    {
        int n = point.Theta.Length;
        using var hessian = new Hessian(point.Model, point.Theta, subset.InBatches(Block));
        RandomStream Stream(string of) => RandomStream.For(point.Seed, "probe/basin/" + of, point.Step);
        SpectrumEnds ends = Lanczos.Ends(hessian.Apply, n, spec.Columns, Stream("hessian"), Tolerance, MostProducts);
        var arrays = new Dictionary<string, ProbeArray>();
        AddPairs(arrays, Largest, ends.Largest);
        AddPairs(arrays, Smallest, ends.Smallest);
        double[] gradient = subset.Gradient(point.Model, point.Theta);
        if (point.AdamMetric is { } q)
        {
            double[] root = new double[n],
                scaled = new double[n];
            for (int i = 0; i < n; i++)
                root[i] = 1 / Math.Sqrt(q[i]);
            AddPairs(
                arrays,
                AdamLargest,
                Lanczos
                    .Ends(
                        (x, product) =>
                        {
                            TensorPrimitives.Multiply(x, root, scaled);
                            hessian.Apply(scaled, product);
                            TensorPrimitives.Multiply(product, root, product);
                        },
                        n,
                        spec.Columns,
                        Stream("adam"),
                        Tolerance,
                        MostProducts
                    )
                    .Largest
            );
        }
        arrays[Eigenvectors] = new ProbeArray([ends.Largest.Count, n], [.. ends.Largest.SelectMany(p => p.Vector)]);
        (double trace, int samples, List<(double Variance, double[] Direction)> columns) = Columns(point);
        double[] product = new double[n];
        double Curvature(double[] v)
        {
            hessian.Apply(v, product);
            return TensorPrimitives.Dot<double>(v, product);
        }
        arrays[NoiseColumns] = new ProbeArray([columns.Count, n], [.. columns.SelectMany(c => c.Direction)]);
        arrays[ColumnVariance] = ProbeArray.Vector(columns.Select(c => c.Variance));
        arrays["column-curvature"] = ProbeArray.Vector(columns.Select(c => Curvature(c.Direction)));
        arrays["column-peak"] = ProbeArray.Vector(
            columns.Select(c => (double)TensorPrimitives.MaxMagnitude<double>(c.Direction)).Select(Math.Abs)
        );
        if (point.AdamMetric is { } metric)
        {
            arrays[Metric] = ProbeArray.Vector(metric);
            double[][] moved =
            [
                .. columns.Select(c =>
                {
                    double[] a = new double[n];
                    TensorPrimitives.Divide(c.Direction, metric, a);
                    return a;
                }),
            ];
            arrays["adam-column-curvature"] = ProbeArray.Vector(moved.Select(Curvature));
            arrays["adam-column-length"] = ProbeArray.Vector(moved.Select(a => TensorPrimitives.Norm<double>(a)));
            arrays["adam-column-peak"] = ProbeArray.Vector(moved.Select(a => Math.Abs(TensorPrimitives.MaxMagnitude<double>(a))));
        }
        string[] layers = [.. columns.Select(c => MainLayer(point, c.Direction))];
        return new ProbeResult
        {
            Numbers = new Dictionary<string, double>
            {
                [NoiseTrace] = trace,
                ["noise-samples"] = samples,
                [GradientNorm] = TensorPrimitives.Norm<double>(gradient),
            },
            Arrays = arrays,
            Facts = new Dictionary<string, string>
            {
                [Finite] = ends.Finite ? "true" : "false",
                [ColumnLayers] = ProbeFacts.OfLines(layers),
            },
        };
    }

    // The largest eigenpairs of Σ from the Gram matrix of the centred per-sample gradients, of which there are far fewer than parameters.
    private (double Trace, int Samples, List<(double, double[])> Columns) Columns(ProbePoint point)
    {
        int n = point.Theta.Length,
            m = (int)Math.Min(subset.Count, Math.Max(2, MostNumbers / n));
        int[][] each = [.. Enumerable.Range(0, m).Select(i => (int[])[(int)((long)i * subset.Count / m)])];
        double weight = each.Sum(i => subset.Weight(i[0]));
        double[] mean = new double[n];
        double[][] rows = new double[m][];
        subset.Gradients(
            point.Model,
            point.Theta,
            each,
            (k, g) =>
            {
                rows[k] = g.ToArray();
                TensorPrimitives.MultiplyAdd(g, subset.Weight(each[k][0]) / weight, mean, mean);
            }
        );
        for (int k = 0; k < m; k++)
        {
            TensorPrimitives.Subtract(rows[k], mean, rows[k]);
            TensorPrimitives.Multiply(rows[k], Math.Sqrt(subset.Weight(each[k][0]) / weight), rows[k]);
        }
        var gram = DenseMatrix.Create(m, m, 0);
        for (int i = 0; i < m; i++)
        for (int j = 0; j <= i; j++)
            gram[i, j] = gram[j, i] = TensorPrimitives.Dot<double>(rows[i], rows[j]);
        var eigen = gram.Evd(Symmetricity.Symmetric);
        var columns = new List<(double, double[])>();
        for (int c = 0; c < Math.Min(spec.Columns, m); c++)
        {
            int at = m - 1 - c;
            double variance = eigen.EigenValues[at].Real;
            if (!(variance > 1e-12 * gram.Trace()))
                break;
            double[] direction = new double[n];
            for (int k = 0; k < m; k++)
                TensorPrimitives.MultiplyAdd(rows[k], eigen.EigenVectors[k, at] / Math.Sqrt(variance), direction, direction);
            columns.Add((variance, direction));
        }
        return (gram.Trace(), m, columns);
    }

    private static string MainLayer(ProbePoint point, double[] direction) =>
        ParamBlock.Layers(point.Model.Layout).MaxBy(b => b.Dot(direction, direction))!.Name;

    private static void AddPairs(Dictionary<string, ProbeArray> arrays, string name, IReadOnlyList<Eigenpair> pairs)
    {
        arrays[name] = ProbeArray.Vector(pairs.Select(p => p.Value));
        arrays[name + "-residual"] = ProbeArray.Vector(pairs.Select(p => p.Residual));
        arrays[name + "-converged"] = ProbeArray.Vector(pairs.Select(p => p.Converged ? 1.0 : 0));
    }
}

/// <summary>What a file of the probe "basin" says; vectors are read when asked for. The file stays the caller's to dispose.</summary>
public sealed class BasinReading(SafetensorsReader file)
{
    public static string Probe => BasinProbe.Kind.Name;

    /// <summary>Whether the curvatures are finite and Adam's metric is there.</summary>
    public bool HasMetric => file.Metadata[BasinProbe.Finite] == "true" && file.Contains(BasinProbe.Metric);

    /// <summary>Eigenvalues of H, and of Q^(−1/2)HQ^(−1/2), from the outside [k].</summary>
    public double[] Largest => file.Read<double>(BasinProbe.Largest);
    public double[] Smallest => file.Read<double>(BasinProbe.Smallest);
    public double[] AdamLargest => file.Read<double>(BasinProbe.AdamLargest);

    /// <summary>Variances of the noise along its main columns [c], and in all.</summary>
    public double[] ColumnVariance => file.Read<double>(BasinProbe.ColumnVariance);
    public double NoiseTrace => file.Read<double>(BasinProbe.NoiseTrace)[0];

    /// <summary>The layer that holds most of each column.</summary>
    public string[] ColumnLayers => ProbeFacts.Lines(file.Metadata[BasinProbe.ColumnLayers]);

    /// <summary>diag Q [P].</summary>
    public double[] Metric => file.Read<double>(BasinProbe.Metric);

    public double GradientNorm => file.Read<double>(BasinProbe.GradientNorm)[0];

    /// <summary>Of <see cref="Largest"/>, k vectors [P].</summary>
    public double[][] Eigenvectors => Rows(BasinProbe.Eigenvectors);

    /// <summary>c directions [P] of length 1.</summary>
    public double[][] Columns => Rows(BasinProbe.NoiseColumns);

    private double[][] Rows(string name) => [.. file.Read<double>(name).Chunk((int)file.Entry(name).Shape[1])];
}
