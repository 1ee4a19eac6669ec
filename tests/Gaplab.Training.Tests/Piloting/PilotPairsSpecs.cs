// What the efficiency model is told of a pair: memories, class frequencies, the floor, and cells of several seeds.
using Gaplab.Learning.Data;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Results.Prediction;
using Gaplab.Studies;
using Gaplab.Studies.Piloting;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Yaml;
using Gaplab.Theory.Efficiency;

namespace Gaplab.Training.Tests.Piloting;

public sealed class PilotPairsSpecs
{
    private static PilotSide Side(string kind, Func<OptimizerSpec, OptimizerSpec>? change = null)
    {
        var row = OptimizerCatalogue.BuiltIn.Naming(kind).All.First(k => k.Name == kind);
        OptimizerSpec spec = row.Defaults(
            new OptimizerSpec
            {
                Name = kind,
                Kind = kind,
                LearningRate = 0,
            }
        );
        return new PilotSide(kind, "", change?.Invoke(spec) ?? spec, row);
    }

    [Fact]
    public void Every_kind_has_the_memory_that_its_equation_has()
    {
        GradientMemory Of(string kind, Func<OptimizerSpec, OptimizerSpec>? change = null) => PilotPairs.MemoryOf(Side(kind, change));
        Assert.Equal(new GradientMemory.SecondMoment(0.9, 0.95), Of("adam", s => s with { Beta2 = 0.95 }));
        Assert.Equal(new GradientMemory.SecondMoment(0.9, 0.999), Of("adamw"));
        Assert.Equal(new GradientMemory.SecondMoment(0.9, 0.999), Of("lamb"));
        Assert.Equal(new GradientMemory.SecondMoment(0, 0.99), Of("rmsprop"));
        Assert.Equal(new GradientMemory.SignOfAverage(0.9, 0.99), Of("lion"));
        Assert.Equal(new GradientMemory.SignOfAverage(0.8), Of("signum", s => s with { Momentum = 0.8 }));
        foreach (string kind in (string[])["sgd", "normalised-sgd", "lars", "one-of-a-script"])
            Assert.Equal(new GradientMemory.Unscaled(), Of(kind, s => s with { Momentum = 0.9 }));
        // They size every coordinate, and forget nothing.
        foreach (string kind in (string[])["adagrad", "adafactor", "muon"])
            Assert.InRange(Assert.IsType<GradientMemory.SecondMoment>(Of(kind)).Shortness, 0, 1e-8);
        // A row that is added is looked at here.
        Assert.Equal(12, OptimizerCatalogue.BuiltIn.All.Count);
    }

    [Fact]
    public void Seeds_of_one_cell_are_their_mean_and_its_error_and_cells_that_diverged_are_none()
    {
        (PilotSide sgd, PilotSide adam) = (Side("sgd"), Side("adam"));
        PilotFound Cell(PilotSide side, int batch, long seed, double? loss) =>
            new(
                PilotLength.Quarter,
                side,
                new PilotCellReading(side.Optimizer, "", batch, 256, 1024, seed, [], loss is null ? null : 0.1, loss, false)
            );
        IReadOnlyList<PilotCell> cells = PilotPairs.Cells(
            [Cell(adam, 4, 101, 1), Cell(sgd, 16, 101, 3), Cell(sgd, 4, 101, 2), Cell(sgd, 4, 102, 2.4), Cell(adam, 16, 101, null)],
            (sgd, adam)
        );
        // The standard error of two numbers is half their distance.
        Assert.Equal(3, cells.Count);
        Assert.Equal(
            (PairSide.First, 4, 1024, 2.2, 2),
            (cells[0].Side, cells[0].Batch, cells[0].Samples, Math.Round(cells[0].Loss, 12), cells[0].Seeds)
        );
        Assert.Equal(0.2, cells[0].StandardError!.Value, 1e-12);
        Assert.Equal(new PilotCell(PairSide.First, 16, 1024, 3), cells[1]);
        Assert.Equal(new PilotCell(PairSide.Second, 4, 1024, 1), cells[2]);
    }

    [Fact]
    public void Another_beta2_of_the_same_optimizer_tells_of_its_curve_and_counts_half()
    {
        PilotSide sgd = Side("sgd"),
            adam = Side("adam", s => s with { Beta2 = 0.9 }),
            longer = Side("adam", s => s with { Beta2 = 0.999 }),
            lessMomentum = Side("adam", s => s with { Beta1 = 0.5, Beta2 = 0.9 });
        PilotFound Cell(PilotSide side, double loss) =>
            new(PilotLength.Quarter, side, new PilotCellReading(side.Optimizer, "", 4, 256, 1024, 101, [], 0.1, loss, false));
        IReadOnlyList<PilotCell> cells = PilotPairs.Cells(
            [Cell(sgd, 1), Cell(adam, 2), Cell(longer, 3), Cell(lessMomentum, 4)],
            (sgd, adam)
        );
        Assert.Equal([1, 2, 3], cells.Select(c => c.Loss));
        Assert.Equal(new PilotCell(PairSide.Second, 4, 1024, 2), cells[1]);
        Assert.Equal(Math.Log(0.001 / 0.1), cells[2].LogShortness, 1e-9);
        Assert.Equal(0.5, cells[2].Weight);
    }

    [Fact]
    public void A_task_tells_its_class_frequencies_and_its_floor_where_it_knows_them()
    {
        EfficiencyContext Of(string yaml)
        {
            StudySpec study = StudyFile.Parse("s.yaml", yaml);
            using ITask task = study.Catalogues.Tasks.Load(study.Task);
            study = study with { Task = task.Spec };
            var whole = new Plan(study, task.Vocabulary, (_, _, _) => 1000);
            PilotDesign design = PilotDesign.Of(whole, whole.Comparisons[0], ["sgd", "adam"], PilotTier.All[^1]);
            return PilotPairs.ContextOf(design, (design.Sides[0], design.Sides[1]), task);
        }
        const string Rest = """

            optimizers: {sgd: {lr: [0.1, 0.2]}, adam: {lr: [0.1, 0.2]}}
            grid: {batch: [4, 16, 64], seeds: 8}
            budget: {samples: 9000}
            """;
        EfficiencyContext barcodes = Of(
            "study: s\ntask: {kind: barcodes, classes: 8, images: 8000, side: 8, exponent: 1}\nmodel: {kind: mlp, layers: 1, width: 8}"
                + Rest
        );
        // Zipf's law over eight classes.
        double total = Enumerable.Range(1, 8).Sum(k => 1.0 / k);
        Assert.Equal(8, barcodes.ClassFrequencies!.Count);
        Assert.Equal(1, barcodes.ClassFrequencies.Sum(), 1e-9);
        Assert.Equal(1 / total, barcodes.ClassFrequencies.Max(), 0.02);
        Assert.Equal(1 / (8 * total), barcodes.ClassFrequencies.Min(), 0.01);
        Assert.Equal((9000, 3), (barcodes.Samples, barcodes.Batches.Count));
        EfficiencyContext text = Of(
            "study: s\ntask: {kind: markov, vocabulary: 16, tokens: 20000, context: 16}\nmodel: {kind: gpt, layers: 1, heads: 1, width: 8}"
                + Rest
        );
        Assert.Null(text.ClassFrequencies);
        Assert.InRange(text.Floor, 0.5, Math.Log(16));
    }
}
