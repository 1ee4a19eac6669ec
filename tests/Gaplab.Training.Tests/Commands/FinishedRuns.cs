// The results that a store had whenever it was looked at: none may be written again.
namespace Gaplab.Training.Tests.Commands;

internal sealed class FinishedRuns(string store)
{
    private readonly Dictionary<string, DateTime> _written = [];

    public int Count => _written.Count;

    /// <summary>Those that were there are as they were; new ones are remembered.</summary>
    public void Look()
    {
        foreach ((string path, DateTime written) in _written)
            Assert.Equal(written, File.GetLastWriteTimeUtc(path));
        // Under work/ a run is made; its folder comes here when it is whole.
        string runs = Path.Combine(store, "runs");
        if (Directory.Exists(runs))
            foreach (string path in Directory.GetFiles(runs, "result.json", SearchOption.AllDirectories))
                _written[path] = File.GetLastWriteTimeUtc(path);
    }
}
