// A study that trains for some seconds, its uninterrupted run, and the comparison of any other run with it.
using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Gaplab.Results.Store;
using Gaplab.Training.Tests.Running;

[assembly: AssemblyFixture(typeof(SmallStudy))]

namespace Gaplab.Training.Tests.Running;

/// <summary>The study file in a folder of its own. <see cref="Reference"/> is trained once, when first asked for.</summary>
public sealed class SmallStudy : IDisposable
{
    /// <summary>Two optimizers, two batch sizes, with the sentinel on: 8 packs and 12 after its rounds; checkpoints as often as they can be
    /// taken.</summary>
    public const string Yaml = """
        study: small
        task: {kind: markov, vocabulary: 16, tokens: 20000, context: 16}
        model: {kind: gpt, layers: 1, heads: 2, width: 16}
        optimizers:
          sgd: {momentum: 0.9, clip: 1, lr: {from: 0.1, to: 0.9, factor: 3}}
          adam: {beta2: 0.95, lr: {from: 0.003, to: 0.027, factor: 3}}
        grid: {batch: [4, 16], seeds: 2}
        budget: {samples: 1536}
        evaluation: {points: 4, validation: 32, train: 32}
        sentinel: {max-extensions: 1, refine-to: 2}
        checkpoint: {every-seconds: 0.1}
        limits: {max-replicas: 4}
        """;

    private readonly ConcurrentDictionary<string, Lazy<(string Store, StoreSnapshot Snapshot)>> _references = [];

    public SmallStudy() => File = Folder.Write("small.yaml", Yaml);

    public TestFolder Folder { get; } = new();

    public string File { get; }

    /// <summary>What an uninterrupted run of the study leaves.</summary>
    public StoreSnapshot Reference => ReferenceWith();

    /// <summary>A store like <see cref="ReferenceStore"/> that a test may change.</summary>
    public string CopyOfReference(TestFolder folder, string name = "store") => folder.CopyOf(ReferenceStore, name);

    public string ReferenceStore => With([]).Store;

    /// <summary>What an uninterrupted run leaves of the study with other settings, each "key=value"; made once.</summary>
    public StoreSnapshot ReferenceWith(params string[] set) => With(set).Snapshot;

    private (string Store, StoreSnapshot Snapshot) With(string[] set)
    {
        string key = string.Join(' ', set);
        return _references
            .GetOrAdd(
                key,
                _ => new Lazy<(string, StoreSnapshot)>(() =>
                {
                    string store = Folder.File(set.Length == 0 ? "reference" : $"reference {_references.Count}");
                    string[] changes = [.. set.SelectMany(s => (string[])["--set", s])];
                    StartedProgram
                        .Run(Folder.Path, ["study", "run", File, "--store", store, "--workers", "2", .. changes])
                        .AssertSucceeded();
                    return (store, StoreSnapshot.Of(store));
                })
            )
            .Value;
    }

    public void Dispose() => Folder.Dispose();
}

/// <summary>The finished runs of a store: what they hold, and which files hold it.</summary>
/// <param name="Results">By run: result.json without its wall-clock part, and metrics.jsonl.</param>
/// <param name="Files">By run: when result.json was written, and all of its bytes.</param>
public sealed record StoreSnapshot(
    IReadOnlyDictionary<string, (string Result, string Metrics)> Results,
    IReadOnlyDictionary<string, (DateTime Written, string Bytes)> Files
)
{
    public static StoreSnapshot Of(string store)
    {
        var results = new SortedDictionary<string, (string, string)>(StringComparer.Ordinal);
        var files = new SortedDictionary<string, (DateTime, string)>(StringComparer.Ordinal);
        if (Directory.Exists(Path.Combine(store, "runs")))
        {
            foreach (string file in Directory.EnumerateFiles(Path.Combine(store, "runs"), "result.json", SearchOption.AllDirectories))
            {
                string id = Path.GetFileName(Path.GetDirectoryName(file)!),
                    text = File.ReadAllText(file);
                int wall = text.IndexOf("\"wall\":", StringComparison.Ordinal);
                Assert.True(wall > 0, $"{file} has no wall-clock part: {text}");
                results[id] = (text[..wall], File.ReadAllText(Path.Combine(Path.GetDirectoryName(file)!, "metrics.jsonl")));
                files[id] = (File.GetLastWriteTimeUtc(file), text);
            }
        }
        return new StoreSnapshot(results, files);
    }

    /// <summary>The same without the checksums of env.json: where what it records is the fault itself.</summary>
    public StoreSnapshot WithoutEnvironments() =>
        this with
        {
            Results = Results.ToDictionary(
                r => r.Key,
                r => (Regex.Replace(r.Value.Result, "(?<=\"env.json\": \")[0-9a-f]{64}", ""), r.Value.Metrics)
            ),
        };

    /// <summary>Trains a study without its probes, which are no part of any id, and takes what that leaves.</summary>
    public static StoreSnapshot OfTraining(TestFolder folder, string yaml, string store)
    {
        string plain = folder.Write(
            "plain.yaml",
            string.Join('\n', yaml.Split('\n').Where(l => !l.StartsWith("probes", StringComparison.Ordinal)))
        );
        StartedProgram.Run(folder.Path, "study", "run", plain, "--store", store, "--workers", "1").AssertSucceeded();
        return Of(store);
    }

    /// <summary>The same runs with the same results and metrics, byte for byte.</summary>
    public void AssertSameAs(StoreSnapshot reference)
    {
        Assert.Equal(reference.Results.Keys, Results.Keys);
        foreach ((string id, (string result, string metrics)) in reference.Results)
        {
            Assert.Equal(result, Results[id].Result);
            Assert.Equal(metrics, Results[id].Metrics);
        }
    }

    /// <summary>Every run that was finished before still has the very file it had: none was made again.</summary>
    public void AssertKeeps(StoreSnapshot before)
    {
        foreach ((string id, (DateTime, string) file) in before.Files)
        {
            Assert.True(Files.ContainsKey(id), $"the finished run {id} is gone");
            Assert.Equal(file, Files[id]);
        }
    }

    /// <summary>Nothing half-written, no claim held, every checksum right.</summary>
    public static void AssertClean(string store)
    {
        Assert.DoesNotContain(
            Directory.EnumerateFiles(store, "*", SearchOption.AllDirectories),
            f => f.EndsWith(".tmp", StringComparison.Ordinal) || f.EndsWith(".pending", StringComparison.Ordinal)
        );
        RunStore opened = RunStore.Open(store);
        foreach (string folder in (string[])["claims", "workers", "work"])
            Assert.Empty(Directory.Exists(Path.Combine(store, folder)) ? Directory.GetFileSystemEntries(Path.Combine(store, folder)) : []);
        Assert.Empty(opened.Conflicts());
        Assert.Empty(opened.Verify());
        foreach (string id in opened.RunIds())
            Assert.True(opened.Run(id).IsFinished, $"run {id} was begun and not finished");
    }
}
