// What the probe "spectrum" adds to a study's page: ends, trace and density of the curvature along the tuned runs, and its ends by block.
using System.Globalization;
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Specs;
using Gaplab.Numerics.Statistics;
using Gaplab.Results.Report;
using Gaplab.Results.Report.Charts;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Reading;

namespace Gaplab.Studies.Measuring;

/// <summary>One matrix over one block at one point of one arm's tuned runs, mean over the seeds that reached it.</summary>
/// <param name="Comparison">Its heading, of a study that has several; else "".</param>
/// <param name="Optimizer">By its name in the study, with what else the study varies.</param>
/// <param name="Batch">Samples of the run's own mini-batches.</param>
/// <param name="Fraction">Where in the run, in [0, 1].</param>
/// <param name="Step">The step before which it was measured.</param>
/// <param name="Mean">Of every number; errors are of the data, the random probes and the seeds together.</param>
/// <param name="Runs">Of which it is the mean.</param>
internal sealed record SpectrumRow(
    string Comparison,
    string Optimizer,
    int Batch,
    double Fraction,
    long Step,
    SpectrumReading Mean,
    IReadOnlyList<string> Runs
)
{
    public bool IsWhole => Mean.Block == SpectrumReading.Whole;

    public string Panel => $"{(Comparison.Length > 0 ? Comparison + ", " : "")}B = {NumberText.Count(Batch)}";
}

/// <summary>The largest and the smallest eigenvalues, the trace and the density, of all parameters and by block.</summary>
internal static class SpectrumSection
{
    private const string Bars = "Mean over the seeds; bars: one standard error of data, random probes and seeds.";

    // Below this share of its peak a density is the tail of its smoothing.
    private const double Faintest = 1e-5;

    /// <summary>The sections, a pure function of the rows.</summary>
    /// <param name="rows">At least one, in the order of the arms, points, matrices and blocks.</param>
    /// <param name="source">The store, as a provenance line names it.</param>
    /// <param name="command">The command that made it.</param>
    public static ProbePart Build(IReadOnlyList<SpectrumRow> rows, string source, string command)
    {
        var from = new Provenance(source, command, [.. rows.SelectMany(r => r.Runs).Distinct()]);
        bool several = rows.Select(r => r.Mean.Matrix).Distinct().Count() > 1;
        SpectrumRow[] whole = [.. rows.Where(r => r.IsWhole)],
            blocks = [.. rows.Where(r => !r.IsWhole)];
        string Panel(SpectrumRow r) => several ? $"{r.Panel}, {Word(r.Mean.Matrix)}" : r.Panel;
        string matrix = several ? "curvature" : Word(rows[0].Mean.Matrix);
        PanelAxis where = new("per cent of the run");
        var sections = new List<Section>();
        if (whole.Length > 0)
        {
            sections.Add(
                new()
                {
                    Id = "spectrum",
                    Title = Row.Title,
                    Provenance = from,
                    Prose =
                    [
                        "λ₁, the steepest curvature where each optimizer's tuned run goes. Gradient descent at rate η is stable where "
                            + "λ₁ < 2/η; steps of Adam are held by the curvature in the metric that it divides by, which this is not.",
                    ],
                    Chart = Panels(
                        whole.Where(r => r.Mean.Largest[0].Value > 0).Select(r => At(r, Panel(r), r.Mean.Largest[0])),
                        where,
                        new("λ₁", Logarithmic: true),
                        $"The largest eigenvalue of the {matrix} along the tuned runs.",
                        "The optimizer is the one that moves. " + Bars
                    ),
                    Table = Table("spectrum, one row per point and matrix, all parameters together", whole),
                }
            );
            Add(
                "spectrum-smallest",
                "The smallest eigenvalue",
                "Below zero the loss falls along a direction that its slope does not show.",
                Panels(
                    whole.Where(r => r.Mean.Smallest.Count > 0).Select(r => At(r, Panel(r), r.Mean.Smallest[0])),
                    where,
                    new("λ min"),
                    $"The smallest eigenvalue of the {matrix} along the tuned runs.",
                    Bars
                )
            );
            Add(
                "spectrum-trace",
                "Trace",
                "The sum of all eigenvalues: beside λ₁ it says whether the curvature is of few directions or of many.",
                Panels(
                    whole.Select(r => new PanelPoint(Panel(r), r.Optimizer, 100 * r.Fraction, r.Mean.Trace, Error: r.Mean.TraceError)),
                    where,
                    new("trace"),
                    $"The trace of the {matrix} along the tuned runs.",
                    Bars
                )
            );
            Add(
                "spectrum-density",
                "Density of the eigenvalues",
                "How many directions have which curvature, at the first point that was measured and at the last, smoothed.",
                Density(whole, Panel, matrix)
            );
        }
        foreach (var (of, index) in blocks.GroupBy(Panel).Select((g, i) => (g, i + 1)))
            sections.Add(
                new()
                {
                    Id = $"spectrum-blocks-{NumberText.Count(index)}",
                    Title = $"The largest eigenvalue by block, {of.Key}",
                    Level = sections.Count == 0 ? 2 : 3,
                    Provenance = from,
                    Chart = Panels(
                        of.Where(r => r.Mean.Largest[0].Value > 0).Select(r => At(r, r.Mean.Block, r.Mean.Largest[0])),
                        where,
                        new("λ₁", Logarithmic: true),
                        "The largest eigenvalue of each block of parameters along the tuned runs.",
                        "One panel per block. " + Bars
                    ),
                    Table = Table("spectrum, one row per point and block", [.. of]),
                }
            );
        return new(Claims(whole), sections);

        void Add(string id, string title, string says, Chart? chart)
        {
            if (chart is not null)
                sections.Add(
                    new()
                    {
                        Id = id,
                        Title = title,
                        Level = 3,
                        Provenance = from,
                        Prose = [says],
                        Chart = chart,
                    }
                );
        }
    }

