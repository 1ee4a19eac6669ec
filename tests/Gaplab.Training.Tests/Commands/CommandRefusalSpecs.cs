// What a study of a command is refused for before anything starts: one line each, with the key and the likely mend.
using Gaplab.Numerics;
using Gaplab.Studies;
using Gaplab.Studies.Running;
using Gaplab.Studies.Yaml;

namespace Gaplab.Training.Tests.Commands;

public sealed class CommandRefusalSpecs
{
    [Theory]
    [InlineData("run: [t, \"{lr}\", \"{bathc}\", \"{args}\"]", "", "'{bathc}'", "nearest valid name 'batch'")]
    [InlineData("run: [t, \"{lr}\", \"{seed}\", \"{steps}\", \"{optimizer}\"]", "", "2 batch sizes", "'{batch}'")]
    [InlineData("run: [t, \"{lr}\", \"{batch}\", \"{steps}\", \"{optimizer}\"]", "", "3 seeds", "'{seed}'")]
    [InlineData("run: [t, \"{batch}\", \"{seed}\", \"{steps}\", \"{optimizer}\"]", "", "learning rates are tuned", "'{lr}'")]
    [InlineData("run: [t, \"{lr}\", \"{batch}\", \"{seed}\", \"{steps}\"]", "", "'sgd' and 'adam' are compared", "'{optimizer}'")]
    [InlineData(
        "run: [t, \"{args}\"]",
        "factors: {optimizers.adam.kind: [sgd, x], optimizers.adam.momentum: [0.9, 1]}",
        "are compared",
        "other values"
    )]
    [InlineData("run: [t, \"{lr}\", \"{batch}\", \"{seed}\", \"{optimizer}\"]", "", "the budget is in samples", "'{steps}' or '{samples}'")]
    [InlineData("run: [t, --m, \"{momentum}\", \"{args}\"]", "", "optimizer 'adam' does not have", "a list of its own")]
    [InlineData("run: [t, \"--all={args}\"]", "", "'--all={args}'", "{args} alone")]
    [InlineData("run: []", "", "'model.run' is missing", "the program and its arguments")]
    [InlineData("code: t", "", "'model.run' is missing", "the program and its arguments")]
    [InlineData(
        "run: [t, \"{lr}\", \"{batch}\", \"{seed}\", \"{steps}\", \"{optimizer}\"]",
        "",
        "'optimizers.sgd.momentum' is given",
        "'{momentum}'"
    )]
    [InlineData("run: [t, \"{args}\"]\n  env: {M: \"{momentum}\"}", "", "'model.env' needs '{momentum}'", "a value of it there")]
    [InlineData("run: [t, \"{args}\"]\n  env: {M: \"{args}\"}", "", "'model.env' holds '{args}'", "{args:json}")]
    [InlineData("run: [t, \"{args}\"]\n  data: data/*.bin", "", "'model.data' is 'data/*.bin'", "[data/*.bin]")]
    [InlineData("run: [t, \"{args}\"]\n  metrics: {valid-loss: my_loss}", "", "'model.metrics' names 'valid-loss'", "validation-loss")]
    [InlineData("run: [t, \"{args}\"]\n  gpus: 1.5", "", "'model.gpus' is 1.5", "1/n")]
    [InlineData("run: [t, \"{args}\"]\n  stop: {signal: KILL}", "", "'model.stop.signal' is 'KILL'", "TERM")]
    [InlineData("run: [t, \"{args}\"]\n  metrics: {from: tensorbord}", "", "'tensorbord'", "tensorboard")]
    [InlineData("run: [t, \"{args}\"]\n  layers: 3", "", "'model.layers' has no meaning for a model of kind command", "gpt")]
    [InlineData("run: [t, \"{args}\"]", "task: {kind: markov}", "'task' has no meaning", "model.data")]
    [InlineData("run: [t, \"{args}\"]", "schedule: {warmup: 0}", "'schedule' has no meaning", "args")]
    [InlineData("run: [t, \"{args}\"]", "probes: {names: sharpness}", "'probes' has no meaning", "gaplab_probe.py")]
    [InlineData("run: [t, \"{args}\"]", "metric: last-min", "'metric' is 'last-min'", "validation-loss")]
    [InlineData("run: [t, \"{args}\"]", "args: {lr: 1}", "'args.lr'", "expected another")]
    [InlineData("run: [t, \"{args}\"]", "args: {w: [1, 2]}", "'args.w' holds several values", "factors")]
    [InlineData("run: [t, \"{args}\"]", "args: {momentum: 1}", "'args.momentum' and 'optimizers.sgd.momentum'", "one of them")]
    [InlineData("run: [t, \"{args}\"]", "limits: {max-replicas: 2}", "'limits.max-replicas'", "--workers")]
    public void A_study_that_cannot_be_run_as_it_says_is_refused(string model, string more, string what, string mend)
    {
        string study =
            $"optimizers: {{sgd: {{lr: 0.1, momentum: 0.9}}, adam: {{lr: 0.1}}}}\ngrid: {{batch: [4, 8], seeds: 3}}\n"
            + $"budget: {{samples: 64}}\nmodel:\n  kind: command\n  {model}\n{more}\n";
        string message = Assert.Throws<InputException>(() => StudyFile.Parse("/s/x.yaml", study)).Message;
        Assert.StartsWith("/s/x.yaml:", message, StringComparison.Ordinal);
        Assert.Contains(what, message, StringComparison.Ordinal);
        Assert.Contains(mend, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [InlineData("  code: no.py", "'no.py' matches no file")]
    [InlineData("  data: data/*.bin", "'data/*.bin' matches no file", true)]
    [InlineData("  folder: nowhere", "is not a folder")]
    [InlineData("  environment: [no-such-program]", "'no-such-program' cannot be run")]
    [InlineData("  environment: [sh, -c, \"echo worse >&2; exit 3\"]", "ended with exit code 3 (worse)")]
    [InlineData("  gpus: 2", "asks for 2 GPUs a run, and 1 is there (GPU-a)")]
    public void What_the_machine_lacks_is_told_before_a_store_is_begun(string model, string what, bool asList = false)
    {
        using var folder = new ScriptFolder(model: asList ? model.Replace("data: ", "data: [", StringComparison.Ordinal) + "]" : model);
        Running.ProgramEnd end = Running.StartedProgram.Run(
            folder.Path,
            new Dictionary<string, string> { ["CUDA_VISIBLE_DEVICES"] = "GPU-a" },
            folder.Command()
        );
        Assert.Contains(what, end.AssertRefused(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.Store));
    }

    [Fact]
    public void A_study_of_commands_and_of_own_models_is_refused()
    {
        using var folder = new ScriptFolder();
        string file = folder.Write(
            "mixed.yaml",
            $"{ScriptFolder.Study}\nsettings:\n  a: {{model: {{kind: command, run: {ScriptFolder.Run}}}}}\n  b: "
                + $"{{model: {{kind: gpt}}, optimizers: {{sgd: {{lr: 0.1}}, adam: {{lr: 0.1}}}}}}\n"
        );
        Assert.Contains(
            "one study for each",
            Assert.Throws<InputException>(() => PreparedStudy.Read(file, [], 1, Catalogues.BuiltIn, _ => folder.Store)).Message,
            StringComparison.Ordinal
        );
    }
}
