// Eigenvalues, trace and spectral density of the Hessian and the Gauss–Newton matrix at a point, whole and by block, as a probe.
using Gaplab.Learning.Models;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Numerics;
using Gaplab.Numerics.Streams;

namespace Gaplab.Learning.Diagnostics;

/// <summary>
/// For every matrix and block, under "matrix/block/": "largest" and "smallest" [k] with "-residual", "-converged" (1 or 0) and
/// "-data-error"; "trace", and "density" over "density-at" [n], each with "-probe-error" and "-data-error"; "density-width". Facts:
/// "spectra", the prefixes, and those of them that are not "finite".
/// </summary>
/// <remarks>Streams are named by (seed, "probe/…", step): every block and matrix has the same ones.</remarks>
internal sealed class SpectrumProbe(ProbesSpec spec, EvaluationSet set) : IPointProbe
{
    internal const string Spectra = "spectra",
        NotFinite = "not-finite";

    private static readonly IReadOnlyList<string> Matrices = ["hessian", "gauss-newton"];

    public static ProbeKind Kind { get; } =
        new()
        {
            Name = "spectrum",
            Says = "eigenvalues, trace and spectral density of the Hessian and the Gauss–Newton matrix, whole and by block",
            Command = "sharpness",
            Options =
            [
                new(
                    "",
                    Whole(
                        "eigenvalues",
                        1,
                        100,
                        s => s.Eigenvalues,
                        (s, v) => s with { Eigenvalues = v },
                        "eigenpairs at each end of the spectrum"
                    )
                ),
                new(
                    "spectrum",
                    new SpecKey<ProbesSpec>
                    {
                        Name = "matrices",
                        Says = "of which matrices: `hessian`, `gauss-newton`",
                        Form = KeyForm.Word,
                        Words = Matrices,
                        IsList = true,
                        Reads = (s, key, spec) => s.Choices(key.Name, key.Words) is { } names ? spec with { Matrices = names } : spec,
                        Value = spec => spec.Matrices,
                    },
                    new SpecKey<ProbesSpec>
                    {
                        Name = "blocks",
                        Says = "of which blocks of parameters: `all`, `layers` (each separately), or beginnings of names",
                        Form = KeyForm.Text,
                        IsList = true,
                        Reads = (s, key, spec) => s.Texts(key.Name) is { } names ? spec with { Blocks = names } : spec,
                        Value = spec => spec.Blocks,
                    },
                    Whole(
                        "products",
                        2,
                        10000,
                        s => s.SpectrumProducts,
                        (s, v) => s with { SpectrumProducts = v },
                        "products of Lanczos, at most"
                    ),
                    SpecKey.Number<ProbesSpec>(
                        "tolerance",
                        0,
                        1,
                        s => s.Tolerance,
                        (s, v) => s with { Tolerance = v },
                        "residual of a converged eigenpair, relative to the largest",
                        open: true
                    ),
                    Whole(
                        "trace-products",
                        0,
                        10000,
                        s => s.TraceProducts,
                        (s, v) => s with { TraceProducts = v },
                        "products for the trace; 0 is none"
                    ),
                    Whole(
                        "density-probes",
                        0,
                        1000,
                        s => s.DensityProbes,
                        (s, v) => s with { DensityProbes = v },
                        "random start vectors of the density; 0 is none"
                    ),
                    Whole("density-steps", 2, 10000, s => s.DensitySteps, (s, v) => s with { DensitySteps = v }, "products of each"),
                    Whole(
                        "density-points",
                        2,
                        100000,
                        s => s.DensityPoints,
                        (s, v) => s with { DensityPoints = v },
                        "points of the density"
                    )
                ),
            ],
            DifferentiatesTwice = true,
            // The graphs of all its batches, and its Krylov vectors.
            Graphs = spec => (spec.Samples + spec.Batch - 1) / spec.Batch,
            Rows = spec => Math.Max(spec.SpectrumProducts, spec.DensityProbes > 0 ? spec.DensitySteps : 0),
            Objection = spec =>
                spec.Samples == 0
                    ? ("samples", "is all, but the spectrum keeps the graphs of all its batches in memory; give a number")
                    : null,
            Check = (spec, layout) => _ = BlocksOf(spec, layout),
            Build = material => new SpectrumProbe(material.Spec, material.Evaluation),
        };

    public string Name => Kind.Name;

    private static SpecKey<ProbesSpec> Whole(
        string name,
        int least,
        int most,
        Func<ProbesSpec, int> get,
        Func<ProbesSpec, int, ProbesSpec> set,
        string says
    ) => SpecKey.Whole(name, least, most, get, set, says);

