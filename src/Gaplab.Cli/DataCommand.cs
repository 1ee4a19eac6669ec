// gaplab data: list, fetch, verify and prepare public data sets. Needs no libtorch.
using System.CommandLine;
using Gaplab.Studies.Datasets;

namespace Gaplab.Cli;

internal static class DataCommand
{
    public static Command Create() => new("data", "fetch and check public data sets") { List(), Fetch(), Verify(), Prepare() };

    private static Option<string> Folder() =>
        new("--to") { Description = "the folder of data sets (default data)", DefaultValueFactory = _ => "data" };

    private static Argument<string[]> Names() =>
        new("name") { Description = "data sets, as 'gaplab data list' names them", Arity = ArgumentArity.OneOrMore };

    private static Option<string?> Mirror() =>
        new("--mirror") { Description = "a folder, or the URL of one, that holds NAME/FILE: fetch from there" };

    private static Command List()
    {
        var folder = Folder();
        var output = new AnswerOutput();
        var command = new GaplabCommand(
            "list",
            "the data sets, their sizes and licences, and which are here",
            examples: [new("", "what can be fetched, and what is here")]
        )
        {
            folder,
            output.Json,
        };
        command.SetAction(parsed => output.Give(parsed, new DatasetsAnswer(new DatasetFolder(parsed.GetValue(folder)!))));
        return command;
    }

    private static Command Fetch()
    {
        var (names, folder, mirror) = (Names(), Folder(), Mirror());
        var command = new GaplabCommand(
            "fetch",
            "download data sets, going on where an earlier call stopped",
            examples: [new("mnist", "download, going on where an earlier call stopped")]
        )
        {
            names,
            folder,
            mirror,
        };
        command.SetAction(parsed =>
        {
            Get(parsed.GetRequiredValue(names), new DatasetFolder(parsed.GetValue(folder)!), parsed.GetValue(mirror));
            return CommandRunner.Done;
        });
        return command;
    }

    private static Command Verify()
    {
        var (names, folder) = (Names(), Folder());
        var command = new GaplabCommand(
            "verify",
            "recompute checksums of data sets that are here",
            examples: [new("mnist", "recompute its checksums")]
        )
        {
            names,
            folder,
        };
        command.SetAction(parsed =>
        {
            var here = new DatasetFolder(parsed.GetValue(folder)!);
            bool good = true;
            foreach (Dataset set in parsed.GetRequiredValue(names).Select(DatasetCatalogue.Find))
            foreach (DatasetFile file in set.Files)
            {
                FileState state = here.Verify(set, file);
                good &= state == FileState.Good;
                Console.Out.WriteLine($"{set.Name}/{file.Name}: {Words(state, file)}");
            }
            return good ? CommandRunner.Done : CommandRunner.Incomplete;
        });
        return command;
    }

    private static string Words(FileState state, DatasetFile file) =>
        state switch
        {
            FileState.Good => file.Checksum is null ? "as at the first fetch" : "right",
            FileState.Absent => "not here",
            FileState.Partial => "half fetched; the same fetch goes on",
            FileState.Unrecorded => "here, but no checksum is known or recorded; fetch records it",
            _ => "WRONG; remove it and fetch it again",
        };

    private static Command Prepare()
    {
        var (names, folder, mirror) = (Names(), Folder(), Mirror());
        var command = new GaplabCommand(
            "prepare",
            "fetch data sets, check them and unpack their archives",
            examples: [new("mnist", "fetch, check and unpack")]
        )
        {
            names,
            folder,
            mirror,
        };
        command.SetAction(parsed =>
        {
            var here = new DatasetFolder(parsed.GetValue(folder)!);
            string[] wanted = parsed.GetRequiredValue(names);
            Get(wanted, here, parsed.GetValue(mirror));
            foreach (Dataset set in wanted.Select(DatasetCatalogue.Find))
            {
                foreach (DatasetFile file in set.Files.Where(f => f.IsArchive))
                    Console.Out.WriteLine(
                        $"{file.Name}: unpacked "
                            + $"{ArchiveUnpacker.Unpack(here.Of(set, file), here.Of(set), set.Files.Select(f => f.Name)).Count} files"
                    );
                Console.Out.WriteLine($"{set.Name} is ready in {here.Of(set)}");
            }
            return CommandRunner.Done;
        });
        return command;
    }

    // All names are looked up before the first byte is fetched.
    private static void Get(string[] names, DatasetFolder folder, string? mirror)
    {
        Dataset[] sets = [.. names.Select(DatasetCatalogue.Find)];
        var fetcher = new DatasetFetcher(folder, mirror, Console.Out.WriteLine);
        foreach (Dataset set in sets)
            fetcher.Fetch(set);
    }
}
