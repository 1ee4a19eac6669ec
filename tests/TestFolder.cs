// A temporary folder of a test, and the folder of real data where there is one.
namespace Gaplab.Tests;

/// <summary>Deleted with its content when disposed.</summary>
public sealed class TestFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("gaplab-test-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public string Write(string name, string text) => Write(name, System.Text.Encoding.UTF8.GetBytes(text));

    public string Write(string name, byte[] bytes)
    {
        string path = File(name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        System.IO.File.WriteAllBytes(path, bytes);
        return path;
    }

    /// <summary>A copy of a folder and all below it, which a test may change.</summary>
    public string CopyOf(string folder, string name)
    {
        string to = File(name);
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            string copy = System.IO.Path.Combine(to, System.IO.Path.GetRelativePath(folder, file));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(copy)!);
            System.IO.File.Copy(file, copy);
        }
        return to;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    /// <summary>A file of the real data; skips the test where GAPLAB_TEST_DATA does not hold it.</summary>
    public static string RealData(string relative)
    {
        string? root = Environment.GetEnvironmentVariable("GAPLAB_TEST_DATA");
        if (string.IsNullOrEmpty(root))
            Assert.Skip("GAPLAB_TEST_DATA is not set");
        string path = System.IO.Path.Combine(root, relative);
        if (!System.IO.File.Exists(path))
            Assert.Skip($"{path} is absent");
        return path;
    }
}
