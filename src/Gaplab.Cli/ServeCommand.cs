// gaplab serve: stores in the browser, while their studies run and after. Needs no libtorch and not the data.
using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using Gaplab.Numerics;
using Gaplab.Serving;
using Gaplab.Studies.Running;
using Gaplab.Studies.Yaml;

namespace Gaplab.Cli;

/// <summary>--host, --port, --open.</summary>
internal sealed class ServeOptions
{
    private const int UsualPort = 7117,
        LargestPort = 65535;

    public Option<string> Host { get; } =
        new("--host")
        {
            Description = "the address to listen on; any but a loopback one lets others of the network ask, unencrypted",
            DefaultValueFactory = _ => "127.0.0.1",
        };

    public Option<int?> Port { get; } =
        new("--port") { Description = $"the port (default {UsualPort}, or any free one where that is taken; 0: any free one)" };

    public Option<bool> Open { get; } = new("--open") { Description = "open the page in the browser of this machine" };

    public void AddTo(Command command)
    {
        command.Add(Host);
        command.Add(Port);
        command.Add(Open);
    }

    /// <summary>Starts serving and says where.</summary>
    /// <exception cref="InputException">As <see cref="StoreServer.Start"/>.</exception>
    public StoreServer Start(ParseResult parsed, IReadOnlyList<string> stores, Action<string> say)
    {
        int? port = parsed.GetValue(Port);
        if (port is < 0 or > LargestPort)
            throw new InputException($"--port got {port}; expected 0 to {LargestPort}");
        StoreServer server = StoreServer
            .Start(
                new ServedStores(stores, GaplabRoot.Of(parsed).Catalogues)
                {
                    Host = parsed.GetValue(Host)!,
                    Port = port ?? UsualPort,
                    AnyPort = port is null,
                    Version = RunEnvironment.Version,
                }
            )
            .GetAwaiter()
            .GetResult();
        say($"page       {server.Address}");
        if (parsed.GetValue(Open) && !Show(server.Address))
            say("page       no program here opens it: give the address to a browser");
        return server;
    }

    private static bool Show(string address)
    {
        string opener =
            OperatingSystem.IsWindows() ? "explorer"
            : OperatingSystem.IsMacOS() ? "open"
            : "xdg-open";
        try
        {
            using Process? started = Process.Start(new ProcessStartInfo(opener, [address]) { RedirectStandardError = true });
            return started is not null;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}

internal static class ServeCommand
{
    public static Command Create()
    {
        var stores = new Argument<string[]>("stores")
        {
            Description = "folders of stores, or study files; several are shown side by side",
            Arity = ArgumentArity.OneOrMore,
        };
        var options = new ServeOptions();
        var command = new GaplabCommand(
            "serve",
            "stores in the browser, while their studies run and after",
            Needs.Page,
            examples:
            [
                new("stores/quickstart --open", "look at a study while it runs and after"),
                new("stores/first stores/second", "two stores side by side"),
            ]
        )
        {
            stores,
        };
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            AtWork.On("starting to serve");
            string[] folders = [.. parsed.GetRequiredValue(stores).Select(path => Folder(parsed, path))];
            return StudyRunCommand.UntilStopped(stop =>
            {
                StoreServer server = options.Start(parsed, folders, Console.Out.WriteLine);
                Console.Out.WriteLine("Ctrl-C ends it; nothing in a store is changed");
                stop.WaitHandle.WaitOne();
                server.DisposeAsync().AsTask().GetAwaiter().GetResult();
                return CommandRunner.Done;
            });
        });
        return command;
    }

    private static string Folder(ParseResult parsed, string path) =>
        File.Exists(path) ? Path.Combine("stores", StudyFile.Load(path, GaplabRoot.Of(parsed).Catalogues).Name) : path;
}
