// The explanations of a gap by memory and by steps, on a store that is kept, against what its numbers come to by hand.
using Gaplab.Learning.Data;
using Gaplab.Numerics.Statistics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Store;
using Gaplab.Studies;
using Gaplab.Studies.Prediction;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Reporting;

namespace Gaplab.Training.Tests.Studies;

public sealed class MemoryExplanationSpecs : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void They_follow_from_the_classes_the_tuned_beta2_and_the_first_optimizers_own_losses()
    {
        RunStore store = RunStore.Open(_folder.CopyOf(Repository.At("tests/stores/imbalance/store"), "imbalance"));
        PlanDocument document = PlanDocument.TryLoad(store, Catalogues.BuiltIn)!;
        GapAnalysis analysis = new StudyReport(document, store).Analyse(new AnalysisOptions());
        MeasuredExplanations measured = MeasuredExplanations.Of([(store, document, analysis)]);

        int row = 0;
        for (int c = 0; c < 2; c++) // exponent 0, then 1; batch sizes 16 and 32 of each
        {
            using ITask task = TaskCatalogue.BuiltIn.Load(document.Study.Comparisons[c].Study.Task);
            ClassFrequencies classes = TargetCounts.Frequencies(task)!;
            Assert.Equal((16, 1), (classes.Count, classes.PerSample));
            double[] sgd = [.. analysis.Comparisons[c].Gaps.Select(g => g.First.Value)];
            double floor = document.Comparisons[c].EntropyRate!.Value,
                limit = sgd[0] + 0.01 * (sgd[0] - floor),
                onset = 16 * Math.Pow(2, (limit - sgd[0]) / (sgd[1] - sgd[0]));
            foreach (int batch in new[] { 16, 32 })
            {
                GapObservation one = measured.Rows[row++];
                Assert.Equal(Math.Log2(20 * batch * classes.Rarest), one.Of("log₂ memory over the rarest class"), 9);
                double kappa = 0.1 * 0.05 / (1 - 0.9 * 0.95);
                Assert.Equal(OutputLayerPull.Penalty(classes, kappa, batch), one.Of("penalty of the output layer"), 12);
                Assert.Equal(Math.Log2(batch / onset), one.Of("log₂ batch size over onset of few steps"), 9);
            }
        }
        // Equally frequent classes, drawn at random, are pulled apart by little; those by Zipf's law by much.
        Assert.True(measured.Rows[2].Of("penalty of the output layer") > 5 * measured.Rows[0].Of("penalty of the output layer"));
    }
}
