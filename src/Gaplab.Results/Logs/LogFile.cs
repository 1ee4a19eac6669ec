// A file of a run's folder, of which the beginning is looked at.
using System.Text;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;

namespace Gaplab.Results.Logs;

/// <summary>A file whose format is not yet known.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Relative">Below the run's folder, with slashes; messages name it so.</param>
/// <param name="Head">Its first bytes, at most <see cref="MostOfHead"/>.</param>
internal sealed record LogFile(string Path, string Relative, byte[] Head)
{
    public const int MostOfHead = 1 << 16;

    /// <summary>Logs are read as streams, so nothing but their values fills memory.</summary>
    public static FileLimit Limit { get; } = new("log of a run", long.MaxValue);

    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>The folder it is in, below the run's folder; "" for that folder itself.</summary>
    public string Folder => Relative.Contains('/', StringComparison.Ordinal) ? Relative[..Relative.LastIndexOf('/')] : "";

    /// <exception cref="InputException">It is not there, is no regular file, or cannot be read.</exception>
    public static LogFile At(string path, string? relative = null) =>
        new(path, relative ?? System.IO.Path.GetFileName(path), RegularFile.ReadStart(path, MostOfHead, Limit));

    /// <summary>The first character of its text that is not blank.</summary>
    public char FirstCharacter => Encoding.UTF8.GetString(Head).TrimStart('\uFEFF').TrimStart() is [var first, ..] ? first : '\0';

    /// <summary>The first lines of text, without blank ones and without a last one that the head may have cut.</summary>
    public IEnumerable<string> FirstLines()
    {
        string text = Encoding.UTF8.GetString(Head).TrimStart('\uFEFF');
        string[] lines = text.Split('\n');
        int whole = Head.Length < MostOfHead ? lines.Length : lines.Length - 1;
        return lines.Take(whole).Select(l => l.Trim()).Where(l => l.Length > 0);
    }

    /// <summary>Opens it; errors of the disk become one line.</summary>
    /// <exception cref="InputException">It cannot be opened or read on.</exception>
    public void Reading(Action<FileStream> read)
    {
        try
        {
            using FileStream stream = RegularFile.Open(Path);
            read(stream);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{Relative}: cannot be read: {e.Message}", e);
        }
    }
}
