// A training script of a user's in four lines of shell, and a study of it.
using System.Globalization;

namespace Gaplab.Training.Tests.Commands;

/// <summary>A folder with <c>train.sh</c> and <c>study.yaml</c>. The script's loss is a closed form of its options, so that what a study
/// should find is known: SGD is best at learning rate 0.1, Adam at 0.01, and Adam is ahead from batch size 32 on.</summary>
internal sealed class ScriptFolder : IDisposable
{
    /// <summary>Reads --name value pairs, marks its beginning and its end in a ledger, and prints losses.</summary>
    public const string Train = """
        #!/bin/sh
        # A training that takes no time.
        while [ $# -gt 1 ]; do
            name=$(echo "${1#--}" | tr - _); eval "$name=\$2"; shift 2
        done
        echo "begin $out" >> ledger
        awk -v lr="$lr" -v batch="$batch" -v optimizer="$optimizer" -v seed="$seed" -v steps="$steps" 'BEGIN {
            best = optimizer == "sgd" ? 0.1 : 0.01
            gap = optimizer == "sgd" ? 0.02 * (log(batch) / log(2) - 4.5) : 0
            loss = 1 + gap + 0.1 * (log(lr / best) / log(2)) ^ 2 + 0.002 * ((seed * 7 + batch * 3 + length(optimizer)) % 5)
            printf "step %d train loss %.9f\n", steps / 2, loss + 0.5
            printf "step %d val loss %.9f\n", steps, loss
        }'
        # BEFORE END
        echo "end $out" >> ledger
        """;

    /// <summary>The study without its command.</summary>
    public const string Study = """
        study: script
        optimizers:
          sgd: {momentum: 0.9, lr: [0.05, 0.1, 0.2]}
          adam: {lr: [0.005, 0.01, 0.02]}
        grid: {batch: [8, 64], seeds: 3}
        budget: {samples: 640}
        sentinel: {enabled: false}
        """;

    /// <summary>The command that passes everything.</summary>
    public const string Run =
        "[sh, train.sh, --lr, \"{lr}\", --batch, \"{batch}\", --optimizer, \"{optimizer}\", "
        + "[--momentum, \"{momentum}\"], --seed, \"{seed}\", --steps, \"{steps}\", --out, \"{out}\"]";

    private readonly TestFolder _folder = new();

    public ScriptFolder(string? script = null, string? run = null, string model = "", string study = Study)
    {
        _folder.Write("train.sh", script ?? Train);
        StudyFile = _folder.Write("study.yaml", $"{study}\nmodel:\n  kind: command\n  run: {run ?? Run}\n{model}\n");
    }

    public string Path => _folder.Path;

    public string StudyFile { get; }

    public string Store => _folder.File("store");

    public string[] Ledger => System.IO.File.Exists(_folder.File("ledger")) ? System.IO.File.ReadAllLines(_folder.File("ledger")) : [];

    public string File(string name) => _folder.File(name);

    public string Write(string name, string text) => _folder.Write(name, text);

    /// <summary>The arguments of a run of the study.</summary>
    public string[] Command(int workers = 2, params string[] more) =>
        ["study", "run", StudyFile, "--store", "store", "--workers", workers.ToString(CultureInfo.InvariantCulture), .. more];

    public void Dispose() => _folder.Dispose();
}
