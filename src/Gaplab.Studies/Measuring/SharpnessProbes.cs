// What gaplab sharpness asks of a store's tuned runs: the study's own probes, with default shadows where it names none.
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Running;

namespace Gaplab.Studies.Measuring;

/// <summary>The questions, by batch size: recipes that the study tuned are the shadows' where it has them.</summary>
/// <param name="results">Of the study.</param>
public sealed class SharpnessProbes(StudyResults results)
{
    /// <summary>The probes that the page is made from.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [.. ProbeCatalogue.BuiltIn.MeasuredBy("sharpness").Intersect(ProbeCatalogue.BuiltIn.ByDefault)];

    /// <summary>The question at a batch size: the four probes, and the spectrum where the study names it.</summary>
    /// <param name="study">With its probes, if it has any.</param>
    /// <param name="batch">Tuned recipes at this batch size become shadows.</param>
    /// <param name="at">Fractions of the run; null is the study's or the default.</param>
    public ProbesSpec Of(StudySpec study, int batch, IReadOnlyList<double>? at = null)
    {
        ProbesSpec asked = Asked(study, at);
        if (asked.Shadows.Count > 0)
            return asked;
        return asked with
        {
            Shadows = SharpnessShadows.Of([
                .. results
                    .Decisions()
                    .Where(d => d.Arm.Batch == batch && d.Decision.Best is not null)
                    .Select(d => d.Arm.Template with { LearningRate = d.Decision.Best!.Value }),
            ]),
        };
    }

    /// <summary>The question before anything is tuned: as many shadows of the same kinds, at common rates. Enough to count
    /// memory.</summary>
    public static ProbesSpec Expected(StudySpec study)
    {
        ProbesSpec asked = Asked(study, null);
        return asked.Shadows.Count > 0 ? asked : asked with { Shadows = SharpnessShadows.Of([]) };
    }

    /// <summary>The probes come after the training: what they will need is counted before it.</summary>
    /// <exception cref="InputException">More memory than the study may use.</exception>
    public static void RefuseMemory(PreparedStudy study)
    {
        ArgumentNullException.ThrowIfNull(study);
        Plan plan = study.Plan;
        ProbesSpec probes = Expected(plan.Study);
        foreach (PackSpec pack in plan.FirstRound())
        {
            RunSpec spec = pack.Runs[0].Spec;
            string? refusal = StudyChecks.MemoryRefusal(
                plan.Study,
                plan.Memory(spec, pack.Runs.Count, probes),
                plan.Memory(spec, pack.Runs.Count, null),
                study.AllowedMemory
            );
            if (refusal is not null)
                throw new InputException(refusal);
        }
    }

    /// <summary>Questions that a store may hold answers to, the most telling first.</summary>
    internal IEnumerable<ProbesSpec> Questions(int batch)
    {
        yield return Of(results.Plan.Study, batch);
        if (results.Plan.Study.Probes is { Shadows.Count: 0 } own)
            yield return own;
    }

    private static ProbesSpec Asked(StudySpec study, IReadOnlyList<double>? at)
    {
        ProbesSpec asked = study.Probes ?? new ProbesSpec { Names = Names };
        return asked with { Names = [.. Names, .. asked.Names.Except(Names)], At = at ?? asked.At };
    }
}