    public ProbeResult Measure(ProbePoint point)
    {
        var arrays = new Dictionary<string, ProbeArray>();
        var numbers = new Dictionary<string, double>();
        List<string> all = [],
            broken = [];
        foreach (string matrix in spec.Matrices)
        {
            foreach (ParamBlock block in BlocksOf(spec, point.Model.Layout))
            {
                string prefix = $"{matrix}/{block.Name}/";
                using Curvature curvature =
                    matrix == Matrices[0]
                        ? new Hessian(point.Model, point.Theta, set, block)
                        : new GaussNewton((ILogitModel)point.Model, point.Theta, set, block);
                all.Add(prefix);
                if (!Measure(curvature, point, prefix, arrays, numbers))
                    broken.Add(prefix);
            }
        }
        return new ProbeResult
        {
            Numbers = numbers,
            Arrays = arrays,
            Facts = new Dictionary<string, string> { [Spectra] = ProbeFacts.OfLines(all), [NotFinite] = ProbeFacts.OfLines(broken) },
        };
    }

    /// <summary>The blocks that a spec names.</summary>
    /// <exception cref="InputException">A name with which no parameter's begins.</exception>
    internal static IReadOnlyList<ParamBlock> BlocksOf(ProbesSpec spec, ParamLayout layout)
    {
        var blocks = new List<ParamBlock>();
        foreach (string name in spec.Blocks)
        {
            if (name == "all")
                blocks.Add(ParamBlock.All(layout));
            else if (name == "layers")
                blocks.AddRange(ParamBlock.Layers(layout));
            else if (layout.Slices.Any(s => s.Name == name || s.Name.StartsWith(name + ".", StringComparison.Ordinal)))
                blocks.Add(ParamBlock.Of(layout, name));
            else
                throw new InputException(
                    $"probes.spectrum.blocks holds '{name}', with which no parameter's name begins; expected all, layers, or of "
                        + $"{string.Join(", ", ParamBlock.Layers(layout).Select(b => b.Name))}"
                );
        }
        return [.. blocks.DistinctBy(b => b.Name)];
    }

    private bool Measure(
        Curvature curvature,
        ProbePoint point,
        string prefix,
        Dictionary<string, ProbeArray> arrays,
        Dictionary<string, double> numbers
    )
    {
        RandomStream Stream(string purpose) => RandomStream.For(point.Seed, "probe/" + purpose, point.Step);
        CurvatureEnds ends = CurvatureSpectrum.Ends(curvature, spec.Eigenvalues, Stream("spectrum"), spec.Tolerance, spec.SpectrumProducts);
        foreach (
            (string name, IReadOnlyList<CurvatureEigenpair> pairs) in ((string, IReadOnlyList<CurvatureEigenpair>)[])
                [("largest", ends.Largest), ("smallest", ends.Smallest)]
        )
        {
            arrays[prefix + name] = ProbeArray.Vector(pairs.Select(p => p.Pair.Value));
            arrays[prefix + name + "-residual"] = ProbeArray.Vector(pairs.Select(p => p.Pair.Residual));
            arrays[prefix + name + "-converged"] = ProbeArray.Vector(pairs.Select(p => p.Pair.Converged ? 1.0 : 0));
            arrays[prefix + name + "-data-error"] = ProbeArray.Vector(pairs.Select(p => p.DataError));
        }
        if (!ends.Finite)
            return false;
        if (spec.TraceProducts > 0)
        {
            SampledNumber trace = CurvatureSpectrum.Trace(curvature, () => Stream("trace"), spec.TraceProducts);
            (numbers[prefix + "trace"], numbers[prefix + "trace-probe-error"], numbers[prefix + "trace-data-error"]) = (
                trace.Value,
                trace.ProbeError,
                trace.DataError
            );
        }
        if (spec.DensityProbes == 0)
            return true;
        if (
            CurvatureSpectrum.Density(curvature, () => Stream("density"), spec.DensityProbes, spec.DensitySteps, spec.DensityPoints)
            is not { } density
        )
            return false;
        numbers[prefix + "density-width"] = density.Width;
        arrays[prefix + "density-at"] = ProbeArray.Vector(density.At);
        arrays[prefix + "density"] = ProbeArray.Vector(density.Density.Select(d => d.Value));
        arrays[prefix + "density-probe-error"] = ProbeArray.Vector(density.Density.Select(d => d.ProbeError));
        arrays[prefix + "density-data-error"] = ProbeArray.Vector(density.Density.Select(d => d.DataError));
        return true;
    }
}
