// What a store remembers of its plan can be read again, whatever its data are.
using Gaplab.Results.Store;
using Gaplab.Studies;
using Gaplab.Studies.Running;
using Gaplab.Training.Tests.Studies;

namespace Gaplab.Training.Tests.Running;

public sealed class PlanDocumentSpecs
{
    [Theory]
    [InlineData(null)]
    [InlineData(2.5)]
    public void A_plan_is_read_as_it_was_saved_whether_or_not_the_entropy_is_known(double? entropy)
    {
        using var folder = new TestFolder();
        RunStore store = RunStore.Open(folder.File("store"), create: true);
        StudySpec study = StudyFile.Parse("/s/small.yaml", StudyFileSpecs.Small);
        new PlanDocument(study, 64, 1 << 30, "gaplab study run small.yaml", entropy).Save(store);
        PlanDocument back = PlanDocument.TryLoad(store)!;
        Assert.Equal(
            (64, 1L << 30, "gaplab study run small.yaml", entropy),
            (back.Vocabulary, back.MemoryPerPack, back.Command, back.EntropyRate)
        );
        Assert.Equal(RunId.OfStudy(study), RunId.OfStudy(back.Study));
    }
}