    private static PanelPoint At(SpectrumRow r, string panel, SpectrumEnd end) =>
        new(panel, r.Optimizer, 100 * r.Fraction, end.Value, Error: end.Error);

    private static Chart? Density(SpectrumRow[] whole, Func<SpectrumRow, string> panelOf, string matrix)
    {
        SpectrumRow[] drawn = [.. whole.Where(r => r.Mean.Density.Count > 0)];
        var points = new List<PanelPoint>();
        foreach (var panel in drawn.GroupBy(panelOf))
        {
            double[] at = [.. panel.Select(r => r.Fraction).Distinct().Order()];
            foreach (double fraction in at.Length > 1 ? (double[])[at[0], at[^1]] : at)
            foreach (SpectrumRow row in panel.Where(r => r.Fraction == fraction))
            {
                double least = Faintest * row.Mean.Density.Max(d => d.Density);
                string name = string.Create(CultureInfo.InvariantCulture, $"{panel.Key}, at {100 * fraction:0.#} % of the run");
                points.AddRange(
                    row.Mean.Density.Where(d => d.Density >= least).Select(d => new PanelPoint(name, row.Optimizer, d.At, d.Density))
                );
            }
        }
        return Panels(
            points,
            new("eigenvalue λ"),
            new("density", Logarithmic: true),
            $"The smoothed density of the eigenvalues of the {matrix}, at the first and the last point of the tuned runs.",
            "Its integral is 1; what is fainter than a hundred-thousandth of the peak is left out. Mean over the seeds."
        );
    }

    /// <summary>How large λ₁ is at the end, over the arms, and where Adam's runs go beside SGD's.</summary>
    private static string[] Claims(IEnumerable<SpectrumRow> whole)
    {
        SpectrumRow[] ends =
        [
            .. whole
                .GroupBy(r => (r.Panel, r.Optimizer, r.Mean.Matrix))
                .Select(arm => arm.MaxBy(r => r.Step)!)
                .Where(r => r.Mean.Matrix == whole.First().Mean.Matrix && double.IsFinite(r.Mean.Largest[0].Value)),
        ];
        if (ends.Length == 0)
            return [];
        (double low, double high) = (ends.Min(r => r.Mean.Largest[0].Value), ends.Max(r => r.Mean.Largest[0].Value));
        var pairs = ends.GroupBy(r => r.Panel)
            .Select(g => (Sgd: g.FirstOrDefault(r => r.Optimizer == "sgd"), Adam: g.FirstOrDefault(r => r.Optimizer == "adam")))
            .Where(p => p.Sgd is not null && p.Adam is not null)
            .ToArray();
        int sharper = pairs.Count(p => p.Adam!.Mean.Largest[0].Value > p.Sgd!.Mean.Largest[0].Value);
        string beside =
            pairs.Length == 0 ? "" : $"; where Adam's runs went it is larger than where SGD's did in {sharper} of {pairs.Length}";
        return
        [
            string.Create(
                CultureInfo.InvariantCulture,
                $"**Spectrum**: at the last point that was measured, the largest eigenvalue of the {Word(ends[0].Mean.Matrix)} is "
                    + $"{low:g3}{(high > low ? $" to {high:g3}" : "")} along {ends.Length} tuned "
                    + $"{(ends.Length == 1 ? "arm" : "arms")}{beside}."
            ),
        ];
    }

