// The live page in a real browser, from a running study to a deleted store, and the views of what probes measured; what is done is in
// web/drive-live.mjs and web/drive-measured.mjs, line by line.
using System.Diagnostics;
using Gaplab.Training.Tests.Running;

namespace Gaplab.Training.Tests.Serving;

[Collection(nameof(StartedProgram))]
public sealed class LivePageSpecs(ITestOutputHelper output) : IDisposable
{
    // Long enough to be watched, short enough to be waited for.
    private const string Study = """
        study: watched
        task: {kind: markov, vocabulary: 16, tokens: 20000, context: 16}
        model: {kind: gpt, layers: 1, heads: 2, width: 16}
        optimizers:
          sgd: {momentum: 0.9, clip: 1, lr: {from: 0.1, to: 0.9, factor: 3}}
          adam: {beta2: 0.95, lr: {from: 0.003, to: 0.027, factor: 3}}
        grid: {batch: [4, 16], seeds: 3}
        budget: {samples: 6144}
        evaluation: {points: 4, validation: 32, train: 32}
        sentinel: {max-extensions: 1, refine-to: 3}
        """;

    // Every probe, each as small as it can be; noise needs some draws to say anything of tails.
    private const string Measured = """
        study: measured
        task: {kind: markov, vocabulary: 16, tokens: 20000, context: 8}
        model: {kind: gpt, layers: 1, heads: 1, width: 8}
        optimizers:
          sgd: {lr: [0.1, 0.3]}
          adam: {beta2: 0.95, lr: [0.003, 0.01]}
        grid: {batch: [4, 16], seeds: 3}
        budget: {samples: 1024}
        evaluation: {points: 2, validation: 16, train: none}
        sentinel: {enabled: false}
        probes:
          names: [sharpness, attribution, histogram, landscape, spectrum, noise, adam-noise, losses, signal]
          runs: tuned
          at: [0, 1]
          samples: 8
          batch: 4
          layers: false
          eigenvalues: 2
          spectrum: {blocks: [all, layers], products: 20, trace-products: 12, density-probes: 2, density-steps: 10, density-points: 41}
          noise: {samples: 32, batches: [4], draws: 60, coordinates: 8, whole: 1, window: 12}
        """;

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public Task A_study_is_watched_from_its_first_curve_to_the_loss_of_its_store() => Drive("web/drive-live.mjs", Study, 24);

    [Fact]
    public Task What_probes_measured_has_views_that_come_by_themselves_and_hold_the_numbers_of_the_report() =>
        Drive("web/drive-measured.mjs", Measured, 31);

    private async Task Drive(string driver, string study, int seen)
    {
        _folder.Write("study.yaml", study);
        _folder.Write("plain.yaml", study.Split("probes:")[0]);
        using Process node = Process.Start(
            new ProcessStartInfo("node", [Repository.At(driver), StartedProgram.Path, _folder.Path])
            {
                WorkingDirectory = _folder.Path,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        CancellationToken stop = TestContext.Current.CancellationToken;
        Task<string> errors = node.StandardError.ReadToEndAsync(stop);
        string said = await node.StandardOutput.ReadToEndAsync(stop);
        await node.WaitForExitAsync(stop);
        output.WriteLine(said);
        Assert.True(node.ExitCode == 0, said + await errors);
        Assert.Equal(seen, said.Split('\n').Count(line => line.StartsWith("ok: ", StringComparison.Ordinal)));
    }
}
