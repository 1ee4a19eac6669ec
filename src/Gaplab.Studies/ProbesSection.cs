// The probes of a study file: names, when, on what data, and the shadows.
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Specs;
using YamlDotNet.RepresentationModel;

namespace Gaplab.Studies;

internal static class ProbesSection
{
    public static ProbesSpec Read(StudySection s)
    {
        var byDefault = new ProbesSpec { Names = ProbeCatalogue.Names };
        StudySection shadows = s.Section("shadows"), noise = s.Section("noise");
        var probes = new ProbesSpec
        {
            Names = s.Choices("names", ProbeCatalogue.Names) ?? ["sharpness", "attribution", "histogram", "landscape"],
            At = [.. (s.Numbers("at", 0, 1) ?? byDefault.At).Order()],
            Samples = s.Node("samples") is YamlScalarNode { Value: "all" } ? 0 : (int)s.Integer("samples", byDefault.Samples, 1, int.MaxValue),
            Batch = (int)s.Integer("batch", byDefault.Batch, 1, 1 << 20),
            Layers = s.Flag("layers", byDefault.Layers),
            Classes = (int)s.Integer("classes", byDefault.Classes, 0, 1000),
            CrossCheck = s.Flag("cross-check", byDefault.CrossCheck),
            Eigenvalues = (int)s.Integer("eigenvalues", byDefault.Eigenvalues, 1, 100),
            LandscapePoints = (int)s.Integer("landscape-points", byDefault.LandscapePoints, 2, 1000),
            Noise = s.Has("noise") ? Noise(noise) : null,
            Shadows = [.. shadows.Keys.Select(name => OptimizerSection.ReadOne(shadows.Section(name), name))],
        };
        s.Finish();
        return probes;
    }

    private static NoiseSpec Noise(StudySection s)
    {
        var byDefault = new NoiseSpec();
        var noise = new NoiseSpec
        {
            Samples = s.Node("samples") is YamlScalarNode { Value: "all" } ? 0 : (int)s.Integer("samples", byDefault.Samples, 2, int.MaxValue),
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
