// The probes of a study file: names, when, on what data, and the shadows.
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Specs;
using YamlDotNet.RepresentationModel;

namespace Gaplab.Studies.Yaml;

internal static class ProbesSection
{
    public static ProbesSpec Read(StudySection s)
    {
        var byDefault = new ProbesSpec { Names = ProbeCatalogue.Names };
        StudySection shadows = s.Section("shadows"),
            spectrum = s.Section("spectrum"),
            noise = s.Section("noise");
        var probes = new ProbesSpec
        {
            Names = s.Choices("names", ProbeCatalogue.Names) ?? ["sharpness", "attribution", "histogram", "landscape"],
            TunedOnly = s.Choice("runs", "all", "all", "tuned") == "tuned",
            At = [.. (s.Numbers("at", 0, 1) ?? byDefault.At).Order()],
            Samples = s.Node("samples") is YamlScalarNode { Value: "all" }
                ? 0
                : (int)s.Integer("samples", byDefault.Samples, 1, int.MaxValue),
            Batch = (int)s.Integer("batch", byDefault.Batch, 1, 1 << 20),
            Layers = s.Flag("layers", byDefault.Layers),
            Classes = (int)s.Integer("classes", byDefault.Classes, 0, 1000),
            CrossCheck = s.Flag("cross-check", byDefault.CrossCheck),
            Eigenvalues = (int)s.Integer("eigenvalues", byDefault.Eigenvalues, 1, 100),
            Matrices = spectrum.Choices("matrices", ProbeCatalogue.Matrices) ?? byDefault.Matrices,
            Blocks = spectrum.Texts("blocks") ?? byDefault.Blocks,
            SpectrumProducts = (int)spectrum.Integer("products", byDefault.SpectrumProducts, 2, 10000),
            Tolerance = spectrum.Number("tolerance", byDefault.Tolerance, 0, 1, open: true),
            TraceProducts = (int)spectrum.Integer("trace-products", byDefault.TraceProducts, 0, 10000),
            DensityProbes = (int)spectrum.Integer("density-probes", byDefault.DensityProbes, 0, 1000),
            DensitySteps = (int)spectrum.Integer("density-steps", byDefault.DensitySteps, 2, 10000),
            DensityPoints = (int)spectrum.Integer("density-points", byDefault.DensityPoints, 2, 100000),
            LandscapePoints = (int)s.Integer("landscape-points", byDefault.LandscapePoints, 2, 1000),
            Noise = s.Has("noise") ? Noise(noise) : null,
            Shadows = [.. shadows.Keys.Select(name => OptimizerSection.ReadOne(shadows.Section(name), name))],
        };
        spectrum.Finish();
        s.Finish();
        if (probes.Names.Contains("spectrum") && probes.Samples == 0)
            throw s.Error(
                "samples",
                "'probes.samples' is all, but the spectrum keeps the graphs of all its batches in memory; give a number"
            );
        return probes;
    }

    private static NoiseSpec Noise(StudySection s)
    {
        var byDefault = new NoiseSpec();
        var noise = new NoiseSpec
        {
            Samples = s.Node("samples") is YamlScalarNode { Value: "all" }
                ? 0
                : (int)s.Integer("samples", byDefault.Samples, 2, int.MaxValue),
            Batches = [.. (s.Integers("batches", 1, 1 << 20) ?? []).Order().Select(b => (int)b)],
            Draws = (int)s.Integer("draws", byDefault.Draws, 2, 1 << 24),
            Coordinates = (int)s.Integer("coordinates", byDefault.Coordinates, 1, 1 << 20),
            Whole = (int)s.Integer("whole", byDefault.Whole, 1, 1000),
            Window = (int)s.Integer("window", byDefault.Window, 2, 1 << 24),
            Beta1 = s.Number("beta1", byDefault.Beta1, 0, 0.9999),
            Columns = (int)s.Integer("columns", byDefault.Columns, 1, 1000),
        };
        s.Finish();
        return noise;
    }
}
