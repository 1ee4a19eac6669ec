// Writes MLflow's file store: our reading of its layout, held against a real one where there is one.
using System.Globalization;

namespace Gaplab.Pure.Tests.Import;

internal static class MlflowStore
{
    /// <summary>A sweep as experiment 1 of a store, three steps a run.</summary>
    public static void Write(string folder, IEnumerable<TextRun> runs)
    {
        Experiment(folder, "0", "Default");
        Experiment(folder, "1", "sweep");
        int number = 0;
        foreach (TextRun run in runs)
            Run(
                Path.Combine(folder, "1", $"{number++:x32}"),
                "3",
                [("optim/name", run.Optimizer), ("optim/lr", run.Rate), ("batch_size", $"{run.Batch}"), ("seed", $"{run.Seed}")],
                string.Concat(
                    ((int[])[100, 200, 300]).Select(step =>
                        string.Create(CultureInfo.InvariantCulture, $"16650353{step} {run.Loss + 300.0 / step - 1:0.0000} {step}\n")
                    )
                )
            );
    }

    public static void Experiment(string folder, string id, string name, string stage = "active") =>
        File(
            Path.Combine(folder, id, "meta.yaml"),
            $"artifact_location: file:///x/{id}\nexperiment_id: '{id}'\nlifecycle_stage: {stage}\nname: {name}\n"
        );

    /// <summary>One run.</summary>
    /// <param name="folder">Its own.</param>
    /// <param name="status">MLflow's number for it.</param>
    /// <param name="parameters">Names may be paths.</param>
    /// <param name="losses">The file of the metric val/loss.</param>
    /// <param name="stage">"active" or "deleted".</param>
    public static void Run(
        string folder,
        string status,
        IEnumerable<(string Name, string Value)> parameters,
        string losses,
        string stage = "active"
    )
    {
        string id = Path.GetFileName(folder);
        File(
            Path.Combine(folder, "meta.yaml"),
            $"artifact_uri: file:///x\nend_time: 2\nexperiment_id: '1'\nlifecycle_stage: {stage}\nname: ''\nrun_id: {id}\nrun_uuid: {id}\n"
                + $"start_time: 1\nstatus: {status}\ntags: []\nuser_id: x\n"
        );
        foreach ((string name, string value) in parameters)
            File(Path.Combine(folder, "params", name), value);
        if (losses.Length > 0)
            File(Path.Combine(folder, "metrics", "val", "loss"), losses);
        File(Path.Combine(folder, "tags", "mlflow.runName"), "named-" + id[^1]);
    }

    private static void File(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        System.IO.File.WriteAllText(path, text);
    }
}
