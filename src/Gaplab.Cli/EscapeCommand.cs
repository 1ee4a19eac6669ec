// gaplab escape: exit times from minima under Lévy noise, predicted and simulated side by side. Pure C#.
using System.CommandLine;
using System.Globalization;
using Gaplab.Studies.Escape;

namespace Gaplab.Cli;

internal static class EscapeCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("spec") { Description = "an escape study (YAML; docs/escape.md)" };
        var set = new Option<string[]>("--set") { Description = "lay key.key=value over the file; repeatable" };
        var output = new PagedOutput();
        var command = new GaplabCommand(
            "escape",
            "how long does a minimum hold SGD and Adam under heavy-tailed noise? Theory beside simulation",
            examples:
            [
                new("studies/escape.yaml --html escape.html", "predicted and simulated exit times beside each other"),
                new("studies/escape.yaml --png exits.png", "the figure alone"),
            ]
        )
        {
            file,
            set,
            output.Json,
            output.Html,
        };
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(file);
            AtWork.On($"reading {path}");
            EscapeSpec spec = EscapeFile.Load(path, parsed.GetValue(set) ?? []);
            EscapeResults results = EscapeStudy.Run(
                spec,
                (done, next) =>
                    Console.Error.WriteLine(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"gaplab: case {done + 1} of {spec.Cases.Count}: {next.Minimum.Name}, {next.Algorithm}, alpha {next.Alpha}, "
                                + $"epsilon {next.Epsilon}, width {next.Width}"
                        )
                    )
            );
            return output.Give(parsed, new EscapeAnswer(results, path, spec.Sde));
        });
        return command;
    }
}
