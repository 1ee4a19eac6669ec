// The spectrum of the curvature on pages: what the files of a study say, in numbers that hold of any matrix, and what is made of them.
using System.Text.RegularExpressions;
using Gaplab.Learning.Diagnostics;
using Gaplab.Numerics.Files;
using Gaplab.Results.Report;
using Gaplab.Results.Store;
using Gaplab.Studies;
using Gaplab.Studies.Measuring;
using Gaplab.Studies.Reading;
using Gaplab.Training.Tests.Running;

namespace Gaplab.Training.Tests.Studies;

public sealed class SpectrumSectionSpecs
{
    private const string Yaml = """
        study: spectra
        task: {kind: markov, vocabulary: 8, tokens: 20000, context: 8}
        model: {kind: gpt, layers: 1, heads: 1, width: 8}
        optimizers:
          sgd: {lr: [0.1, 0.3]}
          adam: {beta2: 0.95, lr: [0.003, 0.01]}
        grid: {batch: [4], seeds: 2}
        budget: {samples: 256}
        evaluation: {points: 2, validation: 16, train: none}
        sentinel: {enabled: false}
        probes:
          {names: [spectrum], runs: tuned, at: [0, 1], samples: 16, batch: 4, eigenvalues: 2,
           spectrum: {blocks: [all, layers], products: 60, trace-products: 60, density-probes: 6, density-steps: 20}}
        """;

    [Fact]
    public void The_mean_of_densities_on_other_grids_has_integral_one_and_the_mean_of_their_means()
    {
        // Triangles of area 1 about 0 and about 3, on grids of other ends and steps.
        static (double, double)[] Triangle(double centre, int points) =>
            [
                .. Enumerable
                    .Range(0, points)
                    .Select(i => centre - 1 + 2.0 * i / (points - 1))
                    .Select(t => (t, Math.Max(0, 1 - Math.Abs(t - centre)))),
            ];
        SpectrumReading mean = SpectrumSection.Mean([Reading(4, Triangle(0, 401)), Reading(6, Triangle(3, 301))]);
        Assert.Equal(1, Integral(mean.Density, _ => 1), 1e-2);
        Assert.Equal(1.5, Integral(mean.Density, t => t), 1e-2);
        Assert.Equal(5, mean.Largest[0].Value, 1e-12);
        // Two values, 4 and 6: their standard error is 1, and the data's own is 0.5 of each.
        Assert.Equal(Math.Sqrt(1 + 0.25), mean.Largest[0].Error, 1e-12);
    }

    [Fact]
    public void One_that_has_not_converged_is_a_bound_and_a_names_marks_are_not_obeyed()
    {
        string hostile = PageContract.Hostile;
        SpectrumReading reading = Reading(4, [(0, 1), (1, 1)]) with { Largest = [new(4, 0.5, IsConverged: false)] };
        ProbePart part = SpectrumSection.Build(
            [
                new("", "sgd" + hostile, 4, 0, 0, reading, ["a"]),
                new("", "sgd" + hostile, 4, 1, 9, reading with { Block = "b" + hostile }, ["a"]),
            ],
            "store" + hostile,
            "command" + hostile
        );
        Assert.Contains(part.Sections[0].Table!.Rows[0].Cells, c => c.Text == "≥ 4");
        string html = ReportWriter.Render(
            new Report
            {
                Title = "spectra",
                Headline = "h",
                Sections = part.Sections,
            },
            ""
        );
        Assert.Equal(part.Sections.Count(s => s.Chart is not null) + 1, Regex.Count(html, "</script", RegexOptions.IgnoreCase));
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_study_left_obeys_the_identities_of_a_spectrum_and_stands_on_its_page()
    {
        using var folder = new TestFolder();
        string file = folder.Write("spectra.yaml", Yaml),
            store = folder.File("store");
        StartedProgram.Run(folder.Path, "study", "run", file, "--store", store, "--workers", "1").AssertSucceeded();
        RunStore opened = RunStore.Open(store);
        long parameters = PlanDocument.TryLoad(opened, Catalogues.BuiltIn)!.ToPlan().Parameters;
        int read = 0;
        foreach (string id in opened.RunIds())
        foreach (long step in opened.Run(id).ProbeSteps(SpectrumReading.Probe))
        {
            using SafetensorsReader spectra = Safetensors.Open(opened.Run(id).ProbePath(SpectrumReading.Probe, step));
            IReadOnlyList<SpectrumReading> parts = SpectrumReading.Of(spectra);
            Assert.Equal(SpectrumReading.Whole, parts[0].Block);
            SpectrumReading whole = parts[0];
            // The trace is the dimension times the mean of the density, of other random vectors; and it is the sum of the layers' traces.
            double fromDensity = parameters * Integral(whole.Density, t => t),
                second = parameters * Integral(whole.Density, t => t * t);
            // A sum of six quadratic forms of Gaussian vectors varies by 2‖H‖²/6.
            double most = 5 * (Math.Sqrt(2 * second / 6) + whole.TraceError);
            Assert.InRange(whole.Trace - fromDensity, -most, most);
            double layers = parts.Skip(1).Sum(p => p.Trace),
                error = Math.Sqrt(parts.Sum(p => p.TraceError * p.TraceError));
            Assert.InRange(whole.Trace - layers, -5 * error, 5 * error);
            // A principal block has no eigenvalue beyond those of the whole (Cauchy's interlacing).
            Assert.All(parts, p => Assert.True(p.Largest[0].Value <= whole.Largest[0].Value * 1.01 + 1e-9));
            Assert.All(parts, p => Assert.True(p.Smallest[0].Value >= whole.Smallest[0].Value - 0.01 * whole.Largest[0].Value));
            read++;
        }
        // Two optimizers, two seeds, two points.
        Assert.Equal(8, read);
        string page = File.ReadAllText(Path.Combine(store, "report.html"));
        foreach (string id in (string[])["spectrum", "spectrum-smallest", "spectrum-trace", "spectrum-density", "spectrum-blocks-1"])
            Assert.Contains($"id=\"{id}\"", page, StringComparison.Ordinal);
        Assert.Contains("<strong>Spectrum</strong>", page, StringComparison.Ordinal);
    }

    private static double Integral(IReadOnlyList<(double At, double Density)> density, Func<double, double> f) =>
        Enumerable
            .Range(1, density.Count - 1)
            .Sum(i =>
                (density[i].At - density[i - 1].At)
                * (f(density[i].At) * density[i].Density + f(density[i - 1].At) * density[i - 1].Density)
                / 2
            );

    private static SpectrumReading Reading(double largest, IReadOnlyList<(double, double)> density) =>
        new("hessian", "all", [new(largest, 0.5, true)], [new(-1, 0.1, true)], 10, 1, density);
}
