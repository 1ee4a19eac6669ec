// The repository that the tests were built from.
namespace Gaplab.Training.Tests.Cli;

internal static class Repository
{
    public static string Root { get; } =
        Path.GetFullPath(
            Environment.GetEnvironmentVariable("GAPLAB_ROOT") ?? Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "..")
        );

    public static string At(string path) => Path.Combine(Root, path);
}
