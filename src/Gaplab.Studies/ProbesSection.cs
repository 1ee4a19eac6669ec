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
        StudySection shadows = s.Section("shadows");
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
            Shadows = [.. shadows.Keys.Select(name => OptimizerSection.ReadOne(shadows.Section(name), name))],
        };
        s.Finish();
        return probes;
    }
}
