// Importing folders of runs: seconds and memory for 20,000 run folders with a config and a table of metrics each.
using System.Diagnostics;
using System.Globalization;
using Gaplab.Results.Folders;
using Gaplab.Results.Import;

namespace Gaplab.Benchmarks;

internal static class ImportFolders
{
    private const int Runs = 20_000,
        Evaluations = 100;

    public static int Run(string[] arguments)
    {
        int runs = arguments is [var given] ? int.Parse(given, CultureInfo.InvariantCulture) : Runs;
        string root = Directory.CreateTempSubdirectory("gaplab-runs-").FullName;
        try
        {
            for (int i = 0; i < runs; i++)
                Write(Path.Combine(root, $"run_{i}"), i);
            long from = Stopwatch.GetTimestamp();
            int told = 0;
            ImportedRuns imported = SweepImport.Runs([root], new ImportOptions { Progress = (_, _) => Interlocked.Increment(ref told) });
            double seconds = Stopwatch.GetElapsedTime(from).TotalSeconds;
            if (imported.Table.Rows.Count != runs || imported.Runs.Any(r => r.State != "finished"))
                throw new InvalidOperationException($"{imported.Table.Rows.Count} of {runs} runs were read");
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{runs} run folders, {Evaluations} evaluations each: {seconds:f1} s, peak of the process "
                        + $"{Process.GetCurrentProcess().PeakWorkingSet64 / 1073741824.0:f2} GiB, progress told {told} times"
                )
            );
            return 0;
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static void Write(string folder, int i)
    {
        Directory.CreateDirectory(folder);
        string optimizer = i % 2 == 0 ? "SGD" : "Adam";
        int batch = 16 << (i / 2 % 4);
        File.WriteAllText(
            Path.Combine(folder, "config.yaml"),
            string.Create(
                CultureInfo.InvariantCulture,
                $"optim:\n  _target_: torch.optim.{optimizer}\n  lr: {Math.Pow(10, -(i / 8 % 5))}\n  betas: [0.9, 0.999]\n"
                    + $"data:\n  name: cifar10\n  batch_size: {batch}\nmodel: {{name: resnet18, width: 64, depth: 18}}\nseed: {i / 40}\n"
            )
        );
        using var metrics = new StreamWriter(Path.Combine(folder, "metrics.csv"));
        metrics.WriteLine("epoch,step,train_loss,val_loss,val_acc");
        for (int k = 1; k <= Evaluations; k++)
            metrics.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"{k},{k * 6400 / batch},{2.0 / k},{2.1 / k + i % 7 * 0.01},{1 - 1.0 / k}")
            );
    }
}
