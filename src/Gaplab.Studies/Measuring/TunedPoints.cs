// The points along a study's tuned runs at which a probe has measured, read from what the store holds.
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Numerics.Files;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Reading;

namespace Gaplab.Studies.Measuring;

/// <summary>What a probe left at one point of one run.</summary>
/// <param name="Question">The key of what was asked.</param>
/// <param name="Step">Before whose update it was measured.</param>
/// <param name="Fraction">Where in the run, in [0, 1].</param>
/// <param name="Parts">Of the file, at least one.</param>
internal sealed record TunedPoint<T>(Arm Arm, string Run, string Question, long Step, double Fraction, IReadOnlyList<T> Parts);

internal static class TunedPoints
{
    /// <summary>Those of a probe, in the order of the arms; a run that diverged before a point has none there.</summary>
    /// <param name="read">The parts of a file; none: it is left out.</param>
    /// <param name="questions">By batch size, the first that is answered counts; null: those of the study's page.</param>
    public static IEnumerable<TunedPoint<T>> Of<T>(
        StudyResults results,
        string probe,
        Func<SafetensorsReader, IReadOnlyList<T>> read,
        Func<int, IEnumerable<ProbesSpec>>? questions = null
    )
    {
        questions ??= new SharpnessProbes(results).Questions;
        return from tuned in results.TunedRuns()
            let arm = tuned.Arm
            let run = results.Store.Run(tuned.Run.Id)
            let files = ProbeFiles.Steps(run, probe, results.Store.Tell)
            // Of one question: another subset or other mini-batches have other numbers.
            let key = questions(arm.Batch).Select(ProbesKey.Of).FirstOrDefault(k => files.Any(f => f.Key == k))
            from file in files
            where file.Key == key
            let parts = Parts(results, run.Id, probe, file.Step, read)
            where parts.Count > 0
            select new TunedPoint<T>(
                arm,
                run.Id,
                key,
                file.Step,
                FractionOf(file.Step, tuned.Run.Spec.Budget.Steps(arm.Batch, tuned.Run.Spec.Task.Context)),
                parts
            );
    }

    private static IReadOnlyList<T> Parts<T>(
        StudyResults results,
        string run,
        string probe,
        long step,
        Func<SafetensorsReader, IReadOnlyList<T>> read
    )
    {
        using SafetensorsReader? file = ProbeFiles.TryOpen(results.Store.Run(run), probe, step, results.Store.Tell);
        return file is not null && ProbeFacts.AreMeasured(file.Metadata) ? read(file) : [];
    }

    /// <summary>Where a step lies in a run of <paramref name="steps"/> steps; the last one is its end.</summary>
    public static double FractionOf(long step, long steps) => step == steps - 1 ? 1 : step / (double)steps;
}