    private static string Word(string matrix) =>
        matrix == "hessian" ? "Hessian"
        : matrix == "gauss-newton" ? "Gauss–Newton matrix"
        : matrix;

    private static Table Table(string caption, IReadOnlyList<SpectrumRow> rows)
    {
        int largest = rows.Max(r => r.Mean.Largest.Count);
        return new(
            caption,
            [
                new("along"),
                new("at", true, "fraction of the run"),
                new("step", true),
                new("matrix"),
                new("block"),
                .. Enumerable.Range(1, largest).Select(k => new Column($"λ{Subscript(k)}", true, k == 1 ? "the largest eigenvalue" : null)),
                new("error", true, "standard error of λ₁"),
                new("λ min", true, "the smallest eigenvalue"),
                new("error", true, "its standard error"),
                new("trace", true),
                new("error", true, "its standard error"),
            ],
            [
                .. rows.Select(r => new Row(
                    [
                        $"{r.Optimizer}, {r.Panel}",
                        Number(r.Fraction),
                        Number(r.Step),
                        Word(r.Mean.Matrix),
                        r.Mean.Block,
                        .. Enumerable
                            .Range(0, largest)
                            .Select(k => k < r.Mean.Largest.Count ? End(r.Mean.Largest[k], "≥ ") : Number(double.NaN)),
                        Number(r.Mean.Largest[0].Error),
                        r.Mean.Smallest.Count > 0 ? End(r.Mean.Smallest[0], "≤ ") : Number(double.NaN),
                        Number(r.Mean.Smallest.Count > 0 ? r.Mean.Smallest[0].Error : double.NaN),
                        Number(r.Mean.Trace),
                        Number(r.Mean.TraceError),
                    ],
                    r.Runs
                )),
            ]
        );
    }

    private static string Subscript(int number) =>
        string.Concat(number.ToString(CultureInfo.InvariantCulture).Select(digit => (char)('₀' + (digit - '0'))));

    private static Cell Number(double value) => Cell.Of(double.IsFinite(value) ? value : null, NumberText.Short);

    // One that did not converge is a bound.
    private static Cell End(SpectrumEnd end, string bound) =>
        end.IsConverged ? Number(end.Value) : new Cell(bound + NumberText.Short(end.Value), end.Value, "muted");

    private static Chart? Panels(IEnumerable<PanelPoint> points, PanelAxis x, PanelAxis y, string alt, string caption) =>
        points.Where(p => double.IsFinite(p.Y)).ToArray() is { Length: > 0 } all
            ? SeriesPanels.Make(all, x, y, lines: true, alt, caption)
            : null;

    /// <summary>The sections of what was just measured; none where the spectrum was not.</summary>
    public static IReadOnlyList<Section> Of(TunedMeasurement measured)
    {
        List<SpectrumRow> rows = Rows(
            measured.Results,
            batch => measured.Packs.Where(p => p.Runs[0].Spec.Batch == batch).Select(p => p.Probes).OfType<ProbesSpec>()
        );
        return rows.Count > 0 ? Build(rows, measured.Store.Integrity().Describe(measured.Folder), measured.Command).Sections : [];
    }

