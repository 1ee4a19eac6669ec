// The study file's keys of images and of the LSTM, run ids of generated data, and the memory of image models.
using Gaplab.Learning.Data;
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Studies;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Yaml;

namespace Gaplab.Training.Tests.Studies;

public sealed class ImageStudySpecs
{
    [Fact]
    public void Every_key_of_a_generated_task_is_read_and_one_of_another_task_is_refused()
    {
        TaskSpec shapes = Parse(
            "task: {kind: shapes, classes: 7, images: 500, side: 20, overlap: 0.3, validation-fraction: 0.2, source-seed: 5, flip: true}",
            "{}"
        ).Task;
        Assert.Equal(
            new TaskSpec
            {
                Kind = "shapes",
                Context = 1,
                Classes = 7,
                ImageCount = 500,
                Side = 20,
                Overlap = 0.3,
                ValidationFraction = 0.2,
                SourceSeed = 5,
                Flip = true,
            },
            shapes
        );
        TaskSpec barcodes = Parse("task: {kind: barcodes, exponent: 0.5, bar-noise: 0.1}", "{}").Task;
        Assert.Equal((64, 16, 0.5, 0.1), (barcodes.Classes, barcodes.Side, barcodes.Exponent, barcodes.BarNoise));
        TaskSpec folder = Parse("task: {kind: image-folder, path: /photos, side: 64}", "{}").Task;
        Assert.Equal(("/photos", 64, 0), (folder.Path, folder.Side, folder.Classes));
        Refused("task: {kind: barcodes, overlap: 0.1}", "'task.overlap' has no meaning for a task of kind barcodes; it belongs to shapes");
        Refused("task: {kind: shapes, exponent: 1}", "it belongs to barcodes");
        Refused("task: {kind: shapes, path: x}", "'task.path' has no meaning for a task of kind shapes");
        Refused("task: {kind: shapes, classes: 21}", "2 to 20");
        Refused("task: {kind: image-folder}", "'task.path' is missing");
        // Pointing a generated study at files leaves the generator's keys idle.
        Assert.Equal(
            "idx",
            StudyFile
                .Parse("x.yaml", Text("task: {kind: shapes, overlap: 0.1, classes: 5, images: 100}", "{}"), "task.kind=idx", "task.path=/m")
                .Task.Kind
        );

        static void Refused(string task, string expected) =>
            Assert.Contains(expected, Assert.Throws<InputException>(() => Parse(task, "{}")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_lstm_takes_text_and_images_and_only_its_own_keys()
    {
        ModelSpec expected = new()
        {
            Kind = "lstm",
            Layers = 1,
            Width = 24,
            Bias = true,
            ForgetBias = 2,
            HeadInit = "zero",
            WeightInit = "normal",
            WeightStd = 0.1,
            EmbeddingStd = 1,
        };
        Assert.Equal(
            expected,
            Parse(
                "task: {kind: shapes}",
                "{kind: lstm, layers: 1, width: 24, forget-bias: 2, head-init: zero, weight-init: normal, weight-std: 0.1}"
            ).Model
        );
        Assert.Equal(
            expected with
            {
                TiedHead = true,
                EmbeddingStd = 0.5,
            },
            Parse(
                "task: {kind: markov}",
                "{kind: lstm, layers: 1, width: 24, forget-bias: 2, head-init: zero, weight-init: normal, weight-std: 0.1, tied-head: "
                    + "true, embedding-std: 0.5}"
            ).Model
        );
        foreach (
            (string model, string part) in (ReadOnlySpan<(string, string)>)
                [
                    ("{kind: lstm, heads: 2}", "'model.heads' has no meaning for a model of kind lstm; it belongs to vit"),
                    ("{kind: lstm, bias: false, forget-bias: 1}", "'model.bias' is false"),
                    ("{kind: lstm, tied-head: true}", "no meaning for a task of images"),
                ]
        )
            Assert.Contains(
                part,
                Assert.Throws<InputException>(() => Parse("task: {kind: shapes}", model)).Message,
                StringComparison.Ordinal
            );
    }

    [Theory]
    [InlineData("markov")]
    [InlineData("genome")]
    [InlineData("random-molecules")]
    [InlineData("shapes")]
    [InlineData("barcodes")]
    public void Runs_on_generated_data_have_an_id_before_and_after_loading_and_its_keys_change_it(string kind)
    {
        RunSpec run = TrainerSpecs.Run("sgd", 0.1, 1) with
        {
            Task = new TaskSpec
            {
                Kind = kind,
                Tokens = 5000,
                GraphCount = 40,
                ImageCount = 300,
            },
        };
        using ITask task = TaskCatalogue.BuiltIn.Load(run.Task);
        string id = RunId.Of(run with { Task = task.Spec });
        using ITask again = TaskCatalogue.BuiltIn.Load(task.Spec);
        Assert.Equal(id, RunId.Of(run with { Task = again.Spec }));
        Assert.NotEqual(id, RunId.Of(run with { Task = task.Spec with { SourceSeed = 2 } }));
        Assert.True(TaskCatalogue.BuiltIn.Of(kind).Generated);
    }

    [Fact]
    public void Memory_of_image_models_grows_with_the_pixels_and_holds_every_layers_result()
    {
        RunSpec Run(string kind, int side, int width = 8) =>
            TrainerSpecs.Run("sgd", 0.1, 1) with
            {
                Task = new TaskSpec
                {
                    Kind = "shapes",
                    Images = new ImageShape
                    {
                        Channels = 1,
                        Height = side,
                        Width = side,
                        Classes = 10,
                    },
                },
                Model = new ModelSpec
                {
                    Kind = kind,
                    Layers = 2,
                    Width = width,
                    Norm = kind is "resnet" ? "batch" : "none",
                    Patch = 4,
                },
            };
        Assert.InRange(
            ModelCatalogue.BuiltIn.SampleNumbers(Run("resnet", 64), 10) / ModelCatalogue.BuiltIn.SampleNumbers(Run("resnet", 32), 10),
            3.9,
            4.1
        );
        Assert.InRange(
            ModelCatalogue.BuiltIn.SampleNumbers(Run("resnet", 32, 16), 10) / ModelCatalogue.BuiltIn.SampleNumbers(Run("resnet", 32), 10),
            1.8,
            2
        );
        // Convolution, norm and activation of the 13 convolutions of two blocks a stage: 8, 16 and 32 channels of 32², 16² and 8² pixels.
        double results = 3.0 * (5 * 8 * 32 * 32 + 4 * 16 * 16 * 16 + 4 * 32 * 8 * 8);
        Assert.InRange(ModelCatalogue.BuiltIn.SampleNumbers(Run("resnet", 32), 10), results, 2 * results);
        // 8, 24, 48, 32 and 32 channels of 32², 15² and 7² pixels, and their activations.
        double alexnet = 2.0 * (8 * 32 * 32 + 24 * 15 * 15 + (48 + 32 + 32) * 7 * 7);
        Assert.InRange(ModelCatalogue.BuiltIn.SampleNumbers(Run("alexnet", 32), 10), alexnet, 5 * alexnet);
        Assert.InRange(ModelCatalogue.BuiltIn.SampleNumbers(Run("mlp", 16), 10), 16 * 16 + 2 * 2 * 8, 4 * (16 * 16 + 2 * 2 * 8));
    }

    private static StudySpec Parse(string task, string model) => StudyFile.Parse("/s/x.yaml", Text(task, model));

    private static string Text(string task, string model) =>
        $"""
            study: x
            {task}
            model: {model}
            """
        + """

            optimizers: {sgd: {lr: 0.1, momentum: 0.9}, adam: {lr: 0.001}}
            grid: {batch: [8], seeds: 3}
            budget: {samples: 64}
            """;
}
