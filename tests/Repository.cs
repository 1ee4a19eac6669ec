// The source tree that the tests were built from.
namespace Gaplab.Tests;

internal static class Repository
{
    /// <summary>GAPLAB_ROOT, else the folder above the test program that holds the solution.</summary>
    public static string Root { get; } = Path.GetFullPath(Environment.GetEnvironmentVariable("GAPLAB_ROOT") ?? Above());

    public static string At(string path) => Path.Combine(Root, path);

    private static string Above()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Gaplab.slnx")))
                return folder.FullName;
        throw new DirectoryNotFoundException(
            $"no folder above {AppContext.BaseDirectory} holds Gaplab.slnx; the tests read the source tree they were built from."
        );
    }
}
