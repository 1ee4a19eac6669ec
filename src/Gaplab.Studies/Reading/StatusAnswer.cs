// The answer of gaplab study status: how far a store is, arm by arm.
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Learning.Specs;
using Gaplab.Results.Answers;
using Gaplab.Results.Store;
using Gaplab.Studies.Planning;

namespace Gaplab.Studies.Reading;

/// <summary>One arm: what the sentinel says of it, and how many of the runs asked for so far are done.</summary>
public sealed record ArmStatus(Arm Arm, SentinelDecision Decision, int Done, int Runs);

/// <param name="Study">The study's name.</param>
/// <param name="Arms">In the plan's order.</param>
/// <param name="Problems">What verification found; null where it was not asked for.</param>
public sealed record StatusAnswer(string Study, IReadOnlyList<ArmStatus> Arms, IReadOnlyList<Damage>? Problems) : IAnswer
{
    /// <summary>Who works on it now, by host and process.</summary>
    public IReadOnlyList<(string Host, int Process)> AtWork { get; init; } = [];

    /// <summary>Tasks of its workers in Slurm's queue, by state.</summary>
    public IReadOnlyList<(string State, int Tasks)> Queue { get; init; } = [];

    /// <summary>Arms whose next learning rates wait for runs that have used up their attempts.</summary>
    public IReadOnlyList<string> Waiting { get; init; } = [];

    private int Done => Arms.Sum(a => a.Done);

    private int Runs => Arms.Sum(a => a.Runs);

    /// <summary>Reads a store.</summary>
    /// <param name="document">Its plan.</param>
    /// <param name="store">The store; damage that is found is told to it.</param>
    /// <param name="verify">Whether everything in it is held against its checksums, not only what is read.</param>
    public static StatusAnswer Of(PlanDocument document, RunStore store, bool verify)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(store);
        Plan plan = document.ToPlan();
        HashSet<string> finished = [.. store.Index().Select(r => r.Id)];
        ArmStatus[] arms =
        [
            .. new StudyResults(plan, store)
                .Decisions()
                .Select(d =>
                {
                    IReadOnlyList<PlannedRun> runs = plan.Runs(d.Arm, d.Decision.Tried);
                    return new ArmStatus(d.Arm, d.Decision, runs.Count(r => finished.Contains(r.Id)), runs.Count);
                }),
        ];
        IReadOnlyList<Damage>? problems = verify ? store.Verify() : null;
        foreach (Damage problem in problems ?? [])
            store.Tell(problem);
        return new StatusAnswer(document.Study.Name, arms, problems) { AtWork = store.AtWork(), Waiting = WaitingIn(store, arms) };
    }

    // Those of the last round that was recorded, unless they have gone on since.
    private static string[] WaitingIn(RunStore store, IReadOnlyList<ArmStatus> arms)
    {
        try
        {
            JsonObject? last = null;
            for (int k = 1; store.ReadRound(k) is { } round; k++)
                last = round;
            HashSet<string> open = [.. arms.Where(a => a.Decision.Status == SentinelStatus.Running).Select(a => a.Arm.Key)];
            return [.. (last?["waiting"] as JsonArray ?? []).Select(w => (string?)w ?? "").Where(open.Contains)];
        }
        catch (Numerics.InputException)
        {
            return []; // verification names it
        }
    }

    public IEnumerable<string> Lines()
    {
        yield return $"{Study}: {Done} of {Runs} runs done";
        if (AtWork.Count > 0)
            yield return $"at work: {string.Join(", ", AtWork.GroupBy(w => w.Host).Select(g => $"{g.Count()} on {g.Key}"))}";
        if (Queue.Count > 0)
            yield return $"in Slurm's queue: {string.Join(", ", Queue.Select(q => $"{q.Tasks} {q.State}"))}";
        foreach ((Arm arm, SentinelDecision decision, int done, int runs) in Arms)
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"  {arm.Key, -28} {done, 4} of {runs, 4}  best rate "
                    + $"{decision.Best?.ToString("g6", CultureInfo.InvariantCulture) ?? "-", -10} "
                    + $"{SentinelText.Sentence(decision.Status)}"
            );
        foreach (string arm in Waiting)
            yield return $"provisional: {arm} waits for runs whose attempts are used up; 'gaplab study run' tries them again";
        if (Problems is [])
            yield return "every checksum holds";
    }

    public JsonNode Json() =>
        new JsonObject
        {
            ["study"] = Study,
            ["done"] = Done,
            ["runs"] = Runs,
            ["arms"] = AnswerJson.Each(
                Arms,
                a => new JsonObject
                {
                    ["key"] = a.Arm.Key,
                    ["done"] = a.Done,
                    ["runs"] = a.Runs,
                    ["sentinel"] = SentinelText.Word(a.Decision.Status),
                    ["best"] = a.Decision.Best,
                }
            ),
            ["atWork"] = AnswerJson.Each(AtWork, w => new JsonObject { ["host"] = w.Host, ["process"] = w.Process }),
            ["queue"] = AnswerJson.Each(Queue, q => new JsonObject { ["state"] = q.State, ["tasks"] = q.Tasks }),
            ["provisional"] = AnswerJson.Texts(Waiting),
            ["problems"] = AnswerJson.Texts((Problems ?? []).Select(p => p.ToString())),
        };
}
