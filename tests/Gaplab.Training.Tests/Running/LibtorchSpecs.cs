// A libtorch that is missing, that lacks what the program calls, or that is another at the next call of a study.
using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Gaplab.Results.Store;
using Gaplab.Torch;

namespace Gaplab.Training.Tests.Running;

[Collection(nameof(StartedProgram))]
public sealed class LibtorchSpecs(SmallStudy study)
{
    // One arm, without a sentinel: 3 runs that train together.
    private static readonly string[] s_set =
    [
        "sentinel.enabled=false",
        "grid.batch=4",
        "grid.seeds=1",
        "budget.samples=6000",
        "checkpoint.every-seconds=0.3",
    ];

    [Theory]
    [LongInlineData(false, "no such file")]
    [InlineData(true, "was built from another source than this program")]
    public void Without_it_a_study_is_refused_in_one_line_and_what_was_begun_goes_on_with_it(bool stub, string says)
    {
        using var folder = new TestFolder();
        string store = folder.File("store"),
            native = folder.File("libgaplab_torch.so");
        if (stub)
            Compile(folder, native);
        Begin(folder, store);
        string[] begun = Checkpoints(store);
        var tally = new FaultTally(Faults.LibtorchGone);
        ProgramEnd end = StartedProgram.Run(folder.Path, new Dictionary<string, string> { ["GAPLAB_NATIVE"] = native }, Command(store));
        Assert.Contains(says, end.AssertRefused(), StringComparison.Ordinal);
        Assert.Equal(begun, Checkpoints(store));
        tally.Struck(store);
        // Readers need none.
        StartedProgram
            .Run(folder.Path, new Dictionary<string, string> { ["GAPLAB_NATIVE"] = native }, "study", "status", store)
            .AssertSucceeded();
        StartedProgram.Run(folder.Path, Command(store)).AssertSucceeded();
        tally.Ended(store, study.ReferenceWith(s_set));
    }

    [Fact]
    public void Another_than_a_run_was_begun_with_is_kept_beside_the_one_it_was_finished_with()
    {
        using var folder = new TestFolder();
        string store = folder.File("store"),
            other = folder.File("libgaplab_torch.so");
        // The same numbers under another version: the library with its version's text changed.
        byte[] library = File.ReadAllBytes(Repository.At("artifacts/native/libgaplab_torch.so")),
            version = Encoding.ASCII.GetBytes($"\0{TorchRuntime.Version}\0");
        int at = library.AsSpan().IndexOf(version);
        Assert.True(at > 0, "the library does not hold its version as a text");
        library[at + version.Length - 2] ^= 1;
        File.WriteAllBytes(other, library);

        Begin(folder, store);
        var tally = new FaultTally(Faults.LibtorchSwapped);
        tally.Struck(store);
        StartedProgram.Run(folder.Path, new Dictionary<string, string> { ["GAPLAB_NATIVE"] = other }, Command(store)).AssertSucceeded();
        RunStore opened = RunStore.Open(store);
        string[] begunWith =
        [
            .. opened
                .RunIds()
                .Select(id => JsonNode.Parse(opened.Run(id).ReadEnv()!)!)
                .Where(env => env["begunWith"] is not null)
                .Select(env => $"{env["begunWith"]!["libtorch"]} then {env["libtorch"]}"),
        ];
        Assert.NotEmpty(begunWith);
        string changed = Encoding.ASCII.GetString(library, at + 1, version.Length - 2);
        Assert.All(begunWith, b => Assert.Equal($"{TorchRuntime.Version} then {changed}", b));
        tally.Ended(store, study.ReferenceWith(s_set), otherwiseMade: true);
    }

    private string[] Command(string store) =>
        ["study", "run", study.File, "--store", store, "--workers", "1", .. s_set.SelectMany(s => (string[])["--set", s])];

    // Interrupted behind a checkpoint.
    private void Begin(TestFolder folder, string store)
    {
        using StartedProgram program = StartedProgram.Start(folder.Path, Command(store));
        while (program.IsAlive && Checkpoints(store).Length == 0)
            Thread.Sleep(10);
        program.SignalGroup(StartedProgram.Interrupt);
        Assert.Equal(130, program.Wait().ExitCode);
        Assert.NotEmpty(Checkpoints(store));
    }

    private static string[] Checkpoints(string store) =>
        Directory.Exists(Path.Combine(store, "work"))
            ?
            [
                .. Directory
                    .GetFiles(Path.Combine(store, "work"), "*.safetensors", SearchOption.AllDirectories)
                    .Order(StringComparer.Ordinal),
            ]
            : [];

    private static void Compile(TestFolder folder, string library)
    {
        string source = folder.Write("stub.c", "int nothing_of_gaplab(void) { return 0; }\n");
        using Process compiler = Process.Start("cc", ["-shared", "-fPIC", "-o", library, source]);
        compiler.WaitForExit();
        Assert.Equal(0, compiler.ExitCode);
    }
}
