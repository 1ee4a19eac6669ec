// The key of a question is written into every probe file of every store: it must never change for a question that could be asked before.
using System.Text.Json;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Studies.Yaml;

namespace Gaplab.Training.Tests.Diagnostics;

public sealed class ProbesKeySpecs
{
    // Recorded before probes and optimizers had rows.
    [Theory]
    [InlineData("names: [sharpness]", "3497407460f859e5")]
    [InlineData("names: [spectrum, noise], at: [0, 1], runs: tuned, samples: 32, classes: 3", "96a04d88e8602d43")]
    [InlineData("noise: {}", "2799207957ddb153")]
    [InlineData("noise: {samples: all, batches: [4, 2], beta1: 0.5}, spectrum: {blocks: [layers], products: 30}", "0d17a1cb6d7415f4")]
    [InlineData(
        "shadows: {lion: {lr: 0.01, clip-top: 0.1, clip-top-at: gradient}, w: {kind: adamw, lr: 0.001}, m: {kind: muon, lr: 0.02}, "
            + "f: {kind: adafactor, lr: 0.1, relative-step: true, epsilon2: 0.01}, r: {kind: rmsprop, lr: 0.1, centered: true}}",
        "24876636a6877c2c"
    )]
    public void The_key_of_a_question_is_what_it_always_was(string probes, string key) =>
        Assert.Equal(
            key,
            ProbesKey.Of(
                StudyFile
                    .Parse("s.yaml", "optimizers: {sgd: {lr: 0.1}}\ngrid: {batch: [8]}\nbudget: {steps: 30}\nprobes: {" + probes + "}\n")
                    .Probes!
            )
        );

    [Fact]
    public void A_key_that_specs_have_gained_is_written_where_it_is_set_and_asks_another_question_there()
    {
        var lars = new OptimizerSpec
        {
            Name = "lars",
            Kind = "lars",
            LearningRate = 1,
        };
        ProbesSpec Asked(OptimizerSpec shadow) => new() { Names = ["sharpness"], Shadows = [shadow] };
        string plain = JsonSerializer.Serialize(lars, SpecJson.Options),
            set = JsonSerializer.Serialize(lars with { Trust = 0.02 }, SpecJson.Options);
        Assert.DoesNotContain("trust", plain, StringComparison.Ordinal);
        Assert.EndsWith("\"adam-learning-rate\":0.0003,\"trust\":0.02}", set, StringComparison.Ordinal);
        Assert.Equal(lars, JsonSerializer.Deserialize<OptimizerSpec>(plain, SpecJson.Options));
        Assert.Equal(0.02, JsonSerializer.Deserialize<OptimizerSpec>(set, SpecJson.Options)!.Trust);
        Assert.NotEqual(ProbesKey.Of(Asked(lars)), ProbesKey.Of(Asked(lars with { Trust = 0.02 })));
    }
}
