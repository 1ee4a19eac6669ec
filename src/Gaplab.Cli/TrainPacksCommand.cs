// gaplab train-packs: the child process of a running study; not for people.
using System.CommandLine;
using Gaplab.Studies.Running;

namespace Gaplab.Cli;

internal static class TrainPacksCommand
{
    public static Command Create()
    {
        var command = new GaplabCommand("train-packs", "trains packs for a running study; started by it", Needs.Torch) { Hidden = true };
        command.SetAction(parsed =>
        {
            using var worker = new PackWorker(Console.In, Console.Out, GaplabRoot.Of(parsed).Catalogues);
            return worker.Serve();
        });
        return command;
    }
}
