// The answer of gaplab verify: whether a store holds what was written, each run once and under its own id, and whether it can be made
// again.
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Numerics.Streams;
using Gaplab.Results.Answers;
using Gaplab.Results.Store;
using Gaplab.Studies.Reading;

namespace Gaplab.Studies.Running;

/// <param name="Runs">Finished runs that are what was written.</param>
/// <param name="Unverified">Of those, the ones older than digests.</param>
/// <param name="Problems">Files that are not what was written, runs under another's id, copies where no run belongs.</param>
/// <param name="Conflicts">Runs that were made twice with different results.</param>
/// <param name="Orphans">Finished runs that the plan does not ask for, such as those of an earlier study file.</param>
/// <param name="Rounds">Recorded rounds of the sentinel that its results do not give.</param>
/// <param name="Replayed">Spans that were trained again.</param>
public sealed record VerifyAnswer(
    int Runs,
    int Unverified,
    IReadOnlyList<Damage> Problems,
    IReadOnlyList<Conflict> Conflicts,
    IReadOnlyList<string> Orphans,
    IReadOnlyList<string> Rounds,
    IReadOnlyList<ReplayedSpan> Replayed
) : IAnswer
{
    /// <summary>Whether nothing is wrong. Orphans are not: a study file may have been changed.</summary>
    public bool IsSound => Problems.Count == 0 && Conflicts.Count == 0 && Rounds.Count == 0 && Replayed.All(r => r.Differences.Count == 0);

    /// <summary>Reads all of a store, and replays spans of it.</summary>
    /// <param name="document">Its plan.</param>
    /// <param name="store">The store.</param>
    /// <param name="spans">To replay.</param>
    /// <param name="seed">Of the choice of spans.</param>
    /// <param name="stop">Ends the replay.</param>
    /// <exception cref="InputException">A replay is asked for of commands, or of a store without a finished pack.</exception>
    public static VerifyAnswer Of(PlanDocument document, RunStore store, int spans, long seed, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(store);
        if (spans > 0 && document.Study.IsOfCommand)
            throw new InputException(
                "--replay trains Gaplab's own models again; runs of a command are tried with 'gaplab study plan --try'"
            );
        IReadOnlyList<Damage> problems = store.Verify();
        StoreIntegrity integrity = store.Integrity();
        var results = new StudyResults(document.ToPlan(), store);
        IReadOnlyList<PackSpec> asked = results.AskedPacks();
        HashSet<string> planned = [.. asked.SelectMany(p => p.Runs).Select(r => r.Id)];
        IReadOnlyDictionary<string, RunResult> finished = store.Read().Results;
        var replayed = new List<ReplayedSpan>();
        if (spans > 0)
        {
            PackSpec[] whole = [.. asked.Where(p => p.Runs.All(r => finished.ContainsKey(r.Id)))];
            if (whole.Length == 0)
                throw new InputException("--replay found no finished pack in the store; run the study first");
            RandomStream random = RandomStream.For(seed, "verify/replay");
            var replay = new SpanReplay(store, document.Study.Catalogues);
            for (int i = 0; i < spans; i++)
                replayed.Add(replay.Draw(whole, random, stop));
        }
        return new VerifyAnswer(
            integrity.Verified + integrity.Unverified,
            integrity.Unverified,
            problems,
            store.Conflicts(),
            [.. finished.Keys.Where(id => !planned.Contains(id))],
            [.. SentinelRounds.Unlike(results)],
            replayed
        );
    }

    public IEnumerable<string> Lines()
    {
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"{Runs} finished runs, {(Unverified > 0 ? $"of which {Unverified} are older than digests" : "each under its spec's id")}"
        );
        yield return Problems.Count == 0 ? "every checksum holds" : $"{Problems.Count} files are not what was written (named below)";
        foreach (string round in Rounds)
            yield return $"round      {round}";
        if (Orphans.Count > 0)
            yield return $"{Orphans.Count} finished runs are not asked for by the plan ({string.Join(", ", Orphans.Take(3))}"
                + $"{(Orphans.Count > 3 ? ", …" : "")}): of an earlier study file; they enter no number";
        foreach (ReplayedSpan span in Replayed)
        {
            string how = span.IsExact
                ? "bit for bit"
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"within {100 * ResultAgreement.Relative:g6} % and {ResultAgreement.Absolute:g6} (other numerics, or another pack)"
                );
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"replayed   pack {span.Pack}, steps {span.From} to {span.To}: {span.Compared} numbers, {span.Differences.Count} "
                    + $"{(span.Differences.Count == 1 ? "run differs" : "runs differ")}; compared {how}"
            );
            foreach ((string run, string difference) in span.Differences)
                yield return $"differs    run {run}: {difference}";
        }
    }

    public JsonNode Json() =>
        new JsonObject
        {
            ["sound"] = IsSound,
            ["runs"] = Runs,
            ["problems"] = AnswerJson.Texts(Problems.Select(p => p.ToString())),
            ["orphans"] = AnswerJson.Texts(Orphans),
            ["rounds"] = AnswerJson.Texts(Rounds),
            ["replayed"] = AnswerJson.Each(
                Replayed,
                r => new JsonObject
                {
                    ["pack"] = r.Pack,
                    ["from"] = r.From,
                    ["to"] = r.To,
                    ["compared"] = r.Compared,
                    ["exact"] = r.IsExact,
                    ["differences"] = AnswerJson.Each(
                        r.Differences,
                        d => new JsonObject { ["run"] = d.Run, ["difference"] = d.Difference }
                    ),
                }
            ),
        };
}
