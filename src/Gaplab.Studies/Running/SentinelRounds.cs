// rounds/<k>.json: what the sentinel asked for in its k-th round, written by whoever comes to it first.
using System.Text.Json.Nodes;
using Gaplab.Numerics;
using Gaplab.Results.Store;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Reading;

namespace Gaplab.Studies.Running;

/// <summary>Records rounds. A round is a function of the plan and of the results, so every worker computes the same one, and nothing is
/// read from the record but by people and by <c>gaplab verify</c>.</summary>
/// <remarks>A round is recorded when every arm has come to it: its runs before are finished, or have used up their attempts. An arm of the
/// latter kind asks for nothing; the round is provisional, and is recorded anew when the missing results come.</remarks>
internal sealed class SentinelRounds(Plan plan, RunStore store)
{
    private readonly Dictionary<string, SentinelReplay> _replays = [];
    private readonly string _study = RunId.OfStudy(plan.Study);
    private readonly Dictionary<int, string> _written = [];

    /// <summary>Takes what an arm's sentinel says now.</summary>
    public void Learn(Arm arm, SentinelReplay replay) => _replays[arm.Key] = replay;

    /// <summary>Writes the rounds that every arm has come to.</summary>
    /// <param name="decisions">The last of each arm.</param>
    /// <param name="isUsedUp">Of a run, by id: whether it has a result (false) or no attempts left (true); null of one that is still to be
    /// made, as far as is known here.</param>
    public void Record(IReadOnlyDictionary<string, SentinelDecision> decisions, Func<string, bool?> isUsedUp)
    {
        if (_replays.Count < plan.Arms.Count)
            return;
        for (int k = 1; Content(k, decisions, isUsedUp) is { } round; k++)
        {
            string text = round.ToJsonString();
            if (_written.GetValueOrDefault(k) == text)
                continue;
            _written[k] = text;
            store.WriteRound(k, round);
        }
    }

    /// <summary>The recorded rounds of this study that its results do not give: what each of them says wrongly.</summary>
    public static IEnumerable<string> Unlike(StudyResults results)
    {
        ArgumentNullException.ThrowIfNull(results);
        string study = RunId.OfStudy(results.Plan.Study);
        var replays = results.Plan.Arms.ToDictionary(a => a.Key, results.Replay);
        for (int k = 1; ; k++)
        {
            JsonObject? round = null;
            try
            {
                round = results.Store.ReadRound(k);
                if (round is null)
                    yield break;
            }
            catch (InputException) { } // the store's own verification names it
            if (round is null || (string?)round["study"] != study || round["rates"] is not JsonObject rates)
                continue;
            foreach ((string arm, JsonNode? asked) in rates)
                if (
                    replays.TryGetValue(arm, out SentinelReplay? replay)
                    // Runs that were damaged and set aside leave an arm before the round that it had come to.
                    && replay.Rounds.Count > k
                    && !JsonNode.DeepEquals(Rates(replay, k), asked)
                )
                    yield return $"{k} asked {arm} for {asked?.ToJsonString()}, and the results give {Rates(replay, k).ToJsonString()}";
        }
    }

    private static JsonArray Rates(SentinelReplay replay, int k) =>
        new([.. replay.Rounds[k].Select(rate => (JsonNode?)JsonValue.Create(rate))]);

    /// <summary>The k-th round; null where not every arm has come to it, or none asks for anything.</summary>
    private JsonObject? Content(int k, IReadOnlyDictionary<string, SentinelDecision> decisions, Func<string, bool?> isUsedUp)
    {
        // Beyond the last round that an arm has come to, or waits for, there is none.
        if (k > _replays.Values.Max(r => r.Rounds.Count))
            return null;
        var asked = new JsonObject();
        var waiting = new JsonArray();
        foreach (Arm arm in plan.Arms)
        {
            SentinelReplay replay = _replays[arm.Key];
            if (k < replay.Rounds.Count)
                asked[arm.Key] = Rates(replay, k);
            else if (!decisions[arm.Key].IsDone)
            {
                bool?[] runs = [.. plan.Runs(arm, decisions[arm.Key].Rates).Select(r => isUsedUp(r.Id))];
                if (runs.Contains(null) || !runs.Contains(true))
                    return null;
                waiting.Add(arm.Key);
            }
        }
        return asked.Count == 0 && waiting.Count == 0
            ? null
            : new JsonObject
            {
                ["round"] = k,
                ["study"] = _study,
                ["provisional"] = waiting.Count > 0,
                ["waiting"] = waiting,
                ["rates"] = asked,
            };
    }
}
