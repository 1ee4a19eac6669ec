// gaplab predict: the gap and its crossover of a study by some of its runs, or of a quadratic or a probe, which need no libtorch.
using System.CommandLine;
using Gaplab.Numerics;
using Gaplab.Studies.Prediction;
using Gaplab.Theory.GapModel;

namespace Gaplab.Cli;

internal static class PredictCommand
{
    public static Command Create()
    {
        var study = new PredictionArguments();
        Argument<string> file = study.Study.File;
        file.Description = "a study (YAML; some of it is run first), a YAML file with 'kind: quadratic', or a probe.json";
        var brute = new Option<bool>("--brute-force")
        {
            Description = "also run the true algorithms on the quadratic, at the model's learning rates",
        };
        var output = new PagedOutput();
        var write = new OutputOption(
            "--out",
            "also write the prediction to this file, for gaplab backtest and advise (of a study: in its store too, always)"
        );
        var command = new GaplabCommand(
            "predict",
            "the gap against batch size and its crossover before a sweep: from a pilot of short runs, a probe, a miniature or bounds",
            also: parsed => IsStudy(parsed.GetValue(file)) && study.NeedsTorch(parsed) ? Needs.Torch : Needs.None,
            examples:
            [
                new("studies/quickstart.yaml", "from short runs that cost 2% of the sweep"),
                new("studies/quickstart.yaml --cost 10% --dry-run", "what a larger pilot would run"),
                new("studies/quadratic.yaml", "a quadratic, by theory alone"),
            ]
        )
        {
            file,
            brute,
            output.Json,
            output.Html,
            write,
        };
        foreach (Option option in study.Options)
            command.Add(option);
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(file);
            bool simulate = parsed.GetValue(brute);
            AtWork.On($"computing the gap of {path}{(simulate ? ", and simulating the true algorithms" : "")}");
            void RefuseSimulation(string what)
            {
                if (simulate)
                    throw new InputException($"--brute-force got {what}; it needs a file with 'kind: quadratic'");
            }
            PredictionRun[] runs;
            string[] kept = [];
            if (path.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
            {
                RefuseSimulation("a probe");
                study.Refuse(parsed, "a probe");
                runs = [PredictionRun.Of(ProbeJson.Read(path))];
            }
            else if (QuadraticFile.Is(path))
            {
                study.Refuse(parsed, "a quadratic");
                runs = [PredictionRun.Of(QuadraticFile.Read(path), simulate)];
            }
            else
            {
                RefuseSimulation("a study");
                string? to = parsed.GetValue(write);
                switch (study.Method(parsed))
                {
                    case PredictionMethod.Pilot:
                        return study.GivePilot(parsed, output, write);
                    case PredictionMethod.Miniature:
                        return to is null
                            ? study.GiveMiniature(parsed, output)
                            : throw new InputException($"--out got '{to}'; a miniature's predictions go to the study's store");
                    case PredictionMethod.Bounds:
                        return to is null
                            ? study.GiveBounds(parsed, output)
                            : throw new InputException($"--out got '{to}'; bounds give no curve that could be written");
                }
                (PredictionRun Run, string File)[] made = [.. study.Predict(parsed, to, output.Words(parsed).WriteLine)];
                runs = [.. made.Select(m => m.Run)];
                kept = [.. made.Select(m => m.File)];
            }
            // Every prediction is kept before any is shown.
            for (int i = 0; i < runs.Length; i++)
            {
                if (i < kept.Length)
                    runs[i].Prediction.Write(kept[i]);
                if (write.Of(parsed) is { } asked)
                    runs[i].Prediction.Write(asked);
                foreach (string to in ((string?[])[kept.ElementAtOrDefault(i), parsed.GetValue(write)]).OfType<string>())
                    output.Words(parsed).WriteLine($"prediction: {to}");
            }
            return output.Give(parsed, new PredictionAnswer(runs, Path.GetFileName(path)));
        });
        return command;
    }

    // A probe and a quadratic need no libtorch; a study is trained a little first.
    private static bool IsStudy(string? path) =>
        File.Exists(path) && !path.EndsWith(".json", StringComparison.OrdinalIgnoreCase) && !QuadraticFile.Is(path);
}
