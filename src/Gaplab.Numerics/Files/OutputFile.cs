// A file that a user names for a result: what may be there already, and writing it whole.
using System.Text;

namespace Gaplab.Numerics.Files;

/// <summary>The one rule of every output: a new name, or --force; never a folder, a device or an input.</summary>
/// <param name="Path">As the user named it.</param>
/// <param name="Replace">A file that is there may be replaced.</param>
public sealed record OutputFile(string Path, bool Replace = false)
{
    /// <summary>Refuses what must not be written.</summary>
    /// <param name="inputs">What the command reads: files among these are not overwritten even when asked.</param>
    /// <exception cref="InputException">One line: what is there, and what to do.</exception>
    public void Check(params IEnumerable<string> inputs)
    {
        if (Path.Trim().Length == 0)
            throw new InputException("the name of the file to write is empty; expected a file");
        if (Path.Contains('\0', StringComparison.Ordinal))
            throw new InputException("the name of the file to write holds a NUL character; expected a file");
        if (Directory.Exists(Path))
            throw new InputException($"{Path} is a folder, expected a file to write");
        if (System.IO.Path.EndsInDirectorySeparator(Path))
            throw new InputException($"{Path} names a folder, expected a file to write");
        for (
            string? above = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path));
            above is not null && !Directory.Exists(above);
            above = System.IO.Path.GetDirectoryName(above)
        )
            if (File.Exists(above))
                throw new InputException($"{Path} cannot be written: {above} is a file, not a folder; give another name");
        if (!IsThere(Path))
            return;
        if (SpecialFile.KindOf(Path) is { } kind)
            throw new InputException($"{Path} is {kind}; expected a plain file to write");
        string identity = SpecialFile.Identity(Path);
        if (inputs.Any(i => i.Length > 0 && File.Exists(i) && SpecialFile.Identity(i) == identity))
            throw new InputException($"{Path} is what the command reads; it was left as it is, give another name");
        if (!Replace)
            throw new InputException($"{Path} exists; it was left as it is: give another name, or --force to replace it");
    }

    /// <summary>Writes UTF-8 without a byte-order mark; the file is there whole or not at all.</summary>
    /// <exception cref="InputException">What <see cref="Check"/> refuses, or the disk.</exception>
    public void WriteText(string text) => Write(stream => stream.Write(new UTF8Encoding(false).GetBytes(text)));

    /// <inheritdoc cref="WriteText"/>
    public void Write(Action<Stream> write)
    {
        Check();
        AtomicFile.Write(Path, write, Replace);
    }

    private static bool IsThere(string path) => File.Exists(path) || new FileInfo(path).LinkTarget is not null;
}
