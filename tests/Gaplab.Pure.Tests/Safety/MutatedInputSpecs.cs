// Whatever is done to the bytes of a table, a log, an array or a store: a value or one line, soon and in little memory.
using System.Text.Json.Nodes;
using Gaplab.Pure.Tests.Folders;
using Gaplab.Pure.Tests.Import;
using Gaplab.Pure.Tests.Logs;
using Gaplab.Pure.Tests.Store;
using Gaplab.Pure.Tests.Tails;
using Gaplab.Results.Analysis;
using Gaplab.Results.Folders;
using Gaplab.Results.Logs;
using Gaplab.Results.Store;

namespace Gaplab.Pure.Tests.Safety;

public sealed class MutatedInputSpecs : TemporaryStore
{
    public static TheoryData<string> SweepFiles => [.. SweepFormatSpecs.Samples.Keys];

    public static TheoryData<string> SweepFolders => [.. SweepFormatSpecs.FolderSamples.Keys];

    public static TheoryData<string> RunFolders => [.. RunTree.Layouts.Keys];

    public static TheoryData<string> LogFiles => [.. LogFormatSpecs.Samples.Keys];

    [Theory]
    [MemberData(nameof(SweepFiles))]
    public void Tables(string format)
    {
        string path = Folder.Write("sweep", SweepFormatSpecs.Samples[format]());
        MutatedInputs.Check(new("table " + format, [path], () => Told(path)));
    }

    [Theory]
    [MemberData(nameof(SweepFolders))]
    public void Stores_of_trackers(string format)
    {
        string folder = Folder.File("runs");
        SweepFormatSpecs.FolderSamples[format](folder);
        MutatedInputs.Check(new("folder " + format, Files(folder), () => Told(folder)));
    }

    [Theory]
    [MemberData(nameof(RunFolders))]
    public void Folders_of_runs(string layout)
    {
        RunTree.Write(Folder, "runs", layout);
        string folder = Folder.File("runs");
        MutatedInputs.Check(new("runs of " + layout, Files(folder), () => Told(folder)));
    }

    [Theory]
    [MemberData(nameof(LogFiles))]
    public void Logs(string format)
    {
        (string name, Func<byte[]> bytes) = LogFormatSpecs.Samples[format];
        string path = Folder.Write("run/" + name, bytes());
        var source = new MetricSource
        {
            Folder = Folder.File("run"),
            StandardOutput = format == "stdout" ? path : null,
            From = format,
            Names = new Dictionary<string, string> { ["validation-loss"] = "" },
        };
        MutatedInputs.Check(new("log " + format, [path], () => RunMetrics.Read(source).Get("validation-loss")));
    }

    [Theory]
    [InlineData(".npy"), InlineData(".npz"), InlineData(".safetensors"), InlineData(".csv")]
    public void Arrays(string ending)
    {
        string path = Folder.Write("array" + ending, ArrayFileSpecs.File(ending));
        MutatedInputs.Check(new("array " + ending, [path], () => ArrayFileSpecs.Measure(path)));
    }

    [Fact]
    public void Runs_of_a_store()
    {
        RunStore store = Make();
        foreach ((string id, double loss) in ((string, double)[])[(A, 1), (B, 2)])
        {
            Train(store.Run(id));
            store.FinishPack([(store.Run(id), Result(loss))]);
        }
        store.WriteDocument("plan.json", new JsonObject { ["rates"] = new JsonArray(0.1, 1e-9, 3) });
        MutatedInputs.Check(
            new(
                "store",
                Files(Root),
                () =>
                {
                    RunStore opened = RunStore.Open(Root);
                    opened.Study();
                    opened.ReadDocument("plan.json");
                    foreach (string id in (string[])[A, B])
                    {
                        RunFolder run = opened.Run(id);
                        run.ReadSpec();
                        run.ReadMetrics();
                        run.TryReadResult();
                    }
                }
            )
        );
    }

    private static string Told(string path)
    {
        SweepTable table = SweepImport.Read(path);
        GapAnalysis.Analyse(table);
        return string.Join('\n', table.Rows.Select(r => $"{r.Optimizer} {r.LearningRate} {r.Batch} {r.Seed} {r.Status} {r.Metric}"));
    }

    private static string[] Files(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
