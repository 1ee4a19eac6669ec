// The probes of a study file: read with their shadows, no part of an identity, refused in one line.
using Gaplab.Numerics;
using Gaplab.Studies;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Yaml;

namespace Gaplab.Training.Tests.Studies;

public sealed class ProbesSectionSpecs
{
    private const string Study = "optimizers: {sgd: {lr: 0.1}}\ngrid: {batch: [8]}\nbudget: {steps: 30}\n";

    [Fact]
    public void Probes_are_read_with_their_shadows_and_leave_every_id_as_it_is()
    {
        StudySpec plain = StudyFile.Parse("s.yaml", Study),
            probed = StudyFile.Parse(
                "s.yaml",
                Study + "probes: {names: [sharpness], at: [1, 0.5], samples: all, shadows: {lion: {lr: 0.01, clip-top: 0.1}}}\n"
            );
        Assert.Null(plain.Probes);
        Assert.Equal(["sharpness"], probed.Probes!.Names);
        Assert.Equal([15, 29], probed.Probes.StepsOf(30));
        Assert.Equal(
            ("lion", 0.01, 0.1),
            (probed.Probes.Shadows[0].Kind, probed.Probes.Shadows[0].LearningRate, probed.Probes.Shadows[0].ClipTop)
        );
        Assert.Equal(RunId.OfStudy(plain), RunId.OfStudy(probed));
        Plan Planned(StudySpec study) => new(study, 11, (_, _, _) => 100);
        Assert.Equal(Planned(plain).FirstRound().Select(p => p.Id), Planned(probed).FirstRound().Select(p => p.Id));
        Assert.NotNull(Planned(probed).FirstRound()[0].Probes);
    }

    [Theory]
    [InlineData("names: [sharpnes]", "nearest valid name 'sharpness'")]
    [InlineData("at: [2]", "probes.at")]
    [InlineData("shadows: {sgd: {lr: [0.1, 0.2]}}", "a shadow is one optimizer")]
    [InlineData("shadows: {sgd: {lr: 0.1, clip-top: 2}}", "clip-top")]
    [InlineData("step: 3", "unknown key")]
    [InlineData("spectrum: {matrices: [hesian]}", "nearest valid name 'hessian'")]
    [InlineData("spectrum: {tolerance: 0}", "probes.spectrum.tolerance")]
    [InlineData("spectrum: {steps: 3}", "unknown key 'probes.spectrum.steps'")]
    [InlineData("names: [spectrum], samples: all", "keeps the graphs of all its batches")]
    public void Bad_probes_are_refused_with_their_place(string probes, string message) =>
        Assert.Contains(message, Assert.Throws<InputException>(() => StudyFile.Parse("s.yaml", Study + $"probes: {{{probes}}}\n")).Message);
}
