// gaplab study weights: the trained weights of a run as a safetensors file that other programs load. Needs no libtorch.
using System.CommandLine;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Results.Store;
using Gaplab.Studies.Reading;

namespace Gaplab.Cli;

internal static class StudyWeightsCommand
{
    private const string Extension = ".safetensors";

    public static Command Create()
    {
        var store = new Argument<string>("store") { Description = "the store's folder, or its study file" };
        var run = new Argument<string?>("run")
        {
            Description = "the run's id or its beginning (without it: the weights that there are)",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var step = new Option<long?>("--step") { Description = "after how many optimizer steps (default: the last kept)" };
        var to = new OutputOption("--to", "the file to write, a name ending in .safetensors");
        var output = new AnswerOutput();
        var command = new GaplabCommand(
            "weights",
            "the trained weights of a run as a safetensors file",
            examples: [new("stores/quickstart", "the weights of the best run as safetensors")]
        )
        {
            store,
            run,
            step,
            to,
            output.Json,
        };
        command.SetAction(parsed =>
        {
            OutputFile? file = to.Of(parsed);
            if (file is not null && !file.Path.EndsWith(Extension, StringComparison.OrdinalIgnoreCase))
                throw new InputException($"--to got '{file.Path}'; expected a name ending in {Extension}");
            string? id = parsed.GetValue(run);
            if (id is null && file is not null)
                throw new InputException("--to needs the run whose weights are to be written: gaplab study weights STORE RUN --to FILE");
            if (parsed.GetValue(step) is not null && file is null)
                throw new InputException("--step chooses the weights to write; expected --to FILE with it");
            (RunStore opened, PlanDocument document) = StudyArguments.OpenStore(parsed, parsed.GetRequiredValue(store));
            var kept = new KeptWeights(document, opened);
            return output.Give(parsed, file is null ? kept.List(id) : kept.Write(id!, parsed.GetValue(step), file), stores: opened);
        });
        return command;
    }
}
