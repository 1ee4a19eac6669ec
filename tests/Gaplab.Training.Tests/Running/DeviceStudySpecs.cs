// A study on another device than the CPU, as a user runs it: on the mirror, which takes a GPU's path where there is none.
using System.Text.Json.Nodes;
using Gaplab.Results.Store;
using Gaplab.Training.Tests.Devices;

namespace Gaplab.Training.Tests.Running;

[Collection(nameof(StartedProgram))]
public sealed class DeviceStudySpecs
{
    private const string Yaml = """
        study: moved
        task: {kind: markov, vocabulary: 16, tokens: 20000, context: 16}
        model: {kind: gpt, layers: 1, heads: 2, width: 16}
        optimizers:
          sgd: {momentum: 0.9, clip: 1, lr: 0.3}
          adam: {beta2: 0.95, lr: 0.01}
        grid: {batch: [4, 16], seeds: 3}
        budget: {samples: 512}
        evaluation: {points: 2, validation: 32, train: 32}
        probes: {names: [sharpness, noise], at: [1], samples: 8, batch: 4, noise: {samples: 8, batches: [2], draws: 4, window: 4}}
        sentinel: {enabled: false}
        checkpoint: {every-seconds: 0.1}
        limits: {max-replicas: 2}
        """;

    [Fact]
    public void On_a_device_a_study_is_the_CPUs_to_rounding_and_a_store_of_both_has_a_finding()
    {
        using var folder = new TestFolder();
        string file = folder.Write("moved.yaml", Yaml),
            near = folder.File("near"),
            far = folder.File("far");
        StartedProgram.Run(folder.Path, "study", "run", file, "--store", near).AssertSucceeded();
        StartedProgram.Run(folder.Path, "study", "run", file, "--store", far, "--device", FarDevice.Word).AssertSucceeded();
        RunStore here = RunStore.Open(near),
            there = RunStore.Open(far);
        string[] runs = [.. StoreSnapshot.Of(near).Results.Keys];
        Assert.Equal(runs, StoreSnapshot.Of(far).Results.Keys); // a device is no part of a run's id
        Assert.Equal(12, runs.Length);
        foreach (string run in runs)
        {
            Assert.Empty(ResultAgreement.Differences(here.TryRead(run)!, there.TryRead(run)!, sameNumerics: false));
            Assert.Equal(FarDevice.Kind, JsonNode.Parse(there.Run(run).ReadEnv()!)!["device"]!.GetValue<string>());
        }
        Assert.DoesNotContain("mixed-devices", Report(far), StringComparison.Ordinal);

        // Of a store in which Adam trained on one and SGD on the other: what is missing is made on the CPU.
        foreach (string run in runs.Where(r => there.Run(r).ReadSpec()!.Contains("\"kind\": \"adam\"", StringComparison.Ordinal)))
            Directory.Delete(there.Run(run).Folder, recursive: true);
        StartedProgram.Run(folder.Path, "study", "run", file, "--store", far).AssertSucceeded();
        string mixed = Report(far);
        Assert.Contains("mixed-devices", mixed, StringComparison.Ordinal);
        Assert.Contains(
            FarDevice.Kind == "mirror" ? "6 runs: cpu; 6 runs: mirror" : "6 runs: cpu; 6 runs: cuda",
            mixed,
            StringComparison.Ordinal
        );

        string Report(string store)
        {
            ProgramEnd end = StartedProgram.Run(folder.Path, "study", "report", store, "--json");
            end.AssertSucceeded();
            return end.Output;
        }
    }

    [Fact]
    public void On_a_device_what_was_begun_goes_on_there_alone_and_is_then_the_uninterrupted_one()
    {
        using var folder = new TestFolder();
        string file = folder.Write("moved.yaml", Yaml.Replace("samples: 512", "samples: 3072", StringComparison.Ordinal)),
            store = folder.File("store"),
            whole = folder.File("whole");
        string[] command = ["study", "run", file, "--workers", "2", "--set", "grid.batch=4", "--set", "grid.seeds=2", "--store"];
        using (StartedProgram program = StartedProgram.Start(folder.Path, [.. command, store, "--device", FarDevice.Word]))
        {
            while (
                program.IsAlive
                && !(Directory.Exists(store) && Directory.GetFiles(store, "*.safetensors", SearchOption.AllDirectories).Length > 0)
            )
                Thread.Sleep(10);
            program.SignalGroup(StartedProgram.Interrupt);
            Assert.Equal(130, program.Wait().ExitCode);
        }
        string refused = StartedProgram.Run(folder.Path, [.. command, store]).AssertRefused();
        Assert.Contains($"was begun on {FarDevice.Kind} and would go on here on cpu", refused, StringComparison.Ordinal);
        StartedProgram.Run(folder.Path, [.. command, store, "--device", FarDevice.Word]).AssertSucceeded();
        StartedProgram.Run(folder.Path, [.. command, whole, "--device", FarDevice.Word]).AssertSucceeded();
        StoreSnapshot.Of(store).AssertSameAs(StoreSnapshot.Of(whole));
    }

    [Fact]
    public void A_GPU_that_is_not_there_is_refused_before_anything_is_made()
    {
        Assert.SkipWhen(Gaplab.Torch.TorchRuntime.CudaDevices > 0, "this machine has one");
        using var folder = new TestFolder();
        string file = folder.Write("moved.yaml", Yaml),
            store = folder.File("store");
        foreach (
            string[] asked in (string[][])
                [
                    ["--device", "cuda"],
                    ["--set", "device=cuda:1"],
                ]
        )
            Assert.Contains(
                "and libtorch sees no CUDA device; expected a GPU and a Gaplab built against a libtorch for CUDA",
                StartedProgram.Run(folder.Path, ["study", "run", file, "--store", store, .. asked]).AssertRefused(),
                StringComparison.Ordinal
            );
        Assert.Contains(
            "'device' is 'tpu'; expected cpu, cuda, cuda:N or mirror",
            StartedProgram.Run(folder.Path, "study", "run", file, "--store", store, "--device", "tpu").AssertRefused(),
            StringComparison.Ordinal
        );
        Assert.False(Directory.Exists(store));
    }
}