    /// <summary>Rows of the tuned runs, by arm, point, matrix and block.</summary>
    private static List<SpectrumRow> Rows(StudyResults results, Func<int, IEnumerable<ProbesSpec>>? questions = null)
    {
        var rows = new List<SpectrumRow>();
        foreach (
            var point in TunedPoints
                .Of(results, SpectrumReading.Probe, SpectrumReading.Of, questions)
                .GroupBy(p => (p.Arm.Key, p.Question, p.Step))
        )
        {
            (Arm arm, _, _, long step, double fraction, _) = point.First();
            foreach (
                var alike in point
                    .SelectMany(p => p.Parts.Select(part => (p.Run, Part: part)))
                    .Where(p => p.Part.Largest.Count > 0)
                    .GroupBy(p => (p.Part.Matrix, p.Part.Block))
            )
                rows.Add(
                    new(
                        arm.Comparison.Key.Heading,
                        arm.Optimizer + (arm.Variant.Length > 0 ? ", " + arm.Variant : ""),
                        arm.Batch,
                        fraction,
                        step,
                        Mean([.. alike.Select(p => p.Part)]),
                        [.. alike.Select(p => p.Run)]
                    )
                );
        }
        return rows;
    }

    /// <summary>The mean of every number over runs of one matrix and block.</summary>
    internal static SpectrumReading Mean(IReadOnlyList<SpectrumReading> seeds) =>
        seeds[0] with
        {
            Largest = Ends(seeds, s => s.Largest),
            Smallest = Ends(seeds, s => s.Smallest),
            Trace = seeds.Average(s => s.Trace),
            TraceError = Error([.. seeds.Select(s => s.Trace)], [.. seeds.Select(s => s.TraceError)]),
            Density = MeanDensity([.. seeds.Select(s => s.Density).Where(d => d.Count > 0)]),
        };

    private static IReadOnlyList<SpectrumEnd> Ends(
        IReadOnlyList<SpectrumReading> seeds,
        Func<SpectrumReading, IReadOnlyList<SpectrumEnd>> of
    ) =>
        [
            .. Enumerable
                .Range(0, seeds.Min(s => of(s).Count))
                .Select(k => new SpectrumEnd(
                    seeds.Average(s => of(s)[k].Value),
                    Error([.. seeds.Select(s => of(s)[k].Value)], [.. seeds.Select(s => of(s)[k].Error)]),
                    seeds.All(s => of(s)[k].IsConverged)
                )),
        ];

    // As of sharpness: what sampling the data leaves open in each, and what the seeds differ by.
    private static double Error(double[] values, double[] errors)
    {
        double data = Math.Sqrt(errors.Average(e => e * e));
        return values.Length < 2 ? data
            : double.IsNaN(data) ? SampleError.OfMean(values)
            : double.Hypot(data, SampleError.OfMean(values));
    }

    /// <summary>On a grid that holds those of all: each interpolated, and zero beyond its ends. Integrals stay 1.</summary>
    private static IReadOnlyList<(double At, double Density)> MeanDensity(IReadOnlyList<(double At, double Density)>[] all)
    {
        if (all.Length < 2)
            return all.Length == 0 ? [] : all[0];
        double[] grid = [.. all.SelectMany(d => d.Select(p => p.At)).Distinct().Order()];
        int points = all.Max(d => d.Count);
        (double low, double high) = (grid[0], grid[^1]);
        return
        [
            .. Enumerable
                .Range(0, points)
                .Select(i => low + (high - low) * i / (points - 1))
                .Select(t => (t, all.Average(d => Between(d, t)))),
        ];
    }

    private static double Between(IReadOnlyList<(double At, double Density)> density, double at)
    {
        if (at < density[0].At || at > density[^1].At)
            return 0;
        int right = 1;
        while (right < density.Count - 1 && density[right].At < at)
            right++;
        (double x0, double y0) = density[right - 1];
        (double x1, double y1) = density[right];
        return x1 > x0 ? y0 + (y1 - y0) * (at - x0) / (x1 - x0) : y0;
    }

    public static ProbeSection Row { get; } =
        new()
        {
            Title = "Curvature where each optimizer goes",
            Says =
                "the largest and the smallest eigenvalues, the trace and the density of the Hessian along the tuned runs, and λ₁ by block",
            Probes = [SpectrumReading.Probe],
            View = "spectra",
            Read = (results, source, command) => Rows(results) is { Count: > 0 } rows ? Build(rows, source, command) : null,
        };
}
