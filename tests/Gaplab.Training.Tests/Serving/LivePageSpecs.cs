// The live page in a real browser, from a running study to a deleted store; what it does is in web/drive-live.mjs, line by line.
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

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_study_is_watched_from_its_first_curve_to_the_loss_of_its_store()
    {
        _folder.Write("study.yaml", Study);
        using Process node = Process.Start(
            new ProcessStartInfo("node", [Repository.At("web/drive-live.mjs"), StartedProgram.Path, _folder.Path])
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
        Assert.Equal(24, said.Split('\n').Count(line => line.StartsWith("ok: ", StringComparison.Ordinal)));
    }
}
