// What a fault costs a study: finished runs that are gone or made again, and results that are not those of an undisturbed one.
namespace Gaplab.Training.Tests.Running;

/// <summary>Told the store after every time the fault struck, and when the study has ended; counts in the table of faults.</summary>
internal sealed class FaultTally(Fault fault)
{
    private readonly Dictionary<string, (DateTime, string)> _finished = new(StringComparer.Ordinal);

    /// <summary>How often it has struck.</summary>
    public int Times { get; private set; }

    /// <summary>It has struck; nothing that was finished may be gone or have changed.</summary>
    public void Struck(string store)
    {
        Times++;
        StoreSnapshot now = StoreSnapshot.Of(store);
        int lost = _finished.Keys.Count(id => !now.Files.ContainsKey(id)),
            repeated = _finished.Count(f => now.Files.TryGetValue(f.Key, out var file) && file != f.Value);
        fault.Caused(1, lost, repeated);
        Assert.True(lost == 0 && repeated == 0, $"{fault.Name}: of the finished runs {lost} are gone, {repeated} were made again");
        foreach ((string id, (DateTime, string) file) in now.Files)
            _finished[id] = file;
    }

    /// <summary>The study has ended: it has the runs of an undisturbed one, byte for byte, and nothing else is left in the store. What
    /// follows is another study's.</summary>
    /// <param name="store">Its store.</param>
    /// <param name="reference">The undisturbed one.</param>
    /// <param name="otherwiseMade">Whether the fault itself is what env.json records, so that its checksum is another.</param>
    public void Ended(string store, StoreSnapshot reference, bool otherwiseMade = false)
    {
        StoreSnapshot now = StoreSnapshot.Of(store);
        if (otherwiseMade)
            (now, reference) = (now.WithoutEnvironments(), reference.WithoutEnvironments());
        int lost = reference.Results.Keys.Count(id => !now.Results.ContainsKey(id)),
            repeated = _finished.Count(f => now.Files.TryGetValue(f.Key, out var file) && file != f.Value),
            wrong = now.Results.Count(r => !reference.Results.TryGetValue(r.Key, out var run) || run != r.Value);
        fault.Caused(0, lost, repeated, wrong);
        _finished.Clear();
        Assert.True(repeated == 0, $"{fault.Name}: {repeated} finished runs were made again");
        now.AssertSameAs(reference);
        StoreSnapshot.AssertClean(store);
    }
}
