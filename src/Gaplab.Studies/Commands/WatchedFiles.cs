// What a command reads, by content: the digest over files that globs name, and over what a command prints.
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Results.Store;
using Microsoft.Extensions.FileSystemGlobbing;

namespace Gaplab.Studies.Commands;

/// <summary>Fills in the digests of a command.</summary>
internal static class WatchedFiles
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    /// <summary>The command with what it reads hashed.</summary>
    /// <exception cref="InputException">A folder or program that is not there, a glob that matches nothing.</exception>
    public static CommandSpec Fill(CommandSpec command)
    {
        if (!Directory.Exists(command.Folder))
            throw new InputException(
                $"model.folder {Shown.Of(command.Folder)} is not a folder; expected the folder that the command runs in"
            );
        return command with
        {
            CodeContent = command.Code.Count > 0 ? Digest(command.Folder, command.Code, "code") : null,
            DataContent = command.Data.Count > 0 ? Digest(command.Folder, command.Data, "data") : command.DataContent,
            EnvironmentContent = command.Environment.Count > 0 ? OfOutput(command) : null,
        };
    }

    /// <summary>Why a command is no longer the one that was planned; null while it is. The code alone: it is read by every run.</summary>
    public static string? Changed(CommandSpec command) =>
        command.Code.Count > 0 && Digest(command.Folder, command.Code, "code") != command.CodeContent
            ? $"the code that model.code watches in {command.Folder} has changed since the study began: its next runs "
                + $"would be others under "
                + "the same ids; run the study again, and the edited script's runs are made beside the finished ones"
            : null;

    /// <summary>SHA-256 over the relative names and the content of the files that globs match, in the order of the names.</summary>
    private static string Digest(string folder, IReadOnlyList<string> globs, string key)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string name in Matches(folder, globs, key))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(name + "\0"));
            hash.AppendData(Encoding.UTF8.GetBytes(Sha256.OfFile(Path.Combine(folder, name)) + "\n"));
        }
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    private static SortedSet<string> Matches(string folder, IReadOnlyList<string> globs, string key)
    {
        SortedSet<string> names = new(StringComparer.Ordinal);
        foreach (string glob in globs)
        {
            if (Path.IsPathRooted(glob) && File.Exists(glob))
            {
                names.Add(glob);
                continue;
            }
            var matcher = new Matcher(StringComparison.Ordinal);
            (string root, string pattern) = Rooted(folder, glob);
            matcher.AddInclude(pattern);
            matcher.AddExclude("**/__pycache__/**");
            matcher.AddExclude("**/.*/**");
            string[] found = [.. matcher.GetResultsInFullPath(root).Select(path => Path.GetRelativePath(folder, path))];
            if (found.Length == 0)
                throw new InputException(
                    $"model.{key}: '{Shown.Of(glob)}' matches no file in {folder}; expected a glob such as train.py or models/**/*.py"
                );
            // What runs write into their store is no source of theirs.
            names.UnionWith(found.Where(name => !IsInStore(folder, name)));
        }
        return names;
    }

    // The matcher knows patterns below a folder alone: of an absolute one the part without wildcards is the folder.
    private static (string Root, string Pattern) Rooted(string folder, string glob)
    {
        if (!Path.IsPathRooted(glob))
            return (folder, glob);
        string[] parts = glob.Split('/');
        string[] plain = [.. parts.SkipLast(1).TakeWhile(p => p.AsSpan().IndexOfAny("*?") < 0)];
        return (string.Join('/', plain) + "/", string.Join('/', parts[plain.Length..]));
    }

    private static bool IsInStore(string folder, string name)
    {
        for (string? at = Path.GetDirectoryName(name); !string.IsNullOrEmpty(at); at = Path.GetDirectoryName(at))
            if (RunStore.IsThere(Path.Combine(folder, at)))
                return true;
        return false;
    }

    private static string OfOutput(CommandSpec command)
    {
        string line = string.Join(' ', command.Environment);
        var start = new ProcessStartInfo(command.Environment[0])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = command.Folder,
        };
        foreach (string argument in command.Environment.Skip(1))
            start.ArgumentList.Add(argument);
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            if (!process.WaitForExit(s_patience))
            {
                process.Kill(entireProcessTree: true);
                throw new InputException(
                    $"model.environment: '{Shown.Of(line)}' did not end within {s_patience.TotalMinutes:0} minutes; "
                        + $"expected a command that prints "
                        + "versions and ends"
                );
            }
            return process.ExitCode == 0
                ? Sha256.Of(Encoding.UTF8.GetBytes(output.GetAwaiter().GetResult()))
                : throw new InputException(
                    $"model.environment: '{Shown.Of(line)}' ended with exit code {process.ExitCode} "
                        + $"({Shown.Of(errors.GetAwaiter().GetResult().Trim().Split('\n')[^1])}); expected 0"
                );
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new InputException($"model.environment: '{Shown.Of(command.Environment[0])}' cannot be run: {e.Message}", e);
        }
    }
}
