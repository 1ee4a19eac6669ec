// The packs that a study is still to make, in the order in which one worker asks for them.
using Gaplab.Learning.Specs;

namespace Gaplab.Studies.Running;

/// <summary>Nearest share first, and within a share as they came. A pack that another worker had is asked for again after a
/// while.</summary>
internal sealed class PackQueue(Shard shard, TimeProvider clock)
{
    /// <summary>How long to wait for what others have; it grows with the times that they had it.</summary>
    public static TimeSpan Pause { get; } = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(10);

    private readonly List<PackSpec> _packs = [];
    private readonly Dictionary<string, (int Times, long Since)> _busy = [];

    public int Count => _packs.Count;

    public void Add(PackSpec pack)
    {
        int farther = _packs.FindIndex(p => shard.Distance(p.Id) > shard.Distance(pack.Id));
        _packs.Insert(farther < 0 ? _packs.Count : farther, pack);
    }

    /// <summary>Puts a pack before all others: it is to be gone on with.</summary>
    public void AddFirst(PackSpec pack) => _packs.Insert(0, pack);

    /// <summary>Puts back a pack that another worker has.</summary>
    public void AddBusy(PackSpec pack)
    {
        _busy[pack.Id] = (_busy.GetValueOrDefault(pack.Id).Times + 1, clock.GetTimestamp());
        _packs.Add(pack);
    }

    /// <summary>The next that may be asked for now; null where there is none, or others have had all of them a moment ago.</summary>
    public PackSpec? TryTake()
    {
        int at = _packs.FindIndex(p =>
            !_busy.TryGetValue(p.Id, out (int Times, long Since) busy)
            || clock.GetElapsedTime(busy.Since) >= Min(busy.Times * Pause, s_longestPause)
        );
        if (at < 0)
            return null;
        PackSpec pack = _packs[at];
        _packs.RemoveAt(at);
        return pack;
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
