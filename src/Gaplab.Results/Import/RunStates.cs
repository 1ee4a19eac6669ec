// What the words of a state column mean: the vocabularies of trackers, tuners and schedulers.
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Import;

/// <summary>The states of a table's runs, read by the first tool that knows all its words; else word by word, a word counting as finished
/// only where every tool that knows it says so.</summary>
internal sealed class RunStates
{
    /// <summary>A row per tool: what it calls a run that ran to its end, and what it calls every other.</summary>
    private static readonly (string Tool, string[] Finished, string[] Unfinished)[] s_tools =
    [
        (
            "Gaplab and tables by hand",
            ["finished", "completed", "complete", "done", "success", "successful", "succeeded", "ok", "usable", "true"],
            [
                "missing",
                "censored",
                "failed",
                "failure",
                "error",
                "killed",
                "crashed",
                "running",
                "pending",
                "queued",
                "timeout",
                "timedout",
                "oom",
                "interrupted",
                "unfinished",
                "incomplete",
                "skipped",
                "false",
            ]
        ),
        ("Weights & Biases", ["finished"], ["crashed", "failed", "killed", "running", "preempting", "preempted", "pending"]),
        ("MLflow", ["finished"], ["failed", "killed", "running", "scheduled"]),
        ("Optuna", ["complete"], ["pruned", "fail", "running", "waiting"]),
        ("Ray", ["terminated"], ["error", "errored", "pending", "paused", "running"]),
        (
            "Slurm",
            ["completed"],
            [
                "cancelled",
                "failed",
                "timeout",
                "outofmemory",
                "nodefail",
                "preempted",
                "bootfail",
                "deadline",
                "pending",
                "running",
                "requeued",
                "resizing",
                "revoked",
                "suspended",
                "completing",
                "configuring",
                "stopped",
                "stageout",
                "specialexit",
                "signaling",
                "launchfailed",
                "reconfigfail",
                "requeuehold",
                "requeuefed",
                "resvdelhold",
            ]
        ),
        (
            "Kubernetes",
            ["succeeded", "completed"],
            [
                "failed",
                "pending",
                "running",
                "unknown",
                "error",
                "oomkilled",
                "evicted",
                "crashloopbackoff",
                "imagepullbackoff",
                "terminating",
                "containercreating",
            ]
        ),
        ("Ax", ["completed"], ["abandoned", "earlystopped", "candidate", "staged", "failed", "running", "dispatched"]),
        ("Katib", ["succeeded"], ["created", "killed", "failed", "running", "earlystopped", "metricsunavailable"]),
        ("NNI", ["succeeded"], ["failed", "earlystopped", "usercanceled", "syscanceled", "waiting", "running", "unknown"]),
        (
            "Azure ML",
            ["completed"],
            [
                "cancelled",
                "failed",
                "notstarted",
                "notresponding",
                "preparing",
                "provisioning",
                "starting",
                "queued",
                "running",
                "finalizing",
                "cancelrequested",
                "paused",
            ]
        ),
        (
            "AWS Batch and SageMaker",
            ["succeeded", "completed"],
            ["submitted", "runnable", "starting", "inprogress", "stopping", "stopped", "failed", "pending", "running"]
        ),
        (
            "Vertex AI",
            ["succeeded", "jobstatesucceeded"],
            [
                "infeasible",
                "stopping",
                "active",
                "requested",
                "cancelled",
                "expired",
                "jobstatefailed",
                "jobstatecancelled",
                "jobstaterunning",
                "jobstatepending",
                "jobstateexpired",
            ]
        ),
        ("ClearML", ["completed", "published", "closed"], ["stopped", "failed", "inprogress", "created", "queued"]),
        ("Guild", ["completed"], ["error", "terminated", "running", "staged", "pending"]),
        (
            "PBS, LSF and HTCondor",
            ["done", "completed", "finished"],
            ["exit", "exited", "pend", "run", "psusp", "ususp", "ssusp", "zombi", "held", "idle", "removed"]
        ),
    ];

    private static readonly string[] s_diverged = ["diverged", "nan"];

    private readonly (string Tool, string[] Finished, string[] Unfinished)? _tool;
    private readonly SortedSet<string> _unknown = new(StringComparer.Ordinal);

    public RunStates(IEnumerable<string> texts)
    {
        string[] words = [.. texts.Select(Word).Where(w => w.Length > 0 && !s_diverged.Contains(w)).Distinct(StringComparer.Ordinal)];
        foreach (var tool in s_tools)
        {
            if (!words.All(w => tool.Finished.Contains(w) || tool.Unfinished.Contains(w)))
                continue;
            _tool = tool;
            break;
        }
    }

    /// <summary>Words that no tool is known to use, or that tools use for opposite things.</summary>
    public IReadOnlyCollection<string> Unknown => _unknown;

    /// <summary>Null when the field says nothing. Unknown words are missing runs: taken as finished, a run that was cut off could
    /// win.</summary>
    public RunStatus? Of(string text)
    {
        string word = Word(text);
        if (word.Length == 0)
            return null;
        if (s_diverged.Contains(word))
            return RunStatus.Diverged;
        if (_tool is { } tool)
            return tool.Finished.Contains(word) ? RunStatus.Usable : RunStatus.Missing;
        bool finished = s_tools.Any(t => t.Finished.Contains(word)),
            unfinished = s_tools.Any(t => t.Unfinished.Contains(word));
        if (finished == unfinished)
            _unknown.Add($"'{SourceTable.Shown(text)}'");
        return finished && !unfinished ? RunStatus.Usable : RunStatus.Missing;
    }

    /// <summary>Whether a run that did not finish had diverged: the last value that it logged of some loss is no finite number. Only of
    /// what was logged: in a table NaN may stand for a value that is not there.</summary>
    public static bool HaveDiverged(IEnumerable<(string Name, double? Last)> metrics) =>
        metrics.Any(m => m.Last is { } last && !double.IsFinite(last) && ColumnNames.Rank(ColumnNames.Losses, m.Name) >= 0);

    /// <summary>"TrialState.COMPLETE" is complete; "CANCELLED by 1000" and "CANCELLED+" are cancelled.</summary>
    private static string Word(string text)
    {
        string word = text[(text.LastIndexOf('.') + 1)..].ToLowerInvariant();
        int by = word.IndexOf(" by ", StringComparison.Ordinal);
        word = ColumnNames.Simplify(by > 0 ? word[..by] : word);
        return word == "canceled" ? "cancelled" : word;
    }
}
