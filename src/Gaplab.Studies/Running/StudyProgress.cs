// What a running study tells whoever shows it: packs starting, moving and ending, and the best losses so far.
using Gaplab.Learning.Specs;
using Gaplab.Results.Store;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Reading;

namespace Gaplab.Studies.Running;

/// <summary>The state of a study at a moment.</summary>
/// <param name="RunsDone">Runs with a result.</param>
/// <param name="RunsPlanned">Runs asked for so far; the learning-rate sentinel may ask for more.</param>
/// <param name="RunsMissing">Runs given up in this call.</param>
/// <param name="WorkDone">Work done this call and in all, in parameter-independent units (samples).</param>
/// <param name="WorkPlanned">Likewise planned.</param>
/// <param name="Elapsed">Since the call began.</param>
/// <param name="Remaining">Time left at the pace so far; null until there is a pace.</param>
/// <param name="Best">Best mean over seeds so far, by optimizer and batch size.</param>
/// <param name="Measuring">Runs that are trained once more for their probes, and nothing else; 0 while a study trains.</param>
public sealed record StudySnapshot(
    int RunsDone,
    int RunsPlanned,
    int RunsMissing,
    double WorkDone,
    double WorkPlanned,
    TimeSpan Elapsed,
    TimeSpan? Remaining,
    IReadOnlyList<BestSoFar> Best,
    int Measuring = 0
);

/// <summary>Receives a study's events, one at a time; it is disposed of when the last one has come.</summary>
public interface IStudyObserver : IDisposable
{
    /// <summary>Something changed; called often.</summary>
    void Changed(StudySnapshot snapshot);

    /// <summary>A pack ended.</summary>
    void PackEnded(PackSpec pack, PackEnd end, StudySnapshot snapshot);

    /// <summary>A run that was made in this call has ended.</summary>
    void RunEnded(PlannedRun run, RunResult result) { }

    /// <summary>The sentinel asked for more learning rates, or ended.</summary>
    void Decided(Arm arm, SentinelDecision decision);

    /// <summary>Something was found damaged; the text says what, and what is done about it.</summary>
    void Noticed(string text) { }
}
