// Files that are none: a pipe that nobody writes to and a device without an end.
using System.Diagnostics;

namespace Gaplab.Training.Tests.Files;

internal static class SpecialFiles
{
    public const string Endless = "/dev/zero";

    /// <summary>Makes a named pipe; opening it for reading waits for ever.</summary>
    public static string Pipe(TestFolder folder, string name)
    {
        string path = folder.File(name);
        using Process mkfifo = Process.Start("mkfifo", [path]);
        mkfifo.WaitForExit();
        Assert.Equal(0, mkfifo.ExitCode);
        return path;
    }

    /// <summary>Puts a special file in the place of another, and the other back when disposed.</summary>
    public static IDisposable Replace(string path, string special) => new Replacement(path, special);

    /// <summary>Runs what must end by itself; a hang is a failure and not a hang of the tests.</summary>
    public static T Within<T>(string what, Func<T> run, int seconds = 20)
    {
        Task<T> task = Task.Run(run);
        Assert.True(Task.WaitAny([task], TimeSpan.FromSeconds(seconds)) == 0, $"{what}: no end within {seconds} s");
        return task.GetAwaiter().GetResult();
    }

    private sealed class Replacement : IDisposable
    {
        private readonly string _path,
            _kept;

        public Replacement(string path, string special)
        {
            (_path, _kept) = (path, path + ".kept");
            File.Move(path, _kept);
            File.CreateSymbolicLink(path, special);
        }

        public void Dispose()
        {
            File.Delete(_path);
            File.Move(_kept, _path);
        }
    }
}
