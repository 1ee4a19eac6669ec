// What every kind of task in the catalogue must hold: samples by (seed, number), evaluations that do not move, an identity by content.
using Gaplab.Learning.Data;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Training.Tests.Samples;

namespace Gaplab.Training.Tests.Data;

public sealed class TaskContractSpecs : IDisposable
{
    private readonly TestFolder _folder = new();

    public static TheoryData<string> Tasks => [.. SmallTasks.Names];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_kind_is_among_the_small_tasks() =>
        // A command's has no samples.
        Assert.Equal(
            SampleKinds.Catalogues.Tasks.Kinds.Where(k => k != CommandSpec.Kind).Order(),
            SmallTasks.Names.Select(n => n.Split(',', ' ')[0]).Distinct().Order()
        );

    [Theory, MemberData(nameof(Tasks))]
    public void A_sample_depends_on_the_seed_and_its_number_alone(string name)
    {
        using ITask task = SampleKinds.Catalogues.Tasks.Load(SmallTasks.Read(name, _folder));
        // Two epochs and more: the order of the next is another, and samples may be asked for in any order and number.
        int count = (int)Math.Min(600, 2 * task.TrainEvaluationCount(0) + 5),
            size = task.SampleLength;
        long[] together = Samples(task, seed: 3, first: 0, count);
        foreach (int first in (int[])[count - 1, 0, count / 2])
            Assert.Equal(together[(first * size)..((first + 1) * size)], Samples(task, 3, first, 1));
        Assert.Equal(together[(2 * size)..(5 * size)], Samples(task, 3, 2, 3));
        Assert.NotEqual(together, Samples(task, 4, 0, count));
        using ITask again = SampleKinds.Catalogues.Tasks.Load(SmallTasks.Read(name, _folder));
        Assert.Equal(together, Samples(again, 3, 0, count));
    }

    [Theory, MemberData(nameof(Tasks))]
    public void Evaluation_sets_do_not_move_whatever_was_trained_on(string name)
    {
        TaskSpec spec = SmallTasks.Read(name, _folder);
        using ITask task = SampleKinds.Catalogues.Tasks.Load(spec);
        foreach (long wanted in (long[])[0, 3])
        {
            long[] validation = Evaluation(task, wanted, train: false),
                training = Evaluation(task, wanted, train: true);
            _ = Samples(task, 9, 17, 4);
            Assert.Equal(validation, Evaluation(task, wanted, train: false));
            Assert.Equal(training, Evaluation(task, wanted, train: true));
            using ITask again = SampleKinds.Catalogues.Tasks.Load(spec);
            Assert.Equal(validation, Evaluation(again, wanted, train: false));
            // Part by part as all at once.
            int size = task.SampleLength;
            long[] second = new long[size];
            task.FillValidation(wanted, 1, second);
            Assert.Equal(validation[size..(2 * size)], second);
        }
        Assert.Equal(Math.Min(3, task.ValidationCount(0)), task.ValidationCount(3));
    }

    [Theory, MemberData(nameof(Tasks))]
    public void What_a_row_predicts_is_below_the_vocabulary_and_as_many_as_the_loss_counts(string name)
    {
        using ITask task = SampleKinds.Catalogues.Tasks.Load(SmallTasks.Read(name, _folder));
        long[] rows = Samples(task, 1, 0, 4);
        long predicted = 0;
        for (int at = 0; at < rows.Length; at += task.SampleLength)
        {
            ReadOnlySpan<long> targets = task.Targets(rows.AsSpan(at, task.SampleLength));
            foreach (long target in targets)
                Assert.InRange(target, 0, task.Vocabulary - 1);
            predicted += targets.Length;
        }
        if (task.Spec.Graphs is { Classes: 0 })
            Assert.Equal(0, predicted);
        else
            Assert.Equal(task.Predictions(rows), predicted);
    }

    [Theory, MemberData(nameof(Tasks))]
    public void Files_are_known_by_what_they_hold_and_generated_data_by_their_numbers(string name)
    {
        TaskSpec spec = SmallTasks.Read(name, _folder);
        using ITask task = SampleKinds.Catalogues.Tasks.Load(spec);
        TaskKind kind = SampleKinds.Catalogues.Tasks.Of(spec.Kind);
        Assert.Equal(kind.Generated, task.Spec.Content is null);
        if (kind.Generated)
        {
            using ITask other = SampleKinds.Catalogues.Tasks.Load(spec with { SourceSeed = spec.SourceSeed + 1 });
            Assert.NotEqual(Evaluation(task, 0, train: false), Evaluation(other, 0, train: false));
            return;
        }
        Assert.Matches("^[0-9a-f]{64}$", task.Spec.Content);
        // The same files elsewhere are the same data.
        using var elsewhere = new TestFolder();
        using ITask moved = SampleKinds.Catalogues.Tasks.Load(SmallTasks.Read(name, elsewhere) with { Content = task.Spec.Content });
        Assert.Equal(Evaluation(task, 0, train: true), Evaluation(moved, 0, train: true));
        // A run that was planned on other data does not begin.
        string message = Assert
            .Throws<InputException>(() => SampleKinds.Catalogues.Tasks.Load(spec with { Content = new string('0', 64) }))
            .Message;
        Assert.DoesNotContain('\n', message);
    }

    private static long[] Samples(ITask task, long seed, long first, int count)
    {
        long[] rows = new long[count * task.SampleLength];
        task.FillBatch(seed, first, rows);
        return rows;
    }

    private static long[] Evaluation(ITask task, long wanted, bool train)
    {
        long[] rows = new long[(train ? task.TrainEvaluationCount(wanted) : task.ValidationCount(wanted)) * task.SampleLength];
        if (train)
            task.FillTrainEvaluation(wanted, 0, rows);
        else
            task.FillValidation(wanted, 0, rows);
        return rows;
    }
}
